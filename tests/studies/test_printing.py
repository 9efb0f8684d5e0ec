"""What commands print for other programs: --json and --csv, beside the table for people."""

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from math import nan
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import typer
from click.testing import Result
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from flows.cli.main import SUBCOMMANDS, app
from flows.cli.printing import printing
from settings import InputError
from tasks.text.records import csv_text, json_text
from tasks.text.tables import TextTable
from tests.simulate import Finished
from tests.studies.test_commands import output_of
from tests.studies.test_terminal import tables_of

#: Commands that print no table.
WITHOUT_TABLES = {
    *("init", "report", "export", "dashboard", "settings schema", "census submit", "census sample"),
    *("history sample", "runs rm", "runs rollback", "alerts test", "alerts ack", "alerts resend"),
    *("alerts serve", "schedules resume", "schedules on", "schedules off"),
}
HELP = {"--json": "Print JSON, for other programs.", "--csv": "Print CSV, for spreadsheets."}


def all_commands() -> Iterator[tuple[str, Any]]:
    """Every command with its name."""
    for name, known in SUBCOMMANDS.items():
        command = known.load(name)
        inner = getattr(command, "commands", None)
        yield from ((f"{name} {each}", one) for each, one in inner.items()) if inner else [(name, command)]


@pytest.mark.parametrize("flag", HELP)
def test_every_command_that_prints_a_table_prints_it_for_programs(flag: str) -> None:
    commands = dict(all_commands())
    assert set(commands) >= WITHOUT_TABLES
    help_texts = {
        name: [option.help for option in command.params if flag in option.opts]
        for name, command in commands.items()
    }
    expected = {name: [] if name in WITHOUT_TABLES else [HELP[flag]] for name in commands}
    assert help_texts == expected


def test_no_module_prints_a_table_past_the_printer() -> None:
    """`console().print(table)` would print it among JSON, too."""
    import flows.cli

    folder = Path(flows.cli.__file__).parent
    printing_itself = [
        file.name
        for file in folder.glob("*.py")
        if re.search(r"print\((\w*table|\w*_table\()", file.read_text(encoding="utf-8"))
    ]
    assert printing_itself == ["printing.py"]


COMMANDS = [
    ["show", "latest"],
    ["show", "latest", "--by", "level"],
    ["show", "latest", "--by", "department"],
    ["compare", "latest"],
    ["compare", "latest", "--by", "department"],
    ["precision", "latest", "--want", "payroll=1%"],
    ["chance", "latest", "payroll<=300M", "headcount@2026>=150"],
    ["runs", "list"],
    ["runs", "compare", "run", "run"],
    ["cost", "latest", "2026-03"],
    ["employee", "latest", "E0000004"],
    ["variance", "latest", "--budget", "latest", "--scenario", "growth"],
    ["health"],
    ["alerts", "list"],
    ["alerts", "list", "--undelivered"],
]
commands = pytest.mark.parametrize("command", COMMANDS, ids=" ".join)


@pytest.fixture(scope="module")
def output(finished: Finished) -> list[str]:
    finished.run.directory.become_latest()
    return ["--output", str(output_of(finished))]


@cache
def called(*arguments: str) -> Result:
    """What a command prints: the same arguments are of the same run."""
    return CliRunner().invoke(app, list(arguments))


def as_json(*arguments: str) -> Any:
    return json.loads(called(*arguments, "--json").stdout)


def records_of(document: Any) -> list[dict[str, Any]]:
    """The records of a JSON document, with those of several tables one after another."""
    if isinstance(document, list):
        return document
    return [record for name, records in document.items() if name != "status" for record in records]


def without_free_space(text: str) -> str:
    """The free memory and disk that health states differ from one call to the next."""
    return re.sub(r"[\d.]+ GiB", "GiB", text)


@commands
def test_csv_has_the_records_of_json_and_nothing_else(command: list[str], output: list[str]) -> None:
    document = as_json(*command, *output)
    printed = called(*command, *output, "--csv")
    rows = list(csv.DictReader(io.StringIO(printed.stdout), strict=True))
    assert printed.exit_code == called(*command, *output).exit_code
    assert len(rows) == len(records_of(document))
    for row, record in zip(rows, records_of(document), strict=True):
        assert set(record) <= set(row)
        for key, value in record.items():
            if isinstance(value, bool) or value is None:
                assert row[key] == ("" if value is None else str(value).lower())
            elif isinstance(value, int | float):
                assert float(row[key]) == pytest.approx(value, rel=1e-15)
            elif isinstance(value, str):
                assert without_free_space(row[key].removeprefix("'")) == without_free_space(value)
        assert all(not row[key] for key in set(row) - set(record) - {"table"})
    if isinstance(document, dict) and "status" not in document:
        names = [name for name, records in document.items() for _ in records]
        assert [row["table"] for row in rows] == names


@commands
def test_keys_are_snake_case_and_the_same_in_every_record(command: list[str], output: list[str]) -> None:
    document = as_json(*command, *output)
    for records in [document] if isinstance(document, list) else document.values():
        keys = {tuple(record) for record in records if isinstance(record, dict)}
        assert len(keys) <= 1
        assert all(re.fullmatch(r"[a-z][a-z0-9_]*", key) for each in keys for key in each)


@commands
def test_every_number_shown_is_a_rounding_of_one_that_is_printed_for_programs(
    command: list[str], output: list[str]
) -> None:
    """In millions and in percent, too: titles, headings and signs say so."""
    people_of_variance = 1  # the first table of variance is not part of its records
    shown = tables_of([*command, *output])[people_of_variance if command[0] == "variance" else 0 :]
    records = records_of(as_json(*command, *output, *(["--rows", "20"] if command[0] == "cost" else [])))
    numbers = [
        float(value)
        for record in records
        for value in record.values()
        if isinstance(value, int | float) and not isinstance(value, bool)
    ]
    known = {digits: _roundings(numbers, digits) for digits in range(4)}
    cells = [
        cell
        for table in shown
        for row in table.cells
        for cell, role in zip(row, table.roles, strict=True)
        if role == "number"
    ]
    for cell in cells:
        for found in re.finditer(r"\d[\d,]*(?:\.(\d+))?", cell):
            digits = len(found[1] or "")
            assert found[0].replace(",", "") in known[digits], (cell, found[0])


def _roundings(numbers: list[float], digits: int) -> set[str]:
    scales = (1, 100, 1e-6)
    return {f"{abs(number) * scale:.{digits}f}" for number in numbers for scale in scales}


def test_the_years_have_raw_numbers(finished: Finished, output: list[str]) -> None:
    (row,) = [
        row
        for row in as_json("show", "latest", *output)
        if (row["scenario_id"], row["simulation_year"]) == ("growth", 2026)
    ]
    payroll, hires = finished.query(
        "select avg(ending_payroll)::double, avg(hires)::double from fct_year_summary "
        "where scenario_id = 'growth' and simulation_year = 2026"
    ).row(0)
    assert row["ending_payroll"] == pytest.approx(payroll, rel=1e-12) and row["hires"] == hires
    assert "fiscal_year" not in row and "basis" not in row


def test_the_differences_are_those_of_the_file(tmp_path: Path, output: list[str]) -> None:
    file = tmp_path / "every.parquet"
    found = json.loads(called("compare", "latest", "--json", "--file", str(file), *output).stdout)
    assert [*found] == ["settings", "differences"]
    every = pl.read_parquet(file).filter(breakdown="total")
    for row in found["differences"]:
        (same,) = every.filter(
            scenario_id=row["scenario_id"], figure=row["figure"], simulation_year=row["simulation_year"]
        ).rows(named=True)
        assert all(row[key] == same[key] for key in ("baseline", "scenario", "difference", "standard_error"))
    assert {row["setting"]: row["scenario"] for row in found["settings"]} == {
        "simulation.target_growth_rate": 0.10,
        "compensation.merit_budget": 0.02,
    }


def test_all_employees_are_printed_for_programs(output: list[str]) -> None:
    rows = as_json("cost", "latest", "2026", *output)
    assert len(rows) > 20 and rows[0]["salary_cost"] > 0
    assert len(as_json("cost", "latest", "2026", "--rows", "3", *output)) == 3
    date.fromisoformat(rows[0]["hire_date"])


@commands
def test_both_formats_at_once_are_refused(command: list[str], output: list[str]) -> None:
    done = called(*command, *output, "--json", "--csv")
    assert isinstance(done.exception, InputError) and "--json and --csv" in str(done.exception)
    assert done.stdout == ""


def test_wrong_input_prints_nothing_for_programs(tmp_path: Path, output: list[str]) -> None:
    (tmp_path / "census.csv").write_text("employee_id,salary\n1,none\n")
    for command in (["show", "nothing", *output], ["census", "check", "census.csv"]):
        done = called(*command, "--json")
        assert done.exit_code != 0 and done.stdout == ""


def test_notes_go_to_standard_error_and_the_exit_status_stays(tmp_path: Path, output: list[str]) -> None:
    done = called("health", "--output", str(tmp_path / "nowhere"), "--csv")
    assert done.exit_code == 1 and done.stdout.startswith("check,status,observed,expected,advice\n")
    assert "Replicates are paired" in called("compare", "latest", "--json", *output).stderr


def test_an_empty_table_has_its_heading_and_an_empty_list(tmp_path: Path) -> None:
    assert as_json("runs", "list", "--output", str(tmp_path)) == []
    assert called("runs", "list", "--output", str(tmp_path), "--csv").stdout.startswith("run_id,status,")
    assert as_json("alerts", "list", "--output", str(tmp_path)) == []


def test_settings_have_their_values(tmp_path: Path) -> None:
    rows = {row["key"]: row for row in as_json("settings", "show", "--set", "simulation.end_year=2027")}
    assert rows["simulation.end_year"]["value"] == 2027 and rows["simulation.end_year"]["layer"] == "set"
    assert rows["census.dimensions"]["value"] == ["department", "location"]
    assert rows["simulation.opening_date"]["value"] is None


def test_a_census_has_its_figures_and_findings(tmp_path: Path, reads_here: None) -> None:
    assert called("census", "sample", "--employees", "40", "--output", "census.csv").exit_code == 0
    found = as_json("census", "check", "census.csv", "--set", "simulation.start_year=2026")
    summary = {row["name"]: row["value"] for row in found["summary"]}
    assert summary["opening_date"] == "2025-12-31" and summary["rows_read"] == 40
    assert isinstance(summary["annual_payroll"], float) and sum(summary["by_level"].values()) > 0
    assert {row["check"] for row in found["findings"]} == {"census_newest_hire"}


def test_a_table_refuses_records_of_other_keys() -> None:
    table = TextTable(fields=("year", "hires"))
    table.add_values({"hires": 1, "year": 2027})
    with pytest.raises(ValueError, match="'leavers'"):
        table.add_values({"year": 2027, "leavers": 1})
    assert [*table.values[0]] == ["year", "hires"], "in the order of the fields"


def test_an_exit_status_prints_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    table = TextTable()
    table.add_values({"value": 1})

    def command() -> None:
        with printing(True, False) as out:
            out.table(table)
            raise typer.Exit(1)

    with pytest.raises(typer.Exit):
        command()
    assert json.loads(capsys.readouterr().out) == [{"value": 1}]


def test_values_are_raw_in_json() -> None:
    given = {
        "amount": Decimal("1234567.89"),
        "nothing": nan,
        "day": date(2027, 6, 30),
        "moment": datetime(2027, 6, 30, 12),
        "names": ("a", "b"),
    }
    assert json.loads(json_text([given])) == [
        {
            "amount": 1234567.89,
            "nothing": None,
            "day": "2027-06-30",
            "moment": "2027-06-30T12:00:00",
            "names": ["a", "b"],
        }
    ]
    assert csv_text(["amount", "names", "nothing"], [given]) == "amount,names,nothing\n1234567.89,a; b,\n"
    with pytest.raises(TypeError, match="object"):
        json_text([object()])


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), min_size=1))
def test_no_text_in_a_csv_is_a_formula(texts: list[str]) -> None:
    written = csv_text(["text", "number"], [{"text": text, "number": -1.5} for text in texts])
    rows = list(csv.reader(io.StringIO(written, newline="")))[1:]
    assert [row[1] for row in rows] == ["-1.5"] * len(texts), "numbers stay numbers"
    for text, (cell, _) in zip(texts, rows, strict=True):
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
        assert cell in (text, f"'{text}")

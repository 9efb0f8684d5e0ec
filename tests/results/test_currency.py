"""The census's currency beside every amount: in each output, in none without one, and never two in one sum.

The shared run names no currency. A copy that says EUR gives the same figures, so each output of it, less
EUR, is that of the shared run.
"""

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from shutil import copytree
from typing import Any
from zipfile import ZipFile

import duckdb
import polars as pl
import pytest
from typer.testing import CliRunner

from flows.cli import solve as cli_solve
from flows.cli.main import app
from settings.errors import InputError
from tasks.results.export import table_csv
from tasks.results.report.charts import charts_of
from tasks.results.report.figures import tables
from tasks.results.report.table import Table
from tasks.results.report.write import write_report, write_results
from tasks.results.summary import year_means
from tasks.runs.directory import RunDirectory
from tasks.runs.record import RunRecord, read_record
from tasks.server import artifacts
from tasks.studies.figures import COSTS
from tasks.studies.goal import parse_goal
from tasks.studies.run_compare import common_money, compare_runs
from tasks.studies.solve import Solution, Trial
from tasks.text.money import PLAIN, Money, in_millions
from tasks.warehouse.published import published
from tests.dashboard.conftest import Open, page  # noqa: F401 - a fixture
from tests.records import LEAST
from tests.results.test_charts import units
from tests.simulate import Finished

EUR = Money("EUR")
NO_BREAK = "\N{NO-BREAK SPACE}"
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def set_currency(directory: RunDirectory, currency: str | None) -> None:
    record = json.loads(directory.record.read_text())
    record["run_id"] = directory.run_id
    record["census"]["currency"] = currency
    directory.record.write_text(json.dumps(record))


def in_currency(record: RunRecord, currency: str | None) -> RunRecord:
    census = record.census.model_copy(update={"currency": currency})
    return record.model_copy(update={"census": census})


@pytest.fixture(scope="module")
def runs(finished: Finished, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory of runs: `plain` has no currency, `euro` has one; both have report and workbook."""
    output = tmp_path_factory.mktemp("currency") / "runs"
    for name in ("plain", "euro"):
        copytree(finished.run.directory.path, output / name)
    set_currency(RunDirectory(output / "euro"), "EUR")
    write_results(RunDirectory(output / "euro"))
    return output


@pytest.fixture(scope="module")
def euro(runs: Path) -> Iterator[tuple[duckdb.DuckDBPyConnection, RunRecord]]:
    directory = RunDirectory(runs / "euro")
    with published(directory.results) as connection:
        yield connection, read_record(directory)


@pytest.fixture(scope="module")
def found(euro: tuple[duckdb.DuckDBPyConnection, RunRecord]) -> dict[str, Table]:
    return {table.key: table for table in tables(*euro)}


def run(*arguments: str, output: Path) -> str:
    done = CliRunner().invoke(app, [*arguments, "--output", str(output)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return str(done.output)


def words(text: str) -> list[str]:
    """Return the words of a text, without the widths of columns and the run's name."""
    return re.sub(r"[─\s]+", " ", text.replace(NO_BREAK, " ").replace("euro", "plain")).split()


def without_euro(text: str) -> list[str]:
    text = text.replace(NO_BREAK, " ").replace("average pay in EUR", "")
    for fragment in (" (EUR)", " of EUR", "EUR ", " Amounts are in EUR.", ", )"):
        text = text.replace(fragment, ")" if fragment == ", )" else "")
    return words(text)


# Amounts


@pytest.mark.parametrize(
    ("currency", "amount"),
    [
        ("EUR", "EUR_1,234.50"), ("$", "$1,234.50"), ("US$", "US$1,234.50"), ("€", "€1,234.50"),
        ("CHF", "CHF_1,234.50"), ("Rs.", "Rs._1,234.50"), ("Fr", "Fr_1,234.50"), ("kr", "1,234.50_kr"),
        ("kr.", "1,234.50_kr."), ("zł", "1,234.50_zł"), (None, "1,234.50"),
    ],
)  # fmt: skip
def test_a_code_comes_before_the_amount_and_a_sign_where_it_is_customary(
    currency: str | None, amount: str
) -> None:
    money = Money(currency)
    assert money.to_the_cent(Decimal("1234.5")) == amount.replace("_", NO_BREAK)
    assert len(money.to_the_cent(1)) == len("1.00") + money.extra_width


def test_a_sign_of_minus_or_plus_comes_before_the_currency() -> None:
    assert EUR.without_cents(-5) == f"-EUR{NO_BREAK}5"
    assert Money("$").millions(2_500_000, sign="+") == "+$2.5 M"
    assert Money("kr").without_cents(-5, sign="+") == f"-5{NO_BREAK}kr"


def test_headings_name_the_currency_or_nothing() -> None:
    assert (EUR.headed("Closing"), EUR.unit, EUR.name) == ("Closing (EUR)", "millions of EUR", "EUR")
    assert (PLAIN.headed("Closing"), PLAIN.unit, PLAIN.note) == ("Closing", "millions", "")
    assert PLAIN.name == "currency units"
    assert in_millions(231_649_014, digits=2) == "231.65"
    assert EUR.number_format("#,##0.00") == "[$EUR] #,##0.00"
    assert Money("kr").number_format("#,##0.00") == "#,##0.00 [$kr]"
    assert PLAIN.number_format("#,##0.00") == "#,##0.00"


@pytest.mark.parametrize("text", ["<b>", "EURUSD", "=1", "[red]", "", 5, "EUR USD"])
def test_an_invalid_currency_is_refused(text: Any) -> None:
    with pytest.raises(ValueError, match="is not a currency"):
        Money(text)


def test_a_record_of_another_currency_or_of_none(runs: Path) -> None:
    record = read_record(RunDirectory(runs / "euro"))
    assert Money.of(record) == EUR
    assert Money.of(in_currency(record, None)) == PLAIN
    record = in_currency(record, "<script>")
    with pytest.raises(
        InputError, match=r"run\.json of euro: census\.currency: '<script>' is not a currency"
    ):
        Money.of(record)


# Commands

EMPLOYEE = "E0000001"
COMMANDS = {
    "show": (("show", "RUN"), "payroll and loaded cost in millions of EUR"),
    "compare": (("compare", "RUN"), "(payroll in millions of EUR, average pay in EUR)"),
    "compare --by": (("compare", "RUN", "--by", "level"), "(payroll in millions of EUR, average pay in EUR)"),
    "cost": (("cost", "RUN", "2028-03", "--rows", "3"), f"salary cost EUR{NO_BREAK}"),
    "employee": (("employee", "RUN", EMPLOYEE), f"EUR{NO_BREAK}"),
    "employee, a hire": (("employee", "RUN", "H2027-0000001"), f"hired at EUR{NO_BREAK}"),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_commands_print_it(runs: Path, name: str) -> None:
    arguments, expected = COMMANDS[name]
    plain, euro = (
        run(*(which if word == "RUN" else word for word in arguments), output=runs)
        for which in ("plain", "euro")
    )
    assert expected in euro
    assert "EUR" not in plain and "None" not in plain
    assert without_euro(euro) == words(plain), "nothing else differs"


@pytest.mark.parametrize("width", ["80", "40"])
def test_on_a_narrow_terminal_an_amount_is_not_separated_from_it(
    runs: Path, width: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", width)
    monkeypatch.delenv("LINES", raising=False)
    for arguments in (("cost", "euro", "2028"), ("employee", "euro", EMPLOYEE)):
        for line in run(*arguments, output=runs).splitlines():
            assert not re.search(r"EUR\s*$", line.rstrip()), line
            assert len(line) <= int(width)


def test_an_export_prints_it_and_its_workbook_shows_it(runs: Path, tmp_path: Path) -> None:
    for which, has_currency in (("plain", False), ("euro", True)):
        file = tmp_path / f"{which}.xlsx"
        arguments = ["export", which, "fct_year_summary", "--mean", "--file", str(file)]
        done = CliRunner().invoke(app, [*arguments, "--output", str(runs)], catch_exceptions=False)
        assert ("Amounts are in EUR." in done.stderr) == has_currency
        formats = number_formats(file)
        assert ("[$EUR] #,##0.00" in formats.values()) == has_currency
        amounts = [formats[cell] for cell in formats if cell.startswith("fct_year_summary!N")]
        assert all(("EUR" in each) == has_currency for each in amounts[1:])
    csv = tmp_path / "csv"
    run("export", "euro", "fct_year_summary", "--format", "csv", "--file", str(csv), output=runs)
    rows = pl.read_csv(csv / "fct_year_summary.csv")
    assert rows["ending_payroll"].dtype == pl.Float64, "amounts in files for programs are numbers"


@pytest.fixture
def solved(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make `solve` return two trials without simulating."""
    path = (Trial(1, Decimal("0.1"), 85_000_000.5, False), Trial(1, Decimal("0.2"), 84_000_000.0, True))
    monkeypatch.setattr(cli_solve, "solve", lambda *_: Solution(path[1], path[0], list(path)))


@pytest.mark.usefixtures("solved", "reads_here")
@pytest.mark.parametrize(("currency", "amount"), [("EUR", f"EUR{NO_BREAK}84,000,000"), (None, "84,000,000")])
def test_solve_states_goal_path_and_answer_in_it(currency: str | None, amount: str) -> None:
    arguments = ["solve", "--goal", "payroll@2025<=84.5M", "--by", "workforce.total_termination_rate"]
    arguments += ["--between", "0.1,0.2", "--years", "2025-2025"]
    named = ["--set", f"census.currency={currency}"] if currency else []
    done = CliRunner().invoke(app, [*arguments, *named], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    before = f"EUR{NO_BREAK}" if currency else ""
    assert f"payroll in 2025 <= {before}84,500,000" in done.output
    assert f"= 0.2 gives {amount};" in done.output
    assert f" {before}85,000,000.50 " in done.output
    assert ("EUR" in done.output) == (currency is not None)


def test_goals_of_counts_and_shares_have_no_currency() -> None:
    for goal in ("headcount@2025<=5", "turnover@2025<=14%"):
        assert "EUR" not in str(parse_goal(goal, range(2025, 2026)))


# Report, workbook, charts


def test_the_page_names_it_beside_amounts(runs: Path) -> None:
    plain, euro = ((runs / which / "report.html").read_text() for which in ("plain", "euro"))
    assert "EUR" not in plain and "None" not in plain
    for expected in (
        "Annual payroll from opening to closing (EUR per year)",
        "Loaded cost by year (EUR)",
        "Annual payroll (millions of EUR)",  # along the axis of a chart
        "Amounts are in EUR.",
        ">Closing payroll (EUR)</th>",
        ">Currency</td>",
    ):
        assert expected in euro, expected
    amounts = rf"Annual payroll rises from EUR{NO_BREAK}[\d.]+ M at the opening to EUR{NO_BREAK}[\d.]+ M at"
    assert re.search(amounts, euro)
    assert "(currency units per year)" in plain


def test_the_pdf_is_typeset_from_the_same(
    runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import typst

    monkeypatch.setattr("tasks.results.report.page.svg", lambda _: "")  # charts are drawn for the page
    documents = []

    def keep(file: Path, **_: Any) -> bytes:
        documents.append(file.with_name("report.json").read_text())
        return b""

    monkeypatch.setattr(typst, "compile", keep)
    for which in ("plain", "euro"):
        write_report(RunDirectory(runs / which), tmp_path / f"{which}.pdf")
    plain, euro = map(json.loads, documents)
    assert "EUR" not in documents[0]
    costs = [sentence["text"] for sentence in euro["summary"] if sentence["topic"] == "Cost"]
    assert costs[0].count(f"EUR{NO_BREAK}") == 5
    headings = {column["label"] for section in euro["sections"] for column in section["columns"]}
    assert {"Opening (EUR)", "Loaded cost (EUR)", "Closing payroll (EUR)", "Hires"} <= headings
    assert len(plain["sections"]) == len(euro["sections"])


def test_columns_of_amounts_are_headed_by_it_and_no_others(found: dict[str, Table]) -> None:
    for table in found.values():
        for column, heading in zip(table.columns, table.headings, strict=True):
            assert heading == (f"{column.label} (EUR)" if column.kind == "money" else column.label)
        header = table_csv(table).splitlines()[0]
        assert header.count("(EUR)") == sum(column.kind == "money" for column in table.columns)
    spread = {row["figure"]: row["unit"] for row in found["spread"].rows}
    assert spread == {
        "Closing headcount": "employees",
        "Promotions": "promotions",
        "Closing payroll": "EUR",
        "Paid in the year": "EUR",
        "Loaded cost": "EUR",
    }
    assert "Amounts are in EUR." in found["overrides"].note, "settings may be amounts"
    assert "Amounts are in EUR." in found["settings"].note


def test_charts_name_it_along_axes_and_in_tooltips(found: dict[str, Table]) -> None:
    count = 0
    for table in found.values():
        for _, spec in charts_of(table):
            for unit in units(spec):
                for row in unit.rows:
                    amounts = [
                        value
                        for name in ("Payroll", "Cost", "Loaded cost", "Median", "Difference")
                        if isinstance(value := row.get(name), str)
                        and not re.search(r"employee|promotion|hire|percentage", value)
                    ]
                    assert all(f"EUR{NO_BREAK}" in value for value in amounts), amounts
                    assert all(value in row["words"] for value in amounts)
                    count += len(amounts)
    assert count > 100
    drawn = {
        key: json.dumps([spec for _, spec in charts_of(found[key])])
        for key in ("payroll", "cost", "months", "spread", "differences", "breakdown")
    }
    for key, spec in drawn.items():
        assert "(millions of EUR)" in spec, key
    assert "Average pay, less base (EUR)" in drawn["differences"]
    for key in ("headcount", "levels", "promotions", "turnover", "cohorts"):
        assert "EUR" not in json.dumps([spec for _, spec in charts_of(found[key])]), f"{key}: of people"


def number_formats(path: Path) -> dict[str, str]:
    """The number format of each cell of a workbook: Payroll!C2 → #,##0.00; General has none."""
    with ZipFile(path) as book:
        styles = ET.fromstring(book.read("xl/styles.xml"))
        formats = {each.get("numFmtId"): each.get("formatCode", "") for each in styles.iter(f"{SHEET}numFmt")}
        cells = styles.find(f"{SHEET}cellXfs")
        assert cells is not None
        of_style = [formats.get(style.get("numFmtId"), "") for style in cells]
        names = [
            sheet.get("name") for sheet in ET.fromstring(book.read("xl/workbook.xml")).iter(f"{SHEET}sheet")
        ]
        return {
            f"{name}!{cell.get('r')}": of_style[int(cell.get("s", 0))]
            for number, name in enumerate(names, 1)
            for cell in ET.fromstring(book.read(f"xl/worksheets/sheet{number}.xml")).iter(f"{SHEET}c")
        }


def test_cells_of_the_workbook_are_numbers_that_show_it(runs: Path) -> None:
    plain, euro = (number_formats(runs / which / "results.xlsx") for which in ("plain", "euro"))
    assert not [each for each in plain.values() if "EUR" in each]
    assert euro["Payroll!C2"] == "[$EUR] #,##0.00"
    assert "EUR" not in euro["Headcount!C2"] and euro["Headcount!C2"] == plain["Headcount!C2"]
    with ZipFile(runs / "euro" / "results.xlsx") as book:
        assert ">Opening (EUR)<" in book.read("xl/sharedStrings.xml").decode()


# Prefect, dashboard


def test_artifacts_name_it(
    runs: Path,
    euro: tuple[duckdb.DuckDBPyConnection, RunRecord],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    connection, record = euro
    means = year_means(connection)
    directory = RunDirectory(runs / "euro")
    text = artifacts.summary_text(directory, record, means, {})
    assert "Payroll, millions of EUR |" in text
    plain = in_currency(record, None)
    assert artifacts.summary_text(directory, plain, means, {}) == text.replace(" of EUR", "")
    dollar = in_currency(record, "$")
    assert r"millions of \$ |" in artifacts.summary_text(directory, dollar, means, {}), "not a formula"
    descriptions = []
    monkeypatch.setattr(
        artifacts, "create_table_artifact", lambda **of: descriptions.append(of["description"])
    )
    for each in (record, plain):
        artifacts.year_table(each, 2027, means)
    assert descriptions == [
        f"Run {record.run_id}, 2027: means over replicates{more}" for more in ("; amounts in EUR", "")
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Overview", "Annual payroll from opening to closing (EUR per year)"),
        ("Workforce", "Departments and other dimensions, first to last year (employees, EUR)"),
        ("Cost", "Loaded cost by year (EUR)"),
        ("Assumptions", "Amounts are in EUR."),
        ("Operations", ", amounts in EUR"),
    ],
)
def test_each_page_of_the_dashboard_names_it(
    page: Open,  # noqa: F811
    runs: Path,
    name: str,
    expected: str,
) -> None:
    shown = text_of(page(runs, name, run="euro"))
    assert expected in shown and ", amounts in EUR" in shown


def test_a_page_without_a_currency_names_none(page: Open, runs: Path) -> None:  # noqa: F811
    shown = text_of(page(runs, "Cost", run="plain"))
    assert "Loaded cost by year (currency units)" in shown and "EUR" not in shown and "None" not in shown


@pytest.mark.slow
def test_figures_and_employees_of_the_dashboard_have_it(page: Open, runs: Path) -> None:  # noqa: F811
    figures = page(runs, "Overview", run="euro").table[0].value.set_index("Key figure")
    amounts = [name for name in figures.index if re.match("Closing payroll|Paid|Loaded cost|Average", name)]
    assert len(amounts) == 6  # of the last year, and paid and cost in total
    assert all(value.startswith(f"**EUR{NO_BREAK}") for name in amounts for value in figures.loc[name])
    app = page(runs, "Employees", show_pay=True, run="euro")
    assert {metric.label: metric.value for metric in app.metric}["Salary cost"].startswith(f"EUR{NO_BREAK}")
    app.text_input[0].set_value(EMPLOYEE).run()
    assert f"EUR{NO_BREAK}" in "".join(app.table[0].value["What"])


def text_of(app: Any) -> str:
    assert not app.exception
    return " ".join(str(each.value) for each in (*app.subheader, *app.caption, *app.markdown, *app.metric))


# Two runs


def both(one: str | None, two: str | None) -> tuple[RunRecord, RunRecord]:
    record = RunRecord.model_validate(LEAST)
    first, second = (in_currency(record, currency) for currency in (one, two))
    return (
        first.model_copy(update={"run_id": "one"}),
        second.model_copy(update={"run_id": "two"}),
    )


def test_runs_of_one_currency_are_compared_in_it() -> None:
    assert common_money(*both("EUR", "EUR")) == (EUR, "")
    assert common_money(*both(None, None)) == (PLAIN, "")
    assert common_money(*both("€", "EUR")) == (EUR, ""), "a sign of one currency is its code"


def test_a_currency_that_is_unknown_is_noted() -> None:
    hold = "Differences in payroll, pay and cost hold if both are in the same."
    assert common_money(*both("EUR", None)) == (
        PLAIN,
        f"Currencies: one is in EUR, two names none. {hold}",
    )
    for currencies in (("$", "CAD"), ("CAD", "$")):
        money, note = common_money(*both(*currencies))
        assert money == Money("CAD") and note.endswith(hold), "the code is surer than a sign of many"


@pytest.mark.parametrize("currencies", [("EUR", "USD"), ("EUR", "$"), ("kr", "€"), ("£", "CHF")])
def test_amounts_of_two_currencies_are_not_compared(currencies: tuple[str, str]) -> None:
    money, note = common_money(*both(*currencies))
    assert money is None
    assert note.startswith(f"Currencies differ: one is in {currencies[0]}, two is in {currencies[1]}.")
    assert "not compared: nothing is converted" in note


@pytest.mark.parametrize(("currency", "compared"), [("EUR", True), (None, True), ("£", False)])
def test_the_command_compares_amounts_of_one_currency_alone(
    runs: Path, tmp_path: Path, currency: str | None, compared: bool
) -> None:
    copytree(runs / "euro", tmp_path / "runs" / "euro")
    copytree(runs / "plain", tmp_path / "runs" / "other")
    set_currency(RunDirectory(tmp_path / "runs" / "other"), currency)
    text = run("runs", "compare", "euro", "other", output=tmp_path / "runs")
    assert ("Average pay" in text) == ("Payroll" in text.replace("Payroll, pay and cost are", "")) == compared
    assert "Headcount" in text
    assert ("Both runs have the same inputs." in text) == (currency == "EUR")
    assert (f"Currency EUR {currency or 'not known'}" in " ".join(text.split())) == (currency != "EUR")
    assert ("Currencies differ: euro is in EUR, other is in £." in text) == (currency == "£")
    assert ("Currencies: euro is in EUR, other names none." in text) == (currency is None)
    assert ("payroll in millions of EUR, average pay in EUR" in text) == (currency == "EUR")
    differences, _ = compare_runs(*(RunDirectory(tmp_path / "runs" / name) for name in ("euro", "other")))
    figures = set(differences["base"]["figure"])
    amounts = {"payroll", "average_pay", "paid", *COSTS}
    assert (amounts <= figures) == compared
    assert (amounts & figures != set()) == compared
    assert {"headcount", "turnover"} <= figures

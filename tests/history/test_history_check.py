"""`workforce history check` as a user calls it: output, errors, exit status."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from click.testing import Result
from typer.testing import CliRunner

from flows.cli.main import app
from tasks.history.accepted import History
from tasks.history.files import find_lists
from tasks.history.read import HistoryError
from tests.history.company import DATES, company, list_rows, write_csv, write_events, write_lists

ReadHistory = Callable[..., History]
SPELLS = company(1)


@pytest.fixture(autouse=True)
def working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reads_here: None) -> None:
    monkeypatch.chdir(tmp_path)


def check(*arguments: object, width: int = 80) -> Result:
    arguments = ("history", "check", *map(str, arguments))
    return CliRunner().invoke(app, arguments, env={"COLUMNS": str(width), "LINES": None})


def said(result: Result) -> str:
    """What was printed on standard error, however its lines were broken."""
    return " ".join(result.stderr.split())


def test_the_check_of_a_sound_history_fits_80_columns(tmp_path: Path) -> None:
    result = check("--history", write_lists(tmp_path / "lists", SPELLS))
    assert result.exit_code == 0, result.output
    assert max(map(len, result.stdout.splitlines())) <= 80
    for text in ("2016-12-31.csv", "Exposure", "Resigned", "No findings", "hiring.fte_mix"):
        assert text in result.output
    assert not (tmp_path / "rejected.csv").exists()


def test_doubts_are_printed_and_are_no_failure(tmp_path: Path) -> None:
    result = check("--history", write_lists(tmp_path / "lists", SPELLS, leavers=False))
    assert result.exit_code == 0
    assert "hires_who_left_unseen" in result.output
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_bad_rows_name_file_and_row_and_are_written(tmp_path: Path) -> None:
    folder = write_lists(tmp_path / "lists", SPELLS)
    for name in ("2016-12-31.csv", "2018-12-31.csv"):
        lines = (folder / name).read_text().splitlines()
        cells = lines[4].split(",")
        cells[2] = "yesterday"
        lines[4] = ",".join(cells)
        (folder / name).write_text("\n".join(lines) + "\n")
    result = check("--history", folder)
    assert result.exit_code == 2
    for name in ("2016-12-31.csv", "2018-12-31.csv"):
        assert f"{name}: 1 of " in said(result)
    assert "row 5, hire_date: 'yesterday' is not a date" in said(result)
    rejects = pl.read_csv("rejected.csv")
    assert rejects.select("file", "row_number", "column").rows() == [
        ("2016-12-31.csv", 5, "hire_date"),
        ("2018-12-31.csv", 5, "hire_date"),
    ]
    tolerated = check("--history", folder, "--set", "census.max_rejected_share=0.1")
    assert tolerated.exit_code == 0
    assert "rejected.csv" in said(tolerated)  # our own file is replaced


def test_a_duplicated_id_is_rejected_with_the_other_row(tmp_path: Path) -> None:
    folder = write_lists(tmp_path / "lists", SPELLS, DATES[:2], leavers=False)
    with (folder / "2016-12-31.csv").open("a") as file:
        file.write((folder / "2016-12-31.csv").read_text().splitlines()[1] + "\n")
    result = check("--history", folder)
    assert result.exit_code == 2
    assert "row 2, employee_id" in said(result)
    assert "is also in row" in said(result)


def test_a_hire_after_the_lists_date_is_a_bad_row(tmp_path: Path) -> None:
    folder = write_lists(tmp_path / "lists", SPELLS, DATES[:2], leavers=False)
    (folder / "2016-12-31.csv").rename(folder / "2016-06-30.csv")
    result = check("--history", folder)
    assert result.exit_code == 2
    assert "is after the date of the list; allowed: up to 2016-06-30" in said(result)


def test_ages_that_two_digit_years_make_impossible_are_explained(tmp_path: Path) -> None:
    rows = list_rows(SPELLS, DATES[0])
    rows[0] |= {"birth_date": rows[0]["hire_date"].replace(year=rows[0]["hire_date"].year - 5)}
    write_csv(tmp_path / "lists" / "2015.csv", rows)
    write_csv(tmp_path / "lists" / "2016.csv", list_rows(SPELLS, DATES[1]))
    assert "two digits" in said(check("--history", "lists"))


def test_overlapping_rows_of_an_events_file_are_bad(tmp_path: Path) -> None:
    path = write_events(tmp_path / "events.csv", SPELLS)
    path.write_text(
        path.read_text() + "00000,1980-01-01,2017-01-01,,,Sales\n00000,1980-01-01,2018-01-01,,,\n"
    )
    result = check("--history", path, "--set", "history.start=2015-12-31")
    assert result.exit_code == 2
    assert f"row {len(SPELLS) + 3}, employee_id: '00000' is also in row {len(SPELLS) + 2}" in said(result)


def test_an_events_file_needs_a_start_and_a_complete_year(tmp_path: Path) -> None:
    path = write_events(tmp_path / "events.csv", SPELLS)
    result = check("--history", path)
    assert result.exit_code == 2
    assert "history.start is missing" in said(result)
    late = check("--history", path, "--set", "history.start=2019-06-30")
    assert late.exit_code == 2
    assert "no complete year after history.start 2019-06-30" in said(late)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["2015-12-31.csv", "2015_12_31.csv"], "are both lists of 2015-12-31"),
        (["2015-12-31.csv", "2015.csv"], "are both lists of 2015-12-31"),
        (["2015-12-31.csv", "staff.csv"], "no date in the name"),
        (["2015-12-31.csv", "2016-12.csv"], "no date in the name"),
        (["2015-12-31.csv", "2016-12-31 of 2017-01-05.csv"], "more than one date (2016-12-31, 2017-01-05)"),
        (["2015-12-31.csv", "2016-02-30.csv"], "no date in the name"),
        (["2015-12-31.csv"], "1 list of employees; at least two are needed"),
        (["2015-12-31.csv", "readme.md"], "1 list of employees; at least two are needed"),
        ([], "0 lists of employees; at least two are needed"),
    ],
)
def test_names_that_are_no_series_of_lists_are_refused(
    tmp_path: Path, names: list[str], message: str
) -> None:
    folder = tmp_path / "lists"
    folder.mkdir()
    for name in names:
        write_csv(folder / name, list_rows(SPELLS, DATES[0]))
    result = check("--history", folder)
    assert result.exit_code == 2
    assert message in said(result)


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("2012-06-30.csv", date(2012, 6, 30)),
        ("staff_2012_06_30_final.xlsx", date(2012, 6, 30)),
        ("20120630.parquet", date(2012, 6, 30)),
        ("hr 30.csv 2012.06.30.csv", date(2012, 6, 30)),
        ("mfg_census_2009.csv", date(2009, 12, 31)),
        ("2009.CSV", date(2009, 12, 31)),
        ("census2009v2.csv", date(2009, 12, 31)),
    ],
)
def test_dates_in_names(tmp_path: Path, name: str, day: date) -> None:
    for each in (name, "1999-01-01.csv", "~$2011-01-01.xlsx", ".2011-01-02.csv"):
        (tmp_path / each).write_text("")
    assert [each.date for each in find_lists(tmp_path)] == [date(1999, 1, 1), day]


def test_lists_without_a_common_id_name_both_files(tmp_path: Path) -> None:
    folder = write_lists(tmp_path / "lists", SPELLS, DATES[:2], leavers=False)
    rows = [row | {"employee_id": str(int(row["employee_id"]))} for row in list_rows(SPELLS, DATES[1])]
    write_csv(folder / "2016-12-31.csv", [row for row in rows if len(row["employee_id"]) < 5])
    result = check("--history", folder)
    assert result.exit_code == 2
    assert "2015-12-31.csv and 2016-12-31.csv have no employee_id in common" in said(result)
    assert "Without leading zeros they agree" in said(result)


def test_one_fault_of_every_list_is_stated_once(tmp_path: Path) -> None:
    folder = write_lists(tmp_path / "lists", SPELLS)
    for path in folder.iterdir():
        path.write_text(path.read_text().replace("employee_id", "Emp No", 1))
    result = check("--history", folder)
    assert result.exit_code == 2
    assert result.stderr.count("missing column: employee_id") == 1
    assert "and so on in 4 more files" in said(result)
    assert "  history:\n    columns:\n      employee_id: Emp No" in result.stderr
    for section in ("history", "census"):
        assert check("--history", folder, "--set", f"{section}.columns.employee_id=Emp No").exit_code == 0


def test_mapped_columns_and_excluded_reasons_must_exist(tmp_path: Path) -> None:
    folder = write_lists(tmp_path / "lists", SPELLS)
    unknown = check("--history", folder, "--set", "history.columns.fte=Hours")
    assert (unknown.exit_code, "no file has a column 'Hours'" in said(unknown)) == (2, True)
    misspelt = check("--history", folder, "--set", "history.exclude_reasons=[Site closd]")
    assert (misspelt.exit_code, "did you mean Site closed?" in said(misspelt)) == (2, True)
    wrong = check("--history", folder, "--set", "history.columns.wage=Pay")
    assert (wrong.exit_code, "history.columns.wage: not a history column" in said(wrong)) == (2, True)


def test_a_mapping_of_the_census_is_none_that_a_history_must_have(tmp_path: Path) -> None:
    folder = write_lists(tmp_path / "lists", SPELLS)
    assert check("--history", folder, "--set", "census.columns.fte=Hours").exit_code == 0


def test_the_kind_must_fit_what_is_there(tmp_path: Path) -> None:
    folder = write_lists(tmp_path / "lists", SPELLS)
    path = write_events(tmp_path / "events.csv", SPELLS)
    for arguments, message in (
        (("--history", folder, "--set", "history.kind=events"), "a folder, but history.kind is events"),
        (("--history", path, "--set", "history.kind=snapshots"), "a file, but history.kind is snapshots"),
        (("--history", tmp_path / "none"), "no such file or folder"),
        ((), "No history is named"),
        (("--history", folder, "--until", "2015-12-31"), "1 list of employees up to 2015-12-31"),
    ):
        result = check(*arguments)
        assert result.exit_code == 2
        assert message in said(result)


def test_a_relative_path_in_a_settings_file_starts_at_its_folder(tmp_path: Path) -> None:
    write_lists(tmp_path / "elsewhere" / "lists", SPELLS)
    config = tmp_path / "elsewhere" / "settings.yaml"
    config.write_text("history: {path: lists}\n")
    result = check("--config", config, "--until", "2017-12-31")
    assert result.exit_code == 0
    assert "2017-12-31.csv" in result.output
    assert "2018-12-31" not in result.output


def test_until_must_be_a_date(tmp_path: Path) -> None:
    result = check("--history", tmp_path, "--until", "2020")
    assert "a date is expected" in str(result.exception)


def test_salaries_in_two_currencies_are_refused(tmp_path: Path, read: ReadHistory) -> None:
    folder = write_lists(tmp_path / "lists", SPELLS, DATES[:2], leavers=False)
    rows = [row | {"salary": f"{row['salary']} EUR"} for row in list_rows(SPELLS, DATES[0])]
    write_csv(folder / "2015-12-31.csv", rows)
    dollars = [row | {"salary": f"{row['salary']} USD"} for row in list_rows(SPELLS, DATES[1])]
    write_csv(folder / "2016-12-31.csv", dollars)
    with pytest.raises(HistoryError, match=r"EUR in 2015-12-31\.csv, USD in 2016-12-31\.csv"):
        read(folder)


def test_lists_of_other_kinds_of_file_give_the_same_history(tmp_path: Path, read: ReadHistory) -> None:
    plain = write_lists(tmp_path / "csv", SPELLS, DATES[:3])
    for number, path in enumerate(sorted(plain.iterdir())):
        frame = pl.read_csv(path, try_parse_dates=True, schema_overrides={"employee_id": pl.String})
        other = tmp_path / "other"
        other.mkdir(exist_ok=True)
        if number == 0:
            frame.write_parquet(other / f"{path.stem}.parquet")
        elif number == 1:
            frame.write_excel(other / f"{path.stem}.xlsx")
        else:
            german = path.read_text().replace(",", ";")
            (other / path.name).write_bytes(german.encode("utf-16"))
    one, two = read(plain), read(other)
    for name in ("leavers", "joiners", "people"):
        assert getattr(one, name).equals(getattr(two, name))


def test_a_file_without_a_movement_after_its_start_has_no_year(tmp_path: Path) -> None:
    path = write_events(tmp_path / "events.csv", SPELLS)
    result = check("--history", path, "--set", "history.start=2030-01-01")
    assert result.exit_code == 2
    assert "no complete year after history.start 2030-01-01" in said(result)


def test_a_list_of_a_day_to_come_is_refused(tmp_path: Path) -> None:
    folder = write_lists(tmp_path / "lists", SPELLS)
    (folder / "2019-12-31.csv").rename(folder / "2187-12-31.csv")
    result = check("--history", folder)
    assert result.exit_code == 2
    assert "2187-12-31.csv: its name says 2187-12-31, which lies in the future" in said(result)


def test_a_link_that_leads_nowhere_is_refused(tmp_path: Path) -> None:
    folder = write_lists(tmp_path / "lists", SPELLS)
    (folder / "2018-12-31.csv").unlink()
    (folder / "2018-12-31.csv").symlink_to("nowhere.csv")
    result = check("--history", folder)
    assert result.exit_code == 2
    assert "2018-12-31.csv: this link leads to no file" in said(result)

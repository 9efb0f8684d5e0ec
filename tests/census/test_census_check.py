"""`workforce census check` as a user calls it."""

import logging
import resource
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from click.testing import Result
from typer.testing import CliRunner

from flows.cli.main import app
from settings import InputError
from tasks import pipeline
from tasks.census.errors import REJECTS_SCHEMA
from tasks.census.read import write_rejects
from tasks.runs.request import RunRequest, accept, accept_settings, accept_with

HEADER = "employee_id,birth_date,hire_date,salary,termination_date,level,department,location"
Row = Callable[..., str]
HELD = "Somebody's own list\n"


def check(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["census", "check", *map(str, arguments)], env={"COLUMNS": "200"})


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, row: Row) -> Path:
    """The working folder, with a good census and one with two bad rows."""
    monkeypatch.chdir(tmp_path)
    good = [row(employee_id=str(number), salary="$60,000.00".join('""')) for number in range(8)]
    bad = [row(employee_id="x", salary="-1"), row(employee_id="y", termination_date="NULL")]
    (tmp_path / "good.csv").write_text("\n".join([HEADER, *good]) + "\n")
    (tmp_path / "bad.csv").write_text("\n".join([HEADER, *good, *bad]) + "\n")
    return tmp_path


def test_what_was_inferred_is_printed_before_the_findings(folder: Path) -> None:
    done = check("good.csv")
    assert done.exit_code == 0, done.output
    lines = {
        label.strip(): value.strip()
        for label, _, value in (line.strip().partition("  ") for line in done.stdout.splitlines())
    }
    assert lines["Opening date"] == "2024-12-31, the day before simulation.start_year 2025 begins"
    assert lines["Annual payroll"] == "$480,000.00"
    assert (lines["Delimiter"], lines["Encoding"]) == ("','", "utf-8")
    assert lines["Day and month"] == "no date is ambiguous"
    assert lines["Decimal mark"] == "point: row 2 shows it"
    assert lines["Currency"] == "$ on all salaries"
    assert done.stdout.splitlines()[-1] == "Plausibility: no findings"
    assert not (folder / "rejected.csv").exists()


def test_the_opening_date_is_stated_with_its_source_and_the_newest_movement_beside_it(folder: Path) -> None:
    """`good.csv` has too few people for a finding; its newest hire is of 2010-05-01."""
    (folder / "may.yaml").write_text(
        "simulation: {opening_date: 2010-06-30, start_year: 2010, end_year: 2012}\n"
    )
    given = check("good.csv", "--config", "may.yaml")
    assert "2010-06-30, simulation.opening_date (may.yaml, line 1)" in given.stdout, given.output
    assert "2010-05-01, 60 days before the opening date\n" in given.stdout
    old = " ".join(check("good.csv").stdout.split())
    assert "Newest hire or leave 2010-05-01, 5,358 days before the opening date; for a census of that" in old
    assert "simulation.opening_date: 2010-05-01 with simulation.start_year: 2010" in old
    line = accept(RunRequest(census=folder / "good.csv")).opening_line
    assert "Newest hire or leave: 2010-05-01, 5,358 days before the opening date" in line


def test_a_sample_of_a_date_fits_a_run_that_opens_on_it(folder: Path) -> None:
    arguments = ["census", "sample", "--employees", "300", "--opening-date", "2026-09-30"]
    assert CliRunner().invoke(app, arguments).exit_code == 0
    sets = ("simulation.opening_date=2026-09-30", "simulation.start_year=2026")
    fits = check("census.csv", *(word for each in sets for word in ("--set", each)))
    assert fits.exit_code == 0 and "Plausibility: no findings" in fits.stdout, fits.output


def test_those_who_left_in_the_fiscal_year_of_the_opening_are_kept(folder: Path, row: Row) -> None:
    """Those of the elapsed part of a stub, as those of the year before the first one without a stub."""
    left = [row(employee_id=f"L{day}", termination_date=day) for day in ("2024-06-30", "2024-07-01")]
    (folder / "left.csv").write_text("\n".join([HEADER, row(), *left]) + "\n")
    for given in (("opening_date=2025-03-31",), ("start_year=2026", "opening_date=2025-06-30")):
        sets = [f"simulation.{each}" for each in (*given, "fiscal_year_start=07-01")]
        is_stub = len(given) == 1
        census = accept(RunRequest(census=folder / "left.csv", sets=tuple(sets))).census
        ids = census.employees["employee_id"].to_list()
        assert ids == ["0017", "L2024-07-01"] and census.skipped_terminated == 1
        years = census.history["history_year"]
        assert (years[0], years[-1], len(years)) == ((2015, 2024, 10) if is_stub else (2016, 2025, 10))


def test_a_finding_ends_the_summary_and_stops_where_settings_say_so(folder: Path, row: Row) -> None:
    (folder / "hourly.csv").write_text("\n".join([HEADER, row(salary="27.16")]) + "\n")
    done = check("hourly.csv")
    assert done.exit_code == 0
    assert (
        "warning: census_low_pay (100 %): 1 of 1 salaries lie below half of the lowest level's" in done.stdout
    )
    assert done.stdout.index("SHA-256") < done.stdout.index("warning:")
    stopped = check("hourly.csv", "--set", "checks.severities.census_low_pay=error")
    assert (stopped.exit_code, "error: census_low_pay" in stopped.stdout) == (1, True)
    off = check("hourly.csv", "--set", "checks.severities.census_low_pay=off")
    assert (off.exit_code, "census_low_pay" in off.stdout) == (0, False)


def test_the_bad_rows_come_first_and_the_file_is_named(folder: Path) -> None:
    done = check("bad.csv")
    assert done.exit_code == 2
    assert done.stderr.startswith("bad.csv: 2 of 10 rows are bad")
    assert "row 10, salary: '-1' is not above 0" in done.stderr
    assert done.stderr.splitlines()[-1] == "The bad rows, with reasons: rejected.csv"
    assert "10,salary,-1" in (folder / "rejected.csv").read_text()


def test_a_file_of_another_program_is_kept_and_our_own_replaced(folder: Path) -> None:
    (folder / "rejected.csv").write_text(HELD)
    for _ in range(2):
        done = check("bad.csv")
        assert (done.exit_code, done.stderr.splitlines()[-1]) == (
            2,
            "The bad rows, with reasons: rejected-1.csv",
        )
    assert (folder / "rejected.csv").read_text() == HELD
    assert sorted(file.name for file in folder.glob("rejected*")) == ["rejected-1.csv", "rejected.csv"]


def test_the_flag_names_the_file_but_never_one_of_another_program(folder: Path) -> None:
    done = check("bad.csv", "--rejects", "new/rows.csv")
    assert (done.exit_code, done.stderr.splitlines()[-1]) == (2, "The bad rows, with reasons: new/rows.csv")
    before = (folder / "good.csv").read_text()
    refused = check("bad.csv", "--rejects", "good.csv")
    assert isinstance(refused.exception, InputError)
    assert "good.csv exists and does not hold rejected rows" in str(refused.exception)
    assert (folder / "good.csv").read_text() == before


def test_bad_rows_are_printed_if_the_file_cannot_be_written(folder: Path) -> None:
    (folder / "file").write_text(HELD)
    done = check("bad.csv", "--rejects", "file/rejected.csv")
    assert done.exit_code == 2
    findings, _, why = done.stderr.partition("The bad rows cannot be written to file/rejected.csv: ")
    assert "row 11, termination_date: 'NULL' is not a date" in findings
    assert why.strip() == "File exists"  # the folder in its place


def test_bad_rows_are_printed_in_a_folder_that_is_not_writable(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "gone").mkdir()
    monkeypatch.chdir(folder / "gone")
    (folder / "gone").rmdir()
    done = check(folder / "bad.csv")
    assert done.exit_code == 2
    assert done.stderr.startswith("bad.csv: 2 of 10 rows are bad")
    assert done.stderr.splitlines()[-1].startswith(
        "The bad rows cannot be written to rejected.csv: No such file"
    )


def test_tolerated_rows_are_written_too(folder: Path) -> None:
    done = check("bad.csv", "--set", "census.max_rejected_share=0.2")
    assert (done.exit_code, done.stderr.splitlines()[-1]) == (0, "The bad rows, with reasons: rejected.csv")
    assert "11,termination_date,NULL" in (folder / "rejected.csv").read_text()
    (folder / "file").write_text(HELD)
    unwritable = check("bad.csv", "--set", "census.max_rejected_share=0.2", "--rejects", "file/rejected.csv")
    assert unwritable.exit_code == 2 and "Active at the opening" in unwritable.stdout


def test_a_deployed_run_logs_what_the_command_would_print(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    request = RunRequest(census=folder / "good.csv", sets=("workforce.levels.1.min_salary=75000",))
    settings = accept_settings(request)
    monkeypatch.setattr(pipeline, "log", logging.getLogger("deployed"))
    with caplog.at_level(logging.INFO, "deployed"):
        pipeline.log_census(accept_with(settings))
    (line,) = [record.message for record in caplog.records if record.name == "deployed"]
    assert line.startswith(
        "Census good.csv: 8 employees, annual payroll $480,000.00. Opening date 2024-12-31"
    )


def test_a_run_of_the_bundled_sample_says_so(folder: Path) -> None:
    for asked in (RunRequest(), RunRequest(sets=("census.path=",))):
        assert accept(asked).opening_line.startswith(
            "Census census.csv (the bundled sample): 1,960 employees"
        )
    assert accept(RunRequest(census=folder / "good.csv")).opening_line.startswith("Census good.csv: 8 ")


def test_a_file_of_bad_rows_is_written_completely_or_not(tmp_path: Path) -> None:
    path = tmp_path / "rejected.csv"
    path.write_text("the last one")
    row = {"row_number": 2, "column": "salary", "value": "x" * 5000, "reason": "is not an amount"}
    rejects = pl.DataFrame([row], schema=REJECTS_SCHEMA)
    _, hard = limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))  # as a full disk
    try:
        with pytest.raises(OSError, match="File too large") as failed:
            write_rejects(rejects, path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert failed.value.strerror
    assert path.read_text() == "the last one"
    assert list(tmp_path.iterdir()) == [path]

"""Commands on a run without results: one sentence on what is missing, and no message of a database."""

import json
import shutil
from collections.abc import Callable

import duckdb
import pytest
from typer.testing import CliRunner

from flows.cli.main import app
from settings import InputError
from tasks.runs.directory import RunDirectory
from tasks.runs.resume import RunDamaged


def call_it(copy: RunDirectory, status: str) -> None:
    record = json.loads(copy.record.read_text())
    # two scenarios and replicates, so that comparing and precision get as far as the results
    twice = [record["scenarios"][0], {**record["scenarios"][0], "id": "other"}]
    copy.record.write_text(json.dumps({**record, "status": status, "replicates": 2, "scenarios": twice}))


def failed_in_its_first_year(copy: RunDirectory) -> None:
    call_it(copy, "failed")
    for table in copy.results.glob("fct_*"):
        shutil.rmtree(table)
    with duckdb.connect(copy.database) as connection:
        connection.execute("update year_ledger set status = 'failed', content_hash = null")


def failed_as_it_began(copy: RunDirectory) -> None:
    call_it(copy, "failed")
    shutil.rmtree(copy.results)
    copy.database.unlink()


def still_running(copy: RunDirectory) -> None:
    call_it(copy, "running")
    shutil.rmtree(copy.results)
    with duckdb.connect(copy.database) as connection:
        connection.execute("drop table year_ledger")


def emptied(copy: RunDirectory) -> None:
    failed_in_its_first_year(copy)
    for table in ("fct_year_summary", "fct_month_summary"):
        (copy.results / table / "simulation_year=2025" / "scenario_id=baseline").mkdir(parents=True)


STATES = [failed_in_its_first_year, failed_as_it_began, still_running, emptied]
COMMANDS = [
    ("show", "run"),
    ("compare", "run"),
    ("compare", "run", "--by", "level"),
    ("runs", "compare", "run", "run"),
    ("precision", "run"),
    ("cost", "run", "2025"),
    ("employee", "run", "H2025-0000001"),
    ("report", "run"),
    ("report", "run", "--pdf"),
    ("export", "run"),
    ("export", "run", "--format", "csv"),
    ("runs", "rollback", "run", "--to-year", "2025"),
]


@pytest.mark.parametrize("state", STATES)
def test_a_run_without_results_is_one_sentence(
    state: Callable[[RunDirectory], None], copy: RunDirectory
) -> None:
    state(copy)
    before = {file.name for file in copy.path.rglob("*")}
    for command in COMMANDS:
        done = CliRunner().invoke(app, [*command, "--output", str(copy.path.parent)])
        assert isinstance(done.exception, InputError), (command, done.exception)  # status 2
        said = str(done.exception)
        assert "complete year" in said and len(said.splitlines()) == 1, command
        assert done.stdout == "", command
    assert {file.name for file in copy.path.rglob("*")} - before <= {".lock"}
    for command in (("runs", "list"), ("health",), ("runs", "rm", "run", "--yes")):
        done = CliRunner().invoke(app, [*command, "--output", str(copy.path.parent)])
        assert done.exception is None or isinstance(done.exception, SystemExit), (command, done.exception)
        assert "run" in done.stdout, command


def test_published_files_that_are_damaged_are_named(copy: RunDirectory) -> None:
    call_it(copy, "complete")
    for file in copy.results.glob("fct_*/**/*.parquet"):
        file.write_text("no Parquet")
    for command in COMMANDS[:-1]:
        done = CliRunner().invoke(app, [*command, "--output", str(copy.path.parent)])
        assert isinstance(done.exception, duckdb.Error), (command, done.exception)  # status 1
        said = str(done.exception)
        assert said.startswith(f"{copy.results} lacks files of run run, or they are damaged ("), command
        assert said.endswith("--resume run writes them again from the run's database"), command


def test_a_damaged_database_is_named(copy: RunDirectory) -> None:
    copy.database.write_text("no database")
    done = CliRunner().invoke(
        app, ["runs", "rollback", "run", "--to-year", "2025", "--output", str(copy.path.parent)]
    )
    assert isinstance(done.exception, RunDamaged) and "simulation.duckdb is damaged" in str(done.exception)

"""Damaged, changed and removed files of a run are found, reported and repaired if possible."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import duckdb
import pytest
from prefect.exceptions import Pause, TerminationSignal

from settings import InputError, Settings, load_settings, settings_document
from settings.loading.document import leaves
from settings.loading.loader import default_settings
from settings.models.shaping import shapes_results
from tasks.census.sample import sample_census
from tasks.runs.directory import RunDirectory
from tasks.runs.lock import RunLocked, is_being_written, sole_writer
from tasks.runs.request import RunRequest, accept
from tasks.runs.resume import (
    RunDamaged,
    _settings_differ,
    find_finished,
    recorded_settings,
    unpublished_years,
)
from tasks.simulation.opening import reopen_run
from tasks.simulation.preparation import prepare, roll_back
from tasks.system.project import ROOT
from tests.records import edit

YEARS = "2025-2026"
EVENTS = "results/fct_workforce_events/simulation_year=2026/scenario_id=baseline/part.parquet"


def going_on(directory: RunDirectory, from_year: int | None = None) -> list[int]:
    """The complete years with which the run goes on."""
    settings = recorded_settings(directory, RunRequest())
    return prepare(reopen_run(directory, settings, from_year=from_year))


def truncate(file: Path, share: float) -> None:
    os.truncate(file, int(file.stat().st_size * share))


def scramble(file: Path, share: float) -> None:
    """Random bytes over 64 of the file, at a share of its length."""
    with file.open("r+b") as opened:
        opened.seek(int(file.stat().st_size * share))
        opened.write(os.urandom(64))


DAMAGES: dict[str, Callable[[Path], None]] = {
    "empty": lambda file: truncate(file, 0),
    "cut short": lambda file: truncate(file, 0.5),
    "header": lambda file: scramble(file, 0),
    "text": lambda file: file.write_text("not a database"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_database_is_reported_and_can_be_created_again(copy: RunDirectory, damage: str) -> None:
    DAMAGES[damage](copy.database)
    with pytest.raises(RunDamaged, match=r"simulation.duckdb is damaged: .*\n.*--from-year FIRST"):
        going_on(copy)
    with pytest.raises(RunDamaged, match="is damaged"):
        roll_back(copy, 2025)

    assert going_on(copy, from_year=2025) == []
    with duckdb.connect(copy.database, read_only=True) as connection:
        assert connection.execute("select count(*) from year_ledger").fetchone() == (0,)


@pytest.mark.parametrize("share", [0.3, 0.5, 0.7, 0.9])
def test_bytes_changed_in_the_database_are_reported_or_change_no_row(
    copy: RunDirectory, share: float
) -> None:
    scramble(copy.database, share)
    try:
        complete = going_on(copy)
    except RunDamaged as error:
        assert "--from-year" in str(error)
    else:  # a block that no year's row is in
        assert complete == [2025, 2026]


def test_the_command_line_reports_damage_without_a_traceback(copy: RunDirectory) -> None:
    truncate(copy.database, 0.5)
    done = workforce("runs", "rollback", "run", "--to-year", "2025", "--output", str(copy.path.parent))
    assert (done.returncode, done.stdout) == (1, "")
    assert "simulation.duckdb is damaged" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize("content", ["", "{", "[1]", "null", "{}", '{"run_id": "run"}', "\0"])
def test_a_damaged_record_is_reported(copy: RunDirectory, content: str) -> None:
    copy.record.write_text(content)
    with pytest.raises(InputError, match=r"run.json (is damaged|lacks)"):
        going_on(copy)


@pytest.mark.parametrize("arguments", [("show", "run"), ("run", "--resume", "run")])
def test_a_newer_record_is_refused_with_status_2(copy: RunDirectory, arguments: tuple[str, ...]) -> None:
    edit(copy.record, format_version=99)
    done = workforce(*arguments, "--output", str(copy.path.parent))
    assert (done.returncode, done.stdout) == (2, "")
    assert f"{copy.record} has format version 99, and this version" in " ".join(done.stderr.split())


def test_a_run_of_an_older_version_can_be_resumed(copy: RunDirectory) -> None:
    """Without the keys that were added since the first version; of the census, all that it recorded."""
    record = json.loads(copy.record.read_text())
    for key in ("format_version", "flow_runs", "deployment", "resumed_at"):
        del record[key]
    for key in ("at_opening", "currency", "opening_date", "inferred", "findings"):
        del record["census"][key]
    copy.record.write_text(json.dumps(record))
    assert going_on(copy) == [2025, 2026]
    assert json.loads(copy.record.read_text())["format_version"] == 1


def test_a_damaged_or_replaced_census_is_reported(copy: RunDirectory) -> None:
    truncate(copy.census, 0.5)
    with pytest.raises(RunDamaged, match=r"census.parquet cannot be read"):
        going_on(copy)
    sample_census(50, 99).write_parquet(copy.census)
    with pytest.raises(RunDamaged, match="is not the census that run run began with"):
        going_on(copy)
    copy.census.unlink()
    with pytest.raises(RunDamaged, match=r"census.parquet cannot be read"):
        going_on(copy)


HARM: dict[str, Callable[[RunDirectory], Any]] = {
    "no database": lambda run: run.database.unlink(),
    "cut database": lambda run: truncate(run.database, 0.5),
    "changed row": lambda run: change(run, "update fct_year_summary set hires = hires + 1"),
    "dropped table": lambda run: change(run, "drop table fct_hire_cohorts"),
    "no results": lambda run: shutil.rmtree(run.results),
    "a year's partition gone": lambda run: shutil.rmtree((run.path / EVENTS).parents[1]),
    "a file gone": lambda run: (run.path / EVENTS).unlink(),
    "a file cut": lambda run: truncate(run.path / EVENTS, 0.5),
    "a file scrambled": lambda run: scramble(run.path / EVENTS, 0.3),
    "no checks": lambda run: shutil.rmtree(run.results / "mon_data_quality" / "simulation_year=2026"),
}


def first_quick(harms: list[str]) -> list[Any]:
    """One way to harm a run is tried in the quick set, each other one in the slow set."""
    return [harms[0], *(pytest.param(harm, marks=pytest.mark.slow) for harm in harms[1:])]


def change(run: RunDirectory, statement: str) -> None:
    with duckdb.connect(run.database) as connection:
        connection.execute(statement)


@pytest.mark.parametrize("harm", first_quick(list(HARM)))
def test_a_run_with_changed_files_does_not_count_as_finished(
    copy: RunDirectory, harm: str, tmp_path: Path
) -> None:
    sample_census(50).write_parquet(tmp_path / "census.parquet")
    asked = accept(RunRequest(census=tmp_path / "census.parquet", years=YEARS, seed=42))
    found = find_finished(copy.path.parent, asked)
    assert found and found.path == copy.path
    HARM[harm](copy)
    assert find_finished(copy.path.parent, asked) is None


@pytest.mark.parametrize(
    "harm", first_quick([name for name in HARM if name.startswith(("no results", "a ", "no checks"))])
)
def test_changed_published_files_are_written_again(copy: RunDirectory, harm: str) -> None:
    HARM[harm](copy)
    assert going_on(copy) == [2025, 2026]
    with duckdb.connect(copy.database, read_only=True) as connection:
        assert unpublished_years(connection, copy.results, [2025, 2026]) == []


def test_another_version_is_refused_with_the_difference(copy: RunDirectory) -> None:
    record = json.loads(copy.record.read_text())
    record["model_versions"] |= {"duckdb": "1.4.0", "models": "0123456789abcdef"}
    copy.record.write_text(json.dumps(record))
    record["versions"]["workforce-simulation"] = "0.1.0"
    record["settings"]["section_of_old"] = {"key": 1}
    copy.record.write_text(json.dumps(record))
    with pytest.raises(InputError, match=r"duckdb: the run began with 1.4.0, this is 1\.") as refused:
        recorded_settings(copy, RunRequest())
    said = str(refused.value)
    assert "models: the run began with 0123456789abcdef, this is" in said
    assert "to resume it or to simulate it again (workforce-simulation 0.1.0, duckdb" in said
    assert "Leave those flags out" not in said and "section_of_old" not in said


def test_every_setting_that_shapes_results_is_refused_and_only_how_it_is_run_may_differ() -> None:
    """Each key by itself, with another value in the record than asked."""
    settings = default_settings()
    document = settings_document(settings)
    for key, value in leaves(document).items():
        other = deepcopy(document)
        *above, last = key.split(".")
        group = other
        for name in above:
            group = group[name]
        group[last] = value + 1 if isinstance(value, int | float) else "something else"
        differences = list(_settings_differ("", other, settings))
        if not shapes_results(key):
            assert not differences, key
        else:
            assert [text.split(": ")[0] for text in differences] == [key]


def test_further_years_of_a_target_of_a_segment_may_be_added() -> None:
    def asked(last: int, headcount: int) -> Settings:
        years = ", ".join(f"{year}: {headcount}" for year in range(2025, last + 1))
        segment = f"{{where: {{level: 2}}, headcount: {{{years}}}}}"
        sets = [f"targets={{by: [level], segments: [{segment}]}}"]
        return load_settings(flags={"--years": f"2025-{last}"}, sets=sets, environ={}).base

    recorded = settings_document(asked(2026, 300))
    assert not list(_settings_differ("", recorded, asked(2028, 300)))
    (difference,) = _settings_differ("", recorded, asked(2028, 301))
    assert difference.startswith("targets.segments: the run has")


def test_years_may_only_be_added_at_the_end(copy: RunDirectory) -> None:
    longer = recorded_settings(copy, RunRequest(years="2025-2028"))
    assert longer.base.simulation.end_year == 2028
    with pytest.raises(InputError, match=r"simulation.end_year: the run has 2026, the request 2025"):
        recorded_settings(copy, RunRequest(years="2025-2025"))
    with pytest.raises(InputError, match="which has other content"):
        recorded_settings(copy, RunRequest(sets=(f"census.path={ROOT / 'examples/census.csv'}",)))


def test_a_lock_names_its_holder_and_is_free_after_that_ended(copy: RunDirectory) -> None:
    holding = (
        "import sys, pathlib; from tasks.runs.lock import sole_writer\n"
        "from tasks.runs.directory import RunDirectory\n"
        "with sole_writer(RunDirectory(pathlib.Path(sys.argv[1]))):\n"
        "    print('held', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", holding, str(copy.path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdout and holder.stdin
    assert holder.stdout.readline() == b"held\n"
    assert is_being_written(copy)
    with pytest.raises(RunLocked, match=f"run run is being written by process {holder.pid} on "):
        roll_back(copy, 2025)
    holder.kill()
    holder.wait()
    holder.stdin.close()
    holder.stdout.close()
    assert copy.lock.exists() and copy.writer.exists()  # stale
    (copy.path / ".status.json.abcd1234").write_text("{")  # what the killed process was writing just then
    assert not is_being_written(copy)
    with sole_writer(copy):
        assert json.loads(copy.writer.read_text())["pid"] == os.getpid()
    assert roll_back(copy, 2025) == [2025]
    with reopen_run(copy, recorded_settings(copy, RunRequest())).at_work():
        assert sorted(file.name for file in copy.path.glob(".*")) == [".lock", ".writer.json"]


@pytest.mark.parametrize(
    ("error", "ending"),
    [
        (KeyboardInterrupt(), "cancelled"),
        (TerminationSignal(15), "cancelled"),
        (RuntimeError("Query interrupted"), "cancelled"),
        (Pause(), "paused"),
        (RuntimeError("no luck"), "failed"),
    ],
    ids=str,
)
def test_how_a_run_ended_is_recorded(copy: RunDirectory, error: BaseException, ending: str) -> None:
    run = reopen_run(copy, recorded_settings(copy, RunRequest()))
    with pytest.raises(type(error)), run.at_work():
        raise error
    assert [json.loads(file.read_text())["status"] for file in (copy.record, copy.status)] == [ending] * 2
    line = copy.log.read_text().rpartition(f" DEBUG the run {ending}: ")[2]
    assert line.startswith(type(error).__name__) and "Traceback" in line


def workforce(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "flows.cli.main", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

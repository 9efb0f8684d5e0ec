"""run.json, status.json and plan.json of older, newer and other versions, without a simulation."""

import json
import logging
from pathlib import Path
from typing import Any

import pytest

from settings import InputError, load_settings
from tasks.alerts.dead_runs import alert_of_dead_runs
from tasks.dashboard.runs import read_runs
from tasks.dashboard.runs import read_status as status_on_a_page
from tasks.ensembles.shards import Shard, read_plan, write_plan
from tasks.health.checks import findings
from tasks.runs.directory import RunDirectory
from tasks.runs.listing import list_runs
from tasks.runs.lock import RunLocked, sole_writer
from tasks.runs.progress import Progress
from tasks.runs.record import RunRecord, finish_record, read_record, readable_records, unreadable_records
from tasks.runs.status import RunStatus, read_status
from tests.records import LEAST, edit, write_record

NEWER = r"{file} has format version 99, and this version of the program reads up to 1: use the version"
#: The least that a status.json holds.
STATUS = {
    "status": "running",
    "pid": 1,
    "host": "elsewhere",
    "years": [2025, 2029],
    "heartbeat_at": "2026-01-01T10:00:00.000+00:00",
}


@pytest.fixture
def run(tmp_path: Path) -> RunDirectory:
    """A run whose files are those of the first version of the program."""
    (tmp_path / "runs").mkdir()
    write_record(tmp_path / "runs" / "run", status="running")
    directory = RunDirectory(tmp_path / "runs" / "run")
    directory.status.write_text(json.dumps(STATUS))
    return directory


def test_a_record_of_an_older_version_is_read(run: RunDirectory) -> None:
    record = read_record(run)
    assert record.format_version == 0
    assert record.census.at_opening == record.census.employees == 10
    assert (record.census.currency, record.census.findings, record.flow_runs, record.versions) == (
        None,
        (),
        (),
        {},
    )
    assert [entry.employees for entry in list_runs(run.path.parent)] == [10]
    assert [seen.state for seen in read_runs(run.path.parent).found] == ["interrupted"]


def test_a_record_is_written_in_the_newest_format_and_keeps_unknown_keys(
    run: RunDirectory,
) -> None:
    entry = {**LEAST["scenarios"][0], "colour": "blue"}
    edit(run.record, by_hand={"note": 1}, census={**LEAST["census"], "weather": "fair"}, scenarios=[entry])
    finish_record(run, "complete", {"baseline": {"hires": 1.5}})
    written = json.loads(run.record.read_text())
    assert next(iter(written)) == "format_version" and written["format_version"] == RunRecord.newest_format
    assert (written["by_hand"], written["census"]["weather"]) == ({"note": 1}, "fair")
    assert written["scenarios"] == [entry]
    assert (written["status"], written["totals"]) == ("complete", {"baseline": {"hires": 1.5}})
    assert {key: written[key] for key in ("years", "settings_hash", "seed")} == {
        key: LEAST[key] for key in ("years", "settings_hash", "seed")
    }


def test_a_newer_record_is_refused_in_a_sentence(run: RunDirectory) -> None:
    edit(run.record, format_version=99)
    with pytest.raises(InputError, match=NEWER.format(file=run.record)) as refused:
        read_record(run)
    assert "\n" not in str(refused.value)
    run.record.write_text('{"format_version": 99, "everything": "is elsewhere"}')
    with pytest.raises(InputError, match=NEWER.format(file=run.record)):
        finish_record(run, "failed")
    assert "is elsewhere" in run.record.read_text(), "it is not written again"


def test_a_newer_record_is_named_and_passed_over_where_runs_are_listed(run: RunDirectory) -> None:
    output = run.path.parent
    write_record(output / "other")
    edit(run.record, format_version=99)
    assert [directory.run_id for directory, _ in readable_records(output)] == ["other"]
    [(directory, problem)] = unreadable_records(output)
    assert directory.run_id == "run" and "has format version 99" in problem
    assert [entry.run_id for entry in list_runs(output)] == ["other"]
    seen = read_runs(output)
    assert [one.run_id for one in seen.found] == ["other"]
    assert len(seen.unreadable) == 1 and seen.unreadable[0].startswith("Run run is left out: ")
    assert "has format version 99" in seen.unreadable[0]
    found = {finding.check: finding for finding in findings(output, None)}
    assert found["run run"].status == "wrong" and "has format version 99" in found["run run"].observed


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"started_at": "yesterday"}, "run.json is damaged: started_at: "),
        ({"started_at": "2026-01-01T10:00:00"}, "run.json is damaged: started_at: .*time zone"),
        ({"years": [2025]}, r"run.json lacks years.1"),
        ({"replicates": "many"}, "run.json is damaged: replicates: "),
        ({"scenarios": []}, "run.json is damaged: scenarios: "),
        ({"census": {}}, "run.json lacks census.dimensions, census.employees, census.file"),
        ({"format_version": "2"}, "run.json is damaged: format_version: "),
        ({"format_version": None}, "run.json is damaged: format_version: "),
    ],
)
def test_a_record_whose_values_do_not_fit_is_damaged(
    run: RunDirectory, changes: dict[str, Any], wrong: str
) -> None:
    edit(run.record, **changes)
    with pytest.raises(InputError, match=f"{wrong}.*; restore the file"):
        read_record(run)
    assert list_runs(run.path.parent) == []


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b"[1]", b"null"])
def test_a_file_that_is_no_object_is_damaged(run: RunDirectory, content: bytes) -> None:
    for file in (run.record, run.status):
        file.write_bytes(content)
    with pytest.raises(InputError, match=r"run.json is damaged: "):
        read_record(run)
    with pytest.raises(InputError, match=r"status.json is damaged: "):
        read_status(run)
    assert status_on_a_page(run) is None


# status.json


def test_what_a_run_writes_is_what_is_read(run: RunDirectory) -> None:
    with Progress(run, range(2025, 2027), shown=False) as progress:
        with progress.step("open year", 2025) as step:
            step.rows = 7
        progress.year_complete(2025)
        during = read_status(run)
    assert (during.status, during.run_id, during.years, during.complete_years) == (
        "running",
        "run",
        (2025, 2026),
        (2025,),
    )
    assert [(one.name, one.year, one.rows) for one in during.steps] == [("open year", 2025, 7)]
    assert json.loads(run.status.read_text())["format_version"] == RunStatus.newest_format
    after = read_status(run)
    assert (after.status, after.doing, after.error) == ("complete", "2025", None) and after.finished_at


def test_a_status_of_an_older_version_is_read(run: RunDirectory) -> None:
    status = read_status(run)
    assert (status.format_version, status.steps, status.doing) == (0, (), "")
    edit(run.status, steps=[{"name": "publish", "year": 2025}])
    assert read_status(run).steps[0].seconds is None


def test_a_newer_status_is_named_and_passed_over(run: RunDirectory, caplog: pytest.LogCaptureFixture) -> None:
    edit(run.status, format_version=99)
    with pytest.raises(InputError, match=NEWER.format(file=run.status)):
        read_status(run)
    found = {finding.check: finding for finding in findings(run.path.parent, None)}
    assert found["run run"].status == "wrong" and "has format version 99" in found["run run"].observed
    assert status_on_a_page(run) is None
    assert [seen.run_id for seen in read_runs(run.path.parent).found] == ["run"]
    write_record(run.path.parent / "silent", status="running")
    (run.path.parent / "silent" / "status.json").write_text(json.dumps(STATUS))
    with caplog.at_level(logging.WARNING, "workforce"):
        raised = alert_of_dead_runs(run.path.parent, load_settings(environ={}).base, wait_seconds=0)
    assert [alert.run_id for alert in raised] == ["silent"]
    assert "run run is left out" in caplog.text and "has format version 99" in caplog.text


def test_a_lock_whose_holder_cannot_be_read_is_a_lock(run: RunDirectory) -> None:
    with sole_writer(run):
        edit(run.writer, format_version=99)
        with pytest.raises(RunLocked, match="run run is being written by another process"), sole_writer(run):
            pass


# plan.json


def test_a_plan_of_an_older_version_is_read(run: RunDirectory) -> None:
    assert read_plan(run) == []
    parts = [Shard(1, 5, 0, 0), Shard(6, 10, 0, 0)]
    write_plan(run, parts)
    assert read_plan(run) == parts
    file = run.path / "shards" / "plan.json"
    written = json.loads(file.read_text())
    assert written.pop("format_version") == 1
    file.write_text(json.dumps(written))
    assert read_plan(run) == parts


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        ('{"format_version": 99}', "has format version 99, and this version of the program reads up to 1"),
        ("{", "plan.json is damaged: it is no JSON"),
        ('{"shards": [{"first_replicate": 1}]}', "plan.json lacks shards.0.first_scenario"),
        ("{}", "plan.json lacks shards"),
    ],
)
def test_a_newer_or_damaged_plan_is_refused(run: RunDirectory, content: str, wrong: str) -> None:
    write_plan(run, [Shard(1, 5, 0, 0)])
    (run.path / "shards" / "plan.json").write_text(content)
    with pytest.raises(InputError, match=wrong):
        read_plan(run)

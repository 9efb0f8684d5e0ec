"""`workforce health`: each kind of trouble is found, by really having it."""

import json
import os
import socket
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from settings import load_settings
from tasks.alerts import Alert, AlertDesk
from tasks.alerts.events import acknowledge
from tasks.health import checks as health
from tasks.health.checks import Finding, as_document, findings
from tasks.runs.directory import RunDirectory
from tasks.runs.lock import sole_writer
from tasks.system.project import ROOT


def wrong(output: Path, api_url: str | None = None) -> dict[str, Finding]:
    return {found.check: found for found in findings(output, api_url) if found.status == "wrong"}


def set_status(run: RunDirectory, **changes: object) -> None:
    run.status.write_text(json.dumps(json.loads(run.status.read_text()) | changes))


def test_a_finished_run_passes_every_check(copy: RunDirectory) -> None:
    found = findings(copy.path.parent, None)
    assert as_document(found)["status"] == "ok", [one for one in found if one.status == "wrong"]
    assert {"disk", "memory", "prefect api", "alerts", "run run", "database of run"} == {
        one.check for one in found
    }


def test_a_dead_run_is_found_by_its_heartbeat(copy: RunDirectory) -> None:
    long_ago = datetime.now().astimezone() - timedelta(seconds=120)
    set_status(copy, status="running", step="dbt build", year=2026, heartbeat_at=long_ago.isoformat())
    found = wrong(copy.path.parent)["run run"]
    assert found.observed.startswith("ended without recording why at dbt build of 2026, last heartbeat 12")
    assert "--resume run" in found.advice

    set_status(copy, heartbeat_at=datetime.now().astimezone().isoformat())
    assert "run run" in wrong(copy.path.parent), "a heartbeat of just now, but nobody holds the lock"
    with sole_writer(copy):
        assert wrong(copy.path.parent) == {}


def test_a_failed_run_is_reported_with_its_error(copy: RunDirectory) -> None:
    set_status(copy, status="failed", error="CheckFailed: 2026: 1 check failed")
    assert wrong(copy.path.parent)["run run"].observed == "failed: CheckFailed: 2026: 1 check failed"


def test_a_failure_counts_until_it_is_old_or_acknowledged(copy: RunDirectory) -> None:
    output, now = copy.path.parent, datetime.now().astimezone()
    set_status(copy, status="failed", error="no luck", finished_at=(now - timedelta(days=6.9)).isoformat())
    assert "run run" in wrong(output)
    set_status(copy, finished_at=(now - timedelta(days=7.1)).isoformat())
    copy.database.unlink()  # nor does what the failed run left count
    assert wrong(output) == {}
    [old] = [one for one in findings(output, None, days=8) if one.check == "run run"]
    assert old.status == "wrong"

    started = now - timedelta(minutes=5)
    set_status(copy, started_at=started.isoformat(), finished_at=now.isoformat())
    with AlertDesk(output, load_settings(environ={}).base.alerts) as desk:
        slow, failed = Alert("run_duration", "run"), Alert("run_failed", "run")
        for alert in (slow, failed):
            desk.raise_alert(alert)
    acknowledge(output, slow.id, "ann")
    assert "run run" in wrong(output), "that it is slow was acknowledged, not that it failed"
    acknowledge(output, failed.id, "ann")
    assert wrong(output) == {}
    [known] = [one for one in findings(output, None) if one.check == "run run"]
    assert known.observed == "failed: no luck; acknowledged by ann"
    set_status(copy, started_at=(now + timedelta(minutes=1)).isoformat())  # resumed, and failed once more
    assert "run run" in wrong(output)


def test_a_silent_run_is_dead_after_its_own_limit(copy: RunDirectory) -> None:
    ago = datetime.now().astimezone() - timedelta(seconds=90)
    set_status(copy, status="running", step="dbt build", year=2026, heartbeat_at=ago.isoformat())
    with sole_writer(copy):
        assert "run run" in wrong(copy.path.parent)
        record = json.loads(copy.record.read_text())
        record["settings"]["sla"]["heartbeat_seconds"] = 300
        copy.record.write_text(json.dumps(record))
        assert wrong(copy.path.parent) == {}


def test_a_directory_of_runs_that_does_not_exist_is_reported(tmp_path: Path) -> None:
    assert wrong(tmp_path) == {}
    missing = wrong(tmp_path / "gone")
    assert list(missing) == ["output directory"]
    assert "gone does not exist" in missing["output directory"].observed


def test_unreadable_files_are_reported(copy: RunDirectory) -> None:
    copy.status.write_text("{")
    os.truncate(copy.database, 1000)
    found = wrong(copy.path.parent)
    assert "status.json is damaged: it is no JSON" in found["run run"].observed
    assert "does not open" in found["database of run"].observed
    copy.database.unlink()
    assert "does not exist" in wrong(copy.path.parent)["database of run"].observed
    copy.record.write_text("")
    assert "run.json is damaged" in wrong(copy.path.parent)["run run"].observed


def test_an_api_that_does_not_answer_is_reported(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert "ConnectError" in wrong(tmp_path, f"http://127.0.0.1:{port}/api")["prefect api"].observed
    for nonsense in ("nonsense", "http://[", "http://\x00/"):
        assert "no answer" in wrong(tmp_path, nonsense)["prefect api"].observed


def test_undelivered_alerts_are_reported_with_their_channel(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    sets = [
        f"alerts.channels=[{{name: ops, url: 'json://127.0.0.1:{port}'}}]",
        "alerts.retries=0",
        "alerts.retry_seconds=1",
    ]
    alerts = load_settings(sets=sets, environ={}).base.alerts
    with AlertDesk(tmp_path, alerts) as desk:
        desk.raise_alert(Alert("run_failed", "run-1", facts={"Error": "x"}))
        desk.close(wait_seconds=30)
        [alert] = [stored.alert for stored in desk.store.recent()]
    assert wrong(tmp_path)["alerts"].observed == "1 alert messages undelivered (ops)"
    acknowledge(tmp_path, alert.id, "ann")
    assert wrong(tmp_path) == {}


def test_too_little_disk_or_memory_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "MIN_FREE_DISK_GIB", 10.0**9)
    monkeypatch.setattr(health, "MIN_FREE_MEMORY_GIB", 10.0**9)
    assert set(wrong(tmp_path)) == {"disk", "memory"}


def test_the_command_prints_json_and_exits_with_status_1(copy: RunDirectory) -> None:
    os.truncate(copy.database, 1000)
    done = subprocess.run(
        [sys.executable, "-m", "flows.cli.main", "health", "--json", "--output", str(copy.path.parent)],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith("PREFECT")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    document = json.loads(done.stdout)
    assert document["status"] == "wrong"
    assert [one["check"] for one in document["findings"] if one["status"] == "wrong"] == ["database of run"]

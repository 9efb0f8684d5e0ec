"""Alerts of local runs: a plain command, channels in a settings file, real receivers."""

import json
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import psutil
import pytest

from tasks.census.sample import sample_census, write_sample
from tests.alerts.receivers import Received, black_hole, http_receiver, mail_server
from tests.deployments.conftest import Server

pytestmark = [pytest.mark.slow, pytest.mark.alone]

SECRETS = (b"5ecret", b"pa55word", b"t0ken")


@dataclass
class Place:
    """The directory of the runs of these tests, and the receivers of their alerts."""

    server: Server
    folder: Path
    ops: Received
    mail: Received

    def command(self, run_id: str, *sets: str) -> list[str]:
        """A run of one year."""
        flags = [flag for one in sets for flag in ("--set", one)]
        files = ["--config", str(self.folder / "ops.yaml"), "--census", str(self.folder / "census.csv")]
        where = ["--output", str(self.folder / "runs"), "--run-id", run_id, "--years", "2025-2025"]
        return ["python", "-m", "flows.multi_year", *files, *where, *flags]

    def health(self, *sets: str) -> str:
        """`workforce health --alert`, as cron calls it; returns what it printed."""
        flags = [flag for one in sets for flag in ("--set", one)]
        files = ["--output", str(self.folder / "runs"), "--config", str(self.folder / "ops.yaml")]
        return self.server.run("workforce", "health", "--alert", *files, *flags).stdout

    def status(self, run_id: str) -> dict[str, Any]:
        """The run's status.json."""
        document: dict[str, Any] = json.loads(
            (self.folder / "runs" / run_id / "status.json").read_text("utf-8")
        )
        return document

    def message_of(self, run_id: str, rule: str, seconds: float = 30) -> tuple[str, float]:
        """The one message of a rule about a run, and when it arrived."""
        deadline = time.monotonic() + seconds
        while True:
            found = [
                (message["message"], moment)
                for message, moment in zip(self.ops.messages, self.ops.moments, strict=False)
                if f"\nRun: {run_id}\n" in message["message"] and f"\nRule: {rule}\n" in message["message"]
            ]
            if found or time.monotonic() > deadline:
                assert len(found) == 1, f"{len(found)} messages of {rule} about {run_id}"
                return found[0]
            time.sleep(0.05)


@pytest.fixture(scope="module")
def place(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("watched")
    write_sample(sample_census(200, 7, date(2024, 12, 31)), folder / "census.csv")
    with ExitStack() as stack:
        ops, mail = stack.enter_context(http_receiver()), stack.enter_context(mail_server())
        host = ops.url.partition("://")[2]
        (folder / "ops.yaml").write_text(
            "alerts:\n  channels:\n"
            f"    - {{name: ops, url: 'json://someone:pa55word@{host}?-t0ken=t0ken', min_severity: info}}\n"
            f"    - {{name: mail, url: '{mail.url}'}}\n"
        )
        yield Place(server, folder, ops, mail)


def test_a_slow_run_is_reported_while_it_runs_and_leaves_no_secret(place: Place) -> None:
    done = place.server.run(*place.command("slow", "sla.run_seconds=0.5", "sla.year_seconds=0.1"))
    assert done.returncode == 0, done.stdout + done.stderr
    text, arrived = place.message_of("slow", "run_duration")
    status = place.status("slow")
    begun, ended = (
        datetime.fromisoformat(status[f"{what}_at"]).timestamp() for what in ("started", "finished")
    )
    print(f"run_duration: {arrived - begun - 0.5:.1f} s after the breach, of a run of {ended - begun:.0f} s")
    assert arrived < ended
    assert "\nSeverity: warning\n" in text
    elapsed = re.search(r"\nSetting: sla.run_seconds\nLimit: 0.5 s\nElapsed: (.*) s\n", text)
    assert elapsed and float(elapsed[1]) >= 0.5
    year, _ = place.message_of("slow", "year_duration")
    assert "\nYear: 2025\n" in year and "\nSetting: sla.year_seconds\nLimit: 0.1 s\n" in year
    titles = [letter["Subject"] for letter in place.mail.wait(2)]
    assert "[warning] The run takes longer than allowed: run slow" in titles
    assert not [secret for secret in SECRETS if secret in (done.stdout + done.stderr).encode()]
    _has_no_secret(place.folder / "runs")


def test_a_failure_is_reported_at_once(place: Place) -> None:
    done = place.server.run(*place.command("failing", "machine.memory_limit=10MB"))
    assert done.returncode == 1
    text, arrived = place.message_of("failing", "run_failed")
    after = arrived - _moment(place.status("failing")["finished_at"])
    print(f"run_failed: {after:.1f} s after the failure")
    assert after < 15  # the target is 5 s
    assert "Out of Memory" in text and "\nSeverity: critical\n" in text and "--resume" in text


def test_a_failed_check_is_reported_at_once_and_only_once(place: Place) -> None:
    missed = (
        "checks.severities.growth_against_history=error",
        "checks.tolerances.growth_history=0",
    )
    done = place.server.run(*place.command("odd", *missed))
    assert done.returncode == 1, done.stdout + done.stderr
    text, arrived = place.message_of("odd", "check_failed")
    after = arrived - _moment(place.status("odd")["finished_at"])
    print(f"check_failed: {after:.1f} s after the run ended")
    assert after < 15
    assert "\nYear: 2025\n" in text and "\nCheck growth_against_history: " in text
    time.sleep(2)
    assert not [
        m for m in place.ops.messages if "\nRun: odd\n" in m["message"] and "run_failed" in m["message"]
    ]


def test_a_terminated_run_is_reported(place: Place) -> None:
    process = place.server.start(*place.command("interrupted"))
    _wait_for_a_build(place, "interrupted")
    process.terminate()  # as `prefect worker` or systemd end it
    assert process.wait(timeout=60) != 0
    place.message_of("interrupted", "run_cancelled")
    assert place.status("interrupted")["status"] == "cancelled"


def test_a_killed_run_is_reported_once_by_health_from_cron(place: Place) -> None:
    process = place.server.start(*place.command("killed"))
    _wait_for_a_build(place, "killed")
    process.kill()
    process.wait(timeout=30)
    time.sleep(2.5)
    place.health("sla.heartbeat_seconds=2")
    text, _ = place.message_of("killed", "no_heartbeat")
    assert "\nSetting: sla.heartbeat_seconds\nLimit: 2 s\n" in text and f", process {process.pid}\n" in text
    place.health("sla.heartbeat_seconds=2")
    time.sleep(1)
    place.message_of("killed", "no_heartbeat")  # still the one
    assert not [p for p in psutil.process_iter(["cmdline"]) if "killed" in (p.info["cmdline"] or [])]


def test_a_black_hole_adds_nothing_to_a_run(place: Place) -> None:
    """Compare the fastest of up to four alternating runs each; both exceed a limit."""
    seconds: dict[str, list[float]] = {"ops": [], "hole": []}
    with black_hole() as url:
        for turn in range(4):
            for name, channel in (("ops", place.ops.url), ("hole", url)):
                command = place.command(f"{name}-{turn}", "sla.run_seconds=0.5", "alerts.retries=0")
                begun = time.monotonic()
                done = place.server.run(
                    *command, "--set", f"alerts.channels=[{{name: only, url: '{channel}'}}]"
                )
                seconds[name].append(time.monotonic() - begun)
                assert done.returncode == 0, done.stdout + done.stderr
            added = min(seconds["hole"]) - min(seconds["ops"])
            if added < 2:  # a busy machine makes a run longer, never shorter
                break
    print(f"a black hole adds {added:.1f} s to a run of {min(seconds['ops']):.1f} s")
    assert added < 2


def _moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def _wait_for_a_build(place: Place, run_id: str) -> None:
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        try:
            if "dbt build" in str(place.status(run_id)["step"]):
                return
        except FileNotFoundError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"{run_id} did not come to a dbt build")


def _has_no_secret(runs: Path) -> None:
    """Assert that no file or database table has the address of a channel."""
    for file in (file for file in runs.rglob("*") if file.is_file()):
        content = file.read_bytes()
        assert not [secret for secret in SECRETS if secret in content], file
    with sqlite3.connect(runs / ".alerts.sqlite") as connection:
        dump = "\n".join(connection.iterdump()).encode()
    assert not [secret for secret in SECRETS if secret in dump]

"""The Prefect server is down, slow or lost during a run: the run ends, and `--resume` completes it."""

import json
import signal
import subprocess
import time
from datetime import date
from pathlib import Path

import pytest

from tasks.census.sample import sample_census, write_sample
from tests.alerts.receivers import free_port
from tests.deployments.conftest import Server, prefect_server

pytestmark = pytest.mark.slow

YEARS = [2025, 2026, 2027]
PAUSE_SECONDS = 8


@pytest.fixture
def flags(tmp_path: Path) -> tuple[str, ...]:
    """A small run of three years."""
    census = tmp_path / "census.csv"
    write_sample(sample_census(200, 7, date(2024, 12, 31)), census)
    return ("--census", str(census), "--years", f"{YEARS[0]}-{YEARS[-1]}", "--run-id", "lost")


def test_a_run_waits_for_a_slow_server_and_ends_and_resumes_when_it_is_lost(
    server: Server, flags: tuple[str, ...], tmp_path: Path
) -> None:
    run, output = tmp_path / "runs" / "lost", ("--output", str(tmp_path / "runs"))
    with prefect_server(tmp_path) as passing:
        process = passing.start("workforce", "run", *flags, *output)
        _wait_for_complete_years(run, process, 1)
        passing.process.send_signal(signal.SIGSTOP)
        time.sleep(PAUSE_SECONDS)
        passing.process.send_signal(signal.SIGCONT)
        _wait_for_complete_years(run, process, 2)
        passing.process.kill()
        begun = time.monotonic()
        status = process.wait(timeout=300)
        print(f"exit status {status}, {time.monotonic() - begun:.0f} s after the server was lost")
    assert status in (0, 1)
    record = json.loads((run / "run.json").read_text())
    assert record["status"] == ("complete" if status == 0 else "failed")
    if status == 1:
        resumed = server.run("workforce", "run", "--resume", "lost", *output)  # on another server
        assert resumed.returncode == 0, resumed.stdout + resumed.stderr
    assert json.loads((run / "run.json").read_text())["status"] == "complete"
    assert json.loads((run / "status.json").read_text())["complete_years"] == YEARS


def test_a_server_that_is_down_is_reported_and_nothing_is_started(
    server: Server, flags: tuple[str, ...], tmp_path: Path
) -> None:
    nowhere = {
        **server.environment,
        "PREFECT_API_URL": f"http://someone:pa55word@127.0.0.1:{free_port()}/api",
    }
    begun = time.monotonic()
    done = Server(server.url, nowhere, server.process).run(
        "workforce", "run", *flags, "--output", str(tmp_path / "runs")
    )
    print(f"exit status {done.returncode} after {time.monotonic() - begun:.0f} s")
    assert done.returncode == 1
    assert "PREFECT_API_URL" in done.stderr and "Traceback" not in done.stderr
    assert "pa55word" not in done.stdout + done.stderr
    assert not (tmp_path / "runs" / "lost").exists()


def _wait_for_complete_years(run: Path, process: "subprocess.Popen[bytes]", count: int) -> None:
    status = run / "status.json"
    while process.poll() is None:
        if status.exists() and len(json.loads(status.read_text())["complete_years"]) >= count:
            return
        time.sleep(0.1)
    raise AssertionError(f"the run ended before its year number {count}")

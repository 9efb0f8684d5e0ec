"""Twenty kills and more, at each step and at random moments: nothing is lost."""

import json
import os
import random
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tasks.runs.resume import unpublished_years
from tests.flows.conftest import YEARS, PrefectServer, hashes, start

#: When to kill: in which step of which year (None: whichever), or before there is a run directory.
MOMENTS = [
    ("starting", None),
    ("making", None),
    ("prepare", None),
    ("dbt build of input and baseline", None),
    *((step, year) for year in (2025, 2027) for step in ("open year", "dbt build", "checks", "close year")),
    *(("publish", year) for year in (2025, 2026, 2028)),
    ("report", None),
    ("close run", None),
    ("any", None),
    ("any", None),
    ("any", None),
    ("any", None),
]


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_kills_at_random_moments_lose_nothing(
    prefect_server: PrefectServer, small_census: Path, tmp_path: Path, uninterrupted: dict[int, str]
) -> None:
    """Twenty kills and more against one server, in a random order of steps, each a random time into it."""
    chance = random.Random(20251123)
    waiting = [*MOMENTS]
    chance.shuffle(waiting)
    killed_in: list[str] = []
    runs = 1
    while waiting:
        directory = tmp_path / "runs" / f"r{runs}"
        begun = (directory / "run.json").exists()
        flags = ("--resume", f"r{runs}") if begun else ("--census", str(small_census), "--years", YEARS)
        moment = next((one for one in waiting if is_still_to_come(one, directory, begun)), None)
        process = start(
            prefect_server, tmp_path / "runs", *flags, *(() if begun else ("--run-id", f"r{runs}"))
        )
        if moment and await_moment(moment, directory, process):
            time.sleep(chance.uniform(0.0, 6.0 if moment[0] == "any" else 0.1))
        if moment and process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
            waiting.remove(moment)
            killed_in.append(step_of(directory) if moment[0] == "any" else moment[0])
        ended = process.wait(timeout=300)
        assert ended in (0, -signal.SIGKILL)
        if not (directory / "run.json").exists():
            assert not directory.exists(), "a run directory is there with its run.json or not at all"
            continue
        complete = hashes(directory)
        assert complete == {year: uninterrupted[year] for year in complete}
        assert list(complete) == sorted(uninterrupted)[: len(complete)]
        if ended == 0:
            assert_is_complete(directory, uninterrupted)
            runs += 1
    assert len(killed_in) == len(MOMENTS) >= 20
    last = start(prefect_server, tmp_path / "runs", "--resume", f"r{runs}") if begun else None
    assert last is None or last.wait(timeout=300) == 0
    print("killed in:", ", ".join(killed_in))


def is_still_to_come(moment: tuple[str, int | None], directory: Path, begun: bool) -> bool:
    """Whether a run that begins or goes on will reach a moment."""
    step, year = moment
    if step == "making":
        return not begun
    if step == "dbt build of input and baseline":
        return not hashes(directory)
    return year is None or year not in hashes(directory)


def await_moment(moment: tuple[str, int | None], directory: Path, process: "subprocess.Popen[bytes]") -> bool:
    """Wait until a process is at a moment; False where it ended before."""
    step, year = moment
    deadline = time.monotonic() + 240
    while process.poll() is None and time.monotonic() < deadline:
        if step in ("starting", "any"):
            return True
        if step == "making":
            if directory.exists() or list(directory.parent.glob(".*.making")):
                return True
        else:
            status = status_of(directory)
            if (
                status.get("pid") == process.pid
                and status.get("step") == step
                and year in (None, status["year"])
            ):
                return True
        time.sleep(0.002)
    return False


def status_of(directory: Path) -> dict[str, Any]:
    file = directory / "status.json"
    return json.loads(file.read_text()) if file.exists() else {}


def step_of(directory: Path) -> str:
    return str(status_of(directory).get("step") or "between steps")


def assert_is_complete(directory: Path, uninterrupted: dict[int, str]) -> None:
    assert hashes(directory) == uninterrupted
    with duckdb.connect(directory / "simulation.duckdb", read_only=True) as connection:
        assert unpublished_years(connection, directory / "results", list(uninterrupted)) == []
    assert json.loads((directory / "run.json").read_text())["status"] == "complete"
    assert (directory / "report.html").stat().st_size and (directory / "results.xlsx").stat().st_size
    left = [path.name for path in directory.rglob(".*") if path.name != ".lock"]
    assert not left, "nothing half-written is left"

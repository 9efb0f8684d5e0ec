"""A full disk, and a failure in each step: complete years are kept, and going on gives the others."""

import json
import subprocess
from datetime import date
from pathlib import Path

import pytest

from tasks.census.sample import sample_census, write_sample
from tasks.warehouse.publish import MONITORING, NO_YEAR, PERFORMANCE
from tests.flows.conftest import YEARS, Command, PrefectServer, hashes


@pytest.mark.slow
def test_a_full_disk_ends_the_run_and_loses_no_complete_year(
    workforce: Command, prefect_server: PrefectServer, small_census: Path, tmp_path: Path
) -> None:
    census = tmp_path / "census.parquet"
    write_sample(sample_census(3000, 7, date(2024, 12, 31)), census)
    flags = ("--census", str(census), "--years", "2025-2030", "--run-id", "full")
    disk = tmp_path / "runs"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(disk)], check=True)
    try:
        done = workforce(*flags)
        assert done.returncode == 1
        assert "Traceback" not in done.stderr
        before = hashes(disk / "full")
        assert 0 < len(before) < 6
        subprocess.run(["mount", "-o", "remount,size=200m", str(disk)], check=True)
        assert workforce("--resume", "full").returncode == 0
        after = hashes(disk / "full")
        assert len(after) == 6 and after.items() >= before.items()
    finally:
        subprocess.run(["umount", str(disk)], check=True)


#: Steps in the order of a run, the year in which each fails, and the years that are complete then.
FAILING = [
    ("baseline_workforce_validated", 2026, []),
    *((step, 2026, [2025]) for step in ("open_year", "simulation_year_state", "assert_year_complete")),
    ("close_year", 2026, [2025]),
    ("publish_year", 2026, [2025, 2026]),
    ("show_year", 2027, [2025, 2026, 2027]),
    *((step, 2026, [2025, 2026, 2027, 2028]) for step in ("show_run", "close_run")),
]


@pytest.mark.slow
def test_a_failure_in_any_step_keeps_the_complete_years(
    workforce: Command, small_census: Path, tmp_path: Path, uninterrupted: dict[int, str]
) -> None:
    """One run fails in each step in turn; each start goes on from where the one before ended."""
    directory = tmp_path / "runs" / "broken"
    flags: tuple[str, ...] = ("--census", str(small_census), "--years", YEARS, "--run-id", "broken")
    for step, year, complete in FAILING:
        (tmp_path / "sitecustomize.py").write_text(FAILURE.format(step=step, year=year))
        failed = workforce(*flags, environment={"PYTHONPATH": str(tmp_path)})
        assert failed.returncode == 1, step
        assert "injected" in failed.stderr and "Traceback" not in failed.stderr, step
        assert hashes(directory) == {each: uninterrupted[each] for each in complete}, step
        assert json.loads((directory / "run.json").read_text())["status"] == "failed", step
        assert json.loads((directory / "status.json").read_text())["status"] == "failed", step
        assert not (tmp_path / "runs" / "latest").exists(), step
        flags = ("--resume", "broken")

    assert workforce("--resume", "broken").returncode == 0
    assert hashes(directory) == uninterrupted
    years_published = {f"simulation_year={year}" for year in uninterrupted}
    for table in (directory / "results").iterdir():
        more = {"simulation_year=2024"} if table.name in MONITORING else set()  # the baseline's
        more |= {f"simulation_year={NO_YEAR}"} if table.name == PERFORMANCE else set()
        assert {partition.name for partition in table.iterdir()} == years_published | more


# Python imports sitecustomize at every start: this one breaks a step of the pipeline in a year.
FAILURE = """
import sys
from importlib.abc import MetaPathFinder

class Breaker(MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == "flows.single_year":
            sys.meta_path.remove(self)
            import tasks.pipeline as pipeline
            task = getattr(pipeline, "{step}")
            whole = task.fn
            def broken(run, year={year}):
                if year == {year}:
                    raise RuntimeError("injected")
                return whole(run, year)
            task.fn = broken
        return None

sys.meta_path.insert(0, Breaker())
"""

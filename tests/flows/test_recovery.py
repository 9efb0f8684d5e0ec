"""What is left when a run is interrupted, and that going on gives the same years as never having stopped."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import duckdb
import httpx
import pytest

from settings import InputError
from tasks.runs.directory import RunDirectory
from tasks.runs.lock import sole_writer
from tasks.runs.request import RunRequest
from tasks.runs.resume import recorded_settings
from tasks.simulation.preparation import roll_back
from tasks.system.project import ROOT
from tests.flows.conftest import YEARS, Command, PrefectServer, hashes, start


@pytest.mark.slow
def test_extending_a_run_gives_the_years_of_one_long_run(
    workforce: Command, small_census: Path, tmp_path: Path, uninterrupted: dict[int, str]
) -> None:
    short = ("--census", str(small_census), "--years", "2025-2026", "--run-id", "short")
    assert workforce(*short).returncode == 0
    before = (tmp_path / "runs/short/results/fct_workforce_events/simulation_year=2025").stat().st_mtime_ns

    longer = workforce("--resume", "short", "--years", YEARS)

    assert longer.returncode == 0, longer.stderr
    assert hashes(tmp_path / "runs/short") == uninterrupted
    after = (tmp_path / "runs/short/results/fct_workforce_events/simulation_year=2025").stat().st_mtime_ns
    assert before == after  # complete years are not touched
    assert json.loads((tmp_path / "runs/short/run.json").read_text())["years"] == [2025, 2028]

    refused = workforce("--resume", "short", "--seed", "43")
    assert refused.returncode == 2
    assert "simulation.random_seed: the run has 42, the request 43" in refused.stderr
    assert_only_the_same_input_goes_on(tmp_path / "runs")


def assert_only_the_same_input_goes_on(output: Path) -> None:
    directory = RunDirectory(output / "short")
    growth, other_census = ROOT / "examples/scenarios/growth.yaml", ROOT / "examples/census.csv"
    asked: dict[str, dict[str, Any]] = {
        "simulation.replicates: the run has 1, the request 2": {"replicates": 2},
        "compensation.cola_rate: the run has 0.025, the request 0.03": {
            "sets": ("compensation.cola_rate=0.03",)
        },
        "simulation.start_year: the run has 2025, the request 2024": {"years": "2024-2028"},
        "simulation.end_year: the run has 2028, the request 2027": {"years": "2025-2027"},
        "scenarios: the run has baseline, the request growth": {"scenarios": (growth,)},
        "which has other content": {"census": other_census},
    }
    for difference, flags in asked.items():
        with pytest.raises(InputError, match=difference):
            recorded_settings(directory, RunRequest(output=output, resume="short", **flags))
    free = ("sla.run_seconds=60", "machine.threads=1", "dbt.threads=1")
    settings = recorded_settings(directory, RunRequest(output=output, resume="short", sets=free))
    assert settings.base.sla.run_seconds == 60


@pytest.mark.slow
def test_a_changed_year_is_found_and_can_be_simulated_again(
    workforce: Command, small_census: Path, tmp_path: Path, uninterrupted: dict[int, str]
) -> None:
    flags = ("--census", str(small_census), "--years", "2025-2027", "--run-id", "t")
    assert workforce(*flags).returncode == 0
    with duckdb.connect(tmp_path / "runs/t/simulation.duckdb") as connection:
        connection.execute(
            "update int_workforce_snapshot set salary = salary + 0.01 where simulation_year = 2026 "
            "and employee_id = "
            "(select min(employee_id) from int_workforce_snapshot where simulation_year = 2026)"
        )

    refused = workforce("--resume", "t", "--years", YEARS)
    assert refused.returncode == 1
    assert "2026" in refused.stderr and "changed after the year was completed" in refused.stderr

    again = workforce("--resume", "t", "--years", YEARS, "--from-year", "2026")
    assert again.returncode == 0, again.stderr
    assert hashes(tmp_path / "runs/t") == uninterrupted


@pytest.mark.slow
def test_a_second_writer_is_refused_with_the_name_of_the_first(
    workforce: Command, prefect_server: PrefectServer, small_census: Path, tmp_path: Path
) -> None:
    first = start(
        prefect_server,
        tmp_path / "runs",
        "--census",
        str(small_census),
        "--years",
        "2025-2034",
        "--run-id",
        "busy",
    )
    try:
        wait_for(tmp_path / "runs/busy/status.json", first)
        second = workforce("--resume", "busy")
        assert second.returncode == 1
        assert f"being written by process {first.pid}" in second.stderr
    finally:
        first.wait(timeout=300)
    assert first.returncode == 0
    assert len(hashes(tmp_path / "runs/busy")) == 10


def wait_for(file: Path, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 120
    while not file.exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)


@pytest.mark.slow
def test_an_interrupted_run_can_be_resumed(
    workforce: Command, prefect_server: PrefectServer, small_census: Path, tmp_path: Path
) -> None:
    flags = ("--census", str(small_census), "--years", "2025-2027", "--run-id", "killed")
    process = start(prefect_server, tmp_path / "runs", *flags)
    wait_for(tmp_path / "runs/killed/results/fct_workforce_events/simulation_year=2025", process)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    before = hashes(tmp_path / "runs/killed")
    assert 2025 in before and 2027 not in before

    assert workforce("--resume", "killed").returncode == 0

    first, second = json.loads((tmp_path / "runs/killed/run.json").read_text())["flow_runs"]
    assert [state_of(prefect_server, one) for one in (first, second)] == ["CRASHED", "COMPLETED"]
    after = hashes(tmp_path / "runs/killed")
    assert sorted(after) == [2025, 2026, 2027]
    assert after.items() >= before.items()

    with pytest.raises(InputError, match="2025, 2026, 2027"):
        roll_back(RunDirectory(tmp_path / "runs/killed"), 2030)
    assert roll_back(RunDirectory(tmp_path / "runs/killed"), 2025) == [2025]
    assert list(hashes(tmp_path / "runs/killed")) == [2025]
    assert not list((tmp_path / "runs/killed/results").glob("*/simulation_year=2026"))
    assert workforce("--resume", "killed").returncode == 0
    assert hashes(tmp_path / "runs/killed") == after


@pytest.mark.slow
def test_each_model_on_prefects_timeline_gives_the_same_years(
    workforce: Command, small_census: Path, tmp_path: Path, uninterrupted: dict[int, str]
) -> None:
    flags = ("--census", str(small_census), "--years", "2025-2026", "--run-id", "nodes")
    done = workforce(*flags, "--set", "dbt.node_tasks=true")
    assert done.returncode == 0, done.stderr
    assert hashes(tmp_path / "runs/nodes") == {year: uninterrupted[year] for year in (2025, 2026)}


@pytest.mark.slow
def test_a_single_year_is_the_only_writer_and_gives_the_same_rows(
    workforce: Command,
    prefect_server: PrefectServer,
    small_census: Path,
    tmp_path: Path,
    uninterrupted: dict[int, str],
) -> None:
    """As the deployment `single-year` runs it: in a process of its own, on the directory of a run."""
    directory = RunDirectory(tmp_path / "runs" / "alone")
    done = workforce("--census", str(small_census), "--years", "2025-2027", "--run-id", "alone")
    assert done.returncode == 0, done.stderr

    def one_year(year: int) -> "subprocess.CompletedProcess[str]":
        call = (
            "import pathlib, sys; from flows.single_year import single_year_simulation\n"
            "single_year_simulation(pathlib.Path(sys.argv[1]), int(sys.argv[2]))"
        )
        return subprocess.run(
            [sys.executable, "-c", call, str(directory.path), str(year)],
            cwd=ROOT,
            env=prefect_server.environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    with sole_writer(directory):
        refused = one_year(2026)
    assert refused.returncode == 1
    assert f"run alone is being written by process {os.getpid()} on" in refused.stderr
    assert len(hashes(directory.path)) == 3, "nothing was changed"

    again = one_year(2026)
    assert again.returncode == 0, again.stderr
    assert hashes(directory.path) == {year: uninterrupted[year] for year in (2025, 2026)}
    assert json.loads(directory.record.read_text())["status"] == "paused"
    too_early = one_year(2028)
    assert too_early.returncode == 1 and "run alone has no year 2028" in too_early.stderr

    assert workforce("--resume", "alone").returncode == 0
    assert hashes(directory.path) == {year: uninterrupted[year] for year in (2025, 2026, 2027)}


def state_of(server: PrefectServer, flow_run_id: str) -> str:
    """The state of a flow run; of one that is crashed, those within it have ended too."""
    within = {"flow_runs": {"parent_flow_run_id": {"any_": [flow_run_id]}}}
    states = [
        one["state_type"] for one in httpx.post(f"{server.api_url}/flow_runs/filter", json=within).json()
    ]
    assert states and not {"RUNNING", "PENDING"} & set(states)
    state: str = httpx.get(f"{server.api_url}/flow_runs/{flow_run_id}").json()["state_type"]
    return state

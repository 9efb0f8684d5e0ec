"""Shards through a work pool: a run starts them from a deployment; workers simulate them."""

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from tasks.census.sample import sample_census, write_sample
from tests.deployments.conftest import Server
from tests.flows.conftest import hashes

pytestmark = pytest.mark.slow

DEPLOYED = ("ensemble.shards=2", "ensemble.engine=deployment", "sla.heartbeat_seconds=15")


@pytest.fixture(scope="module")
def census(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("census") / "census.csv"
    write_sample(sample_census(150), file)
    return file


@pytest.fixture(scope="module")
def single_pass(server: Server, census: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[int, str]:
    output = tmp_path_factory.mktemp("single")
    done = server.run("python", *_run(census, output))
    assert done.returncode == 0, done.stderr
    return hashes(output / "run")


@pytest.fixture(scope="module")
def deployed(server: Server) -> Iterator[Server]:
    done = server.run("workforce", "deploy")
    assert done.returncode == 0, done.stdout + done.stderr
    yield server
    server.run("workforce", "deploy", "--destroy")


def test_a_shard_whose_process_is_killed_is_started_again(
    deployed: Server, census: Path, tmp_path: Path, single_pass: dict[int, str]
) -> None:
    with _worker(deployed):
        run = deployed.start("python", *_run(census, tmp_path, *DEPLOYED))
        status = _wait_for(lambda: _at_work(tmp_path / "run"), run)
        assert status["pid"] != run.pid
        os.kill(status["pid"], signal.SIGKILL)
        assert run.wait(timeout=500) == 0
    assert hashes(tmp_path / "run") == single_pass
    log = (tmp_path / "run" / "run.log").read_text()
    assert log.count("ShardLost") == 1


def test_a_run_survives_a_lost_machine(
    deployed: Server, census: Path, tmp_path: Path, single_pass: dict[int, str]
) -> None:
    """Worker and shard are lost; the next worker has the store, but not the run's folder."""
    store = tmp_path / "store"
    with ExitStack() as stack:
        first = stack.enter_context(_worker(deployed))
        storage = f"ensemble.storage=file://{store}"
        run = deployed.start("python", *_run(census, tmp_path, *DEPLOYED, storage))
        _wait_for(lambda: _alive(store / "run"), run)
        for process in (psutil.Process(first.pid), *psutil.Process(first.pid).children(recursive=True)):
            process.kill()
        stack.enter_context(_worker(deployed))
        assert run.wait(timeout=500) == 0
    assert hashes(tmp_path / "run") == single_pass
    assert "ShardLost: no heartbeat" in (tmp_path / "run" / "run.log").read_text()
    assert not (store / "run").exists()


def test_a_missing_deployment_is_reported(server: Server, census: Path, tmp_path: Path) -> None:
    server.run("workforce", "deploy", "--destroy")
    done = server.run("python", *_run(census, tmp_path, *DEPLOYED))
    assert done.returncode == 2
    assert "has no deployment shard/part-of-a-run" in done.stderr
    assert not (tmp_path / "run").exists()


def _run(census: Path, output: Path, *sets: str) -> list[str]:
    return [
        *("-m", "flows.multi_year", "--census", str(census), "--output", str(output), "--run-id", "run"),
        *("--years", "2025-2029", "--replicates", "2"),
        *(part for one in sets for part in ("--set", one)),
    ]


@contextmanager
def _worker(server: Server) -> Iterator[Any]:
    worker = server.start("prefect", "worker", "start", "--pool", "workforce-shards", "--limit", "1")
    try:
        yield worker
    finally:
        worker.terminate()
        worker.wait(timeout=60)


def _alive(run: Path) -> dict[str, Any] | None:
    """Return the status of an unfinished shard, or None; a store gets it every five seconds."""
    for file in run.glob("shards/*/status.json"):
        status: dict[str, Any] = json.loads(file.read_text())
        if status["status"] == "running":
            return status
    return None


def _at_work(run: Path) -> dict[str, Any] | None:
    """Return the status of a shard that is simulating a year, or None."""
    status = _alive(run)
    return status if status and status["year"] else None


def _wait_for(found: Callable[[], Any], run: Any) -> Any:
    for _ in range(3000):
        assert run.poll() is None, "the run ended before a shard was seen at work"
        if seen := found():
            return seen
        time.sleep(0.1)
    raise AssertionError("no shard was seen at work")

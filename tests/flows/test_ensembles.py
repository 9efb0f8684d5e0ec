"""Runs in shards by the command line: a lost worker, a killed run, Dask, and a wanted precision."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import httpx
import polars as pl
import psutil
import pytest

from tests.flows.conftest import Command, PrefectServer, hashes, start

pytestmark = pytest.mark.slow

YEARS = "2025-2026"
SHARDED = ("--set", "ensemble.shards=2", "--set", "ensemble.workers=2")


@pytest.fixture(scope="module")
def single_pass(
    prefect_server: PrefectServer, small_census: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[int, str]:
    """The years' hashes of four replicates in a single pass."""
    output = tmp_path_factory.mktemp("reference")
    assert begin(prefect_server, output, small_census).wait(timeout=300) == 0
    return hashes(output / "ensemble")


def begin(server: PrefectServer, output: Path, census: Path, *flags: str) -> "subprocess.Popen[bytes]":
    asked = ("--census", str(census), "--years", YEARS, "--replicates", "4", "--run-id", "ensemble")
    return start(server, output, *asked, *flags)


def shard_at_work(run: Path, process: "subprocess.Popen[bytes]") -> dict[str, Any]:
    """Wait until a shard builds its first year, and return its status."""
    for _ in range(3000):
        assert process.poll() is None, "the run ended before a shard was seen at work"
        for file in run.glob("shards/*/status.json"):
            status: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
            if status["year"]:
                return status
        time.sleep(0.05)
    raise AssertionError("no shard began a year")


@pytest.mark.parametrize("engine", ["processes", "dask"])
def test_a_lost_worker_loses_nothing(
    prefect_server: PrefectServer,
    small_census: Path,
    tmp_path: Path,
    single_pass: dict[int, str],
    engine: str,
) -> None:
    if engine == "dask":
        pytest.importorskip("prefect_dask")
    chosen = ("--set", f"ensemble.engine={engine}")
    process = begin(prefect_server, tmp_path, small_census, *SHARDED, *chosen)
    worker = shard_at_work(tmp_path / "ensemble", process)["pid"]
    assert worker != process.pid
    os.kill(worker, signal.SIGKILL)
    assert process.wait(timeout=300) == 0
    assert hashes(tmp_path / "ensemble") == single_pass
    assert not (tmp_path / "ensemble" / "shards").exists()


def test_a_killed_run_ends_its_workers_and_can_be_resumed(
    prefect_server: PrefectServer,
    small_census: Path,
    tmp_path: Path,
    workforce: Command,
    single_pass: dict[int, str],
) -> None:
    process = begin(prefect_server, tmp_path / "runs", small_census, *SHARDED)
    worker = psutil.Process(shard_at_work(tmp_path / "runs" / "ensemble", process)["pid"])
    process.kill()
    process.wait()
    worker.wait(timeout=20)
    done = workforce("--resume", "ensemble")
    assert done.returncode == 0, done.stderr
    assert hashes(tmp_path / "runs" / "ensemble") == single_pass


def test_shards_through_object_storage(
    small_census: Path, tmp_path: Path, workforce: Command, single_pass: dict[int, str], s3: dict[str, str]
) -> None:
    done = workforce(
        *("--census", str(small_census), "--years", YEARS, "--replicates", "4", "--run-id", "s3"),
        *SHARDED,
        *("--set", "ensemble.storage=s3://bucket/runs"),
        environment=s3,
    )
    assert done.returncode == 0, done.stderr
    assert hashes(tmp_path / "runs" / "s3") == single_pass


@pytest.fixture
def s3() -> Iterator[dict[str, str]]:
    """An S3-compatible server on the loopback with one bucket; gives the environment that leads to it."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    environment = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    httpx.put(f"http://{host}:{port}/bucket").raise_for_status()
    yield environment
    assert "runs/s3" not in httpx.get(f"http://{host}:{port}/bucket?list-type=2").text  # nothing stays behind
    server.stop()


def test_precision_is_reached_and_replicates_are_the_same(
    small_census: Path, tmp_path: Path, workforce: Command
) -> None:
    asked = ("--census", str(small_census), "--years", YEARS)
    done = workforce(*asked, "--run-id", "precise", "--precision", "payroll=0.6%")
    assert done.returncode == 0, done.stderr
    replicates = json.loads((tmp_path / "runs" / "precise" / "run.json").read_text())["replicates"]
    assert replicates > 10  # the first batch was not enough
    assert workforce(*asked, "--run-id", "single", "--replicates", "3").returncode == 0
    precise, single = (summary(tmp_path / "runs" / name) for name in ("precise", "single"))
    assert precise["replicate"].max() == replicates
    assert precise.filter(pl.col("replicate") <= 3).equals(single)
    payrolls = precise.filter(pl.col("simulation_year") == 2026)["ending_payroll"].cast(pl.Float64)
    standard_error = payrolls.std() / len(payrolls) ** 0.5
    assert 1.96 * standard_error <= 0.006 * payrolls.mean()  # type: ignore[operator]


def test_an_unknown_figure_is_refused(workforce: Command, tmp_path: Path) -> None:
    done = workforce("--precision", "pay=1%")
    assert done.returncode == 2
    assert "--precision 'pay=1%'" in done.stderr
    assert not (tmp_path / "runs").exists()


def summary(run: Path) -> pl.DataFrame:
    with duckdb.connect(run / "simulation.duckdb", read_only=True) as connection:
        return connection.execute("select * from fct_year_summary order by all").pl()

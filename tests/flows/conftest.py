"""A real Prefect server for all flow tests, and the command line as a user calls it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pytest

from tasks.census.sample import sample_census, write_sample
from tasks.runs.directory import RunDirectory
from tasks.system.project import ROOT
from tests.simulate import Finished, simulate

#: Of the run that interrupted ones are compared with.
YEARS = "2025-2028"

Command = Callable[..., "subprocess.CompletedProcess[str]"]


@dataclass(frozen=True)
class PrefectServer:
    """A server process of the tests, with a home of its own."""

    api_url: str
    home: Path

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a client of this server, without what the user or the tests' runner has set."""
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("WORKFORCE", "PREFECT"))
        }
        return {
            **kept,
            "PREFECT_API_URL": self.api_url,
            "PREFECT_HOME": str(self.home),
            "HOME": str(self.home),
        }


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrefectServer]:
    from tasks.server.api import own_server

    home = tmp_path_factory.mktemp("prefect")
    with own_server({"PREFECT_HOME": str(home)}) as server:
        yield PrefectServer(server.wait(), home)


@pytest.fixture
def workforce(prefect_server: PrefectServer, tmp_path: Path) -> Command:
    """Run `python -m flows.multi_year` with flags, against the tests' server, writing to tmp_path/runs."""

    def run(*flags: str, environment: dict[str, str] | None = None) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "flows.multi_year", "--output", str(tmp_path / "runs"), *flags],
            cwd=ROOT,
            env={**prefect_server.environment, **(environment or {})},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def small_census(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("census") / "census.csv"
    write_sample(sample_census(300, 7, date(2024, 12, 31)), path)
    return path


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    folder = tmp_path_factory.mktemp("finished")
    return simulate(folder, sample_census(50), years="2025-2026", report=False)


@pytest.fixture
def copy(finished: Finished, tmp_path: Path) -> RunDirectory:
    """The finished run in an output directory of the test's own."""
    shutil.copytree(finished.run.directory.path, tmp_path / "runs" / "run")
    return RunDirectory(tmp_path / "runs" / "run")


def hashes(directory: Path) -> dict[int, str]:
    """Content hash by complete year; opening the file also shows that it is readable."""
    if not (directory / "simulation.duckdb").exists():
        return {}
    with duckdb.connect(directory / "simulation.duckdb", read_only=False) as connection:
        if not connection.execute(
            "select 1 from duckdb_tables() where table_name = 'year_ledger'"
        ).fetchall():
            return {}
        ledger = "select simulation_year, content_hash from year_ledger where status = 'complete'"
        return dict(connection.execute(ledger).fetchall())


@pytest.fixture(scope="session")
def uninterrupted(
    prefect_server: PrefectServer, small_census: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[int, str]:
    """The years' hashes of a run that nothing disturbed."""
    output = tmp_path_factory.mktemp("reference")
    done = start(prefect_server, output, "--census", str(small_census), "--years", YEARS, "--run-id", "whole")
    assert done.wait(timeout=300) == 0
    return hashes(output / "whole")


def start(server: PrefectServer, output: Path, *flags: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "flows.multi_year", "--output", str(output), *flags],
        cwd=ROOT,
        env=server.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )

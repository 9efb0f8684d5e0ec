import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings
from typer.testing import CliRunner

from flows.cli.main import app
from settings import InputError
from tasks.system.project import ROOT
from tests.alerts.receivers import free_port
from tests.deployments.postgres import POSTGRES, postgres_server


@dataclass
class Server:
    """A Prefect server, started as a user starts one."""

    url: str
    environment: dict[str, str]
    process: "subprocess.Popen[bytes]"

    def start(self, *command: str, log: Any = subprocess.DEVNULL) -> "subprocess.Popen[bytes]":
        """Start a command that uses this server; `log` is a file for its output."""
        return subprocess.Popen(
            [str(Path(sys.executable).parent / command[0]), *command[1:]],
            env=self.environment,
            cwd=ROOT,
            stdout=log,
            stderr=log,
        )

    def run(self, *command: str) -> "subprocess.CompletedProcess[str]":
        """Run a command that uses this server."""
        return subprocess.run(
            [str(Path(sys.executable).parent / command[0]), *command[1:]],
            env=self.environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )


@contextmanager
def prefect_server(home: Path, **settings: str) -> Iterator[Server]:
    """Start a separate Prefect server; its database is in a folder unless `settings` override it."""
    port = free_port()
    url = f"http://127.0.0.1:{port}/api"
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("WORKFORCE__")},
        "PREFECT_HOME": str(home),
        "PREFECT_API_URL": url,
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "COLUMNS": "200",
        **settings,
    }
    with (home / "server.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "prefect", "server", "start", "--port", str(port), "--no-ui"],
            env=environment,
            cwd=ROOT,
            stdout=log,
            stderr=log,
        )
    try:
        _wait(url, process, home / "server.log")
        with temporary_settings({PREFECT_API_URL: url}):
            yield Server(url, environment, process)
    finally:
        process.terminate()
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server of most tests; it checks every two seconds for pools without worker heartbeats.

    Its database is PostgreSQL where that is installed: on SQLite, Prefect 3.8 loses an event now and then
    when the machine is busy ("database is locked").
    """
    settings = {
        "PREFECT_SERVER_SERVICES_FOREMAN_LOOP_SECONDS": "2",
        "PREFECT_SERVER_SERVICES_FOREMAN_INACTIVITY_HEARTBEAT_MULTIPLE": "1",
    }
    with ExitStack() as stack:
        if POSTGRES:
            url = stack.enter_context(postgres_server())
            settings["PREFECT_SERVER_DATABASE_CONNECTION_URL"] = url
        yield stack.enter_context(prefect_server(tmp_path_factory.mktemp("prefect"), **settings))


def deploy(*flags: str, status: int = 0) -> str:
    """Run `workforce deploy` in this process; return its output or error, without secrets."""
    done = CliRunner().invoke(app, ["deploy", *flags], env={"COLUMNS": "200"})
    if isinstance(done.exception, InputError):
        assert status == 2, done.exception
        return str(done.exception)
    assert done.exit_code == status, done.output
    assert "5ecret" not in done.output
    return done.output


def sets(*settings: str) -> list[str]:
    return [part for one in settings for part in ("--set", one)]


def _wait(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(f"{url}/health", timeout=5).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    raise RuntimeError(f"the Prefect server did not start:\n{log.read_text()[-2000:]}")

"""The Prefect API of a local run: the configured one, else a server of our own for as long as we live.

Prefect would start one too, but that one outlives a killed process and holds its output open, and
its start-up limit is too short for the very first run of a machine.
"""

import logging
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from prefect.client.base import ServerType, determine_server_type
from prefect.client.orchestration import get_client
from prefect.events.worker import EventsWorker
from prefect.logging.handlers import APILogWorker, PrefectConsoleHandler
from prefect.settings import (
    PREFECT_API_URL,
    PREFECT_FLOWS_HEARTBEAT_FREQUENCY,
    get_current_settings,
    temporary_settings,
)

STARTUP_SECONDS = 180.0


@contextmanager
def prefect_api(*, quiet: bool) -> Iterator[None]:
    """Have an API to talk to within the block; with `quiet`, Prefect's log goes to the API alone.

    Raises RuntimeError where the configured one does not answer or, with its own words, ours does not start.
    """
    if quiet:
        _silence_the_console()
    if determine_server_type() is not ServerType.EPHEMERAL:
        _reach_the_configured_one()
        yield
        return
    with (
        own_server() as server,
        # nobody listens to Prefect's heartbeat, for which a flow would wait at its end
        temporary_settings({PREFECT_API_URL: server.wait(), PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}),
    ):
        try:
            yield
        finally:
            # What is queued must reach the server before it stops.
            APILogWorker.drain_all(timeout=5)
            EventsWorker.drain_all(timeout=5)


def _reach_the_configured_one() -> None:
    try:
        ask_server()
    except httpx.HTTPError as error:
        raise RuntimeError(trouble_with_server(error)) from error


def ask_server(**httpx_settings: Any) -> None:
    """Ask the configured server something that wants our credentials. Raises httpx.HTTPError."""
    with get_client(sync_client=True, httpx_settings=httpx_settings) as client:
        client.read_flows(limit=1)


def trouble_with_server(error: httpx.HTTPError) -> str:
    """Say what is wrong with the configured server, by the request to it that failed, and what to do."""
    if isinstance(error, httpx.UnsupportedProtocol):
        return "PREFECT_API_URL: expected is an http or https address, as http://HOST:4200/api"
    host = httpx.URL(str(PREFECT_API_URL.value())).host  # the address may hold a password
    if not isinstance(error, httpx.HTTPStatusError):
        return (
            f"PREFECT_API_URL: the Prefect server at {host} does not answer ({type(error).__name__}). "
            "Start it (`prefect server start`), correct the variable, or unset it: a run without one starts "
            "its own"
        )
    status = error.response.status_code
    if status in (401, 403):
        return (
            f"the Prefect server at {host} refuses us (status {status}): set PREFECT_API_AUTH_STRING as the "
            "server has it (USER:PASSWORD), or for Prefect Cloud a valid PREFECT_API_KEY"
        )
    return (
        f"the Prefect server at {host} failed (status {status}, {error.request.url.path}): "
        "is PREFECT_API_URL the address of its API, as http://HOST:4200/api? Else see the server's own log"
    )


def _silence_the_console() -> None:
    for name in ("prefect", *logging.root.manager.loggerDict):
        for handler in logging.getLogger(name).handlers:
            if isinstance(handler, PrefectConsoleHandler):
                handler.setLevel(logging.CRITICAL)


class _Server:
    """A server process that ends when the pipe to its standard input closes, however we end."""

    def __init__(self, output: Path, settings: Mapping[str, str]) -> None:
        self.output = output
        self.port = _free_port()
        environment = get_current_settings().to_environment_variables(exclude_unset=True)
        with output.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tasks.prefect_server", str(self.port)],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={
                    **os.environ,
                    **environment,
                    "PREFECT_UI_ENABLED": "0",
                    "PREFECT__SERVER_EPHEMERAL": "1",
                    **settings,
                },
                cwd=Path(__file__).resolve().parent.parent,
            )

    def wait(self) -> str:
        """Return the API's address once it answers."""
        url = f"http://127.0.0.1:{self.port}/api"
        deadline = time.monotonic() + STARTUP_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if httpx.get(f"{url}/health", timeout=5).status_code == 200:
                    return url
            except httpx.TransportError:  # not listening yet
                time.sleep(0.1)
        raise RuntimeError(
            f"the local Prefect server did not answer within {STARTUP_SECONDS:.0f} s; it said:\n"
            f"{self.output.read_text()[-2000:]}"
        )

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.stdin:
            self.process.stdin.close()


@contextmanager
def own_server(settings: Mapping[str, str] | None = None) -> Iterator[_Server]:
    """Have a Prefect server of our own within the block; `wait()` on it gives the API's address.

    `settings` are further PREFECT_ variables of it.
    """
    with tempfile.TemporaryDirectory(prefix="workforce-prefect-") as folder:
        server = _Server(Path(folder) / "server.log", settings or {})
        try:
            yield server
        finally:
            server.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

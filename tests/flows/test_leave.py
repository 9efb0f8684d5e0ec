"""A finished command's exit status does not depend on what threads of libraries are doing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.flows.conftest import PrefectServer

COMMAND = """
import atexit, sys, threading, time
from pydantic import TypeAdapter, BeforeValidator
from typing import Annotated

def command():
    def at_work():  # inside pydantic's compiled core nearly all of the time, as Prefect's event loop may be
        slow = TypeAdapter(Annotated[int, BeforeValidator(lambda value: time.sleep(0.01) or value)])
        while True:
            slow.validate_python(1)
    threading.Thread(target=at_work, daemon=True).start()
    time.sleep(0.1)
    atexit.register(print, "registered for the exit", flush=False)
    {ending}
"""


@pytest.mark.parametrize(
    ("ending", "status"),
    [
        ("pass", 0),
        ("sys.exit()", 0),
        ("sys.exit(2)", 2),
        ("raise SystemExit('why')", 1),
        ("raise ValueError('a fault of ours')", 1),
        ("raise KeyboardInterrupt", 130),
        ("raise RuntimeError('Query interrupted')", 130),  # what DuckDB makes of a Ctrl-C
    ],
)
def test_exit_status_of_a_command_whose_threads_are_at_work(ending: str, status: int) -> None:
    code = f"{COMMAND.format(ending=ending)}\nfrom flows.cli.leave import leave_after\nleave_after(command)\n"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (status, "registered for the exit\n"), done.stderr


@pytest.mark.parametrize(("sent", "status"), [("SIGINT", 130), ("SIGTERM", 143)])
@pytest.mark.parametrize(
    "work",
    [
        'duckdb.execute("select count(*) from range(100_000_000) a, range(100_000_000) b")',
        pytest.param(  # as for dbt's parse
            "ThreadPoolExecutor(1).submit(time.sleep, 50).result()", marks=pytest.mark.slow
        ),
    ],
)
def test_a_signal_ends_a_command_at_once_and_nothing_is_left(work: str, sent: str, status: int) -> None:
    assert_ends_at_once(work, sent, status, {})


@pytest.mark.slow
@pytest.mark.parametrize(("sent", "status"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_a_signal_ends_a_flow_whose_handler_is_prefects(
    sent: str, status: int, prefect_server: PrefectServer
) -> None:
    quiet = {"PREFECT_LOGGING_LEVEL": "CRITICAL"}
    assert_ends_at_once("flow(lambda: time.sleep(50))()", sent, status, prefect_server.environment | quiet)


def assert_ends_at_once(work: str, sent: str, status: int, environment: dict[str, str]) -> None:
    """Send a signal to a command at work: it ends with a status, and nothing is printed or left behind."""
    code = f"""
import os, signal, threading, time
from concurrent.futures import ThreadPoolExecutor
import duckdb, polars
{"from prefect import flow" if "flow" in work else ""}
from flows.cli.leave import leave_after
from tasks.system.files import scratch_folder
print(scratch_folder("test"))
threading.Timer(1, os.kill, (os.getpid(), signal.{sent})).start()
leave_after(lambda: {work})
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, **environment},
    )
    assert (done.returncode, done.stderr) == (status, "")
    assert not Path(done.stdout.strip()).exists()

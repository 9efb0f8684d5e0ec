"""A finished command's exit status does not depend on what threads of libraries are doing."""

import subprocess
import sys

import pytest

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
    code = f"{COMMAND.format(ending=ending)}\nfrom flows.leave import leave_after\nleave_after(command)\n"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (status, "registered for the exit\n"), done.stderr


@pytest.mark.parametrize(
    "work",
    [
        'duckdb.execute("select count(*) from range(100_000_000) a, range(100_000_000) b")',
        "ThreadPoolExecutor(1).submit(time.sleep, 50).result()",  # as for dbt's parse
    ],
)
def test_ctrl_c_ends_a_command_at_once_and_without_a_traceback(work: str) -> None:
    code = f"""
import os, signal, threading, time
from concurrent.futures import ThreadPoolExecutor
import duckdb, polars
from flows.leave import leave_after
threading.Timer(1, os.kill, (os.getpid(), signal.SIGINT)).start()
leave_after(lambda: {work})
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stderr) == (130, "")

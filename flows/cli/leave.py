"""The end of a command's process: its exit status is kept even if threads of libraries still run."""

import atexit
import os
import signal
import sys
import traceback
from collections.abc import Callable
from typing import NoReturn

FAILED = 1
WRONG_INPUT = 2
INTERRUPTED, TERMINATED = 128 + signal.SIGINT, 128 + signal.SIGTERM  # as in shells


def leave_after(command: Callable[[], None]) -> NoReturn:
    """Call a command, run the exit functions, and end the process with the command's exit status.

    Python before 3.14 aborts a process (status 134) if daemon threads are inside a compiled library when the
    interpreter shuts down. Prefect's threads sometimes are, and a finished run would then count as failed:
    https://github.com/python/cpython/issues/87135. So the process ends without the interpreter's shutdown.

    SIGTERM raises SystemExit here, so that scratch folders are removed.
    """
    status = 0

    def terminate(*_: object) -> NoReturn:
        nonlocal status
        status = TERMINATED
        raise SystemExit(TERMINATED)

    signal.signal(signal.SIGTERM, terminate)
    # Polars makes interrupted system calls restart, so that Ctrl-C would take effect only after the call
    signal.siginterrupt(signal.SIGINT, True)
    try:
        command()
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
        status = 1 if isinstance(end.code, str) else end.code or 0
    except KeyboardInterrupt:
        status = INTERRUPTED
    except Exception as error:  # noqa: BLE001 - a bug; raised further, it could end with status 134
        # DuckDB raises a RuntimeError if a signal arrives during a query
        if str(error) == "Query interrupted":
            status = status or INTERRUPTED
        else:
            traceback.print_exception(error)
            status = 1
    atexit._run_exitfuncs()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:  # the reader has closed the pipe
        status = status or 1
    os._exit(status)

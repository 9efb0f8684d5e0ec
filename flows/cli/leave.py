"""The end of a command's process: its exit status, whatever threads of libraries are still at work."""

import atexit
import os
import signal
import sys
import traceback
from collections.abc import Callable
from typing import NoReturn

FAILED = 1
WRONG_INPUT = 2
INTERRUPTED, TERMINATED = 128 + signal.SIGINT, 128 + signal.SIGTERM  # as shells have them


def leave_after(command: Callable[[], None]) -> NoReturn:
    """Call a command and end the process with its exit status, after everything registered for the exit.

    Python before 3.14 aborts a process (status 134) whose daemon threads are inside a compiled library
    when the interpreter ends, as Prefect's are now and then, and a finished run would count as failed:
    https://github.com/python/cpython/issues/87135. So the interpreter's end is left out.

    SIGTERM, which ends a process at once by default, leaves no scratch folders behind here.
    """
    status = 0

    def terminate(*_: object) -> NoReturn:
        nonlocal status
        status = TERMINATED
        raise SystemExit(TERMINATED)

    signal.signal(signal.SIGTERM, terminate)
    # Polars has waits begun anew after a signal: a Ctrl-C would count only once what is waited for is done
    signal.siginterrupt(signal.SIGINT, True)
    try:
        command()
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
        status = 1 if isinstance(end.code, str) else end.code or 0
    except KeyboardInterrupt:
        status = INTERRUPTED
    except Exception as error:  # noqa: BLE001 - a fault of ours; raised further, it could end with status 134
        # DuckDB makes a RuntimeError of a signal that comes during a query
        if str(error) == "Query interrupted":
            status = status or INTERRUPTED
        else:
            traceback.print_exception(error)
            status = 1
    atexit._run_exitfuncs()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:  # who read it has gone
        status = status or 1
    os._exit(status)

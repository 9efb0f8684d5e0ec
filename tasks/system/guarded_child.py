"""The child process of `tasks.system.guarded`: runs one function under limits and returns its outcome.

It imports only the standard library and the function's module: a child starts for every file that is read,
so its imports add to the time of each command.
"""

import importlib
import json
import os
import resource
import signal
import sys
import traceback
from collections.abc import Mapping
from typing import Any, BinaryIO


class Refused(Exception):
    """Raised for unusable input. The message for the user names what was found and what to do."""


def serve(output_handle: int) -> None:
    """Run the request from standard input: output goes to a file handle, the reply to standard output."""
    request = json.load(sys.stdin)
    reply_to = os.dup(1)
    os.dup2(2, 1)  # what a library prints must not be part of the reply
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C: the parent reports it
    _limit(request["memory_bytes"], request["seconds"])
    with os.fdopen(output_handle, "wb") as output:
        reply = call(request["function"], request["arguments"], output)
    with os.fdopen(reply_to, "w") as target:
        json.dump(reply, target)
    os._exit(0)  # nothing is left to clean up, and some libraries crash at exit


def call(function: str, arguments: Mapping[str, Any], output: BinaryIO) -> dict[str, Any]:
    """Call `module:name`, which writes its bulk data to `output`; return its value or how it failed."""
    module, _, name = function.partition(":")
    try:
        value = getattr(importlib.import_module(module), name)(output, **arguments)
        output.flush()
        return {"value": value}
    except Refused as refusal:
        return {"refused": str(refusal)}
    except MemoryError:
        return {"failed": "memory"}
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - a panic of a Rust library is not an Exception
        # Report the place, but not the error's text, which may quote cells.
        last = traceback.extract_tb(error.__traceback__)[-1]
        return {"failed": "crash", "detail": f"{type(error).__name__} at {last.filename}:{last.lineno}"}


def _limit(memory_bytes: int, seconds: float) -> None:
    # RLIMIT_DATA counts memory that is written to. RLIMIT_AS would also count reserved addresses, of which
    # thread pools and allocators take many gigabytes on a machine with many cores.
    _lower(resource.RLIMIT_DATA, memory_bytes)
    _lower(resource.RLIMIT_FSIZE, memory_bytes)
    _lower(resource.RLIMIT_CORE, 0)
    # In case the parent, which enforces the time limit, is killed.
    _lower(resource.RLIMIT_CPU, int(seconds * (os.cpu_count() or 1)) + 1)


def _lower(kind: int, value: int) -> None:
    _, hard = resource.getrlimit(kind)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    try:
        resource.setrlimit(kind, (value, hard))
    except (OSError, ValueError):  # a system without this limit: the parent checks memory too
        return

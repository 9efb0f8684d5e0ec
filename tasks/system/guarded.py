"""Reads files of unknown origin in a child process, so that a crash does not end this process.

A spreadsheet of a few kilobytes can require half a terabyte of memory, and the libraries that read such files
then abort the process, panic, or never end. So each file is read by a child with limits on memory and time:

    run_guarded("tasks.census.reading.table:read", {"path": …}, output, Limits(), subject="people.xlsx")

calls `read(output, path=…)` there. The function writes its bulk data to `output` (an open file) and returns a
value that JSON can represent. Its module imports as little as possible, and neither `settings` nor other
rooms: these imports would take longer than the reading.
"""

import contextlib
import json
import logging
import os
import selectors
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

import psutil

from settings.models.operations import bytes_of
from tasks.system.guarded_child import Refused
from tasks.system.project import child_environment

__all__ = ["Limits", "Refused", "run_guarded"]

log = logging.getLogger("workforce")

LOOK_EVERY_SECONDS = 0.2
#: What Rust, C++ and Python write when they run out of memory.
_OUT_OF_MEMORY = (b"memory allocation of", b"bad_alloc", b"MemoryError")
_CGROUP_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


@dataclass(frozen=True)
class Limits:
    """Limits for reading one file: memory (None: half of the machine's) and seconds."""

    memory: str | None = None  # such as 4GB
    seconds: float = 600

    @property
    def memory_bytes(self) -> int:
        """The limit in bytes."""
        return _memory_of_the_machine() // 2 if self.memory is None else bytes_of(self.memory)


def run_guarded(
    function: str,
    arguments: Mapping[str, Any],
    output: BinaryIO,
    limits: Limits,
    *,
    subject: str,
    if_too_large: str = "",
) -> Any:
    """Call `function` ("module:name") in a child process and return its value.

    Raises Refused if the function does, if the child crashes, or if it exceeds a limit. In the last two
    cases the message begins with `subject`, the user's name for the file. `if_too_large` is advice for a
    file that needs too much memory.
    """
    reply, errors = _ask(function, arguments, output, limits)
    if "value" in reply:
        return reply["value"]
    if "refused" in reply:
        raise Refused(reply["refused"])
    log.debug("%s: reader of %s: %s", function, subject, reply)
    if reply["failed"] == "memory" or any(words in errors for words in _OUT_OF_MEMORY):
        raise Refused(
            f"{subject}: reading it takes more than {limits.memory_bytes / 1e9:,.1f} GB of memory "
            f"(machine.reader_memory).{if_too_large and f' {if_too_large}'}"
        )
    if reply["failed"] == "time":
        raise Refused(
            f"{subject}: reading it takes longer than {limits.seconds:g} seconds (machine.reader_seconds)."
        )
    raise Refused(
        f"{subject}: not readable: the reader crashed, so the file is damaged or written by a program that "
        "does not follow the format. Open it in the program for this format and save it again."
    )


def _ask(
    function: str, arguments: Mapping[str, Any], output: BinaryIO, limits: Limits
) -> tuple[dict[str, Any], bytes]:
    """Return the child's reply, or how it failed, and what it wrote to standard error."""
    memory_bytes = limits.memory_bytes
    request = json.dumps(
        {"function": function, "arguments": arguments, "memory_bytes": memory_bytes,
         "seconds": limits.seconds}
    )  # fmt: skip
    handle = output.fileno()
    with tempfile.TemporaryFile() as errors:
        child = subprocess.Popen(
            [sys.executable, "-P", "-c", f"from tasks.system.guarded_child import serve; serve({handle})"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            pass_fds=[handle],
            env=_environment(),
        )
        try:
            with contextlib.suppress(BrokenPipeError):  # it ended at once: its exit status is checked below
                cast(BinaryIO, child.stdin).write(request.encode())
                cast(BinaryIO, child.stdin).close()
            answer, exceeded = _watch(child, memory_bytes, limits.seconds)
        finally:
            child.kill()
            child.wait()
            cast(BinaryIO, child.stdout).close()
        errors.seek(0)
        written = errors.read(1_000_000)
    if exceeded:
        return {"failed": exceeded}, written
    with contextlib.suppress(ValueError):  # it ended before or while it wrote its answer
        return dict(json.loads(answer)), written
    # A SIGKILL from outside comes from a system that ran out of memory.
    failed = "memory" if child.returncode == -9 else "crash"
    return {"failed": failed, "detail": f"exit status {child.returncode}"}, written


def _watch(child: "subprocess.Popen[bytes]", memory_bytes: int, seconds: float) -> tuple[bytes, str | None]:
    """Return what the child wrote until it closed its output, and the limit that it exceeded, if any."""
    deadline = time.monotonic() + seconds
    source = cast(BinaryIO, child.stdout)
    process = psutil.Process(child.pid)
    answer = bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(source, selectors.EVENT_READ)
        while True:
            if selector.select(LOOK_EVERY_SECONDS):
                part = os.read(source.fileno(), 1 << 20)
                if not part:
                    return bytes(answer), None
                answer += part
            elif time.monotonic() > deadline:
                return b"", "time"
            else:  # on some systems the child's own limit has no effect
                with contextlib.suppress(psutil.Error):
                    if process.memory_info().rss > memory_bytes:
                        return b"", "memory"


def _environment() -> dict[str, str]:
    return {
        **child_environment(),
        "RUST_BACKTRACE": "0",
        # Arrow's default pool reserves gigabytes, which would count against the limit.
        "ARROW_DEFAULT_MEMORY_POOL": "system",
    }


def _memory_of_the_machine() -> int:
    """Return the physical memory in bytes, or the part that the container may use."""
    limits = [psutil.virtual_memory().total]
    for name in _CGROUP_LIMITS:
        try:
            limits.append(int(Path(name).read_text(encoding="ascii")))
        except (OSError, ValueError):  # missing, or `max`
            continue
    return min(limits)

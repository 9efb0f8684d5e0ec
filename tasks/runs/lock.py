"""Allows one writer per run directory.

The operating system releases the lock when the process ends, so a lock is never stale, even if its file
remains. The file beside it names the holder and is meaningless when the lock is free.
"""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import ClassVar

from filelock import FileLock, Timeout

from settings.errors import InputError
from tasks.runs.directory import RunDirectory
from tasks.system.documents import Document, Moment


class Writer(Document):
    """The content of .writer.json: the process that writes the run. It is there while that process works."""

    newest_format: ClassVar[int] = 1
    advice: ClassVar[str] = "the next process that works on the run replaces it"

    pid: int
    host: str
    since: Moment


class RunLocked(RuntimeError):
    """Another process is writing the run."""


@contextmanager
def sole_writer(directory: RunDirectory) -> Iterator[None]:
    """Hold the lock of a run within the block. Raises RunLocked at once if another process holds it."""
    # a short wait, since `is_being_written` of a health check holds the lock for a moment
    lock = _lock(directory, timeout=0.5)
    try:
        lock.acquire(poll_interval=0.02)
    except Timeout:
        raise RunLocked(f"run {directory.run_id} is being written by {_holder(directory)}") from None
    try:
        started = datetime.now().astimezone().isoformat(timespec="seconds")
        Writer(pid=os.getpid(), host=socket.gethostname(), since=started).write(directory.writer)
        yield
    finally:
        directory.writer.unlink(missing_ok=True)
        lock.release()


def is_being_written(directory: RunDirectory) -> bool:
    """Return whether a process is writing the run now."""
    try:
        with _lock(directory, timeout=0):
            return False
    except Timeout:
        return True


def _lock(directory: RunDirectory, timeout: float) -> FileLock:
    return FileLock(directory.lock, timeout=timeout, mode=0o600)


def _holder(directory: RunDirectory) -> str:
    try:
        writer = Writer.read(directory.writer)
    except FileNotFoundError:
        return "another process, which has just begun"
    except InputError:  # half of a file, or one of a newer version
        return "another process"
    return f"process {writer.pid} on {writer.host} since {writer.since}; wait for it or end it"

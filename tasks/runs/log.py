"""Where a run's log lines go, however it was started: run.log, Prefect's flow-run logs, and the terminal.

Python's default for a logger is to pass warnings on and drop the rest. A command sets up the terminal with
`show_log`; flows use `within_flow_run` (tasks/server/flow_runs.py), and every run, also a shard in a
process of its own, `logged_to`.
"""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from typing_extensions import override

log = logging.getLogger("workforce")


class LogLines(logging.Formatter):
    """Lines with date, time and zone: runs last over midnight, and their logs are read elsewhere."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s")

    def formatTime(self, record: logging.LogRecord, _datefmt: str | None = None) -> str:
        """The moment of a record, as ISO 8601 has it."""
        return datetime.fromtimestamp(record.created).astimezone().isoformat(timespec="milliseconds")


class _RunLog(logging.FileHandler):
    """A log that a full disk cuts short; the step that fails reports what filled it."""

    @override
    def handleError(self, record: logging.LogRecord) -> None:
        """Say once that the file has no more; `logging` would print a traceback each time."""
        log.removeHandler(self)
        log.warning("%s is cut short: it cannot be written to", self.baseFilename)

    def close(self) -> None:
        """Close the file; what is still in memory is lost where the disk is full."""
        try:
            super().close()
        except OSError as error:
            log.warning("%s is cut short: %s", self.baseFilename, error)


def show_log(level: int) -> None:
    """Show log lines of a level and worse on standard error until the process ends."""
    log.addHandler(_terminal(level))
    log.setLevel(logging.DEBUG)
    log.propagate = False


@contextmanager
def logged_to(file: Path) -> Iterator[None]:
    """Put what is logged within the block at the end of a file."""
    handler = _RunLog(file, encoding="utf-8")
    handler.setFormatter(LogLines())
    try:
        with logged_by(handler, terminal_level=logging.WARNING):
            yield
    finally:
        handler.close()


@contextmanager
def logged_by(handler: logging.Handler, *, terminal_level: int) -> Iterator[None]:
    """Add a handler for all levels, and one for the terminal where nothing is shown on it yet."""
    handlers = [handler, *([] if log.handlers else [_terminal(terminal_level)])]
    before = log.level, log.propagate
    for one in handlers:
        log.addHandler(one)
    log.setLevel(logging.DEBUG)
    log.propagate = False  # handlers of the root logger show debug lines too, whatever its level
    try:
        yield
    finally:
        for one in handlers:
            log.removeHandler(one)
        log.setLevel(before[0])
        log.propagate = before[1]


def _terminal(level: int) -> logging.Handler:
    handler = logging.StreamHandler(sys.stderr)
    handler.setLevel(level)
    handler.setFormatter(LogLines())
    return handler

"""Destinations of a run's log lines: run.log, Prefect's flow-run logs, and the terminal.

By default, Python's loggers print warnings and drop all lower levels. A command sets up the terminal with
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

from tasks.text.terminal import width_of, wrapped

log = logging.getLogger("workforce")


class LogLines(logging.Formatter):
    """Log lines with date, time and zone, since runs last over midnight and are read in other zones."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s")

    def formatTime(self, record: logging.LogRecord, _datefmt: str | None = None) -> str:
        """Return the time of a record in ISO 8601."""
        return datetime.fromtimestamp(record.created).astimezone().isoformat(timespec="milliseconds")


class _TerminalLines(LogLines):
    """Log lines that are wrapped on a terminal; in a file, each stays one line."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        return "\n".join(wrapped(line, width_of(stderr=True))) if sys.stderr.isatty() else line


class _RunLog(logging.FileHandler):
    """Log file that stops at the first write error, such as a full disk; the step reports the cause."""

    @override
    def handleError(self, record: logging.LogRecord) -> None:
        """Warn once that the file is incomplete; `logging` would print a traceback each time."""
        log.removeHandler(self)
        log.warning("%s is incomplete: it cannot be written to", self.baseFilename)

    def close(self) -> None:
        """Close the file; if the disk is full, buffered lines are lost."""
        try:
            super().close()
        except OSError as error:
            log.warning("%s is incomplete: %s", self.baseFilename, error)


def show_log(level: int) -> None:
    """Print log lines of at least a level on standard error until the process ends."""
    log.addHandler(_terminal(level))
    log.setLevel(logging.DEBUG)
    log.propagate = False


@contextmanager
def logged_to(file: Path) -> Iterator[None]:
    """Append log lines of the block to a file."""
    handler = _RunLog(file, encoding="utf-8")
    handler.setFormatter(LogLines())
    try:
        with logged_by(handler, terminal_level=logging.WARNING):
            yield
    finally:
        handler.close()


@contextmanager
def logged_by(handler: logging.Handler, *, terminal_level: int) -> Iterator[None]:
    """Add a handler for all levels, and one for the terminal if there is none yet."""
    handlers = [handler, *([] if log.handlers else [_terminal(terminal_level)])]
    before = log.level, log.propagate
    for one in handlers:
        log.addHandler(one)
    log.setLevel(logging.DEBUG)
    log.propagate = False  # handlers of the root logger would show debug lines too
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
    handler.setFormatter(_TerminalLines())
    return handler

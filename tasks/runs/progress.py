"""The progress of a run: its timed steps, shown on the terminal or logged, and written to status.json.

Every step runs within `Progress.step`, which shows it, writes status.json with all steps so far, and records
time, rows and memory for mon_pipeline_performance. A thread renews the heartbeat in status.json, which
distinguishes a slow run from one whose process ended.
"""

import logging
import os
import resource
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from tasks.runs.directory import RunDirectory
from tasks.runs.status import RunStatus, StepStatus, write_status
from tasks.text.failures import explained
from tasks.warehouse.steps import Step

log = logging.getLogger("workforce")

HEARTBEAT_SECONDS = 5.0
INTERRUPTED_QUERY = "Query interrupted"  # message of the RuntimeError that DuckDB raises after a signal
# Raised in a run that is suspended on a Prefect server. Compared by name, since this room does not import
# Prefect.
PREFECT_PAUSE = ("prefect.exceptions", "Pause")


def peak_memory_mb() -> float:
    """Return the peak resident memory of this process so far, in MiB."""
    unit = 1 if sys.platform == "darwin" else 1024  # unit of getrusage, in bytes
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20


def ending_of(error: BaseException | None) -> str:
    """Return the status of a run that ended by this error (None: without): complete, paused, and so on."""
    if error is None:
        return "complete"
    if (type(error).__module__, type(error).__name__) == PREFECT_PAUSE:
        return "paused"
    # Ctrl-C and Prefect's cancellation are no Exception; during a query, DuckDB raises a RuntimeError instead
    is_cancelled = not isinstance(error, Exception) or str(error) == INTERRUPTED_QUERY
    return "cancelled" if is_cancelled else "failed"


def described(error: BaseException) -> str:
    """Return an error's class and message, if it has one."""
    return f"{type(error).__name__}: {explained(str(error))}".removesuffix(": ")


class Progress(AbstractContextManager["Progress"]):
    """The progress of one run in this process."""

    def __init__(self, directory: RunDirectory, years: range, *, shown: bool = True) -> None:
        self.directory = directory
        self.steps: list[Step] = []
        now = _now()
        self._status = RunStatus(
            run_id=directory.run_id,
            status="running",
            pid=os.getpid(),
            host=socket.gethostname(),
            started_at=now,
            years=(years.start, years.stop - 1),
            heartbeat_at=now,
        )
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._bars = Bars(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed}/{task.total} years"),
            TimeElapsedColumn(),
            TextColumn("[dim]{task.fields[doing]}"),
            console=Console(stderr=True),
            transient=True,
            disable=not (shown and sys.stderr.isatty()),
        )
        self._bar = self._bars.add_task(directory.run_id, total=len(years), doing="")

    def begin_with(self, complete: list[int]) -> None:
        """Set the years that were complete before."""
        self._bars.update(self._bar, completed=len(complete))
        self._update(complete_years=tuple(complete))

    def __enter__(self) -> "Progress":
        self._bars.start()
        self._write()
        threading.Thread(target=self._beat, name="heartbeat", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        self._bars.stop()
        self._update(
            status=ending_of(error),
            **({"step": None} if error is None else {}),  # after a failure, the failed step stays
            error=None if error is None else described(error),
            finished_at=_now(),
        )

    @contextmanager
    def step(self, name: str, year: int | None = None) -> Iterator[Step]:
        """Time the block as a step of the run: show it while it lasts, log it when it ends."""
        step = Step(name, year)
        label = f"{year} {name}" if year else name
        self._begin(year, name)
        self._bars.update(self._bar, doing=label)
        started = time.perf_counter()
        outcome = "failed after"
        try:
            yield step
            outcome = "done in"
        finally:
            step.seconds = time.perf_counter() - started
            step.peak_memory_mb = peak_memory_mb()
            step.database_mb = self._database_mb()
            self.steps.append(step)
            rows = "" if step.rows is None else f", {step.rows:,} rows"
            log.info("%s: %s %.1f s%s", label, outcome, step.seconds, rows)
            self._update(steps=(*self._status.steps, StepStatus.of(step)))

    def doing(self, what: str) -> None:
        """Show the current part of the step on the terminal."""
        self._bars.update(self._bar, doing=f"{self._status.doing}: {what}")

    def take_steps(self) -> list[Step]:
        """Return the steps completed since the last call."""
        done, self.steps = self.steps, []
        return done

    def year_complete(self, year: int) -> None:
        """Count a year as complete."""
        self._bars.advance(self._bar)
        self._update(complete_years=(*self._status.complete_years, year))

    def _database_mb(self) -> float | None:
        try:
            return self.directory.database.stat().st_size / 2**20
        except FileNotFoundError:
            return None

    def _begin(self, year: int | None, name: str) -> None:
        now = _now()
        same = year == self._status.year
        year_started_at = self._status.year_started_at if same else now if year else None
        self._update(year=year, year_started_at=year_started_at, step=name, step_started_at=now)

    def _update(self, **changes: Any) -> None:
        with self._lock:
            self._status = self._status.model_copy(update=changes)
        self._write()

    def _write(self) -> None:
        with self._lock:
            try:
                now = {"peak_memory_mb": round(peak_memory_mb(), 1), "heartbeat_at": _now()}
                write_status(self.directory, self._status.model_copy(update=now))
            except OSError as error:  # the run does not depend on status.json, so it continues
                log.warning("status.json is out of date: %s", error)

    def _beat(self) -> None:
        while not self._stopped.wait(HEARTBEAT_SECONDS):
            self._write()


def _now() -> str:
    return datetime.now().astimezone().isoformat(timespec="milliseconds")

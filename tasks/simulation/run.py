"""A run of this process: its directory, settings, database, progress and observer."""

import logging
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from settings import InputError, ResolvedSettings
from tasks.runs.directory import RunDirectory
from tasks.runs.lock import sole_writer
from tasks.runs.log import logged_to
from tasks.runs.progress import Progress, ending_of
from tasks.runs.record import finish_record
from tasks.simulation.observer import NoObserver, Observer
from tasks.system.files import private_files
from tasks.warehouse import dbt, ledger
from tasks.warehouse.database import Database

log = logging.getLogger("workforce")

#: The origin of a run outside of Prefect.
NO_FLOW_RUN: Mapping[str, Any] = {"flow_runs": [], "deployment": None}


@dataclass
class Run:
    """One run of this process. Its settings may gain replicates while an ensemble is simulated."""

    directory: RunDirectory
    settings: ResolvedSettings
    database: Database
    progress: Progress
    observer: Observer = field(default_factory=NoObserver)
    origin: Mapping[str, Any] = field(default_factory=lambda: NO_FLOW_RUN)  # the flow run
    from_year: int | None = None  # simulate from this year, even if it is complete

    @property
    def years(self) -> range:
        """The simulated years."""
        return self.settings.base.simulation.years

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Lock the run, show progress, log to run.log; if the block raises, record the status in run.json.

        Raises RunLocked, without any change, if another process writes the run.
        """
        path = self.directory.path.resolve()
        with private_files(), sole_writer(self.directory), logged_to(self.directory.log):
            _AT_WORK[path] = self
            self.directory.remove_half_written()
            try:
                with self.observer, self.progress:
                    yield
            except BaseException as error:
                ending = ending_of(error)
                # for run.log; the command that catches the error prints it on the terminal
                log.debug("the run %s: %s: %s", ending, type(error).__name__, error, exc_info=error)
                self._record(ending)
                raise
            finally:
                dbt.release()
                shutil.rmtree(self.database.spill_directory, ignore_errors=True)
                del _AT_WORK[path]

    @contextmanager
    def year_at_work(self, year: int) -> Iterator[None]:
        """Mark the year as failed in the ledger if the block raises, and raise the error again."""
        try:
            with self.observer.year(year):
                yield
        except BaseException:
            try:
                with self.database.connect() as connection:
                    ledger.fail_year(connection, year)
            except duckdb.Error as error:  # such as a full disk; the first error is the one to report
                log.warning("year %s could not be marked as failed in the ledger: %s", year, error)
            raise

    def _record(self, ending: str) -> None:
        try:
            finish_record(self.directory, ending)
        except OSError as error:  # such as a full disk; the first error is the one to report
            log.warning("run.json could not be updated (the run %s): %s", ending, error)


#: The active runs of this process by directory; only `Run.at_work` adds and removes them. Flows find their
#: run here, since Prefect passes and stores a directory, not an object.
_AT_WORK: dict[Path, Run] = {}


def run_at_work(path: Path) -> Run | None:
    """Return this process's active run in a directory, else None."""
    return _AT_WORK.get(path.resolve())


def require_run_at_work(path: Path) -> Run:
    """Return this process's active run in a directory. Raises InputError if there is none."""
    run = run_at_work(path)
    if run is None:
        raise InputError(f"no run is active in {path}: only the flow multi-year simulates shards")
    return run

"""A run that this process simulates: its directory, settings, database, progress and observer."""

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
from tasks.simulation.observer import Nobody, Observer
from tasks.system.files import private_files
from tasks.warehouse import dbt, ledger
from tasks.warehouse.database import Database

log = logging.getLogger("workforce")

#: The origin of a run that no Prefect flow run started.
NO_FLOW_RUN: Mapping[str, Any] = {"flow_runs": [], "deployment": None}


@dataclass
class Run:
    """A run that this process simulates. A wanted precision may add replicates to its settings."""

    directory: RunDirectory
    settings: ResolvedSettings
    database: Database
    progress: Progress
    observer: Observer = field(default_factory=Nobody)
    origin: Mapping[str, Any] = field(default_factory=lambda: NO_FLOW_RUN)  # the flow run that simulates it
    from_year: int | None = None  # simulate this year and later ones again, even if complete

    @property
    def years(self) -> range:
        """The simulated years."""
        return self.settings.base.simulation.years

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Take the run's lock, write status.json and run.log, and record in run.json how the run ended.

        Raises RunLocked, and changes nothing, if another process writes the run.
        """
        place = self.directory.path.resolve()
        with private_files(), sole_writer(self.directory), logged_to(self.directory.log):
            _AT_WORK[place] = self
            self.directory.remove_half_written()
            try:
                with self.observer, self.progress:
                    yield
            except BaseException as error:
                ending = ending_of(error)
                # at level DEBUG only run.log has it; the caller reports the error on the terminal
                log.debug("the run %s: %s: %s", ending, type(error).__name__, error, exc_info=error)
                self._record(ending)
                raise
            finally:
                dbt.release()
                shutil.rmtree(self.database.spill_directory, ignore_errors=True)
                del _AT_WORK[place]

    @contextmanager
    def year_at_work(self, year: int) -> Iterator[None]:
        """Simulate a year within the block; if it fails, mark it as failed in the ledger and reraise."""
        try:
            with self.observer.year(year):
                yield
        except BaseException:
            try:
                with self.database.connect() as connection:
                    ledger.fail_year(connection, year)
            except duckdb.Error as error:  # such as a full disk; the first failure is the one to report
                log.warning("year %s could not be marked as failed in the ledger: %s", year, error)
            raise

    def _record(self, ending: str) -> None:
        try:
            finish_record(self.directory, ending)
        except OSError as error:  # such as a full disk; the first failure is the one to report
            log.warning("run.json could not be updated (the run %s): %s", ending, error)


#: The runs that this process simulates, by directory. Only `Run.at_work` adds and removes them. Flows look up
#: their run here, because the parameters of a flow are paths, not objects.
_AT_WORK: dict[Path, Run] = {}


def run_at_work(path: Path) -> Run | None:
    """Return the run that this process simulates in a directory, or None."""
    return _AT_WORK.get(path.resolve())


def the_run_at_work(path: Path) -> Run:
    """Return the run that this process simulates in a directory. Raises InputError if there is none."""
    run = run_at_work(path)
    if run is None:
        raise InputError(f"this process simulates no run in {path}: only the flow multi-year starts shards")
    return run

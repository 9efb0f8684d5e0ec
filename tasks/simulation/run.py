"""A run at work: its directory, settings, database and progress, and who observes it."""

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

#: Of a run that no Prefect flow run began.
NO_FLOW_RUN: Mapping[str, Any] = {"flow_runs": [], "deployment": None}


@dataclass
class Run:
    """One run of this process. Its settings may gain replicates while an ensemble is simulated."""

    directory: RunDirectory
    settings: ResolvedSettings
    database: Database
    progress: Progress
    observer: Observer = field(default_factory=Nobody)
    origin: Mapping[str, Any] = field(default_factory=lambda: NO_FLOW_RUN)  # flow run that works on it
    from_year: int | None = None  # simulate again from here, whatever is complete

    @property
    def years(self) -> range:
        """The simulated years."""
        return self.settings.base.simulation.years

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Be the run's only writer, show progress, log to run.log; record in run.json how it ended.

        Raises RunLocked where the run is being written already; nothing is changed then.
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
                # for run.log: whoever catches it reports it on the terminal
                log.debug("the run %s: %s: %s", ending, type(error).__name__, error, exc_info=error)
                self._record(ending)
                raise
            finally:
                dbt.release()
                shutil.rmtree(self.database.spill_directory, ignore_errors=True)
                del _AT_WORK[place]

    @contextmanager
    def year_at_work(self, year: int) -> Iterator[None]:
        """Mark the year as failed in the ledger if it fails; the failure goes on."""
        try:
            with self.observer.year(year):
                yield
        except BaseException:
            try:
                with self.database.connect() as connection:
                    ledger.fail_year(connection, year)
            except duckdb.Error as error:  # a full disk, say: the first failure is the one to report
                log.warning("year %s could not be marked as failed in the ledger: %s", year, error)
            raise

    def _record(self, ending: str) -> None:
        try:
            finish_record(self.directory, ending)
        except OSError as error:  # a full disk, say: the first failure is the one to report
            log.warning("run.json could not be updated (the run %s): %s", ending, error)


#: The runs of this process by directory. `Run.at_work` alone adds and removes them. Flows find their run
#: here, since Prefect passes and stores a directory, not an object.
_AT_WORK: dict[Path, Run] = {}


def run_at_work(path: Path) -> Run | None:
    """Return the run that this process has at work in a directory; None where there is none."""
    return _AT_WORK.get(path.resolve())


def the_run_at_work(path: Path) -> Run:
    """Return the run that this process has at work in a directory. Raises InputError where there is none."""
    run = run_at_work(path)
    if run is None:
        raise InputError(f"no run is at work in {path}: shards are simulated by the flow multi-year")
    return run

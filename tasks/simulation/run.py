"""A run at work: its directory, database, years and progress.

Flows pass the directory, which is plain text to Prefect; the object behind it is found here.
"""

import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

from settings import InputError, ResolvedSettings
from tasks.alerts.limits import with_limits_in_force
from tasks.alerts.watch import Watch
from tasks.census.read import write_rejects
from tasks.runs.directory import RunDirectory, check_place, find_run_directory
from tasks.runs.earlier_runs import earlier_runs
from tasks.runs.history import run_history
from tasks.runs.lock import sole_writer
from tasks.runs.log import logged_to
from tasks.runs.progress import Progress, ending_of
from tasks.runs.record import finish_record, read_record, reopen_record, write_record
from tasks.runs.request import Accepted, RunRequest
from tasks.runs.resume import readable, recorded_census, recorded_settings, unpublished_years, verify_years
from tasks.server.flow_runs import mark_dead, origin
from tasks.system.files import private_files
from tasks.warehouse import dbt, ledger
from tasks.warehouse.database import Database
from tasks.warehouse.inputs import write_checks, write_history, write_inputs
from tasks.warehouse.publish import drop_published, publish_year
from tasks.warehouse.steps import create_step_log

log = logging.getLogger("workforce")


@dataclass(frozen=True)
class Run:
    """One run of this process."""

    directory: RunDirectory
    settings: ResolvedSettings
    database: Database
    progress: Progress
    watch: Watch
    from_year: int | None = None  # simulate again from here, whatever is complete

    @property
    def years(self) -> range:
        """The simulated years."""
        return self.settings.base.simulation.years

    @contextmanager
    def at_work(self) -> Iterator[bool]:
        """Be the run's only writer, show progress, log to run.log; record in run.json how it ended.

        Within such a block of this process, another one adds nothing. Yields whether this is the
        outermost. Raises RunLocked where another process is writing the run; nothing is changed then.
        """
        place = self.directory.path.resolve()
        if place in _at_work:
            yield False
            return
        # a year within this run is alive if the run is; its end would wait for Prefect's heartbeat to stop
        no_heartbeats = temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None})
        with private_files(), sole_writer(self.directory), logged_to(self.directory.log), no_heartbeats:
            _at_work.add(place)
            self.directory.remove_half_written()
            try:
                with self.watch, self.progress:
                    yield True
            except BaseException as error:
                ending = ending_of(error)
                # for run.log: whoever catches it reports it on the terminal
                log.debug("the run %s: %s: %s", ending, type(error).__name__, error, exc_info=error)
                self._record(ending)
                raise
            finally:
                dbt.release()
                shutil.rmtree(self.database.spill_directory, ignore_errors=True)
                _at_work.discard(place)
                _active.pop(place, None)

    @contextmanager
    def year_at_work(self, year: int) -> Iterator[None]:
        """Mark the year as failed in the ledger if it fails; the failure goes on."""
        try:
            with self.watch.year(year):
                yield
        except BaseException:
            try:
                with self.database.connect() as connection:
                    ledger.fail_year(connection, year)
            except duckdb.Error as error:  # a full disk, say: the first failure is the one to tell
                log.warning("the ledger could not be told that %s failed: %s", year, error)
            raise

    def _record(self, ending: str) -> None:
        try:
            finish_record(self.directory, ending)
        except OSError as error:  # a full disk, say: the first failure is the one to report
            log.warning("run.json could not be updated (the run %s): %s", ending, error)


_active: dict[Path, Run] = {}
_at_work: set[Path] = set()


def create_run(directory: RunDirectory, accepted: Accepted) -> Run:
    """Make the run directory, which holds the validated census and run.json from the first.

    Raises InputError where the directory exists or cannot be made.
    """
    with directory.being_made() as making:
        accepted.census.employees.write_parquet(making.census)
        if accepted.census.rejects.height:
            write_rejects(accepted.census.rejects, making.rejected)
        write_record(making, directory.run_id, accepted, origin())
    return _activate(directory, accepted.settings, None)


def reopen_run(directory: RunDirectory, settings: ResolvedSettings, from_year: int | None) -> Run:
    """Return a run to go on with. Raises InputError where its folder cannot hold a database."""
    check_place(directory.path)
    return _activate(directory, settings, from_year)


def active_run(path: Path, from_year: int | None = None) -> Run:
    """Return the run in a directory: the one at work in this process, else as its run.json describes it.

    `from_year` says where the latter goes on. Raises InputError where there is no run, or no such year.
    """
    if path.resolve() in _active:
        return _active[path.resolve()]
    directory = find_run_directory(path.parent, path.name)
    settings = with_limits_in_force(recorded_settings(directory, RunRequest()))
    run = reopen_run(directory, settings, from_year)
    if from_year is not None and from_year not in run.years:
        raise InputError(
            f"run {directory.run_id} has no year {from_year}; allowed: {run.years[0]} to {run.years[-1]}"
        )
    return run


def with_settings(run: Run, settings: ResolvedSettings) -> Run:
    """Return the run with other settings, which hold for all of this process."""
    changed = replace(run, settings=settings)
    _active[run.directory.path.resolve()] = changed
    return changed


def prepare(run: Run) -> list[int]:
    """Make the database ready for the next year: input, ledger, complete years verified and published.

    Returns the complete years up to the first gap, or before `from_year`; later ones are dropped. From
    the first year on, the database is made anew, whatever state it is in.
    Raises RunDamaged where the census or a complete year's rows are not what they were.
    """
    earlier = read_record(run.directory).flow_runs
    begun_here = origin()
    if begun_here["flow_runs"] and list(earlier[-1:]) != begun_here["flow_runs"]:
        # its process is gone, or it would hold the lock that we hold
        mark_dead(earlier, "its process ended without a word; the run goes on in another flow run")
    reopen_record(run.directory, run.settings, begun_here)
    census = recorded_census(run.directory)
    if run.from_year == run.years.start:
        run.database.remove()
    with readable(run.directory), run.database.connect() as connection:
        ledger.create_ledger(connection)
        create_step_log(connection)
        complete = [year for year in ledger.complete_years(connection) if year < (run.from_year or 9999)]
        keep_years(run, connection, complete)
        verify_years(connection, complete)
        simulation = run.settings.base.simulation
        history = earlier_runs(run.directory)
        write_inputs(connection, run.settings.scenarios, simulation.replicate_numbers, census)
        write_checks(connection, run.settings.base, census, history)
        write_history(connection, run_history(run.directory), run.directory.run_id)
        for year in unpublished_years(connection, run.directory.results, complete):
            publish_year(connection, run.directory.results, year)
    run.progress.begin_with(complete)
    run.watch.see_complete(complete)
    return complete


def roll_back(directory: RunDirectory, to_year: int) -> list[int]:
    """Drop the years after `to_year`; --resume simulates them again. Returns the years that are left.

    Raises InputError where `to_year` is not complete, RunLocked where another process writes the run,
    RunDamaged where its database is not readable.
    """
    run = active_run(directory.path)
    if not directory.database.exists():
        raise InputError(
            f"run {directory.run_id} has no complete year to keep: there is no {directory.database}; see "
            f"{directory.log}"
        )
    with private_files(), sole_writer(directory), readable(directory), run.database.connect() as connection:
        ledger.create_ledger(connection)  # which a run that ended early may lack
        complete = ledger.complete_years(connection)
        if to_year not in complete:
            raise InputError(
                f"--to-year = {to_year}: a complete year of run {directory.run_id} is allowed: "
                f"{', '.join(map(str, complete)) or 'it has none'}"
            )
        kept = [year for year in complete if year <= to_year]
        keep_years(run, connection, kept)
    dbt.release()
    finish_record(directory, "rolled back")
    return kept


def keep_years(run: Run, connection: duckdb.DuckDBPyConnection, years: list[int]) -> None:
    """Drop every year but these from database and published files; without any, the baseline too."""
    first_dropped = years[-1] + 1 if years else run.years.start - 1
    ledger.drop_years(connection, first_dropped, dbt.year_tables())
    drop_published(run.directory.results, first_dropped)


def _activate(directory: RunDirectory, settings: ResolvedSettings, from_year: int | None) -> Run:
    run = Run(
        directory,
        settings,
        Database.of(directory.database, settings.base.machine),
        Progress(directory, settings.base.simulation.years),
        Watch(directory, settings),
        from_year,
    )
    _active[directory.path.resolve()] = run
    return run

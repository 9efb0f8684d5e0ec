"""The steps of a simulation as Prefect tasks: thin wrappers over functions that need no Prefect.

Retries stand where a second try can succeed (a lock, a busy file system), never on dbt or on a
validation, which would fail the same way again.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
from prefect import task
from prefect.assets import materialize
from prefect.cache_policies import NO_CACHE
from prefect.runtime import deployment

from settings import InputError, ResolvedSettings
from tasks.alerts.limits import with_limits_in_force
from tasks.alerts.watch import Watch
from tasks.census.plausibility import reported
from tasks.ensembles import gathering, replicates
from tasks.results import closing
from tasks.results.summary import year_means
from tasks.runs.directory import find_run_directory, new_run_directory
from tasks.runs.record import finish_record, read_record
from tasks.runs.request import Accepted, RunRequest, accept_settings, accept_with
from tasks.runs.resume import recorded_settings
from tasks.server import artifacts
from tasks.server.flow_runs import mark_replaced, origin
from tasks.server.secret_parameters import refuse_secret_parameters
from tasks.simulation import preparation
from tasks.simulation import year as one_year
from tasks.simulation.opening import create_run, reopen_run
from tasks.simulation.run import Run, run_at_work
from tasks.warehouse import checks

log = logging.getLogger("workforce")


def _is_transient(_task: Any, _task_run: Any, state: Any) -> bool:
    """A lock that somebody else holds, or a file system that was busy."""
    return isinstance(state.data, OSError | duckdb.IOException)


ONCE: dict[str, Any] = {"cache_policy": NO_CACHE, "persist_result": False}
RETRIED: dict[str, Any] = {
    **ONCE,
    "retries": 3,
    "retry_delay_seconds": [1, 2, 4],
    "retry_condition_fn": _is_transient,
}


@task(name="simulation_config", **ONCE)
def simulation_config(request: RunRequest) -> ResolvedSettings:
    """Load and validate the settings; of a run to go on with, those it began with. Raises InputError."""
    refuse_secret_parameters(request)
    if request.resume:
        asked = recorded_settings(find_run_directory(request.output, request.resume), request)
    else:
        asked = accept_settings(request)
    return with_limits_in_force(asked)


@materialize("workforce://census", name="census_data_validation", **ONCE)
def census_data_validation(request: RunRequest, settings: ResolvedSettings) -> Accepted | None:
    """Read and validate the census; a run to go on with has its own. Raises CensusError."""
    if request.resume:
        return None
    accepted = accept_with(settings)
    if deployment.id:  # else the command has printed it
        log_census(accepted)
    return accepted


def log_census(accepted: Accepted) -> None:
    """Log the opening date of a census, its payroll, and what is implausible in it."""
    log.info(accepted.opening_line)
    for finding in reported(accepted.census.findings, accepted.settings.base.checks.severities):
        log.warning(finding)


@task(name="open_run", **ONCE)
def open_run(request: RunRequest, settings: ResolvedSettings, accepted: Accepted | None) -> Run:
    """Make the run directory, or find the one to go on with. Raises InputError."""
    if accepted is None:
        directory = find_run_directory(request.output, str(request.resume))
        return reopen_run(directory, settings, Watch(directory, settings), origin(), request.from_year)
    replicates.check(settings, accepted.census.employees.height)
    directory = new_run_directory(request.output, request.run_id)
    return create_run(directory, accepted, Watch(directory, settings), origin())


@contextmanager
def year_in_run(run_directory: Path, year: int) -> Iterator[Run]:
    """Yield the run around this flow; where there is none, open the one in the directory for this year alone.

    The latter is left paused: `--resume` goes on. Raises InputError where there is no such run, or where an
    earlier year is due; RunLocked where another process writes the run.
    """
    run = run_at_work(run_directory)
    if run:
        yield run
        return
    directory = find_run_directory(run_directory.parent, run_directory.name)
    settings = with_limits_in_force(recorded_settings(directory, RunRequest()))
    run = reopen_run(directory, settings, Watch(directory, settings), origin(), year)
    with run.at_work():
        reach_year(run, year)
        yield run
        pause_run(run)


@task(name="baseline_workforce_validated", **ONCE)
def baseline_workforce_validated(run: Run) -> list[int]:
    """Prepare the database, and build the opening state. Returns the years still to be simulated."""
    mark_replaced(read_record(run.directory), run.origin)
    return preparation.build_baseline(run)


@task(name="reach_year", **ONCE)
def reach_year(run: Run, year: int) -> None:
    """Make a run ready for a year that is simulated by itself. Raises InputError if an earlier one is due."""
    mark_replaced(read_record(run.directory), run.origin)
    due = preparation.build_baseline(run)
    if due[0] != year:
        raise InputError(f"run {run.directory.run_id} cannot go on with {year}: {due[0]} is not complete yet")


@task(name="open_year", **RETRIED)
def open_year(run: Run, year: int) -> None:
    """Enter the year in the ledger as running, after dropping what an earlier attempt left of it."""
    one_year.open_year(run, year)


@materialize(
    "workforce://simulation_year_state",
    "workforce://fct_workforce_events",
    "workforce://fct_workforce_snapshot",
    name="simulation_year_state",
    asset_deps=["workforce://census"],
    **ONCE,
)
def simulation_year_state(run: Run, year: int) -> None:
    """Advance every scenario and replicate by the year, or gather its rows from shards."""
    gathering.advance_year(run, year)


@task(name="assert_year_complete", **ONCE)
def assert_year_complete(run: Run, year: int) -> None:
    """Stop the run if a check of severity `error` failed. Raises CheckFailed."""
    one_year.check_year(run, year)


@task(name="close_year", **RETRIED)
def close_year(run: Run, year: int) -> None:
    """Mark the year complete in the ledger, with the hash of its rows."""
    one_year.close_year(run, year)


@task(name="publish_year", **RETRIED)
def publish_year(run: Run, year: int) -> None:
    """Publish the year's Parquet partitions."""
    one_year.publish_year(run, year)


@task(name="show_year", **RETRIED)
def show_year(run: Run, year: int) -> None:
    """Show the year's figures in Prefect's UI."""
    with run.database.connect() as connection:
        means = year_means(connection, year)
    if isinstance(run.observer, Watch):
        run.observer.see_growth(year, means)
    artifacts.year_table(read_record(run.directory), year, means)


@task(name="close_run", **RETRIED)
def close_run(run: Run) -> Path:
    """Write report and workbook, put totals into run.json, call the run complete, let `latest` name it."""
    return closing.close_run(run)


@task(name="pause_run", **RETRIED)
def pause_run(run: Run) -> None:
    """Leave a run of which one year was simulated by itself: `--resume` goes on."""
    finish_record(run.directory, "paused")


@task(name="show_run", **RETRIED)
def show_run(run: Run) -> None:
    """Show key figures, checks and where the files lie in Prefect's UI."""
    with run.database.connect() as connection:
        found = {year: checks.checks_of(connection, year) for year in (run.years.start - 1, *run.years)}
        means = year_means(connection)
    artifacts.run_summary(run.directory, read_record(run.directory), means, found)

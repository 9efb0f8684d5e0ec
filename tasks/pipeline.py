"""The steps of a simulation as Prefect tasks: thin wrappers of functions that do not need Prefect.

Tasks are retried if a second attempt can succeed (a lock, a busy file system). dbt builds and validations
are not retried, since they would fail again.
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
from tasks.runs.budget import check_budget
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
    """Return whether an error may be temporary: a lock of another process, or a busy file system."""
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
    """Load and validate the settings, or those recorded in the run to resume. Raises InputError."""
    refuse_secret_parameters(request)
    if request.resume:
        settings = recorded_settings(find_run_directory(request.output, request.resume), request)
    else:
        settings = accept_settings(request)
    return with_limits_in_force(settings)


@materialize("workforce://census", name="census_data_validation", **ONCE)
def census_data_validation(request: RunRequest, settings: ResolvedSettings) -> Accepted | None:
    """Read and validate census and known actions; None for a run to resume, which has them.

    Raises CensusError or ActionsError.
    """
    if request.resume:
        return None
    accepted = accept_with(settings)
    if deployment.id:  # without a deployment, the command has printed it
        log_census(accepted)
    return accepted


def log_census(accepted: Accepted) -> None:
    """Log the opening date and payroll of a census, its plausibility findings, and warnings on actions."""
    log.info(accepted.opening_line)
    for finding in reported(accepted.census.findings, accepted.settings.base.checks.severities):
        log.warning(finding)
    for line in accepted.plans.lines:
        log.info(line)
    for warning in accepted.plans.warnings:
        log.warning(warning)


@task(name="open_run", **ONCE)
def open_run(request: RunRequest, settings: ResolvedSettings, accepted: Accepted | None) -> Run:
    """Create a run, or reopen the one to resume. Raises InputError."""
    if accepted is None:
        directory = find_run_directory(request.output, str(request.resume))
        return reopen_run(directory, settings, Watch(directory, settings), origin(), request.from_year)
    replicates.check(settings, accepted.census.employees.height)
    directory = new_run_directory(request.output, request.run_id)
    check_budget(accepted, request.output)
    return create_run(directory, accepted, Watch(directory, settings), origin())


@contextmanager
def year_in_run(run_directory: Path, year: int) -> Iterator[Run]:
    """Yield the active run in a directory; if there is none, reopen the run for this year only.

    A reopened run is left paused; `--resume` continues it. Raises InputError if the run does not exist or an
    earlier year is not complete, RunLocked if another process writes the run.
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
    """Prepare the database, and build the opening state. Returns the remaining years."""
    return _remaining_years(run)


@task(name="reach_year", **ONCE)
def reach_year(run: Run, year: int) -> None:
    """Prepare a run for a single year. Raises InputError if an earlier year is not complete."""
    remaining = _remaining_years(run)
    if remaining[0] != year:
        raise InputError(
            f"run {run.directory.run_id} cannot simulate {year}: {remaining[0]} is not complete yet"
        )


def _remaining_years(run: Run) -> list[int]:
    mark_replaced(read_record(run.directory), run.origin)
    return preparation.build_baseline(run)


@task(name="open_year", **RETRIED)
def open_year(run: Run, year: int) -> None:
    """Drop the rows of an earlier attempt, and enter the year in the ledger as running."""
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
    """Show the year's figures in Prefect's UI, and report its growth to the watch of alerts."""
    with run.database.connect() as connection:
        means = year_means(connection, year)
    run.observer.see_growth(year, means)
    artifacts.year_table(read_record(run.directory), year, means)


@task(name="close_run", **RETRIED)
def close_run(run: Run) -> Path:
    """Write report and workbook, record totals and status in run.json, point `latest` to the run."""
    return closing.close_run(run)


@task(name="pause_run", **RETRIED)
def pause_run(run: Run) -> None:
    """Mark a run as paused after a single year; `--resume` continues it."""
    finish_record(run.directory, "paused")


@task(name="show_run", **RETRIED)
def show_run(run: Run) -> None:
    """Show key figures, checks and the location of files in Prefect's UI."""
    with run.database.connect() as connection:
        found = {year: checks.checks_of(connection, year) for year in (run.years.start - 1, *run.years)}
        means = year_means(connection)
    artifacts.run_summary(run.directory, read_record(run.directory), means, found)

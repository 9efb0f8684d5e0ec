"""The steps of a simulation as Prefect tasks: thin wrappers over functions that need no Prefect.

Retries stand where a second try can succeed (a lock, a busy file system), never on dbt or on a
validation, which would fail the same way again.
"""

import logging
from pathlib import Path
from typing import Any

import duckdb
from prefect import task
from prefect.assets import materialize
from prefect.cache_policies import NO_CACHE
from prefect.runtime import deployment

from settings import InputError, ResolvedSettings, secrets_apart
from settings.models.location import holds_secret
from tasks.alerts.limits import with_limits_in_force
from tasks.census.plausibility import reported
from tasks.ensembles import replicates
from tasks.ensembles.shards import CHECKS, gather_year, read_plan
from tasks.results.report.write import write_results
from tasks.results.summary import totals, year_means
from tasks.runs.directory import find_run_directory, new_run_directory
from tasks.runs.history import run_history
from tasks.runs.record import finish_record, read_record
from tasks.runs.request import Accepted, RunRequest, accept_settings, accept_with
from tasks.runs.resume import recorded_settings
from tasks.server import artifacts
from tasks.simulation.run import Run, create_run, prepare, reopen_run
from tasks.warehouse import checks, dbt, ledger, steps
from tasks.warehouse.inputs import write_history
from tasks.warehouse.publish import publish_monitoring, publish_year

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
    if holds_secret(str(request.census or "")) or any(
        name.startswith("WORKFORCE__CENSUS") for name in secrets_apart(request.sets)[1]
    ):
        raise InputError(
            "census: Prefect keeps and shows a flow's parameters, so an address with a password or signature "
            "may not be among them. Give it in a settings file (config: census.path), or as the variable "
            "WORKFORCE__CENSUS__PATH of the worker; or let the worker's environment hold the password, as "
            "AWS_SECRET_ACCESS_KEY does for s3://. And change the one that was given here"
        )
    if secrets_apart(request.sets)[1]:
        raise InputError(
            "settings: Prefect keeps and shows a flow's parameters, so alert channels, which are secret, "
            "may not be among them. Give them to `workforce deploy`, in a settings file (config), or as the "
            "variable WORKFORCE__ALERTS__CHANNELS of the worker; and change those that were given here"
        )
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
        log.info(accepted.opening_line)
        for finding in reported(accepted.census.findings, settings.base.checks.severities):
            log.warning(finding)
    return accepted


@task(name="open_run", **ONCE)
def open_run(request: RunRequest, settings: ResolvedSettings, accepted: Accepted | None) -> Run:
    """Make the run directory, or find the one to go on with. Raises InputError."""
    if accepted is None:
        directory = find_run_directory(request.output, str(request.resume))
        return reopen_run(directory, settings, request.from_year)
    replicates.check(settings, accepted.census.employees.height)
    return create_run(new_run_directory(request.output, request.run_id), accepted)


@task(name="baseline_workforce_validated", **ONCE)
def baseline_workforce_validated(run: Run) -> list[int]:
    """Prepare the database, and build the opening state unless years are complete.

    The first build is of the whole dbt project, for the year before the first: it makes the static
    models too. Returns the years still to be simulated.
    """
    with run.progress.step("prepare"):
        complete = prepare(run)
    if complete:
        _build(run, None, ["source:inputs"])  # tests of the input, which may be for more years than before
    else:
        _build(run, None, [])
        _stop_on_errors(run, run.years.start - 1)
        with run.database.connect() as connection:
            publish_monitoring(connection, run.directory.results, run.years.start - 1)
    return [year for year in run.years if year not in complete]


@task(name="reach_year", **ONCE)
def reach_year(run: Run, year: int) -> None:
    """Make a run ready for a year that is simulated by itself. Raises InputError if an earlier one is due."""
    due = baseline_workforce_validated.fn(run)
    if due[0] != year:
        raise InputError(f"run {run.directory.run_id} cannot go on with {year}: {due[0]} is not complete yet")


@task(name="open_year", **RETRIED)
def open_year(run: Run, year: int) -> None:
    """Enter the year in the ledger as running, after dropping what an earlier attempt left of it."""
    with run.progress.step("open year", year), run.database.connect() as connection:
        ledger.open_year(connection, year, dbt.year_tables())


@materialize(
    "workforce://simulation_year_state",
    "workforce://fct_workforce_events",
    "workforce://fct_workforce_snapshot",
    name="simulation_year_state",
    asset_deps=["workforce://census"],
    **ONCE,
)
def simulation_year_state(run: Run, year: int) -> None:
    """Advance every scenario and replicate by the year: one dbt build, tests included.

    Where they were simulated in shards, their rows are put together instead, and checked as a whole.
    """
    shards = read_plan(run.directory)
    if shards:
        with run.progress.step("gather", year):
            gather_year(run, shards, year)
        _build(run, year, [CHECKS])
    else:
        _build(run, year, ["tag:year"])


@task(name="assert_year_complete", **ONCE)
def assert_year_complete(run: Run, year: int) -> None:
    """Stop the run if a check of severity `error` failed. Raises CheckFailed."""
    _stop_on_errors(run, year)


@task(name="close_year", **RETRIED)
def close_year(run: Run, year: int) -> None:
    """Mark the year complete in the ledger, with the hash of its rows."""
    with run.progress.step("close year", year) as step, run.database.connect() as connection:
        _, step.rows = ledger.complete_year(connection, year)
    run.progress.year_complete(year)
    run.watch.see_complete([year])


@task(name="publish_year", **RETRIED)
def publish(run: Run, year: int) -> None:
    """Publish the year's Parquet partitions."""
    with run.progress.step("publish", year), run.database.connect() as connection:
        steps.log_steps(connection, run.progress.take_steps())
        publish_year(connection, run.directory.results, year)


@task(name="show_year", **RETRIED)
def show_year(run: Run, year: int) -> None:
    """Show the year's figures in Prefect's UI."""
    with run.database.connect() as connection:
        means = year_means(connection, year)
    run.watch.see_growth(year, means)
    artifacts.year_table(read_record(run.directory), year, means)


@task(name="close_run", **RETRIED)
def close_run(run: Run) -> Path:
    """Write report and workbook, put totals into run.json, call the run complete, let `latest` name it."""
    with run.progress.step("report"):
        write_results(run.directory)
    with run.progress.step("close run"), run.database.connect() as connection:
        steps.log_steps(connection, run.progress.take_steps())
        write_history(connection, run_history(run.directory, "complete"), run.directory.run_id)
        # again, with the steps that came after each year was published
        for year in (None, run.years.start - 1, *run.years):
            publish_monitoring(connection, run.directory.results, year)
        found = totals(year_means(connection))
    replicates.remove_shards(run)
    finish_record(run.directory, "complete", found)
    run.directory.become_latest()
    return run.directory.path


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


def _build(run: Run, year: int | None, select: list[str]) -> None:
    with run.progress.step("dbt build" if year else "dbt build of input and baseline", year):
        results = dbt.build(
            run.database,
            select,
            threads=run.settings.base.dbt.threads,
            node_tasks=run.settings.base.dbt.node_tasks,
            on_node=run.progress.doing,
        )
    with run.database.connect() as connection:
        done = run.progress.take_steps()
        if year:
            done[-1].rows = ledger.rows_of(connection, year)
        steps.log_steps(connection, [*done, *steps.steps_of(results, year)])


def _stop_on_errors(run: Run, year: int) -> None:
    with run.progress.step("checks", year) as step, run.database.connect() as connection:
        checks.name_rows_at_fault(connection, year)
        found = checks.checks_of(connection, year)
        step.rows = len(found)
        run.watch.see_checks(year, found)
        checks.stop_on_errors(found, year)

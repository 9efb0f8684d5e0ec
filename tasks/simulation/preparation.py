"""Prepare a run's database before its years are simulated, and drop years that are to be simulated again."""

import duckdb

from settings import InputError
from tasks.runs.directory import RunDirectory
from tasks.runs.earlier_runs import earlier_runs
from tasks.runs.history import run_history
from tasks.runs.lock import sole_writer
from tasks.runs.record import finish_record, reopen_record
from tasks.runs.request import RunRequest
from tasks.runs.resume import (
    readable,
    recorded_census,
    recorded_plans,
    recorded_settings,
    recorded_uncertainty,
    unpublished_years,
    verify_years,
)
from tasks.simulation.opening import reopen_run
from tasks.simulation.run import Run
from tasks.simulation.year import build, check_year
from tasks.system.files import private_files
from tasks.warehouse import dbt, ledger
from tasks.warehouse.changes import changes_in_use
from tasks.warehouse.compiled import compiled_models, create_views
from tasks.warehouse.inputs import write_checks, write_history, write_inputs
from tasks.warehouse.publish import drop_published, publish_monitoring, publish_year
from tasks.warehouse.steps import create_step_log

#: All models but the views, which a year does not change either.
TABLES = tuple(f"config.materialized:{kind}" for kind in ("table", "year_table", "year_append"))


def prepare(run: Run) -> list[int]:
    """Prepare the database for the next year: write the input and ledger, verify and publish complete years.

    Returns the complete years up to the first gap, or before `from_year`; later years are dropped. If
    `from_year` is the first year, the database is deleted and created again, even if it is damaged.
    Raises RunDamaged if the census, the actions, the uncertainty or the rows of a complete year have changed.
    """
    reopen_record(run.directory, run.settings, run.origin)
    census, plans = recorded_census(run.directory), recorded_plans(run.directory)
    uncertainty = recorded_uncertainty(run.directory)
    if run.from_year == run.years.start:
        run.database.remove()
    with readable(run.directory), run.database.connect() as connection:
        ledger.create_ledger(connection)
        create_step_log(connection)
        complete = [year for year in ledger.complete_years(connection) if year < (run.from_year or 9999)]
        _keep_years(run, connection, complete)
        verify_years(connection, complete)
        simulation = run.settings.base.simulation
        history = earlier_runs(run.directory)
        write_inputs(
            connection,
            run.settings.scenarios,
            simulation.replicate_numbers,
            census,
            plans.by_scenario,
            uncertainty,
        )
        write_checks(connection, run.settings.base, census, history)
        write_history(connection, run_history(run.directory), run.directory.run_id)
        for year in unpublished_years(connection, run.directory.results, complete):
            publish_year(connection, run.directory.results, year)
    run.progress.begin_with(complete)
    run.observer.see_complete(complete)
    return complete


def build_baseline(run: Run) -> list[int]:
    """Prepare the database, and build the opening state unless a year is complete.

    The views are created once, then dbt builds every table and runs every test for the year before the
    first. Returns the remaining years. Raises CheckFailed, DbtError, or what `prepare` raises.
    """
    with run.progress.step("prepare"):
        complete = prepare(run)
    if complete:
        build(run, None, ["source:inputs"])  # tests of the input, which may have more years than before
    else:
        with run.progress.step("create views"), run.database.connect() as connection:
            create_views(connection, compiled_models(changes_in_use(run.settings.scenarios, connection)))
        build(run, None, [*TABLES, "resource_type:test"])
        check_year(run, run.years.start - 1)
        with run.database.connect() as connection:
            publish_monitoring(connection, run.directory.results, run.years.start - 1)
    return [year for year in run.years if year not in complete]


def roll_back(directory: RunDirectory, to_year: int) -> list[int]:
    """Drop the years after `to_year`; --resume simulates them again. Returns the remaining years.

    Raises InputError if `to_year` is not complete, RunLocked if another process writes the run, RunDamaged
    if its database is not readable.
    """
    run = reopen_run(directory, recorded_settings(directory, RunRequest()))
    if not directory.database.exists():
        raise InputError(
            f"run {directory.run_id} has no complete year to keep: {directory.database} does not exist; see "
            f"{directory.log}"
        )
    with private_files(), sole_writer(directory), readable(directory), run.database.connect() as connection:
        ledger.create_ledger(connection)  # a run that ended early may lack it
        complete = ledger.complete_years(connection)
        if to_year not in complete:
            raise InputError(
                f"--to-year = {to_year}: allowed: the complete years of run {directory.run_id}: "
                f"{', '.join(map(str, complete)) or 'none'}"
            )
        kept = [year for year in complete if year <= to_year]
        _keep_years(run, connection, kept)
    dbt.release()
    finish_record(directory, "rolled back")
    return kept


def _keep_years(run: Run, connection: duckdb.DuckDBPyConnection, years: list[int]) -> None:
    """Drop all other years from database and published files; if `years` is empty, the baseline too."""
    first_dropped = years[-1] + 1 if years else run.years.start - 1
    ledger.drop_years(connection, first_dropped, dbt.year_tables())
    drop_published(run.directory.results, first_dropped)

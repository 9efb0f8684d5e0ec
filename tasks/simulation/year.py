"""Simulate one year of a run as a list of steps, without Prefect.

`YEAR` lists the steps of a year. The flow passes the same steps wrapped as Prefect tasks
(tasks/pipeline.py); shards and studies in memory have their own lists. `simulate_year` executes a list.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

from tasks.simulation.run import Run
from tasks.warehouse import checks, dbt, ledger, steps
from tasks.warehouse.changes import changes_in_use
from tasks.warehouse.publish import publish_year as publish_partitions


class HasYears(Protocol):
    """A simulation that advances by years: a run, or a simulation in memory."""

    def year_at_work(self, year: int) -> AbstractContextManager[None]:
        """Return a context that records a failure of the year."""
        ...


R = TypeVar("R", bound=HasYears)


def simulate_years(run: R, years: Iterable[int], year_steps: Sequence[Callable[[R, int], object]]) -> None:
    """Simulate years in order. An error in a step ends the run; complete years are kept."""
    for year in years:
        simulate_year(run, year, year_steps)


def simulate_year(run: R, year: int, year_steps: Sequence[Callable[[R, int], object]]) -> None:
    """Advance every scenario and replicate by one year: execute the steps in order.

    If a step raises, the year is marked as failed in the ledger, and the error is raised again.
    """
    with run.year_at_work(year):
        for step in year_steps:
            step(run, year)


def open_year(run: Run, year: int) -> None:
    """Drop the rows of an earlier attempt, and enter the year in the ledger as running."""
    with run.progress.step("open year", year), run.database.connect() as connection:
        ledger.open_year(connection, year, dbt.year_tables())


def build_year(run: Run, year: int) -> None:
    """Compute the year's rows: one dbt build, tests included. Raises DbtError."""
    build(run, year, ["tag:year"])


def check_year(run: Run, year: int) -> None:
    """Raise CheckFailed if a check of severity `error` failed, in a year or in the opening state."""
    with run.progress.step("checks", year) as step, run.database.connect() as connection:
        checks.name_rows_at_fault(connection, year)
        found = checks.checks_of(connection, year)
        step.rows = len(found)
        run.observer.see_checks(year, found)
        checks.stop_on_errors(found, year)


def close_year(run: Run, year: int) -> None:
    """Mark the year complete in the ledger, with the hash of its rows."""
    with run.progress.step("close year", year) as step, run.database.connect() as connection:
        _, step.rows = ledger.complete_year(connection, year)
    run.progress.year_complete(year)
    run.observer.see_complete([year])


def publish_year(run: Run, year: int) -> None:
    """Publish the year's Parquet partitions."""
    with run.progress.step("publish", year), run.database.connect() as connection:
        steps.log_steps(connection, run.progress.take_steps())
        publish_partitions(connection, run.directory.results, year)


YEAR = (open_year, build_year, check_year, close_year, publish_year)


def build(run: Run, year: int | None, select: list[str]) -> None:
    """Build the selected dbt models (empty: all) for a year (None: input and baseline). Raises DbtError."""
    with run.progress.step("dbt build" if year else "dbt build of input and baseline", year):
        with run.database.connect() as connection:
            changes = changes_in_use(run.settings.scenarios, connection)
        results = dbt.build(
            run.database,
            select,
            changes=changes,
            threads=run.settings.base.dbt.threads,
            node_tasks=run.settings.base.dbt.node_tasks,
            on_node=run.progress.doing,
        )
    with run.database.connect() as connection:
        done = run.progress.take_steps()
        if year:
            done[-1].rows = ledger.rows_of(connection, year)
        steps.log_steps(connection, [*done, *steps.steps_of(results, year)])

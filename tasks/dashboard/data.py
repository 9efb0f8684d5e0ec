"""The tables of a run for the pages: the report's tables of the chosen part, cached until the run changes."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import lru_cache

import duckdb
import polars as pl
from duckdb.sqltypes import VARCHAR

from tasks.census.parse import NO_VALUE
from tasks.dashboard.runs import SeenRun, Stamp, stamp_of
from tasks.results.drill import Drilled, Scope, employees_behind
from tasks.results.explain import timeline
from tasks.results.explanation import Moment
from tasks.results.report.charts import CHARTED_SCENARIOS
from tasks.results.report.figures import tables
from tasks.results.report.table import Table
from tasks.results.report.variance import variance_table
from tasks.runs.budget import NamedBudget
from tasks.runs.directory import RunDirectory
from tasks.runs.record import read_record
from tasks.studies.run_compare import compare_runs
from tasks.warehouse.published import Rows, published, require_columns, view_names

# The pay of a smaller group would reveal that of individuals: shown only with --show-pay.
SMALLEST_GROUP = 5
# Keys of the columns with the number of people of a row.
_SIZES = ("closing", "headcount", "baseline_headcount", "person_years", "budget_person_years", "events")
# Keys of columns that are no amounts, but from which amounts can be computed.
_TELLING = ("compa_ratio",)


@dataclass(frozen=True)
class Part:
    """The chosen part of a run: scenarios, first and last year, levels and values of dimensions.

    `slices` apply only to fct_month_summary, which has levels and dimensions; empty: all.
    """

    scenarios: tuple[str, ...]
    years: tuple[int, int]
    slices: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def of(self, rows: Rows) -> Rows:
        """Return the rows of a published table that belong to the part."""
        column, constant = duckdb.ColumnExpression, duckdb.ConstantExpression
        first, last = self.years
        if "simulation_year" in rows.columns:
            rows = rows.filter(column("simulation_year").between(constant(first), constant(last)))
        if "scenario_id" in rows.columns:
            rows = rows.filter(column("scenario_id").isin(*map(constant, self.scenarios)))
        for name, values in self.slices:
            if "month" in rows.columns and name in rows.columns:
                text = duckdb.CoalesceOperator(column(name).cast(VARCHAR), constant(NO_VALUE))
                rows = rows.filter(text.isin(*map(constant, values)))
        return rows


def run_tables(run: SeenRun, part: Part, keys: Collection[str]) -> dict[str, Table]:
    """Return the report's tables of `keys`, by key; tables without rows are left out."""
    return _tables(run.directory, stamp_of(run.directory), part, frozenset(keys))


def variance_of(run: SeenRun, scenarios: tuple[str, ...], budget: NamedBudget, year: int) -> Table:
    """Return the bridges of a year from a budget, as `variance_table` does."""
    stamps = stamp_of(run.directory), stamp_of(budget.directory)
    return _variance(run.directory, stamps, scenarios, budget, year)


def comparison_of(first: SeenRun, second: SeenRun, by: str | None) -> tuple[dict[str, pl.DataFrame], str]:
    """Return the differences of the second run from the first, as `compare_runs` does, and its notes."""
    stamps = stamp_of(first.directory), stamp_of(second.directory)
    return _comparison(first.directory, second.directory, stamps, by)


def default_part(run: SeenRun) -> Part:
    """Return the part with all complete years and as many scenarios as charts can show."""
    years = run.complete_years
    return Part(tuple(run.scenarios[:CHARTED_SCENARIOS]), (years[0], years[-1]))


def values_of(run: SeenRun) -> dict[str, list[str]]:
    """Return the values of `level` and of each dimension, by which cost can be filtered."""
    return _values(run.directory, stamp_of(run.directory), run.record.census.dimensions)


def checks_of(run: SeenRun) -> pl.DataFrame:
    """Return all published checks, with the columns of mon_data_quality."""
    return _published_table(run.directory, stamp_of(run.directory), "mon_data_quality")


def performance_of(run: SeenRun) -> pl.DataFrame:
    """Return the steps' times and memory, as in mon_pipeline_performance; empty during a run."""
    return _published_table(run.directory, stamp_of(run.directory), "mon_pipeline_performance")


def summary_of(run: SeenRun) -> pl.DataFrame:
    """Return fct_year_summary."""
    return _published_table(run.directory, stamp_of(run.directory), "fct_year_summary")


def employees_of(run: SeenRun, scope: Scope) -> Drilled:
    """Return the employees behind a cost. Raises the errors of `employees_behind`."""
    with published(run.directory.results) as connection:
        return employees_behind(connection, run.record, scope)


def timeline_of(run: SeenRun, employee_id: str, scenario: str, replicate: int) -> list[Moment]:
    """Return the explanation of an employee's years. Raises the errors of `timeline`."""
    with published(run.directory.results) as connection:
        return timeline(connection, run.record, employee_id, scenario, replicate)


def without_small_groups(table: Table) -> Table:
    """Replace the amounts of rows of fewer than SMALLEST_GROUP people by None."""
    kinds = {column.key: column.kind for column in table.columns}
    sizes = [key for key in _SIZES if kinds.get(key, "money") != "money"]
    rows = tuple(
        {key: None if kinds.get(key) == "money" or key in _TELLING else value for key, value in row.items()}
        if any(row[size] is not None and 0 < row[size] < SMALLEST_GROUP for size in sizes)
        else row
        for row in table.rows
    )
    return replace(table, rows=rows)


@lru_cache(maxsize=256)
def _tables(directory: RunDirectory, _stamp: Stamp, part: Part, keys: frozenset[str]) -> dict[str, Table]:
    record = read_record(directory).of_scenarios(part.scenarios)
    with published(directory.results, part=part.of) as connection:
        require_columns(connection, directory.run_id)
        return {table.key: table for table in tables(connection, record, keys, directory)}


@lru_cache(maxsize=64)
def _variance(
    directory: RunDirectory,
    _stamps: tuple[Stamp, Stamp],
    scenarios: tuple[str, ...],
    budget: NamedBudget,
    year: int,
) -> Table:
    return variance_table(directory, read_record(directory).of_scenarios(scenarios), budget, year)


@lru_cache(maxsize=32)
def _comparison(
    first: RunDirectory, second: RunDirectory, _stamps: tuple[Stamp, Stamp], by: str | None
) -> tuple[dict[str, pl.DataFrame], str]:
    return compare_runs(first, second, by)


@lru_cache(maxsize=64)
def _values(directory: RunDirectory, _stamp: Stamp, dimensions: tuple[str, ...]) -> dict[str, list[str]]:
    with published(directory.results, ["fct_month_summary"]) as connection:
        rows = connection.view("fct_month_summary")
        found = {}
        for name in ("level", *dimensions):
            values = rows.select(duckdb.ColumnExpression(name)).distinct().order(f'"{name}"').fetchall()
            found[name] = [NO_VALUE if value is None else str(value) for (value,) in values]
        return found


@lru_cache(maxsize=256)
def _published_table(directory: RunDirectory, _stamp: Stamp, table: str) -> pl.DataFrame:
    with published(directory.results, [table]) as connection:
        return connection.view(table).pl() if table in view_names(connection) else pl.DataFrame()

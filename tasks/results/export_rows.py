"""The rows of an export, and their order: the rows of every replicate, or means over replicates.

A published table has the rows of every replicate, so a sum over it counts everything once per replicate.
Means over replicates can be summed. Those of the months include the actual months, if there are any: the
column basis tells them apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
from duckdb import CaseExpression, ColumnExpression, ConstantExpression, FunctionExpression

from settings.errors import InputError
from settings.models.calendar import FiscalCalendar
from tasks.results.actuals import MONTHS_BY_BASIS, add_months_by_basis
from tasks.results.means import MEANS, means_of

#: The table that `--by` sums over some of its groups.
SUMMED = "fct_month_summary"
_TIMES = ("scenario_id", "simulation_year", "month", "basis")
_FIRST = ("simulation_year", "month", "basis", "level", "hire_year")  # keys before those that are texts


@dataclass(frozen=True)
class Choice:
    """The rows to export: of one scenario, year or replicate, or means, optionally by some groups."""

    scenario: str | None = None
    year: int | None = None
    replicate: int | None = None
    mean: bool = False
    by: tuple[str, ...] = ()

    def check(self, tables: Sequence[str]) -> None:
        """Raise InputError if the parts contradict each other or do not apply to the tables."""
        if self.by and not self.mean:
            raise InputError("--by: requires --mean")
        if self.mean and self.replicate is not None:
            raise InputError("--replicate: --mean is over all replicates; leave out one of the two flags")
        without = [table for table in tables if table not in MEANS]
        if self.mean and without:
            raise InputError(
                f"--mean: {', '.join(without)}: not counts and amounts by scenario and year, so there are no "
                f"means over replicates; tables that have means: {', '.join(MEANS)}"
            )
        others = [table for table in tables if table != SUMMED]
        if self.by and others:
            raise InputError(
                f"--by: {', '.join(others)}: only {SUMMED} can be summed by groups; name it alone"
            )

    def tables(self, published: Sequence[str]) -> list[str]:
        """Return the tables to export if none is named: those that are published and fit the choice."""
        if self.by:
            return [SUMMED]
        return [table for table in published if table in MEANS or not self.mean]


EVERYTHING = Choice()


def rows_of(connection: duckdb.DuckDBPyConnection, table: str, choice: Choice) -> duckdb.DuckDBPyRelation:
    """Return the chosen rows of a table, sorted. Raises InputError if a chosen value is not published."""
    rows = _chosen(connection, table, choice)
    if choice.mean:
        keys = _keys(rows)
        wanted = _grouped(table, keys, choice.by)
        left_out = [name for name in keys if name not in wanted]
        replicates = len(_values(connection.view("fct_year_summary"), "replicate"))
        rows = means_of(connection, table, rows, wanted, left_out, replicates)
    paths = [name for name in ("scenario_id", "replicate") if name in rows.columns]
    return rows.sort(*map(ColumnExpression, (*paths, *_keys(rows)[1:]))) if paths else rows


def with_fiscal_year(
    rows: duckdb.DuckDBPyRelation, calendar: FiscalCalendar | None
) -> duckdb.DuckDBPyRelation:
    """Add what years are called (FY2027) behind their number, unless they are calendar years."""
    if calendar is None or calendar.is_calendar_year or "simulation_year" not in rows.columns:
        return rows
    year = ColumnExpression("simulation_year")
    called = FunctionExpression("concat", ConstantExpression(calendar.prefix), year)
    place = rows.columns.index("simulation_year") + 1
    columns = [ColumnExpression(name) for name in rows.columns]
    label = CaseExpression(year.isnotnull(), called).alias("fiscal_year")  # steps of a whole run have no year
    return rows.select(*columns[:place], label, *columns[place:])


def notes(connection: duckdb.DuckDBPyConnection, tables: Sequence[str], choice: Choice) -> list[str]:
    """Return what to know of the rows: which must not be summed, and if the means are of one replicate."""
    of_paths = [table for table in tables if "replicate" in connection.view(table).columns]
    if not of_paths:
        return []
    paths = connection.view("fct_year_summary")
    replicates, scenarios = _values(paths, "replicate"), _values(paths, "scenario_id")
    found = []
    if len(replicates) > 1 and not choice.mean and choice.replicate is None:
        number = len(replicates)
        for table in of_paths:
            rows = _chosen(connection, table, choice)
            keys = ", ".join(_keys(rows))
            found.append(f"{table}: {_count(rows):,} rows, {number} replicates of each {keys}.")
        found.append(
            f"Their sum counts everything {number} times: --mean writes means over replicates, "
            f"--replicate {replicates[0]} one replicate only."
        )
    if len(replicates) == 1 and choice.mean:
        found.append("The run has one replicate: its figures are the means.")
    if len(scenarios) > 1 and choice.scenario is None:
        names = ", ".join(scenarios)
        found.append(f"Rows are of {len(scenarios)} scenarios ({names}): --scenario ID writes one only.")
    return found


def _chosen(connection: duckdb.DuckDBPyConnection, table: str, choice: Choice) -> duckdb.DuckDBPyRelation:
    """Return the rows of the chosen scenario, year and replicate."""
    rows = connection.view(_source(connection, table, choice))
    for column, value, flag in (
        ("scenario_id", choice.scenario, "--scenario"),
        ("simulation_year", choice.year, "--year"),
        ("replicate", choice.replicate, "--replicate"),
    ):
        if value is not None:
            rows = _only(connection, rows, column, value, f"{flag}: {table}")
    return rows


def _source(connection: duckdb.DuckDBPyConnection, table: str, choice: Choice) -> str:
    """Return the view with the rows of a table; the means of the months are of actual months too."""
    if table == SUMMED and choice.mean and add_months_by_basis(connection):
        return MONTHS_BY_BASIS
    return table


def _only(
    connection: duckdb.DuckDBPyConnection,
    rows: duckdb.DuckDBPyRelation,
    column: str,
    value: str | int,
    what: str,
) -> duckdb.DuckDBPyRelation:
    """Return the rows with a value; all rows if the table does not have the column.

    A table may have no rows of a value that the run has, as one of the first year.
    """
    if column not in rows.columns:
        return rows
    there = _values(rows, column)
    if value not in there and value not in _values(connection.view("fct_year_summary"), column):
        raise InputError(f"{what} has no {value!r}; published are: {', '.join(map(str, there))}")
    return rows.filter(ColumnExpression(column) == ConstantExpression(value))


def _grouped(table: str, keys: Sequence[str], by: Sequence[str]) -> list[str]:
    """Return the keys by which to group: scenario, year, month and those of `by`; without `by` all."""
    unknown = [name for name in by if name not in keys]
    if unknown:
        allowed = ", ".join(name for name in keys if name not in ("scenario_id", "simulation_year"))
        raise InputError(f"--by: {table} has no {', '.join(unknown)}; it has: {allowed}")
    return [name for name in keys if not by or name in (*_TIMES, *by)]


def _keys(rows: duckdb.DuckDBPyRelation) -> list[str]:
    """Return the key columns of the rows of one replicate, in order."""
    if "employee_id" in rows.columns:
        wanted: Sequence[str] = (
            "scenario_id",
            "simulation_year",
            "employee_id",
            "event_sequence",
            "action_id",
        )
        return [name for name in wanted if name in rows.columns]
    types = dict(zip(rows.columns, map(str, rows.types), strict=True))
    first = ["scenario_id", *(name for name in _FIRST if name in types)]
    return [*first, *(name for name in rows.columns if types[name] == "VARCHAR" and name not in first)]


def _values(rows: duckdb.DuckDBPyRelation, column: str) -> list[Any]:
    """Return the sorted values of a column without null, which the year of a run's own steps is."""
    found = rows.aggregate([ColumnExpression(column)]).sort(ColumnExpression(column)).fetchall()
    return [value for (value,) in found if value is not None]


def _count(rows: duckdb.DuckDBPyRelation) -> int:
    ((count,),) = rows.aggregate([FunctionExpression("count_star")]).fetchall()
    return int(count)

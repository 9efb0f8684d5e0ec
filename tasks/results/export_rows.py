"""The rows of an export, and their order: the rows of every replicate, or means over replicates.

A published table has the rows of every replicate, so a sum over it counts everything once per replicate.
Means over replicates can be summed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
from duckdb import ColumnExpression, ConstantExpression, FunctionExpression
from duckdb.sqltypes import DOUBLE

from settings.errors import InputError

#: Tables that have means over replicates, each with its columns that are rates. The mean of a rate is taken
#: over the replicates where it is not null. All other numbers of these tables are counts and amounts.
MEANS: dict[str, tuple[str, ...]] = {
    "fct_year_summary": ("growth_rate", "average_salary"),
    "fct_month_summary": (),
    "fct_level_summary": (),
    "fct_dimension_summary": (),
    "fct_hire_cohorts": (),
    "fct_segment_summary": (),
    "fct_turnover_summary": (),
}
#: The table that `--by` sums over some of its groups.
SUMMED = "fct_month_summary"
_TIMES = ("scenario_id", "simulation_year", "month")
_NUMBERED = ("simulation_year", "month", "level", "hire_year")  # keys that are numbers or dates
_AMOUNT = duckdb.decimal_type(18, 2)
_COUNT_DIGITS = 6


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


EVERYTHING = Choice()


def rows_of(connection: duckdb.DuckDBPyConnection, table: str, choice: Choice) -> duckdb.DuckDBPyRelation:
    """Return the chosen rows of a table, sorted. Raises InputError if a chosen value is not published."""
    rows = _chosen(connection, table, choice)
    if choice.mean:
        rows = _means(rows, table, len(_values(connection.view("fct_year_summary"), "replicate")), choice.by)
    paths = [name for name in ("scenario_id", "replicate") if name in rows.columns]
    return rows.sort(*map(ColumnExpression, (*paths, *_keys(rows)[1:]))) if paths else rows


def notes(connection: duckdb.DuckDBPyConnection, tables: Sequence[str], choice: Choice) -> list[str]:
    """Return warnings about rows that must not be summed: those of several replicates or scenarios."""
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
    if len(scenarios) > 1 and choice.scenario is None:
        names = ", ".join(scenarios)
        found.append(f"Rows are of {len(scenarios)} scenarios ({names}): --scenario ID writes one only.")
    return found


def _chosen(connection: duckdb.DuckDBPyConnection, table: str, choice: Choice) -> duckdb.DuckDBPyRelation:
    """Return the rows of the chosen scenario, year and replicate."""
    rows = connection.view(table)
    for column, value, flag in (
        ("scenario_id", choice.scenario, "--scenario"),
        ("simulation_year", choice.year, "--year"),
        ("replicate", choice.replicate, "--replicate"),
    ):
        if value is not None:
            rows = _only(rows, column, value, f"{flag}: {table}")
    return rows


def _only(rows: duckdb.DuckDBPyRelation, column: str, value: str | int, what: str) -> duckdb.DuckDBPyRelation:
    """Return the rows with a value; all rows if the table does not have the column."""
    if column not in rows.columns:
        return rows
    there = _values(rows, column)
    if value not in there:
        raise InputError(f"{what} has no {value!r}; published are: {', '.join(map(str, there))}")
    return rows.filter(ColumnExpression(column) == ConstantExpression(value))


def _means(
    rows: duckdb.DuckDBPyRelation, table: str, replicates: int, by: Sequence[str]
) -> duckdb.DuckDBPyRelation:
    """Return means, a row per scenario, year or month, and group: sums over replicates / replicates.

    A group that a replicate does not have counts as 0 there.
    """
    keys = _keys(rows)
    groups = [name for name in keys if name not in _TIMES]
    unknown = [name for name in by if name not in (*groups, *_TIMES)]
    if unknown:
        raise InputError(f"--by: {table} has no {', '.join(unknown)}; it has: {', '.join(groups)}")
    if by:
        keys = [name for name in keys if name in (*_TIMES, *by)]
    rates = MEANS[table]
    numbers = [name for name in rows.columns if name not in (*keys, *groups, "replicate")]
    added = [
        FunctionExpression("avg" if name in rates else "sum", ColumnExpression(name)).cast(DOUBLE).alias(name)
        for name in numbers
    ]
    types = dict(zip(rows.columns, map(str, rows.types), strict=True))
    means = []
    for name in numbers:
        mean = ColumnExpression(name) / ConstantExpression(1 if name in rates else replicates)
        if types[name].endswith(",2)"):
            mean = mean.cast(_AMOUNT)
        elif name not in rates:
            mean = FunctionExpression("round", mean, ConstantExpression(_COUNT_DIGITS))
        means.append(mean.alias(name))
    named = [ColumnExpression(name) for name in keys]
    return rows.aggregate([*named, *added]).select(*named, *means)


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
    numbered = [name for name in _NUMBERED if name in types]
    texts = [name for name in rows.columns if types[name] == "VARCHAR" and name != "scenario_id"]
    return ["scenario_id", *numbered, *texts]


def _values(rows: duckdb.DuckDBPyRelation, column: str) -> list[Any]:
    """Return the sorted values of a column without null, which the year of a run's own steps is."""
    found = rows.aggregate([ColumnExpression(column)]).sort(ColumnExpression(column)).fetchall()
    return [value for (value,) in found if value is not None]


def _count(rows: duckdb.DuckDBPyRelation) -> int:
    ((count,),) = rows.aggregate([FunctionExpression("count_star")]).fetchall()
    return int(count)

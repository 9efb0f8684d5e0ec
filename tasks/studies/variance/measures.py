"""What the people of a run add up to in a period: members by how they come and go, their time and their pay.

Computed from the published events and snapshot, since the months know neither people's pay at the start nor
what raises add to it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import duckdb
import polars as pl
from duckdb import CoalesceOperator, ColumnExpression, ConstantExpression, Expression, FunctionExpression
from duckdb.sqltypes import VARCHAR

from tasks.census.parse import NO_VALUE
from tasks.system.queries import read_query
from tasks.warehouse.published import Rows

#: The columns that are read of each table, besides the dimensions.
_PEOPLE = ("replicate", "employee_id", "hire_date", "termination_date", "level", "salary", "fte")
_CHANGES = (
    *("replicate", "employee_id", "event_sequence", "event_type", "event_reason", "event_date"),
    *(f"{name}_{side}" for name in ("level", "salary", "fte") for side in ("before", "after")),
)
_MONTHS = ("month", "level", "salary_cost", "loaded_cost")


@dataclass(frozen=True)
class Period:
    """Successive months of a simulated year of a run: their first days, and the days of the whole year."""

    year: int
    months: tuple[date, ...]
    days_in_year: int

    @property
    def first_day(self) -> date:
        """The first day."""
        return self.months[0]

    @property
    def last_day(self) -> date:
        """The last day."""
        return months_after(self.months[-1], 1) - timedelta(days=1)


@dataclass(frozen=True)
class Measured:
    """A run's side of a bridge, means over replicates.

    `amounts` has the columns of queries/measures.sql, `published` those of queries/published.sql, `rates`
    those of `cost_rates`.
    """

    amounts: pl.DataFrame
    published: pl.DataFrame
    rates: pl.DataFrame


def months_after(month: date, number: int) -> date:
    """Return the same day of the month `number` months later.

    >>> months_after(date(2026, 12, 1), -11)
    datetime.date(2026, 1, 1)
    """
    years, months = divmod(month.month - 1 + number, 12)
    return month.replace(year=month.year + years, month=months + 1)


def measure(
    connection: duckdb.DuckDBPyConnection,
    scenario: str,
    replicates: int,
    period: Period,
    dimensions: Sequence[str],
    rates: pl.DataFrame,
) -> Measured:
    """Return what a scenario's people add up to in a period, over the views of `published`.

    Args:
        connection: A connection with fct_workforce_snapshot, fct_workforce_events and fct_month_summary.
        scenario: The scenario's id.
        replicates: The number of replicates, over which means are taken.
        period: Months of one simulated year.
        dimensions: The dimensions that make up a place, in this order.
        rates: The scenario's rates of cost in the year, as by `cost_rates`.
    """

    def rows(table: str, columns: Sequence[str], **places: str) -> Rows:
        """Return the scenario's rows of the year, with a column of places for each suffix of dimensions."""
        view = connection.view(table)
        view = view.filter(ColumnExpression("scenario_id") == ConstantExpression(scenario))
        view = view.filter(ColumnExpression("simulation_year") == ConstantExpression(period.year))
        # columns by name: a dimension may be called place
        of_places = (_place(dimensions, suffix).alias(name) for name, suffix in places.items())
        return view.select(*map(ColumnExpression, columns), *of_places)

    rows("fct_workforce_snapshot", _PEOPLE, place="").create_view("people")
    rows("fct_workforce_events", _CHANGES, place_before="_before", place_after="_after").create_view(
        "changes"
    )
    rows("fct_month_summary", _MONTHS, place="").create_view("months_of_year")
    days: dict[str, Any] = {"first_day": period.first_day, "last_day": period.last_day}
    sums: dict[str, Any] = {"months": list(period.months), "replicates": replicates}
    connection.sql(read_query(__package__, "states")).create("states")
    connection.sql(read_query(__package__, "members"), params=days).create("members")
    amounts = connection.execute(
        read_query(__package__, "measures"), {**days, **sums, "days_in_year": period.days_in_year}
    ).pl()
    found = connection.execute(read_query(__package__, "published"), sums).pl()
    return Measured(amounts, found, rates)


def _place(dimensions: Sequence[str], suffix: str) -> Expression:
    """Return the expression of a place: a list with the value of each dimension as text."""
    values = (
        CoalesceOperator(ColumnExpression(f"{name}{suffix}").cast(VARCHAR), ConstantExpression(NO_VALUE))
        for name in dimensions
    )
    return FunctionExpression("list_value", *values).cast(duckdb.list_type(VARCHAR))

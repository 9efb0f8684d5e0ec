"""The figures used to compare scenarios, to state precision and to set goals.

One row per scenario, replicate, year and item of a breakdown: `total`, `level`, `segment`, or a dimension's
name. All figures are computed from published tables; an item that is absent in a path has counts of 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import polars as pl
from duckdb import ColumnExpression, ConstantExpression

from tasks.system.queries import read_query
from tasks.text.costs import LOADED, PARTS
from tasks.text.terms import TOTAL
from tasks.warehouse.published import view_names


@dataclass(frozen=True)
class Figure:
    """A figure of a year: its name on the command line, its title, and its SQL over the columns below."""

    name: str
    title: str
    sql: str
    is_amount: bool = False  # whether it is an amount of money


# Over: opening_headcount, headcount, hires, leavers, payroll (annual salaries of those employed at the
# end of the year), fte (their full-time equivalents), promotions, paid (what was paid in the year),
# loaded_cost (paid and all other costs), and each of these other costs.
FIGURES = (
    Figure("headcount", "Headcount", "headcount"),
    Figure("payroll", "Payroll", "payroll", is_amount=True),
    Figure("hires", "Hires", "hires"),
    Figure("leavers", "Leavers", "leavers"),
    Figure("turnover", TOTAL, "leavers / nullif((opening_headcount + headcount) / 2, 0)"),
    Figure("average_pay", "Average pay", "payroll / nullif(headcount, 0)", is_amount=True),
    Figure("promotions", "Promotions", "promotions"),
    Figure("paid", "Paid", "paid", is_amount=True),
    Figure("fte", "FTE", "fte"),
    *(Figure(cost.name, cost.title, cost.name, is_amount=True) for cost in (LOADED, *PARTS)),
)
BY_NAME = {figure.name: figure for figure in FIGURES}
#: Figures that the cost of the year summary gives.
COSTS = tuple(cost.name for cost in (LOADED, *PARTS))
#: Note where a comparison has no cost.
NO_COST = "Left out: loaded cost and its parts, which earlier versions of the program did not record by year"
#: Breakdown by segment of the targets, which has figures of its own; `all` is a run without targets.
SEGMENT = "segment"
#: Over the columns of fct_segment_summary.
SEGMENT_FIGURES = (
    Figure("opening", "Opening", "opening_headcount"),
    Figure("transfers_in", "Transfers in", "transfers_in"),
    Figure("transfers_out", "Transfers out", "transfers_out"),
    Figure("hires", "Hires", "hires"),
    Figure("experienced_leavers", "Experienced leavers", "experienced_terminations"),
    Figure("new_hire_leavers", "New-hire leavers", "new_hire_terminations"),
    Figure("reductions", "Reductions", "reductions"),
    Figure("headcount", "Headcount", "ending_headcount"),
    Figure("target", "Target", "target_headcount"),
    Figure("off_target", "Off target", "ending_headcount - target_headcount"),
)


def create_figures(connection: duckdb.DuckDBPyConnection, *, breakdowns: bool = True) -> None:
    """Create view `figures` over the published tables: one row per path, year, item and figure.

    Columns scenario_id, replicate, simulation_year, breakdown, item (null: all), rest_of, figure, value.
    rest_of is null but for segment `others`; where it is equal, `others` is the rest of the same segments.
    """
    _create_view(connection, "totals", read_query(__package__, "totals"))
    wide = "from totals"
    if breakdowns:
        # a table, since comparisons read it several times, and there are many months
        costs = read_query(__package__, "item_costs")
        connection.execute(f"create or replace temp table item_costs as {costs}")
        _create_view(connection, "breakdowns", read_query(__package__, "breakdowns"))
        wide = "from totals union all by name from breakdowns"
    selects = [_as_rows(connection, "figures_as_columns", FIGURES, wide)]
    if breakdowns and has_segments(connection):
        _create_view(connection, "segments", read_query(__package__, "segments"))
        selects.append(_as_rows(connection, "segments_as_columns", SEGMENT_FIGURES, "from segments"))
    _create_view(connection, "figures", " union all by name ".join(selects))


def paths(
    connection: duckdb.DuckDBPyConnection,
    figure: str | None = None,
    breakdown: str = "total",
    item: str | None = None,
    year: int | None = None,
) -> pl.DataFrame:
    """Return scenario_id, figure, replicate, simulation_year and value, over the view of `create_figures`.

    Of everybody or an item of a breakdown; None stands for all figures, and for all years. Sorted.
    """
    parameters = {"figure": figure, "breakdown": breakdown, "item": item, "year": year}
    return connection.execute(read_query(__package__, "paths"), parameters).pl()


def has_segments(connection: duckdb.DuckDBPyConnection) -> bool:
    """Return whether a scenario has targets by segment: without, one segment `all` holds everybody."""
    if "fct_segment_summary" not in view_names(connection):
        return False
    named = ColumnExpression("segment") != ConstantExpression("all")
    return connection.view("fct_segment_summary").filter(named).limit(1).fetchone() is not None


def without_equal_fte(rows: pl.DataFrame, *values: str) -> pl.DataFrame:
    """Leave out the FTE where it is the headcount everywhere, as it is without part-time work.

    `rows` have a figure and its `values`; all other columns that figures share are their key.
    """
    of_each = [rows.filter(figure=figure) for figure in ("fte", "headcount")]
    key = [name for name in ("scenario_id", "simulation_year", "breakdown", "item") if name in rows.columns]
    both = of_each[0].join(of_each[1], on=key, how="left", nulls_equal=True)
    differs = [(pl.col(name) - pl.col(f"{name}_right")).abs() > 1e-6 for name in values]
    if both.filter(pl.any_horizontal(differs)).height:
        return rows
    return rows.filter(pl.col("figure") != "fte")


def _as_rows(connection: duckdb.DuckDBPyConnection, name: str, figures: Sequence[Figure], wide: str) -> str:
    """Create a view with a column per figure; return the query of its figures as rows."""
    key = "scenario_id, replicate, simulation_year, breakdown, item, rest_of"
    columns = ", ".join(f"({figure.sql})::double as {figure.name}" for figure in figures)
    names = ", ".join(figure.name for figure in figures)
    _create_view(connection, name, f"select {key}, {columns} from ({wide})")  # noqa: S608
    return f"from {name} unpivot include nulls (value for figure in ({names}))"


def _create_view(connection: duckdb.DuckDBPyConnection, name: str, query: str) -> None:
    connection.execute(f"create or replace temp view {name} as {query}")

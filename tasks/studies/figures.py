"""The figures used to compare scenarios, to state precision and to set goals.

One row per scenario, replicate, year and item of a breakdown: `total`, `level`, or a dimension's name. All
figures are computed from published tables; an item that is absent in a path has counts of 0.
"""

from dataclasses import dataclass

import duckdb

from tasks.system.queries import read_query
from tasks.text.terms import TOTAL


@dataclass(frozen=True)
class Figure:
    """A figure of a year: its name on the command line, its title, and its SQL over the columns below."""

    name: str
    title: str
    sql: str
    is_amount: bool = False  # whether it is an amount of money


# Over: opening_headcount, headcount, hires, leavers, payroll (annual salaries of those employed at the
# end of the year), and of the total also promotions and paid (what was paid in the year).
FIGURES = (
    Figure("headcount", "Headcount", "headcount"),
    Figure("payroll", "Payroll", "payroll", is_amount=True),
    Figure("hires", "Hires", "hires"),
    Figure("leavers", "Leavers", "leavers"),
    Figure("turnover", TOTAL, "leavers / nullif((opening_headcount + headcount) / 2, 0)"),
    Figure("average_pay", "Average pay", "payroll / nullif(headcount, 0)", is_amount=True),
    Figure("promotions", "Promotions", "promotions"),
    Figure("paid", "Paid", "paid", is_amount=True),
)
BY_NAME = {figure.name: figure for figure in FIGURES}


def create_figures(connection: duckdb.DuckDBPyConnection, *, breakdowns: bool = True) -> None:
    """Create view `figures` over the published tables: one row per path, year, item and figure.

    Columns scenario_id, replicate, simulation_year, breakdown, item (null: all), figure, value.
    """
    _create_view(connection, "totals", read_query(__package__, "totals"))
    wide = "from totals"
    if breakdowns:
        _create_view(connection, "breakdowns", read_query(__package__, "breakdowns"))
        wide = "from totals union all by name from breakdowns"
    key = "scenario_id, replicate, simulation_year, breakdown, item"
    columns = ", ".join(f"({figure.sql})::double as {figure.name}" for figure in FIGURES)
    names = ", ".join(figure.name for figure in FIGURES)
    _create_view(connection, "figures_as_columns", f"select {key}, {columns} from ({wide})")  # noqa: S608
    _create_view(
        connection,
        "figures",
        f"from figures_as_columns unpivot include nulls (value for figure in ({names}))",
    )


def _create_view(connection: duckdb.DuckDBPyConnection, name: str, query: str) -> None:
    connection.execute(f"create or replace temp view {name} as {query}")

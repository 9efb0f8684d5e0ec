"""Actual and forecast of the first fiscal year: the months with their basis, the year's means, and words.

Results of earlier versions of the program have no actuals; their months have no basis.
"""

from collections.abc import Sequence
from typing import Any

import duckdb

from settings.models.calendar import FiscalCalendar
from tasks.runs.record import RunRecord
from tasks.system.queries import query_rows, read_query
from tasks.text.calendar import year_label
from tasks.warehouse.published import view_names

#: The basis of a month, and of a part of a fiscal year.
ACTUAL, FORECAST, FULL_YEAR = "actual", "forecast", "full year"  # as in the queries
MONTHS_BY_BASIS = "months_by_basis"
MONTHS, FULL_YEARS = "fct_actual_months", "fct_full_year_summary"


def add_months_by_basis(connection: duckdb.DuckDBPyConnection) -> bool:
    """Add the view months_by_basis to a connection of `published`; return whether it has actual months.

    Its columns are those of fct_month_summary, and basis: actual or forecast; null if there are only
    forecast months. The actual months are in every replicate. A run without a complete year gets no view.
    """
    names = view_names(connection)
    if "fct_month_summary" not in names:
        return False
    has_actuals = MONTHS in names and bool(connection.view(MONTHS).limit(1).fetchall())
    query = MONTHS_BY_BASIS if has_actuals else "months_without_actuals"
    connection.execute(read_query(__package__, query))
    return has_actuals


def full_year_means(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Return three rows per scenario on the first fiscal year, means over replicates; none without actuals.

    They are its actual part, its forecast part, and the full year (column basis). Opening + hires − leavers
    of each kind = closing in each of them.
    """
    if FULL_YEARS not in view_names(connection):
        return []
    return query_rows(connection, read_query(__package__, "full_year_means"))


def full_year_label(calendar: FiscalCalendar) -> str:
    """Return what the first fiscal year is called with its actual part."""
    return f"{calendar.name(calendar.first_year)} (full)"


def note_on_actuals(record: RunRecord, calendar: FiscalCalendar) -> str | None:
    """Return which lists show the actual part, or why there is none; None if the first year is whole."""
    actuals = record.actuals
    if actuals is None or not calendar.has_stub:
        return None
    if actuals.validated_sha256 is None:
        label = year_label(calendar, calendar.first_year)
        reason = (actuals.reason or "").removesuffix(".")
        return f"{label} stands alone: {reason}."
    words = f"Actual up to {calendar.opening_date}, by {_lists(actuals.lists)} and the census."
    if actuals.undated:
        leavers = "1 leaver has" if actuals.undated == 1 else f"{actuals.undated:,} leavers have"
        words += f" {leavers} no date in them: the last day is taken in the middle between two lists."
    return words


def _lists(days: Sequence[str]) -> str:
    if len(days) == 1:
        return f"the list of {days[0]}"
    return f"the {len(days)} lists of {days[0]} to {days[-1]}"

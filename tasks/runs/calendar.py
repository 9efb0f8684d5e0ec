"""The fiscal calendar of a recorded run."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import duckdb
import polars as pl

from settings.models.calendar import FiscalCalendar
from tasks.census.opening import Opening
from tasks.runs.part_of_year import year_fraction
from tasks.runs.record import RunRecord


def calendar_of(settings: Mapping[str, Any]) -> FiscalCalendar:
    """Return the calendar of recorded settings; those of older versions have calendar years."""
    simulation = settings["simulation"]
    opening = simulation.get("opening_date")
    return FiscalCalendar.of(
        simulation.get("fiscal_year_start", "01-01"),
        None if opening is None else date.fromisoformat(str(opening)),
        simulation["start_year"],
    )


def recorded_calendar(record: RunRecord) -> FiscalCalendar:
    """Return the calendar of a run."""
    return calendar_of(record.settings)


def recorded_opening(record: RunRecord) -> Opening:
    """Return the opening date of a run, and where it comes from."""
    return Opening(recorded_calendar(record), record.census.opening_from)


def register_fiscal_years(connection: duckdb.DuckDBPyConnection, record: RunRecord) -> None:
    """Add the tables fiscal_years, a row per simulated year, and fiscal_calendar, one row, to a connection.

    Columns: simulation_year; first_day and last_day of the fiscal year; simulated_from (the first simulated
    day); days of the fiscal year, simulated_days, and fraction, the one as a share of the other. Columns of
    fiscal_calendar: start_month and start_day.
    """
    calendar = recorded_calendar(record)
    rows = [
        {
            "simulation_year": year,
            "first_day": calendar.first_day(year),
            "last_day": calendar.last_day(year),
            "simulated_from": calendar.simulated_from(year),
            "days": calendar.days(year),
            "simulated_days": (calendar.last_day(year) - calendar.simulated_from(year)).days + 1,
            "fraction": year_fraction(calendar, year),
        }
        for year in range(record.years[0], record.years[1] + 1)
    ]
    schema = {"simulation_year": pl.Int32, "days": pl.Int32, "simulated_days": pl.Int32}
    starts = {"start_month": [calendar.start_month], "start_day": [calendar.start_day]}
    connection.register("fiscal_calendar", pl.DataFrame(starts))
    connection.register("fiscal_years", pl.DataFrame(rows, schema_overrides=schema))

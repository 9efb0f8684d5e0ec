"""The fiscal years of dates in a table."""

import polars as pl

from settings.models.calendar import FiscalCalendar


def fiscal_year(day: pl.Expr, calendar: FiscalCalendar) -> pl.Expr:
    """Return the number of the fiscal year that has each date, as `FiscalCalendar.year_of`."""
    year = day.dt.year()
    if calendar.is_calendar_year:
        return year
    month_day = day.dt.month().cast(pl.Int32) * 100 + day.dt.day()
    return year + (month_day >= calendar.start_month * 100 + calendar.start_day).cast(pl.Int32)

"""Headcount and movements in the years before the first simulated one, from the dates in the census."""

from datetime import date

import polars as pl

from settings.models.calendar import ONE_DAY, FiscalCalendar

YEARS = 10

HISTORY = pl.Schema(
    {
        "history_year": pl.Int32,
        "opening_headcount": pl.Int64,
        "hires": pl.Int64,
        "leavers": pl.Int64,
        "ending_headcount": pl.Int64,
    }
)


def census_history(rows: pl.DataFrame, calendar: FiscalCalendar) -> pl.DataFrame:
    """Count headcount, hires and leavers in the ten fiscal years before the first simulated one.

    Where the first year is a stub, its elapsed part is no year and is left out.
    `rows` are all rows of the file, also of people who left long ago. A file that omits them has no leavers
    in earlier years, and its counts for those years are too low; growth_history leaves such years out.
    """
    counted = []
    for year in range(calendar.first_year - YEARS, calendar.first_year):
        before, end = calendar.first_day(year) - ONE_DAY, calendar.last_day(year)
        counted.append(
            rows.select(
                pl.lit(year).alias("history_year"),
                _employed(before).alias("opening_headcount"),
                pl.col("hire_date").is_between(before, end, closed="right").sum().alias("hires"),
                pl.col("termination_date").is_between(before, end, closed="right").sum().alias("leavers"),
                _employed(end).alias("ending_headcount"),
            ).cast(HISTORY)
        )
    return pl.concat(counted)


def _employed(day: date) -> pl.Expr:
    """Count who is employed after the end of a day; the termination date is the last day employed."""
    stays = (pl.col("termination_date") > day).fill_null(True)
    return ((pl.col("hire_date") <= day) & stays).sum()

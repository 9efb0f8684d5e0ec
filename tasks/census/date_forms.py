"""Parse dates in the forms that payroll systems write."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Literal

import polars as pl

from tasks.census.errors import CensusError

DateOrder = Literal["day first", "month first"]

_MONTH = (
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
#: The time that a system appends to a date. Time and zone are removed; the date is read as written.
_TIME = (
    r"(?i)[T ]\s*\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s*(?:[ap]m)?"
    r"\s*(?-i:[A-Z]{1,5}|[+-]\d{2}(?::?\d{2})?)?$"
)
SLASHED = r"^(\d{1,2})[/-](\d{1,2})[/-](\d{4})$"
_TWO_DIGIT_YEAR = re.compile(r"%[yDxg]")
DATE_FORMATS_ALLOWED = (
    "2020-01-31, 2020/01/31, 20200131, 31.01.2020, 31-Jan-2020, Jan 31, 2020, 01/31/2020 or 31/01/2020, an "
    "Excel serial such as 43861, each with or without a time; years 1900 to 2199 with four digits; others "
    "through census.date_formats"
)
_MONTH_NUMBERS = {
    name: str(number)
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], start=1
    )
}


def days_of(texts: pl.Series) -> pl.Series:
    """Return the date, of any year, of each text in an unambiguous built-in form; null for other texts."""
    frame = pl.DataFrame({"bare": without_time(texts)})
    return frame.select(pl.coalesce(_built_in_forms(None)).alias("day"))["day"]


def dates_of(texts: pl.Series, formats: Sequence[str], order: DateOrder | None) -> pl.Series:
    """Return structs of each text's date and whether its year has two digits (`short`)."""
    own = by_formats(texts, formats)
    frame = own.with_columns(bare=without_time(texts))
    built_in = _in_calendar(pl.coalesce(_built_in_forms(order)))
    return frame.select(pl.struct(date=pl.coalesce("date", built_in), short="short").alias("value"))["value"]


def without_time(texts: pl.Series) -> pl.Series:
    """Return date texts without time and zone."""
    return texts.str.replace(_TIME, "")


def check_formats(formats: Sequence[str]) -> None:
    """Raise CensusError if a format is not a strptime format or has no year."""
    for fmt in formats:
        if not any(year in fmt for year in ("%Y", "%y", "%F", "%D", "%x", "%G")):
            raise CensusError(
                f"census.date_formats: {fmt!r} is not a date format. Allowed: strptime formats with a year, "
                "such as %d/%m/%Y."
            )
        try:
            pl.Series([""]).str.strptime(pl.Date, fmt, strict=False)
        except pl.exceptions.PolarsError as error:
            raise CensusError(f"census.date_formats: {fmt!r} is not a date format: {error}.") from error


def by_formats(texts: pl.Series, formats: Sequence[str]) -> pl.DataFrame:
    """Return the dates by the formats in the settings, and whether the year has two digits.

    Each format is tried with and without the text's time of day. A format that gives a year outside 1900 to
    2199 does not match: %Y would read 58 as the year 58.
    """
    frame = pl.DataFrame({"t": texts, "bare": without_time(texts)}, schema_overrides={"t": pl.String})
    dates, shorts = [pl.lit(None, pl.Date)], [pl.lit(False)]
    for fmt in reversed(formats):
        tries = [pl.col(text).str.strptime(pl.Date, fmt, strict=False) for text in ("t", "bare")]
        found = pl.coalesce(_in_calendar(each) for each in tries)
        dates.insert(0, found)
        short = bool(_TWO_DIGIT_YEAR.search(fmt)) and "%C" not in fmt
        shorts.insert(0, pl.when(found.is_not_null()).then(pl.lit(short)))
    return frame.with_columns(date=pl.coalesce(dates), short=pl.coalesce(shorts)).select("date", "short")


def in_century(read: pl.DataFrame, opening: date) -> pl.Series:
    """Return the dates; two-digit years get the latest century in which the date is not after the opening."""
    if not read["short"].any():
        return read["date"]
    # Polars reads every two-digit year as 2000 to 2099.
    centuries = [_moved(pl.col("date"), years) for years in (100, 0, -100)]
    latest = pl.coalesce(*(pl.when(day <= opening).then(day) for day in centuries), centuries[-1])
    return read.select(pl.when("short").then(latest).otherwise("date").alias("date"))["date"]


def in_century_after_hire(left: pl.DataFrame, opening: date) -> pl.Series:
    """Return termination dates with the century that lies nearest to hire and opening date.

    `left` has the dates as `in_century` returns them (`date`), `hire_date` and `short`. With a hire in 2010,
    year 30 is 2030, which is then reported as after the opening date, and not 1930. Year 09 stays 2009, which
    is reported as before the hire, and is not moved to 2109.
    """
    if not left["short"].any():
        return left["date"]
    day, hire = pl.col("date"), pl.col("hire_date")
    later = _moved(day, 100)
    is_nearer = (later - pl.lit(opening)) < (hire - day)
    return left.select(pl.when(pl.col("short") & (day < hire) & is_nearer).then(later).otherwise(day))["date"]


def _in_calendar(day: pl.Expr) -> pl.Expr:
    """Return the date if it lies in the years allowed in a census, else null."""
    return pl.when(day.is_between(pl.date(1900, 1, 1), pl.date(2199, 12, 31))).then(day)


def _moved(day: pl.Expr, years: int) -> pl.Expr:
    """Return the same day in another year; null for a 29 February that the other year lacks."""
    moved = day.dt.offset_by(f"{years}y")
    return pl.when(moved.dt.day() == day.dt.day()).then(moved)


def _built_in_forms(order: DateOrder | None) -> list[pl.Expr]:
    """Return one expression per built-in form: the date, of any year, of column `bare` (without time)."""
    bare = pl.col("bare")

    def built(year: pl.Expr, month: pl.Expr, day: pl.Expr) -> pl.Expr:
        parts = pl.concat_str(year, month, day, separator="-")
        return parts.str.strptime(pl.Date, "%Y-%m-%d", strict=False)

    def taken(pattern: str, year: int, month: int, day: int) -> pl.Expr:
        return built(
            bare.str.extract(pattern, year), bare.str.extract(pattern, month), bare.str.extract(pattern, day)
        )

    def named(pattern: str, month: int, day: int) -> pl.Expr:
        name = bare.str.extract(pattern, month).str.slice(0, 3).str.to_lowercase()
        number = name.replace_strict(_MONTH_NUMBERS, default=None, return_dtype=pl.String)
        return built(bare.str.extract(pattern, 3), number, bare.str.extract(pattern, day))

    serial = bare.str.extract(r"^(\d{5})(?:\.\d+)?$").cast(pl.Int32, strict=False)
    forms = [
        taken(r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$", 1, 2, 3),
        taken(r"^(\d{4})(\d{2})(\d{2})(?:\.0+)?$", 1, 2, 3),
        taken(r"^(\d{1,2})\.(\d{1,2})\.(\d{4})$", 3, 2, 1),
        named(rf"(?i)^(\d{{1,2}})[-/. ]*{_MONTH}[-/., ]*(\d{{4}})$", month=2, day=1),
        named(rf"(?i)^{_MONTH}[-. ]*(\d{{1,2}})[-, ]+(\d{{4}})$", month=1, day=2),
        # Day 0 of Excel's calendar, which counts a 29 February 1900 that did not exist.
        pl.date(1899, 12, 30) + pl.duration(days=serial),
    ]
    month_first, day_first = taken(SLASHED, 3, 1, 2), taken(SLASHED, 3, 2, 1)
    if order == "month first":
        return [*forms, month_first]
    if order == "day first":
        return [*forms, day_first]
    # Without an order, accept a date only if both orders agree or one of them is invalid.
    unambiguous = pl.coalesce(month_first, day_first)
    is_ambiguous = month_first.is_not_null() & day_first.is_not_null() & (month_first != day_first)
    return [*forms, pl.when(~is_ambiguous).then(unambiguous)]

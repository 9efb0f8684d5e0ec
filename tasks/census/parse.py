"""What the text of a cell means: dates and levels as payroll systems write them, and what counts as empty.

What a single cell leaves open (is 03/04/2020 in March?) its column decides. Where the column does not, the
file is refused: a guess would be wrong in silence. Amounts are in `tasks.census.amounts`.
"""

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import polars as pl

from tasks.census.errors import CensusError

log = logging.getLogger("workforce.census")

DateOrder = Literal["day first", "month first"]

_MONTH = (
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
#: The time that a system adds to a date. It is cut off with its zone, and the date taken as written.
_TIME = (
    r"(?i)[T ]\s*\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s*(?:[ap]m)?"
    r"\s*(?-i:[A-Z]{1,5}|[+-]\d{2}(?::?\d{2})?)?$"
)
#: Hour, minutes and seconds of a time in UTC.
_UTC_TIME = r"[T ]\s*(\d{1,2}):(\d{2})(?::(\d{2}(?:[.,]\d+)?))?\s*(?:Z|UTC|GMT|\+00(?::?00)?)$"
_SLASHED = r"^(\d{1,2})[/-](\d{1,2})[/-](\d{4})$"
_SLASHED_FORMAT = re.compile(r"%[-_]?([dme])[/-]%[-_]?[dme][/-]%[Yy]|%[Dx]")
_TWO_DIGIT_YEAR = re.compile(r"%[yDxg]")
NO_VALUE = "(none)"
DATE_FORMATS_ALLOWED = (
    "2020-01-31, 2020/01/31, 20200131, 31.01.2020, 31-Jan-2020, Jan 31, 2020, 01/31/2020 or 31/01/2020, an "
    "Excel serial such as 43861, each with or without a time; years 1900 to 2199 with four digits; others "
    "through census.date_formats"
)


@dataclass(frozen=True)
class Where:
    """Where a message says that it found something."""

    file: str
    rows: pl.Series  # row numbers, parallel to the texts

    def first(self, texts: pl.Series, values: pl.Series) -> str:
        """The first of these values and its row, for a message."""
        at = texts.is_in(values.implode()).arg_max() or 0
        return f"{texts[at]!r} in row {self.rows[at]}"

    def row(self, texts: pl.Series, values: pl.Series) -> int:
        """The row of the first of these values."""
        return int(self.rows[texts.is_in(values.implode()).arg_max() or 0])


@dataclass(frozen=True)
class Dates:
    """The dates of a file's columns, and what decided the order of day and month."""

    columns: dict[str, pl.Series]
    order: str


def stripped(texts: pl.Series) -> pl.Series:
    """Texts without surrounding blanks; nothing but blanks is null."""
    bare = texts.str.strip_chars()
    return bare.set(bare == "", None)


def values_of_dimension(texts: pl.Series) -> pl.Series:
    """Texts as `stripped` has them; `(none)`, which is how results show an empty cell, is one too."""
    bare = stripped(texts)
    return bare.set(bare == NO_VALUE, None)


def without_empty_values(
    cells: pl.DataFrame, empty_values: Sequence[str], dates: Sequence[str]
) -> pl.DataFrame:
    """The cells with null for each text that means empty; in the columns of `dates`, for every form of it."""
    if not empty_values:
        return cells
    values = pl.Series(empty_values, dtype=pl.String)
    days = days_of(values).drop_nulls()

    def emptied(name: str) -> pl.Series:
        bare = stripped(cells[name])
        is_empty = bare.is_in(values.implode())
        if name in dates:
            is_empty |= _by_distinct(bare, days_of).is_in(days.implode())
        return cells[name].set(is_empty.fill_null(False), None)

    return cells.with_columns(emptied(name) for name in cells.columns if cells[name].dtype == pl.String)


def parse_dates(
    columns: Mapping[str, pl.Series], where: Where, opening: date, formats: Sequence[str] = ()
) -> Dates:
    """The dates of several columns of one file; null where a text is no date.

    The user's own `formats` come first. With slashes or dashes, a day above 12 shows which number is the day;
    a column without one follows the file's other date columns. Two-digit years, which only formats read, are
    of the latest century in which the date is not after the opening date; a termination date is of that in
    which it lies between hire and opening, or nearest to them.
    """
    _check_formats(formats)
    texts = {name: stripped(column) for name, column in columns.items()}
    named = {_order_of(match) for fmt in formats for match in _SLASHED_FORMAT.finditer(fmt)}
    if named:
        orders = dict.fromkeys(texts, next(iter(named)) if len(named) == 1 else None)
        order = f"{' or '.join(sorted(named))}, by census.date_formats"
    else:
        orders, order = _date_orders(texts, where, formats)
    for name, text in texts.items():
        if name != "termination_date":  # of which the hour may be meant
            _check_midnights(name, text, where, formats)

    def parse(name: str) -> Callable[[pl.Series], pl.Series]:
        return lambda distinct: _dates(distinct, formats, orders[name])

    read = {name: _by_distinct(text, parse(name)).struct.unnest() for name, text in texts.items()}
    dates = {name: _in_century(frame, opening) for name, frame in read.items()}
    if "termination_date" in dates and "hire_date" in dates:
        left = read["termination_date"].with_columns(
            date=dates["termination_date"], hire_date=dates["hire_date"]
        )
        dates["termination_date"] = _in_century_after_hire(left, opening)
    return Dates(dates, order)


def days_of(texts: pl.Series) -> pl.Series:
    """The day that each text means in a form of its own, of any year; null where the text does not tell."""
    frame = pl.DataFrame({"bare": without_time(texts)})
    return frame.select(pl.coalesce(_built_in_forms(None)).alias("day"))["day"]


def parse_levels(texts: pl.Series) -> pl.Series:
    """Level ids as Int32; 3, 03 and 3.0 are the same level; null where a text is no whole number."""
    return stripped(texts).str.extract(r"^(\d{1,9})(?:[.,]0+)?$").cast(pl.Int32, strict=False)


def _by_distinct(texts: pl.Series, parse: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """Parse each distinct text once: a million dates are some thousands of days."""
    distinct = texts.unique().drop_nulls()
    meaning = pl.DataFrame({"text": distinct, "value": parse(distinct)})
    return texts.to_frame("text").join(meaning, on="text", how="left", maintain_order="left")["value"]


def _check_formats(formats: Sequence[str]) -> None:
    for fmt in formats:
        if not any(year in fmt for year in ("%Y", "%y", "%F", "%D", "%x", "%G")):
            raise CensusError(
                f"census.date_formats: {fmt!r} is no date format. Allowed: strptime formats with a year, "
                "such as %d/%m/%Y."
            )
        try:
            pl.Series([""]).str.strptime(pl.Date, fmt, strict=False)
        except pl.exceptions.PolarsError as error:
            raise CensusError(f"census.date_formats: {fmt!r} is no date format: {error}.") from error


def _by_formats(texts: pl.Series, formats: Sequence[str]) -> pl.DataFrame:
    """The dates by the user's own formats, and whether the year has two digits.

    Each format is tried with and without the text's time of day. One that gives a year beyond those of a
    census does not match: %Y reads 58 as the year 58.
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


def _in_calendar(day: pl.Expr) -> pl.Expr:
    """A date of the years that a census may have, else null."""
    return pl.when(day.is_between(pl.date(1900, 1, 1), pl.date(2199, 12, 31))).then(day)


def _in_century(read: pl.DataFrame, opening: date) -> pl.Series:
    """The dates read; of those with two digits of year, the latest that is not after the opening date."""
    if not read["short"].any():
        return read["date"]
    # Polars takes every two-digit year to be of 2000 to 2099.
    centuries = [_moved(pl.col("date"), years) for years in (100, 0, -100)]
    latest = pl.coalesce(*(pl.when(day <= opening).then(day) for day in centuries), centuries[-1])
    return read.select(pl.when("short").then(latest).otherwise("date").alias("date"))["date"]


def _in_century_after_hire(left: pl.DataFrame, opening: date) -> pl.Series:
    """Termination dates `date` as `_in_century` has them; none a century before a hire that it may follow.

    A leaver of 30 after a hire in 2010 is to leave in 2030, which is then told to be after the opening date,
    and did not leave in 1930. One of 09 left in 2009, before the hire, and will not in 2109.
    """
    if not left["short"].any():
        return left["date"]
    day, hire = pl.col("date"), pl.col("hire_date")
    later = _moved(day, 100)
    is_nearer = (later - pl.lit(opening)) < (hire - day)
    return left.select(pl.when(pl.col("short") & (day < hire) & is_nearer).then(later).otherwise(day))["date"]


def _moved(day: pl.Expr, years: int) -> pl.Expr:
    """The same day of another year; null for a 29 February that the other year lacks."""
    moved = day.dt.offset_by(f"{years}y")
    return pl.when(moved.dt.day() == day.dt.day()).then(moved)


def without_time(texts: pl.Series) -> pl.Series:
    """Texts of dates without the time and zone that a system adds."""
    return texts.str.replace(_TIME, "")


def _order_of(slashed_format: re.Match[str]) -> DateOrder:
    return "month first" if slashed_format[1] in (None, "m") else "day first"  # %D and %x are %m/%d/%y


def _date_orders(
    texts: Mapping[str, pl.Series], where: Where, formats: Sequence[str]
) -> tuple[dict[str, DateOrder | None], str]:
    """Per column, whether 3/4/2020 has the day or the month first, None where it makes no difference.

    The second value says what decided it.
    """
    pairs = {name: _slashed(text, formats) for name, text in texts.items()}
    found = {name: _shown_order(name, texts[name], pairs[name], where) for name in texts}
    orders: dict[str, DateOrder | None] = {name: order for name, (order, _) in found.items()}
    deciding = {name: f"{order}, as row {row} shows" for name, (order, row) in found.items() if order}
    shown = {order: name for name, order in orders.items() if order}
    for name, text in texts.items():
        unclear = pairs[name].filter(pl.col("a", "b") <= 12, pl.col("a") != pl.col("b"))["text"]
        if orders[name] is None and len(unclear):
            if len(shown) != 1:
                raise CensusError(
                    f"{where.file}: column {name}: {where.first(text, unclear)} may have the day or the "
                    "month first, and no date tells which. Say so in the settings, for example "
                    'census.date_formats: ["%m/%d/%Y"] or ["%d/%m/%Y"].'
                )
            ((order, other),) = shown.items()
            orders[name], deciding[name] = order, f"{order}, as in {other}"
        if orders[name]:
            log.info("%s: the dates of %s have the %s", where.file, name, orders[name])
    reasons = "; ".join(f"{name} {reason}" for name, reason in deciding.items())
    return orders, reasons or "no date leaves their order open"


def _slashed(texts: pl.Series, formats: Sequence[str]) -> pl.DataFrame:
    """The distinct texts of the form 3/4/2020 that the user's formats do not read, and their two numbers."""
    distinct = texts.unique().drop_nulls()
    bare = without_time(distinct)
    numbers = {"a": bare.str.extract(_SLASHED, 1), "b": bare.str.extract(_SLASHED, 2)}
    frame = pl.DataFrame({"text": distinct, **numbers}).with_columns(
        pl.col("a", "b").cast(pl.Int32, strict=False)
    )
    return frame.filter(_by_formats(distinct, formats)["date"].is_null()).drop_nulls()


def _shown_order(
    name: str, texts: pl.Series, pairs: pl.DataFrame, where: Where
) -> tuple[DateOrder | None, int | None]:
    """The order that a column's own days above 12 show, and the row of the first of them."""
    day_first = pairs.filter(pl.col("a") > 12, pl.col("b") <= 12)["text"]
    month_first = pairs.filter(pl.col("b") > 12, pl.col("a") <= 12)["text"]
    if len(day_first) and len(month_first):
        raise CensusError(
            f"{where.file}: column {name} mixes days first ({where.first(texts, day_first)}) and months "
            f"first ({where.first(texts, month_first)}). Correct the odd one, or say which holds, "
            'census.date_formats: ["%m/%d/%Y"] or ["%d/%m/%Y"]: dates of the other kind are then bad rows.'
        )
    if len(day_first):
        return "day first", where.row(texts, day_first)
    if len(month_first):
        return "month first", where.row(texts, month_first)
    return None, None


def _check_midnights(name: str, texts: pl.Series, where: Where, formats: Sequence[str]) -> None:
    """Refuse a column whose times in UTC are midnights of a zone east of Greenwich.

    23:00 UTC is midnight of the next day in Oslo: the date as written is then that of the day before.
    """
    distinct = texts.unique().drop_nulls()
    distinct = distinct.filter(distinct.str.contains(_UTC_TIME))
    distinct = distinct.filter(_by_formats(distinct, formats)["date"].is_null())
    hour, minute, second = (distinct.str.extract(_UTC_TIME, part) for part in (1, 2, 3))
    # Zones differ from UTC by whole quarters of an hour. At noon others put a date to keep it in every zone.
    elsewhere = (
        (hour.cast(pl.Int32) > 12)
        & (minute.cast(pl.Int32) % 15 == 0)
        & second.fill_null("0").str.contains(r"^[0.,]+$")
    )
    if len(distinct) and elsewhere.all():
        raise CensusError(
            f"{where.file}: column {name}: every time is like {where.first(texts, distinct)}, the "
            "midnight of a zone east of Greenwich, so that the date before it is a day too early. Export the "
            "dates without time or in local time. If they are right as they stand, say so: "
            'census.date_formats: ["%Y-%m-%d %H:%M:%S UTC"], written as the texts are.'
        )


def _dates(texts: pl.Series, formats: Sequence[str], order: DateOrder | None) -> pl.Series:
    """Structs of the date that each text means and whether its year has two digits."""
    own = _by_formats(texts, formats)
    frame = own.with_columns(bare=without_time(texts))
    built_in = _in_calendar(pl.coalesce(_built_in_forms(order)))
    return frame.select(pl.struct(date=pl.coalesce("date", built_in), short="short").alias("value"))["value"]


def _built_in_forms(order: DateOrder | None) -> list[pl.Expr]:
    """The date of any year by each of the built-in forms, from the text `bare`, which has no time."""
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
        # Day 0 of Excel's calendar, which has a 29 February 1900 that never was.
        pl.date(1899, 12, 30) + pl.duration(days=serial),
    ]
    month_first, day_first = taken(_SLASHED, 3, 1, 2), taken(_SLASHED, 3, 2, 1)
    if order == "month first":
        return [*forms, month_first]
    if order == "day first":
        return [*forms, day_first]
    # Without an order, a date that both give alike, or that only one of them gives.
    only = pl.coalesce(month_first, day_first)
    is_open = month_first.is_not_null() & day_first.is_not_null() & (month_first != day_first)
    return [*forms, pl.when(~is_open).then(only)]


_MONTH_NUMBERS = {
    name: str(number)
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], start=1
    )
}

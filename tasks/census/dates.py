"""Parse the date columns of a file.

A single date can be ambiguous: 03/04/2020 may be in March or April. The other dates of its column decide. If
they do not, the file is refused, because nobody would notice a wrong guess.
"""

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from tasks.census.date_forms import (
    SLASHED,
    DateOrder,
    by_formats,
    check_formats,
    dates_of,
    in_century,
    in_century_after_hire,
    without_time,
)
from tasks.census.errors import CensusError
from tasks.census.parse import Where, by_distinct, stripped

log = logging.getLogger("workforce.census")

#: Hour, minutes and seconds of a time in UTC.
_UTC_TIME = r"[T ]\s*(\d{1,2}):(\d{2})(?::(\d{2}(?:[.,]\d+)?))?\s*(?:Z|UTC|GMT|\+00(?::?00)?)$"
_SLASHED_FORMAT = re.compile(r"%[-_]?([dme])[/-]%[-_]?[dme][/-]%[Yy]|%[Dx]")


@dataclass(frozen=True)
class Dates:
    """The dates of a file's columns, and how the order of day and month was determined."""

    columns: dict[str, pl.Series]
    order: str


def parse_dates(
    columns: Mapping[str, pl.Series], where: Where, opening: date, formats: Sequence[str] = ()
) -> Dates:
    """Return the dates of several columns of one file; null if a text is not a date.

    The `formats` of the settings come first. With slashes or dashes, a number above 12 must be the day; a
    column without such a number follows the file's other date columns. Two-digit years, which only `formats`
    read, get the latest century in which the date is not after the opening date; a termination date gets the
    century in which it lies between hire and opening, or nearest to them.
    Raises CensusError if the order of day and month is ambiguous or contradictory.
    """
    check_formats(formats)
    texts = {name: stripped(column) for name, column in columns.items()}
    named = {_order_of(match) for fmt in formats for match in _SLASHED_FORMAT.finditer(fmt)}
    if named:
        orders = dict.fromkeys(texts, next(iter(named)) if len(named) == 1 else None)
        order = f"{' or '.join(sorted(named))}, by census.date_formats"
    else:
        orders, order = _date_orders(texts, where, formats)
    for name, text in texts.items():
        if name != "termination_date":  # here the time may be the hour of leaving
            _check_midnights(name, text, where, formats)

    def parse(name: str) -> Callable[[pl.Series], pl.Series]:
        return lambda distinct: dates_of(distinct, formats, orders[name])

    read = {name: by_distinct(text, parse(name)).struct.unnest() for name, text in texts.items()}
    dates = {name: in_century(frame, opening) for name, frame in read.items()}
    if "termination_date" in dates and "hire_date" in dates:
        left = read["termination_date"].with_columns(
            date=dates["termination_date"], hire_date=dates["hire_date"]
        )
        dates["termination_date"] = in_century_after_hire(left, opening)
    return Dates(dates, order)


def _order_of(slashed_format: re.Match[str]) -> DateOrder:
    return "month first" if slashed_format[1] in (None, "m") else "day first"  # %D and %x are %m/%d/%y


def _date_orders(
    texts: Mapping[str, pl.Series], where: Where, formats: Sequence[str]
) -> tuple[dict[str, DateOrder | None], str]:
    """Return per column whether 3/4/2020 has the day or the month first, None if no date depends on it.

    The second value is the reason, as text.
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
                    "month first, and no date shows which. Set the format, for example "
                    'census.date_formats: ["%m/%d/%Y"] or ["%d/%m/%Y"].'
                )
            ((order, other),) = shown.items()
            orders[name], deciding[name] = order, f"{order}, as in {other}"
        if orders[name]:
            log.info("%s: the dates of %s have the %s", where.file, name, orders[name])
    reasons = "; ".join(f"{name} {reason}" for name, reason in deciding.items())
    return orders, reasons or "no date is ambiguous"


def _slashed(texts: pl.Series, formats: Sequence[str]) -> pl.DataFrame:
    """Return the distinct texts such as 3/4/2020 that no format of the settings reads, with both numbers."""
    distinct = texts.unique().drop_nulls()
    bare = without_time(distinct)
    numbers = {"a": bare.str.extract(SLASHED, 1), "b": bare.str.extract(SLASHED, 2)}
    frame = pl.DataFrame({"text": distinct, **numbers}).with_columns(
        pl.col("a", "b").cast(pl.Int32, strict=False)
    )
    return frame.filter(by_formats(distinct, formats)["date"].is_null()).drop_nulls()


def _shown_order(
    name: str, texts: pl.Series, pairs: pl.DataFrame, where: Where
) -> tuple[DateOrder | None, int | None]:
    """Return the order that a column's numbers above 12 imply, and the row of the first such number.

    Raises CensusError if they contradict each other.
    """
    day_first = pairs.filter(pl.col("a") > 12, pl.col("b") <= 12)["text"]
    month_first = pairs.filter(pl.col("b") > 12, pl.col("a") <= 12)["text"]
    if len(day_first) and len(month_first):
        raise CensusError(
            f"{where.file}: column {name} mixes days first ({where.first(texts, day_first)}) and months "
            f"first ({where.first(texts, month_first)}). Correct the exceptions, or set the format, "
            'census.date_formats: ["%m/%d/%Y"] or ["%d/%m/%Y"]: dates of the other kind are then bad rows.'
        )
    if len(day_first):
        return "day first", where.row(texts, day_first)
    if len(month_first):
        return "month first", where.row(texts, month_first)
    return None, None


def _check_midnights(name: str, texts: pl.Series, where: Where, formats: Sequence[str]) -> None:
    """Raise CensusError if the times of a column are midnights of a zone east of Greenwich, written in UTC.

    23:00 UTC is midnight of the next day in Oslo, so the date as written is one day too early.
    """
    distinct = texts.unique().drop_nulls()
    distinct = distinct.filter(distinct.str.contains(_UTC_TIME))
    distinct = distinct.filter(by_formats(distinct, formats)["date"].is_null())
    hour, minute, second = (distinct.str.extract(_UTC_TIME, part) for part in (1, 2, 3))
    # Zones differ from UTC by multiples of 15 minutes. Noon is excluded: some systems write 12:00 UTC so that
    # the date is the same in most zones.
    elsewhere = (
        (hour.cast(pl.Int32) > 12)
        & (minute.cast(pl.Int32) % 15 == 0)
        & second.fill_null("0").str.contains(r"^[0.,]+$")
    )
    if len(distinct) and elsewhere.all():
        raise CensusError(
            f"{where.file}: column {name}: every time is like {where.first(texts, distinct)}, the "
            "midnight of a zone east of Greenwich, so that the date before it is a day too early. Export the "
            "dates without time or in local time. If the dates are correct, set their format, for example "
            'census.date_formats: ["%Y-%m-%d %H:%M:%S UTC"].'
        )

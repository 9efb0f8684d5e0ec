"""What the text of a cell means: dates, amounts and levels as payroll systems write them.

What a single cell leaves open (is 03/04/2020 in March? is 56.000 fifty-six?) its column decides. Where the
column does not, the file is refused: a guess would be wrong in silence.
"""

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

from tasks.census_error import CensusError

log = logging.getLogger("workforce.census")

DateOrder = Literal["day first", "month first"]

_MONTH = (
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
#: The time that a system adds to a date: it is cut off, with its zone, and the date taken as written.
_TIME = r"(?i)[T ]\s*\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s*(?:[ap]m)?\s*(?:Z|[+-]\d{2}:?\d{2})?$"
_SLASHED = r"^(\d{1,2})[/-](\d{1,2})[/-](\d{4})$"
_SLASHED_FORMAT = re.compile(r"%[dme][/-]%[dme][/-]%[Yy]|%D")
#: A sign or a code before or after the amount, which is group 2; group 1 is its minus.
_CURRENCY = (
    r"^(-?)(?:[A-Z]{3}|[A-Z]{0,2}\p{Sc})?[\p{Zs}]*(.*?)"
    r"[\p{Zs}]*(?:[A-Z]{3}|\p{Sc})?$"
)
NO_VALUE = "(none)"
DATE_FORMATS_ALLOWED = (
    "2020-01-31, 2020/01/31, 20200131, 31.01.2020, 31-Jan-2020, Jan 31, 2020, 01/31/2020 or 31/01/2020, an "
    "Excel serial such as 43861, each with or without a time; years 1900 to 2199 with four digits; others "
    "through census.date_formats"
)
AMOUNT_ALLOWED = (
    "an amount above 0 with at most 9 digits before its decimal mark, such as 56000, 56,000.00, $56,000 or "
    "€ 56.000,00"
)


@dataclass(frozen=True)
class Where:
    """Where a message says that it found something."""

    file: str
    rows: pl.Series  # row numbers, parallel to the texts

    def first(self, texts: pl.Series, values: pl.Series) -> str:
        """The first of these values and its row, for a message."""
        row = texts.is_in(values.implode()).arg_max() or 0
        return f"{texts[row]!r} in row {self.rows[row]}"


def stripped(texts: pl.Series) -> pl.Series:
    """Texts without surrounding blanks; nothing but blanks is null."""
    bare = texts.str.strip_chars()
    return bare.set(bare == "", None)


def values_of_dimension(texts: pl.Series) -> pl.Series:
    """Texts as `stripped` has them; `(none)`, which is how results show an empty cell, is one too."""
    bare = stripped(texts)
    return bare.set(bare == NO_VALUE, None)


def parse_dates(
    columns: Mapping[str, pl.Series], where: Where, formats: Sequence[str] = ()
) -> dict[str, pl.Series]:
    """The dates of several columns of one file; null where a text is no date.

    The user's own `formats` come first. With slashes or dashes, a day above 12 shows which number is the day;
    a column without one follows the file's other date columns.
    """
    _check_formats(formats)
    texts = {name: stripped(column) for name, column in columns.items()}
    orders: dict[str, DateOrder | None] = dict.fromkeys(texts)
    if not any(_SLASHED_FORMAT.search(fmt) for fmt in formats):
        orders = _date_orders(texts, where, formats)

    def parse(name: str) -> Callable[[pl.Series], pl.Series]:
        return lambda distinct: _dates(distinct, formats, orders[name])

    return {name: _by_distinct(text, parse(name)) for name, text in texts.items()}


def parse_amounts(
    texts: pl.Series, where: Where, decimal_comma: bool | Literal["auto"] = "auto"
) -> pl.Series:
    """Amounts as Decimal(14, 2), rounded half up; null where a text is no amount that fits."""
    # The currency is dropped: a census has one, and the product does not convert.
    bare = stripped(texts).str.replace(_CURRENCY, "${1}${2}")
    comma = _decimal_comma(texts, bare, where) if decimal_comma == "auto" else decimal_comma
    mark = "," if comma else "."
    plain = (
        bare.set(~bare.str.contains(_amount_shape(mark)), None)
        .str.replace_all(rf"[^\d\-\{mark}]", "")
        .str.replace(mark, ".", literal=True)
    )
    # In decimal from the text on. Digits behind the sixth cannot change a cent, and would not fit.
    decimal = plain.str.extract(r"^(-?\d{1,18}(?:\.\d{0,6})?)\d*$").str.strip_suffix(".")
    # 9 digits leave pay room to grow tenfold within the 10 that the models compute exactly with
    exact = decimal.cast(pl.Decimal(30, 6), strict=False)
    return exact.to_frame("x").select(
        pl.col("x")
        .round(2, mode="half_away_from_zero")
        .cast(pl.Decimal(11, 2), strict=False)
        .cast(pl.Decimal(14, 2))
    )["x"]


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


def _by_formats(texts: pl.Series, formats: Sequence[str]) -> pl.Series:
    """The dates by the user's own formats, each tried with and without the text's time of day."""
    frame = pl.DataFrame({"t": texts, "bare": _without_time(texts)}, schema_overrides={"t": pl.String})
    tries = [
        pl.col(text).str.strptime(pl.Date, fmt, strict=False) for fmt in formats for text in ("t", "bare")
    ]
    return frame.with_columns(date=pl.coalesce(*tries, pl.lit(None, pl.Date)))["date"]


def _without_time(texts: pl.Series) -> pl.Series:
    return texts.str.replace(_TIME, "")


def _date_orders(
    texts: Mapping[str, pl.Series], where: Where, formats: Sequence[str]
) -> dict[str, DateOrder | None]:
    """Per column, whether 3/4/2020 has the day or the month first; None where it makes no difference."""
    pairs = {name: _slashed(text, formats) for name, text in texts.items()}
    orders = {name: _shown_order(name, texts[name], pairs[name], where) for name in texts}
    shown = {order for order in orders.values() if order}
    for name, text in texts.items():
        unclear = pairs[name].filter(pl.col("a", "b") <= 12, pl.col("a") != pl.col("b"))["text"]
        if orders[name] is None and len(unclear):
            if len(shown) != 1:
                raise CensusError(
                    f"{where.file}: column {name}: {where.first(text, unclear)} may have the day or the "
                    "month first, and no date tells which. Say so in the settings, for example "
                    'census.date_formats: ["%m/%d/%Y"] or ["%d/%m/%Y"].'
                )
            orders[name] = next(iter(shown))
        if orders[name]:
            log.info("%s: the dates of %s have the %s", where.file, name, orders[name])
    return orders


def _slashed(texts: pl.Series, formats: Sequence[str]) -> pl.DataFrame:
    """The distinct texts of the form 3/4/2020 that the user's formats do not read, and their two numbers."""
    distinct = texts.unique().drop_nulls()
    bare = _without_time(distinct)
    numbers = {"a": bare.str.extract(_SLASHED, 1), "b": bare.str.extract(_SLASHED, 2)}
    frame = pl.DataFrame({"text": distinct, **numbers}).with_columns(
        pl.col("a", "b").cast(pl.Int32, strict=False)
    )
    return frame.filter(_by_formats(distinct, formats).is_null()).drop_nulls()


def _shown_order(name: str, texts: pl.Series, pairs: pl.DataFrame, where: Where) -> DateOrder | None:
    """The order that a column's own days above 12 show."""
    day_first = pairs.filter(pl.col("a") > 12, pl.col("b") <= 12)["text"]
    month_first = pairs.filter(pl.col("b") > 12, pl.col("a") <= 12)["text"]
    if len(day_first) and len(month_first):
        raise CensusError(
            f"{where.file}: column {name} mixes days first ({where.first(texts, day_first)}) and months "
            f"first ({where.first(texts, month_first)}). Correct the odd one, or say which holds, "
            'census.date_formats: ["%m/%d/%Y"] or ["%d/%m/%Y"]: dates of the other kind are then bad rows.'
        )
    return "day first" if len(day_first) else "month first" if len(month_first) else None


def _dates(texts: pl.Series, formats: Sequence[str], order: DateOrder | None) -> pl.Series:
    frame = pl.DataFrame({"text": texts, "own": _by_formats(texts, formats), "bare": _without_time(texts)})
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
    kinds = [
        taken(r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$", 1, 2, 3),
        taken(r"^(\d{4})(\d{2})(\d{2})(?:\.0+)?$", 1, 2, 3),
        taken(r"^(\d{1,2})\.(\d{1,2})\.(\d{4})$", 3, 2, 1),
        named(rf"(?i)^(\d{{1,2}})[-/. ]*{_MONTH}[-/., ]*(\d{{4}})$", month=2, day=1),
        named(rf"(?i)^{_MONTH}[-. ]*(\d{{1,2}})[-, ]+(\d{{4}})$", month=1, day=2),
        # Day 0 of Excel's calendar, which has a 29 February 1900 that never was.
        pl.date(1899, 12, 30) + pl.duration(days=serial),
    ]
    if order == "month first":
        kinds.append(taken(_SLASHED, 3, 1, 2))
    elif order == "day first":
        kinds.append(taken(_SLASHED, 3, 2, 1))
    else:
        # The column leaves no doubt without an order: both numbers are the same. Or the user's formats rule.
        same = taken(_SLASHED, 3, 1, 2)
        kinds.append(pl.when(pl.lit(not any(map(_SLASHED_FORMAT.search, formats)))).then(same))
    return frame.select(
        pl.coalesce("own", *kinds).alias("date")
    ).select(
        pl.when(pl.col("date").is_between(pl.date(1900, 1, 1), pl.date(2199, 12, 31))).then("date")
    )["date"]  # fmt: skip


_MONTH_NUMBERS = {
    name: str(number)
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], start=1
    )
}


def _amount_shape(mark: str) -> str:
    """A number with this decimal mark, its thousands set apart by blank, apostrophe or the other mark."""
    other = "." if mark == "," else ","
    return rf"^-?(?:\d+|\d{{1,3}}(?:[\p{{Zs}}'’\{other}]\d{{3}})+)(?:\{mark}\d*)?$"


def _decimal_comma(texts: pl.Series, bare: pl.Series, where: Where) -> bool:
    """Whether the column's decimal mark is a comma, which amounts of one reading only tell."""
    as_point, as_comma = (bare.str.contains(_amount_shape(mark)) for mark in (".", ","))
    only_point, only_comma = texts.filter(as_point & ~as_comma), texts.filter(as_comma & ~as_point)
    hint = "Say which mark is the decimal mark: census.decimal_comma: true (56.000,00) or false (56,000.00)"
    if len(only_point) and len(only_comma):
        raise CensusError(
            f"{where.file}: column salary mixes decimal points ({where.first(texts, only_point)}) and "
            f"decimal commas ({where.first(texts, only_comma)}). {hint}; amounts of the "
            "other kind are then bad rows."
        )
    if not len(only_point) and not len(only_comma):
        # 56,000 alone means thousands, since no one pays in thousandths; a lone 56.000 may be either that
        # or what is left of 56000 by a system that counts in thousands.
        unclear = texts.filter(bare.str.contains(r"\.\d") & as_point & as_comma)
        if len(unclear):
            raise CensusError(
                f"{where.file}: column salary: {where.first(texts, unclear)} may be 56 thousand or 56 "
                f"units, and no amount in the column tells which. {hint}."
            )
    if len(only_comma):
        log.info("%s: the salaries have a decimal comma", where.file)
    return len(only_comma) > 0

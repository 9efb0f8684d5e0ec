"""Parse amounts in the notations of payroll systems, and determine their decimal mark.

A single cell can be ambiguous: 56.000 may be 56 or 56,000. The other cells of its column decide. If they do
not, the file is refused, because nobody would notice a wrong guess.
"""

import logging
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

import polars as pl

from settings.models.currency import SIGNS
from tasks.census.errors import CensusError
from tasks.census.parse import Where, stripped

log = logging.getLogger("workforce.census")

#: Currency codes and signs, as regular expressions; letters may precede a sign (US$).
_WORDS = "|".join(re.escape(sign) for sign in sorted(SIGNS, key=len, reverse=True) if sign.isalpha())
_CURRENCY = rf"(?:[A-Za-z]{{0,4}}\p{{Sc}}|(?i:{_WORDS})\.?|[A-Z]{{3}})"
#: Minus, currency, the number itself (which may have another minus), currency.
AMOUNT = rf"^(-?)({_CURRENCY})?[\p{{Zs}}]*(-?\d.*?)[\p{{Zs}}]*({_CURRENCY})?$"
#: Dashes instead of decimals, as in 61'000.– or 61.000,- or 61 000:-, and the /- of Indian amounts.
_DASHES = r"(?:([.,])|[:/])[-–—]+$"
AMOUNT_ALLOWED = (
    "an amount above 0 with at most 9 digits before its decimal mark, such as 56000, 56,000.00, $56,000 or "
    "€ 56.000,00"
)


@dataclass(frozen=True)
class Amounts:
    """The amounts of a column, and how their decimal mark was determined."""

    values: pl.Series
    decimal_mark: str


def parse_amounts(texts: pl.Series, where: Where, decimal_comma: bool | Literal["auto"] = "auto") -> Amounts:
    """Return amounts as Decimal(14, 2), rounded half up; null if a text is not an amount or is too large.

    Raises CensusError if the column does not determine its decimal mark.
    """
    bare = stripped(texts)
    if bare.str.contains(r"[^\d.,]").any():  # otherwise skip the replacement, which takes seconds per million
        # Remove the currency: `find_currency` determines it.
        bare = bare.str.replace(AMOUNT, "${1}${3}").str.replace(_DASHES, "${1}")
    reason = "set by census.decimal_comma"
    if decimal_comma == "auto":
        decimal_comma, reason = _decimal_comma(texts, bare, where)
    mark = "," if decimal_comma else "."
    plain = (
        bare.set(~bare.str.contains(_amount_shape(mark)), None)
        .str.replace_all(rf"[^\d\-\{mark}]", "")
        .str.replace(mark, ".", literal=True)
    )
    # Parsed as a decimal, never as a double. Digits after the sixth decimal cannot change a cent.
    decimal = plain.str.extract(r"^(-?\d{1,18}(?:\.\d{0,6})?)\d*$").str.strip_suffix(".")
    # At most 9 digits before the mark: the models are exact for 10, so pay can grow tenfold.
    exact = decimal.cast(pl.Decimal(30, 6), strict=False)
    values = exact.to_frame("x").select(
        pl.col("x")
        .round(2, mode="half_away_from_zero")
        .cast(pl.Decimal(11, 2), strict=False)
        .cast(pl.Decimal(14, 2))
    )["x"]
    return Amounts(values, f"{'comma' if decimal_comma else 'point'}: {reason}")


def _amount_shape(mark: str) -> str:
    """Return a pattern of numbers with this decimal mark.

    Thousands are separated by a blank, an apostrophe or the other mark. With a decimal point, India's groups
    of two digits above the thousands match too: 12,34,567.00.
    """
    other = "." if mark == "," else ","
    lakhs = r"|\d{1,2}(?:,\d{2})+,\d{3}" if mark == "." else ""
    return rf"^-?(?:\d+|\d{{1,3}}(?:[\p{{Zs}}'’ʼ´`\{other}]\d{{3}})+{lakhs})(?:\{mark}\d*)?$"


def _decimal_comma(texts: pl.Series, bare: pl.Series, where: Where) -> tuple[bool, str]:
    """Return whether the column's decimal mark is a comma, and the reason.

    Amounts that are valid with one of the two marks only decide.
    """
    as_point, as_comma = (bare.str.contains(_amount_shape(mark)) for mark in (".", ","))
    only_point, only_comma = texts.filter(as_point & ~as_comma), texts.filter(as_comma & ~as_point)
    hint = "Set the decimal mark: census.decimal_comma: true (56.000,00) or false (56,000.00)"
    if len(only_point) and len(only_comma):
        raise CensusError(
            f"{where.file}: column salary mixes decimal points ({where.first(texts, only_point)}) and "
            f"decimal commas ({where.first(texts, only_comma)}). {hint}; amounts of the "
            "other kind are then bad rows."
        )
    if len(only_point):
        return False, f"row {where.row(texts, only_point)} shows it"
    if len(only_comma):
        log.info("%s: the salaries have a decimal comma", where.file)
        return True, f"row {where.row(texts, only_comma)} shows it"
    # 56,000 is 56 thousand, since nobody pays in thousandths. 56.000 is ambiguous: with a decimal comma it is
    # 56 thousand, but a system that counts in thousands writes 56000 as 56.000 as well.
    is_ambiguous = bare.str.contains(r"\.\d") & as_point & as_comma
    unclear = texts.filter(is_ambiguous)
    if len(unclear):
        amount = bare.filter(is_ambiguous)[0].lstrip("-")
        units = Decimal(amount).normalize()
        raise CensusError(
            f"{where.file}: column salary: {where.first(texts, unclear)} may be {units:f} thousand or "
            f"{units:f} units, and no amount in the column shows which. Set census.decimal_comma: true if "
            f"{amount} is {1000 * units:f}, false if it is {units:f}."
        )
    return False, "assumed, as no salary has decimals"

"""What the text of an amount means, and its decimal mark, as payroll systems write them.

What a single cell leaves open (is 56.000 fifty-six?) its column decides. Where the column does not, the file
is refused: a guess would be wrong in silence.
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
    """The amounts of a column, and what decided their decimal mark."""

    values: pl.Series
    decimal_mark: str


def parse_amounts(texts: pl.Series, where: Where, decimal_comma: bool | Literal["auto"] = "auto") -> Amounts:
    """Amounts as Decimal(14, 2), rounded half up; null where a text is no amount that fits."""
    bare = stripped(texts)
    if bare.str.contains(r"[^\d.,]").any():  # else it is as it stands, and a million of them take seconds
        # Without the currency, which `find_currency` sees to.
        bare = bare.str.replace(AMOUNT, "${1}${3}").str.replace(_DASHES, "${1}")
    shown = "set by census.decimal_comma"
    if decimal_comma == "auto":
        decimal_comma, shown = _decimal_comma(texts, bare, where)
    mark = "," if decimal_comma else "."
    plain = (
        bare.set(~bare.str.contains(_amount_shape(mark)), None)
        .str.replace_all(rf"[^\d\-\{mark}]", "")
        .str.replace(mark, ".", literal=True)
    )
    # In decimal from the text on. Digits behind the sixth cannot change a cent, and would not fit.
    decimal = plain.str.extract(r"^(-?\d{1,18}(?:\.\d{0,6})?)\d*$").str.strip_suffix(".")
    # 9 digits leave pay room to grow tenfold within the 10 that the models compute exactly with
    exact = decimal.cast(pl.Decimal(30, 6), strict=False)
    values = exact.to_frame("x").select(
        pl.col("x")
        .round(2, mode="half_away_from_zero")
        .cast(pl.Decimal(11, 2), strict=False)
        .cast(pl.Decimal(14, 2))
    )["x"]
    return Amounts(values, f"{'comma' if decimal_comma else 'point'}: {shown}")


def _amount_shape(mark: str) -> str:
    """A number with this decimal mark, its thousands set apart by blank, apostrophe or the other mark.

    Beside a decimal point, also India's groups of two digits above the thousands: 12,34,567.00.
    """
    other = "." if mark == "," else ","
    lakhs = r"|\d{1,2}(?:,\d{2})+,\d{3}" if mark == "." else ""
    return rf"^-?(?:\d+|\d{{1,3}}(?:[\p{{Zs}}'’ʼ´`\{other}]\d{{3}})+{lakhs})(?:\{mark}\d*)?$"


def _decimal_comma(texts: pl.Series, bare: pl.Series, where: Where) -> tuple[bool, str]:
    """Whether the column's decimal mark is a comma, and what shows it: amounts of one reading only."""
    as_point, as_comma = (bare.str.contains(_amount_shape(mark)) for mark in (".", ","))
    only_point, only_comma = texts.filter(as_point & ~as_comma), texts.filter(as_comma & ~as_point)
    hint = "Say which mark is the decimal mark: census.decimal_comma: true (56.000,00) or false (56,000.00)"
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
    # 56,000 alone means thousands, since no one pays in thousandths; a lone 56.000 may be either that
    # or what is left of 56000 by a system that counts in thousands.
    is_open = bare.str.contains(r"\.\d") & as_point & as_comma
    unclear = texts.filter(is_open)
    if len(unclear):
        amount = bare.filter(is_open)[0].lstrip("-")
        units = Decimal(amount).normalize()
        raise CensusError(
            f"{where.file}: column salary: {where.first(texts, unclear)} may be {units:f} thousand or "
            f"{units:f} units, and no amount in the column tells which. Say so in the settings: "
            f"census.decimal_comma: true if {amount} is {1000 * units:f}, false if it is {units:f}."
        )
    return False, "assumed, as no salary has decimals"

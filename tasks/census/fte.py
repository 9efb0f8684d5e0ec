"""Full-time equivalents: parse the column `fte`, and convert between actual and full-time pay."""

from decimal import ROUND_HALF_UP, Decimal

import polars as pl

from tasks.census.parse import by_distinct, stripped

FTE = pl.Decimal(7, 6)
FTE_ALLOWED = "from above 0 to 1, such as 0.5 or 50%"

#: A number with a decimal point or comma; no thousands, since no FTE reaches them. A percent sign may follow.
_NUMBER = r"^([0-9]{0,9}(?:[.,][0-9]{1,30})?)[.,]?[\p{Zs}]*(%?)$"
_SMALLEST = Decimal("0.000001")


def parse_ftes(texts: pl.Series) -> pl.Series:
    """Return FTEs as Decimal(7, 6), rounded half up; null if a text is not above 0 and at most 1.

    0,5 and 0.5 are equal, and so are 50% and 0.5.
    """
    return by_distinct(stripped(texts), _parsed)


def _parsed(texts: pl.Series) -> pl.Series:
    numbers = texts.str.extract(_NUMBER, 1).str.replace(",", ".", literal=True)
    percents = texts.str.extract(_NUMBER, 2) == "%"
    return pl.Series(
        [_fte(number, percent) for number, percent in zip(numbers, percents, strict=True)], dtype=FTE
    )


def _fte(number: str | None, percent: bool | None) -> Decimal | None:
    if not number:
        return None
    value = (Decimal(number) / (100 if percent else 1)).quantize(_SMALLEST, ROUND_HALF_UP)
    return value if 0 < value <= 1 else None


def actual_pay(full_time: pl.Expr, fte: pl.Expr) -> pl.Expr:
    """Return full-time pay × FTE as Decimal(14, 2), half up to the cent."""
    return _in_cents((full_time.to_physical() * fte.to_physical() + 500_000) // 1_000_000, 14)


def full_time_pay(actual: pl.Expr, fte: pl.Expr) -> pl.Expr:
    """Return pay ÷ FTE as Decimal(22, 2), half up to the cent."""
    share = fte.to_physical()
    return _in_cents((2_000_000 * actual.to_physical() + share) // (2 * share), 22)


def _in_cents(cents: pl.Expr, digits: int) -> pl.Expr:
    return (cents.cast(pl.Decimal(38, 2)) / 100).cast(pl.Decimal(digits, 2))

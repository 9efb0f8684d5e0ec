"""Full-time equivalents: parse the column `fte`, and convert between actual and full-time pay."""

from decimal import ROUND_HALF_UP, Decimal

import polars as pl

from tasks.census.parse import by_distinct, stripped

FTE = pl.Decimal(7, 6)
FTE_ALLOWED = "from above 0 to 1, such as 0.5 or 50%"

#: A number with a decimal point or comma; no thousands, since no FTE reaches them. A percent sign may follow.
_NUMBER = r"^([0-9]{0,9}(?:[.,][0-9]{1,30})?)[.,]?[\p{Zs}]*(%?)$"


def parse_ftes(texts: pl.Series) -> pl.Series:
    """Return FTEs as Decimal(7, 6); null if a text is not above 0 and at most 1."""
    return parse_shares(texts, FTE)


def parse_shares(texts: pl.Series, kind: pl.Decimal) -> pl.Series:
    """Return shares above 0 and up to 1 in a decimal type, rounded half up; null for any other text.

    0,5 and 0.5 are equal, and so are 50% and 0.5.
    """
    smallest = Decimal(1).scaleb(-kind.scale)

    def share(number: str | None, percent: bool | None) -> Decimal | None:
        if not number:
            return None
        value = (Decimal(number) / (100 if percent else 1)).quantize(smallest, ROUND_HALF_UP)
        return value if 0 < value <= 1 else None

    def parsed(distinct: pl.Series) -> pl.Series:
        numbers = distinct.str.extract(_NUMBER, 1).str.replace(",", ".", literal=True)
        percents = distinct.str.extract(_NUMBER, 2) == "%"
        return pl.Series([share(*each) for each in zip(numbers, percents, strict=True)], dtype=kind)

    return by_distinct(stripped(texts), parsed)


def actual_pay(full_time: pl.Expr, fte: pl.Expr) -> pl.Expr:
    """Return full-time pay × FTE as Decimal(14, 2), half up to the cent."""
    return _in_cents((full_time.to_physical() * fte.to_physical() + 500_000) // 1_000_000, 14)


def full_time_pay(actual: pl.Expr, fte: pl.Expr) -> pl.Expr:
    """Return pay ÷ FTE as Decimal(22, 2), half up to the cent."""
    share = fte.to_physical()
    return _in_cents((2_000_000 * actual.to_physical() + share) // (2 * share), 22)


def _in_cents(cents: pl.Expr, digits: int) -> pl.Expr:
    return (cents.cast(pl.Decimal(38, 2)) / 100).cast(pl.Decimal(digits, 2))

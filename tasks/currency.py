"""Amounts with the currency of a run's census, for every output that shows them."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

#: Signs that stand behind the amount.
_BEHIND = {"kr", "zł", "zl", "kč", "ft", "lei", "лв"}


def currency_of(record: Mapping[str, Any]) -> str | None:
    """The currency in a run.json: of the setting census.currency, else the sign in the census; or none."""
    currency = record["census"].get("currency")
    return str(currency) if currency else None


def in_currency(amount: Decimal | float, currency: str | None, decimals: int = 2) -> str:
    """An amount with its currency: $1,234.50, EUR 1,234.50, 1,234.50 kr; without one, the number alone."""
    digits = f"{abs(amount):,.{decimals}f}"
    minus = "-" if amount < 0 else ""
    if currency is None:
        return minus + digits
    if currency.rstrip(".").casefold() in _BEHIND:
        return f"{minus}{digits}\N{NO-BREAK SPACE}{currency}"
    blank = "\N{NO-BREAK SPACE}" if currency[-1].isalpha() or currency[-1] == "." else ""
    return f"{minus}{currency}{blank}{digits}"


def unit_of(unit: str, currency: str | None) -> str:
    """A unit of amounts for a heading: `millions` becomes `millions of EUR`."""
    return f"{unit} of {currency}" if currency else unit

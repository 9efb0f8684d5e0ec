"""How amounts of money are written for people: the one place for their unit and digits."""

from decimal import Decimal

MILLION = 1_000_000
#: The unit of axes and headings, and how an axis of charts labels its values (an expression of Vega).
UNIT = "millions"
AXIS_LABEL = "format(datum.value / 1e6, ',.4~r') + ' M'"


def in_millions(amount: Decimal | float, *, digits: int = 1, sign: str = "") -> str:
    """An amount in millions without its unit, as below a heading that names it; sign "+" shows both signs."""
    return f"{float(amount) / MILLION:{sign},.{digits}f}"


def millions(amount: Decimal | float, *, digits: int = 1, sign: str = "") -> str:
    """An amount in millions, with its unit."""
    return f"{in_millions(amount, digits=digits, sign=sign)} M"


def whole(amount: Decimal | float, *, sign: str = "") -> str:
    """An amount without cents."""
    return f"{amount:{sign},.0f}"


def to_the_cent(amount: Decimal | float) -> str:
    """An amount with its cents."""
    return f"{amount:,.2f}"

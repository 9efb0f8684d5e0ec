"""Format amounts of money: the only place that determines currency, unit and digits."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from settings.errors import InputError
from settings.models.currency import follows_amount, is_currency
from tasks.text.numbers import written

MILLION = 1_000_000
#: Vega expression for the labels of a chart's axis, in millions; the axis' title names the unit.
AXIS_LABEL = "format(datum.value / 1e6, ',.4~r') + ' M'"


def in_millions(amount: Decimal | float, *, digits: int = 1, sign: str = "") -> str:
    """Return an amount in millions without its unit, for columns headed by it; sign "+" shows + too."""
    return written(float(amount) / MILLION, f"{sign},.{digits}f")


class _Census(Protocol):
    @property
    def currency(self) -> str | None: ...


class _Record(Protocol):
    """The part of a run's record (tasks/runs/record.py) that `Money` reads."""

    @property
    def run_id(self) -> str: ...

    @property
    def census(self) -> _Census: ...


@dataclass(frozen=True)
class Money:
    """Formats amounts of one currency, from a run's record; without a currency, as plain numbers.

    A currency is a code, or a sign of letters and currency symbols. These need no escaping in HTML, Vega,
    Typst, Rich or the number formats of a workbook; only in Markdown must $ be escaped.
    """

    currency: str | None = None

    def __post_init__(self) -> None:
        """Raise ValueError if the text is not a currency."""
        if self.currency is not None and not (isinstance(self.currency, str) and is_currency(self.currency)):
            raise ValueError(f"{self.currency!r} is not a currency, such as EUR, $ or kr")

    @classmethod
    def of(cls, record: _Record) -> "Money":
        """Create it from a run.json; older ones have no currency. Raises InputError if it is invalid."""
        try:
            return cls(record.census.currency)
        except ValueError as error:
            raise InputError(f"run.json of {record.run_id}: census.currency: {error}") from None

    def to_the_cent(self, amount: Decimal | float, *, sign: str = "") -> str:
        """Return an amount with cents: $1,234.50, EUR 1,234.50, 1,234.50 kr; sign "+" shows + too."""
        return self.beside(written(amount, f"{sign},.2f"))

    def without_cents(self, amount: Decimal | float, *, sign: str = "") -> str:
        """Return an amount without cents; a few cents less than nothing are 0, not -0."""
        return self.beside(written(amount, f"{sign}z,.0f"))

    def millions(self, amount: Decimal | float, *, digits: int = 1, sign: str = "") -> str:
        """Return an amount in millions: EUR 231.6 M."""
        return self.beside(f"{in_millions(amount, digits=digits, sign=sign)} M")

    @property
    def name(self) -> str:
        """The unit of amounts, for headings: EUR."""
        return self.currency or "currency units"

    @property
    def unit(self) -> str:
        """The unit of amounts in millions, for headings: millions of EUR."""
        return f"millions of {self.currency}" if self.currency else "millions"

    @property
    def note(self) -> str:
        """A sentence on the currency, to follow another sentence; empty if the currency is not known."""
        return f" Amounts are in {self.currency}." if self.currency else ""

    def headed(self, label: str) -> str:
        """Return the heading of a column of amounts: Closing (EUR)."""
        return f"{label} ({self.currency})" if self.currency else label

    def number_format(self, digits: str) -> str:
        """Return the number format of amounts in a workbook: [$EUR] #,##0.00."""
        return self.beside(digits, f"[${self.currency}]", blank=" ")

    @property
    def extra_width(self) -> int:
        """Number of characters that the currency adds to an amount."""
        return len(self.beside(""))

    def beside(self, number: str, shown: str = "", blank: str = "\N{NO-BREAK SPACE}") -> str:
        """Return a formatted number with the currency, or `shown` in its place, before or after it."""
        if self.currency is None:
            return number
        shown = shown or self.currency
        if follows_amount(self.currency):
            return f"{number}{blank}{shown}"
        between = blank if self.currency[-1].isalpha() or self.currency[-1] == "." else ""
        sign = number[:1] if number[:1] in ("+", "-") else ""
        return f"{sign}{shown}{between}{number.removeprefix(sign)}"


#: For amounts whose heading names the currency.
PLAIN = Money()

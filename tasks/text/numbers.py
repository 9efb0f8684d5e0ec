"""How numbers are written: the marks between thousands and before decimals, as setting company.number_format.

Like a locale, the format holds for all that is written within `numbers_as`, so that every sentence, table and
chart of a report uses the same. Outside of it numbers are written as 1,234.5.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class NumberFormat:
    """The mark between groups of three digits, and the one before decimals."""

    thousands: str
    decimal: str

    @property
    def vega(self) -> dict[str, Any]:
        """The locale of a Vega chart's axes, which d3-format documents."""
        return {
            "decimal": self.decimal,
            "thousands": self.thousands,
            "grouping": [3],
            "currency": ["", ""],
        }


#: By their names in settings/models/company.py. A number is not broken at the blank.
FORMATS = {
    "1,234.5": NumberFormat(",", "."),
    "1.234,5": NumberFormat(".", ","),
    "1 234,5": NumberFormat("\N{NO-BREAK SPACE}", ","),
    "1 234.5": NumberFormat("\N{NO-BREAK SPACE}", "."),
    "1'234.5": NumberFormat("\N{RIGHT SINGLE QUOTATION MARK}", "."),
}
USUAL = "1,234.5"
_chosen: ContextVar[NumberFormat] = ContextVar("number format", default=FORMATS[USUAL])


@contextmanager
def numbers_as(number_format: NumberFormat) -> Iterator[None]:
    """Write numbers in this format within the block."""
    before = _chosen.set(number_format)
    try:
        yield
    finally:
        _chosen.reset(before)


def number_format() -> NumberFormat:
    """Return the format in which numbers are written here."""
    return _chosen.get()


def written(value: Decimal | float, spec: str = ",") -> str:
    """Return a number by a format specification of Python, in the format in which numbers are written here.

    >>> written(1234.5, ",.1f")
    '1,234.5'
    """
    marks = number_format()
    return format(value, spec).translate({ord(","): marks.thousands, ord("."): marks.decimal})

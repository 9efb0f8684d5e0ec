"""Records as JSON or CSV, for other programs: raw values, without formats and rounding."""

import csv
import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from typing import Any

#: Text that spreadsheets execute as a formula if it is in a CSV.
FORMULA_STARTS = r"^[=+\-@\t\r\n]"


def json_text(document: Any) -> str:
    """Return records, or a mapping of them, as JSON: numbers as numbers, dates as in ISO 8601, else null.

    Raises TypeError for a value of a type that JSON cannot have.
    """
    return json.dumps(plain(document), indent=2, allow_nan=False)


def csv_text(fields: Sequence[str], records: Iterable[Mapping[str, Any]]) -> str:
    """Return records as CSV with a heading; what is missing is empty, a list is separated by semicolons.

    Text that a spreadsheet would execute gets an apostrophe; numbers stay numbers.
    """
    lines = _Lines()
    writer = csv.writer(lines)
    writer.writerow(fields)
    for record in records:
        writer.writerow([_cell(record.get(field)) for field in fields])
    return "".join(lines)


class _Lines(list[str]):
    """The rows that a csv.writer writes, each ending in a line feed only.

    With a line feed as its own end of a row, the writer would not quote a text with a carriage return.
    """

    def write(self, row: str) -> None:
        self.append(row.removesuffix("\r\n") + "\n")


def not_a_formula(value: Any) -> Any:
    """Return a value of a CSV, with an apostrophe before text that a spreadsheet would execute."""
    return f"'{value}" if isinstance(value, str) and re.match(FORMULA_STARTS, value) else value


def plain(value: Any) -> Any:
    """Return a value as JSON has it. Raises TypeError if there is no such value."""
    match value:
        case Enum():
            return plain(value.value)
        case None | bool() | int() | str():
            return value
        case float() | Decimal():
            number = float(value)
            return number if math.isfinite(number) else None
        case datetime() | date():
            return value.isoformat()
        case PurePath():
            return str(value)
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
    if hasattr(value, "item"):  # a number of NumPy
        return plain(value.item())
    raise TypeError(f"{value!r} of type {type(value).__name__} cannot be written as JSON")


def _cell(value: Any) -> Any:
    """Return a value as a cell of a CSV."""
    if isinstance(value, Decimal) and value.is_finite():
        return value  # with its digits
    value = plain(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list) and not any(isinstance(item, list | dict) for item in value):
        value = "; ".join("" if item is None else str(item) for item in value)
    elif isinstance(value, list | dict):
        value = json.dumps(value)
    return not_a_formula(value)

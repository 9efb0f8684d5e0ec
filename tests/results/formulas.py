"""Computes the formulas of a workbook independently of what the program stored as their results.

It knows the functions that the report's workbook uses; another one is an error.
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.formula import Tokenizer
from openpyxl.utils import range_boundaries

Cell = tuple[str, str]  # sheet and address, such as B2


class Text(str):
    """A text of a formula; `&` joins it with a number or date to a criterion."""

    def __and__(self, other: Any) -> tuple[str, Any]:
        """Return the criterion: an operator and what to compare with."""
        return str(self), other


class Formulas:
    """The formulas of a workbook, computed when they are asked for."""

    def __init__(self, path: Path) -> None:
        """Read formulas and, apart from them, the results that the file stores."""
        book, stored = openpyxl.load_workbook(path), openpyxl.load_workbook(path, data_only=True)
        self.cells: dict[Cell, Any] = {}
        self.stored: dict[Cell, Any] = {}
        for sheet in book:
            for row in sheet.iter_rows():
                for cell in row:
                    if cell.value is not None:
                        self.cells[sheet.title, cell.coordinate] = cell.value
                        self.stored[sheet.title, cell.coordinate] = stored[sheet.title][cell.coordinate].value

    def formulas(self) -> Iterator[Cell]:
        """Yield the cells that hold a formula."""
        for cell, value in self.cells.items():
            if isinstance(value, str) and value.startswith("="):
                yield cell

    def value(self, cell: Cell) -> Any:
        """Return the value of a cell; None if it is empty."""
        content = self.cells.get(cell)
        if not (isinstance(content, str) and content.startswith("=")):
            return content.date() if isinstance(content, datetime) else content
        return eval(self._python(content, cell[0]), {"__builtins__": {}}, self._functions)

    def _python(self, formula: str, sheet: str) -> str:
        """Write a formula as an expression of Python."""
        parts = []
        for token in Tokenizer(formula).items:
            if token.type == "OPERAND":
                if token.subtype == "TEXT":
                    parts.append(f"Text({token.value[1:-1]!r})")
                elif token.subtype == "RANGE":
                    parts.append(f"cells({token.value!r}, {sheet!r})")
                else:
                    parts.append(token.value)
            elif token.type == "OPERATOR-INFIX" and token.value == "=":
                parts.append("==")
            elif token.type == "FUNC" and token.subtype == "OPEN":
                parts.append(f"{token.value[:-1]}(")
            elif token.type != "WHITE-SPACE":
                parts.append(token.value)
        return "".join(parts)

    @property
    def _functions(self) -> dict[str, Callable[..., Any]]:
        return {
            "Text": Text,
            "cells": self._cells,
            "IF": lambda condition, yes, no: yes if condition else no,
            "ABS": abs,
            "DATE": date,
            "SUM": lambda values: sum(value for value in values if value is not None),
            "COUNTIF": lambda values, wanted: sum(value == wanted for value in values),
            "SUMIFS": _sumifs,
        }

    def _cells(self, address: str, sheet: str) -> Any:
        """Return the value of a cell, or the values of a range."""
        name, _, place = address.rpartition("!")
        name, place = name.strip("'") or sheet, place.replace("$", "")
        if ":" not in place:
            found = self.value((name, place))
            return 0 if found is None else found
        left, top, right, bottom = range_boundaries(place)
        letters = [openpyxl.utils.get_column_letter(column) for column in range(left, right + 1)]
        return [self.value((name, f"{letter}{row}")) for row in range(top, bottom + 1) for letter in letters]


def _sumifs(values: list[Any], *conditions: Any) -> float:
    pairs = list(zip(conditions[::2], conditions[1::2], strict=True))
    return sum(
        value
        for place, value in enumerate(values)
        if value is not None and all(_meets(column[place], criterion) for column, criterion in pairs)
    )


def _meets(value: Any, criterion: Any) -> bool:
    match criterion:
        case (">=", limit):
            return bool(value >= limit)
        case ("<=", limit):
            return bool(value <= limit)
    return bool(value == criterion)

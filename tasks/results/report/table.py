"""A table of the results with its columns' labels, kinds and meanings, for page, workbook and PDF."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import isclose
from typing import Any, Literal

from settings.models.calendar import FiscalCalendar
from tasks.text.calendar import CALENDAR_YEARS
from tasks.text.money import PLAIN, Money
from tasks.text.terms import EXPERIENCED

#: `figure`: a count or an amount, depending on the row; `number`: any other number; `ratio`: always with two
#: decimals; `interval`: a text of figures.
Kind = Literal[
    "text",
    "year",
    "month",
    "date",
    "count",
    "figure",
    "number",
    "money",
    "share",
    "change",
    "ratio",
    "interval",
]
#: A row of a table by the columns' keys. It may hold keys without a column.
Row = Mapping[str, Any]


#: Short names of topics whose key does not say them.
_NAMES = {
    "turnover": EXPERIENCED,
    "cost_differences": "Cost differences",
    "actions": "Known actions",
    "undone": "Actions not done",
    "variance": "Against budget",
}


@dataclass(frozen=True)
class Column:
    """A column of a table: its key in rows, its heading, the format of its values, and what it means.

    A table leaves out an `optional` column in which all rows have 0 or nothing, and a column in which all
    rows have the value of the column `same_as`: they would say nothing.
    """

    key: str
    label: str
    kind: Kind
    meaning: str
    optional: bool = False
    same_as: str = ""

    def says_something(self, rows: Sequence[Row]) -> bool:
        """Return whether the rows need the column."""
        if self.same_as:
            return any(
                row[self.key] is not None
                and not isclose(row[self.key], row[self.same_as] or 0, rel_tol=1e-9, abs_tol=1e-6)
                for row in rows
            )
        return not self.optional or any(row[self.key] for row in rows)


@dataclass(frozen=True)
class Table:
    """One topic of the results: rows, columns, title and note."""

    key: str
    title: str
    note: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    money: Money = PLAIN
    calendar: FiscalCalendar = CALENDAR_YEARS
    short: str = ""  # the short name, if the key does not say it

    @property
    def name(self) -> str:
        """The short name of the topic, for its sheet and the table of contents."""
        return self.short or _NAMES.get(self.key) or self.key.capitalize()

    @property
    def headings(self) -> list[str]:
        """The columns' labels; those of amounts have the currency."""
        return [
            self.money.headed(column.label) if column.kind == "money" else column.label
            for column in self.columns
        ]

    @property
    def cells(self) -> list[tuple[Any, ...]]:
        """The values of the rows in the order of the columns."""
        keys = [column.key for column in self.columns]
        return [tuple(row[key] for key in keys) for row in self.rows]

    def without_lone_scenario(self) -> "Table":
        """Return the table without the scenario column if there is only one scenario."""
        several = len({row.get(SCENARIO.key) for row in self.rows}) > 1
        if several:
            return self
        return replace(self, columns=tuple(column for column in self.columns if column != SCENARIO))

    def without_empty_columns(self) -> "Table":
        """Return the table without the columns that say nothing."""
        return replace(
            self, columns=tuple(column for column in self.columns if column.says_something(self.rows))
        )


SCENARIO = Column("scenario_id", "Scenario", "text", "Id of the scenario")
YEAR = Column("simulation_year", "Year", "year", "Calendar year simulated")


def as_number(key: str, value: Any) -> dict[str, Any]:
    """Return what a row of texts also holds where the value of column `key` is a number; see `number_in`."""
    return {f"{key}_number": value} if isinstance(value, int | float) and not isinstance(value, bool) else {}


def number_in(row: Row, key: str) -> Any:
    """Return a cell as a workbook holds it: the number behind the text, if there is one."""
    return row.get(f"{key}_number", row[key])

"""A table of the results with its columns' labels, kinds and meanings, for page, workbook and PDF."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from tasks.text.money import PLAIN, Money
from tasks.text.terms import EXPERIENCED

#: `figure`: a count or an amount, depending on the row; `number`: any other number.
Kind = Literal["text", "year", "month", "count", "figure", "number", "money", "share", "change"]
#: A row of a table by the columns' keys. It may hold keys without a column.
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Column:
    """A column of a table: its key in rows, its heading, the format of its values, and what it means."""

    key: str
    label: str
    kind: Kind
    meaning: str


@dataclass(frozen=True)
class Table:
    """One topic of the results: rows, columns, title and note."""

    key: str
    title: str
    note: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    money: Money = PLAIN

    @property
    def name(self) -> str:
        """The short name of the topic, for its sheet and the table of contents."""
        return EXPERIENCED if self.key == "turnover" else self.key.capitalize()

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


SCENARIO = Column("scenario_id", "Scenario", "text", "Id of the scenario")
YEAR = Column("simulation_year", "Year", "year", "Calendar year simulated")

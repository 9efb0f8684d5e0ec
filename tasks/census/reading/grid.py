"""A sheet as fastexcel gives it beside what the file itself holds, and why cells may read as empty."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

_COMPUTE = "open the workbook in Excel or LibreOffice and save it, or put the value there"
NO_VALUE = f"the formula has no saved value; {_COMPUTE}"
NOT_COMPUTED = f"the formula was never computed: its 0 is that of the program that wrote it; {_COMPUTE}"
ERROR = "the cell holds an error such as #N/A; put its value there"
NO_DATE = "the cell holds a date or time that no calendar has; put its value there"
ODD = "the cell is filled in a way that cannot be read; open the workbook in Excel and save it anew"


@dataclass
class Grid:
    """What fastexcel made of the sheet, and which of it is wanted."""

    texts: pl.DataFrame  # row_number and all columns of the sheet, from its first row
    letters: list[int]  # the place in the sheet (A is 0) of each column
    wanted: Mapping[int, str]  # place in the sheet → our name
    header: int  # row number

    def __post_init__(self) -> None:
        self._column = {place: self.texts.columns[1 + i] for i, place in enumerate(self.letters)}
        self._empty = {place: self._rows_without_text(place) for place in self.wanted}

    def _rows_without_text(self, place: int) -> bytes:
        """A byte for each row: 1 where the cell has no text."""
        text = pl.col(self._column[place])
        empty = self.texts.select((text.is_null() | (text == "")).cast(pl.UInt8)).to_series()
        return bytes(empty.to_list())

    def in_question(self) -> set[int]:
        """Places of the wanted columns that have cells without text."""
        return {place for place, empty in self._empty.items() if 1 in empty[self.header :]}

    def reads_empty(self, row: int, place: int) -> bool:
        """Whether a wanted cell below the header has no text, or lies below all that has."""
        return row > self.header and (row > self.texts.height or self._empty[place][row - 1] == 1)

    def text(self, row: int, place: int) -> str | None:
        """The text of any cell."""
        if place not in self._column or not 0 < row <= self.texts.height:
            return None
        value = self.texts[self._column[place]][row - 1]
        return None if value is None else str(value)


@dataclass
class Found:
    """What a file's own parts say: cells that are filled, why they may read as empty, and merged ranges."""

    cells: dict[tuple[int, int], str] = field(default_factory=dict)  # row number, place → reason
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)  # first and last row, place

"""A sheet as fastexcel returns it, the filled cells in the file, and reasons why cells read as empty."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

_COMPUTE = "open the workbook in Excel or LibreOffice and save it, or enter the value"
NO_VALUE = f"the formula has no saved value; {_COMPUTE}"
NOT_COMPUTED = f"the formula was never computed: the program that wrote it saved 0 instead; {_COMPUTE}"
ERROR = "the cell contains an error such as #N/A; enter the value"
NO_DATE = "the cell contains a date or time outside the calendar; enter the value"
ODD = "the content of the cell cannot be read; open the workbook in Excel and save it again"


@dataclass
class Grid:
    """A sheet as fastexcel returns it, and the wanted columns."""

    texts: pl.DataFrame  # row_number and all columns of the sheet, from its first row
    letters: list[int]  # the position in the sheet (A is 0) of each column
    wanted: Mapping[int, str]  # position in the sheet → census column
    header: int  # row number

    def __post_init__(self) -> None:
        self._column = {place: self.texts.columns[1 + i] for i, place in enumerate(self.letters)}
        self._empty = {place: self._rows_without_text(place) for place in self.wanted}

    def _rows_without_text(self, place: int) -> bytes:
        """Return one byte per row: 1 if the cell has no text, else 0."""
        text = pl.col(self._column[place])
        empty = self.texts.select((text.is_null() | (text == "")).cast(pl.UInt8)).to_series()
        return bytes(empty.to_list())

    def with_empty_cells(self) -> set[int]:
        """Return the positions of the wanted columns that have cells without text."""
        return {place for place, empty in self._empty.items() if 1 in empty[self.header :]}

    def reads_empty(self, row: int, place: int) -> bool:
        """Return whether a wanted cell lies below the header and has no text."""
        return row > self.header and (row > self.texts.height or self._empty[place][row - 1] == 1)

    def text(self, row: int, place: int) -> str | None:
        """Return the text of any cell; None if it has none."""
        if place not in self._column or not 0 < row <= self.texts.height:
            return None
        value = self.texts[self._column[place]][row - 1]
        return None if value is None else str(value)


@dataclass
class Found:
    """Cells that are filled in the file but may read as empty, and merged ranges."""

    cells: dict[tuple[int, int], str] = field(default_factory=dict)  # row number, position → reason
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)  # first, last row and position

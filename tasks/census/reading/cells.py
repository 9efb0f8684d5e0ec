"""The result of reading any kind of file."""

from dataclasses import dataclass, field

import polars as pl

#: A cell or row that cannot be used: row number, census column (empty: the row), reason.
Fault = tuple[int, str, str]


@dataclass
class Cells:
    """The wanted columns of a file as text."""

    header: list[str]
    frame: pl.DataFrame  # row_number (header = 1) and one String column per wanted column
    faults: list[Fault] = field(default_factory=list)  # their rows are not in the frame
    numeric: list[str] = field(default_factory=list)  # columns that the file stores as numbers
    found: dict[str, str] = field(default_factory=dict)  # detected properties: sheet, encoding, delimiter
    notes: list[str] = field(default_factory=list)  # for the log, at level info
    warnings: list[str] = field(default_factory=list)  # … and at level warning

    def without_faulty_rows(self) -> "Cells":
        """Drop the rows that have a fault, so that later rules do not report them again; return self."""
        faulty = pl.Series([row for row, _, _ in self.faults], dtype=pl.Int64).unique()
        if len(faulty):
            self.frame = self.frame.filter(~pl.col("row_number").is_in(faulty.implode()))
        return self

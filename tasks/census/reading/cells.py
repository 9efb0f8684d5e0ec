"""What every kind of file is read into."""

from dataclasses import dataclass, field

import polars as pl

#: A cell or row that cannot be used: row number, our name of the column (empty: the row), reason.
Fault = tuple[int, str, str]


@dataclass
class Cells:
    """The wanted columns of a file as text."""

    header: list[str]
    frame: pl.DataFrame  # row_number (header = 1) and one String column per wanted column
    faults: list[Fault] = field(default_factory=list)  # their rows are not in the frame
    numeric: list[str] = field(default_factory=list)  # columns that the file itself types as numbers
    found: dict[str, str] = field(default_factory=dict)  # what was found out: sheet, encoding, delimiter
    notes: list[str] = field(default_factory=list)  # for the log
    warnings: list[str] = field(default_factory=list)  # … where people must see them

    def without_faulty_rows(self) -> "Cells":
        """Drop the rows that have a fault: what is wrong with them is known."""
        faulty = pl.Series([row for row, _, _ in self.faults], dtype=pl.Int64).unique()
        if len(faulty):
            self.frame = self.frame.filter(~pl.col("row_number").is_in(faulty.implode()))
        return self

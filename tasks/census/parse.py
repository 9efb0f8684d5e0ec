"""Interpret the text of cells: empty values, dimension values and levels.

Dates are in `tasks.census.dates`, amounts in `tasks.census.amounts` and `tasks.census.currencies`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl

from tasks.census.date_forms import days_of

NO_VALUE = "(none)"


@dataclass(frozen=True)
class Where:
    """The file and rows that a message names."""

    file: str
    rows: pl.Series  # row numbers, parallel to the texts

    def first(self, texts: pl.Series, values: pl.Series) -> str:
        """Return the first of these values and its row, for a message."""
        at = texts.is_in(values.implode()).arg_max() or 0
        return f"{texts[at]!r} in row {self.rows[at]}"

    def row(self, texts: pl.Series, values: pl.Series) -> int:
        """Return the row of the first of these values."""
        return int(self.rows[texts.is_in(values.implode()).arg_max() or 0])


def stripped(texts: pl.Series) -> pl.Series:
    """Return texts without surrounding blanks; null if nothing is left."""
    bare = texts.str.strip_chars()
    return bare.set(bare == "", None)


def values_of_dimension(texts: pl.Series) -> pl.Series:
    """Return texts as `stripped` does; `(none)`, by which results show an empty cell, is null too."""
    bare = stripped(texts)
    return bare.set(bare == NO_VALUE, None)


def without_empty_values(
    cells: pl.DataFrame, empty_values: Sequence[str], dates: Sequence[str]
) -> pl.DataFrame:
    """Return the cells with null for each of `empty_values`.

    In the columns of `dates`, a date among them is matched in every form: 9999-12-31 and 31.12.9999.
    """
    if not empty_values:
        return cells
    values = pl.Series(empty_values, dtype=pl.String)
    days = days_of(values).drop_nulls()

    def emptied(name: str) -> pl.Series:
        bare = stripped(cells[name])
        is_empty = bare.is_in(values.implode())
        if name in dates:
            is_empty |= by_distinct(bare, days_of).is_in(days.implode())
        return cells[name].set(is_empty.fill_null(False), None)

    return cells.with_columns(emptied(name) for name in cells.columns if cells[name].dtype == pl.String)


def parse_levels(texts: pl.Series) -> pl.Series:
    """Return level ids as Int32; 3, 03 and 3.0 are the same level; null if a text is not an integer."""
    return stripped(texts).str.extract(r"^(\d{1,9})(?:[.,]0+)?$").cast(pl.Int32, strict=False)


def by_distinct(texts: pl.Series, parse: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """Parse each distinct text once: a million rows have some thousands of distinct dates."""
    distinct = texts.unique().drop_nulls()
    meaning = pl.DataFrame({"text": distinct, "value": parse(distinct)})
    return texts.to_frame("text").join(meaning, on="text", how="left", maintain_order="left")["value"]

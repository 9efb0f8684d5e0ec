"""What a refused census needs: settings to paste where many bad rows have one cause."""

import json
import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

import polars as pl

from tasks.census_columns import OPTIONAL
from tasks.census_parse import without_time
from tasks.census_rules import MAX_VALUE_SHOWN, opening_text

#: What systems write where they have no value: proposed even where only one row has it.
_PLACEHOLDER = re.compile(r"(?i)null|none|nil|nan|#?n/?a|[-–—.]+|[0/.-]+|.*(?:9999|2999).*")
#: Texts proposed at most.
MOST = 5
#: A date further ahead is a slip or a placeholder, and says nothing about the date of the census.
FORESEEABLE = timedelta(days=3653)


def hints(
    rejects: pl.DataFrame, rows: pl.DataFrame, opening: date, empty_values: Sequence[str]
) -> Iterator[str]:
    """The causes that many bad rows share, each with what to set.

    Args:
        rejects: Every fault of every bad row.
        rows: The rows as understood, in the columns of CensusRow.
        opening: The opening date.
        empty_values: Those that the settings have.
    """
    yield from _too_new(rows, opening)
    yield from _placeholders(rejects, empty_values)


def _too_new(rows: pl.DataFrame, opening: date) -> Iterator[str]:
    """Dates after the opening date that a later opening date would fit."""
    for column, what, otherwise in (
        ("hire_date", "hired", "leave those rows out of the file"),
        ("termination_date", "leaving", "leave the cell empty, as they are employed on that day"),
    ):
        late = rows.filter(
            pl.col(column) > opening,
            pl.col(column) <= opening + FORESEEABLE,
            pl.lit(column == "hire_date") | (pl.col("hire_date") <= opening),
        ).sort(column, descending=True)
        if late.is_empty():
            continue
        newest, row = late[column][0], late["row_number"][0]
        yield (
            f"{late.height:,} of {rows.height:,} rows are of people {what} after the opening date "
            f"{opening_text(opening)}; the newest such date is {newest} in row {row}. If the census shows "
            f"a later date, set simulation.start_year: {newest.year + 1}, which opens on "
            f"{newest.year}-12-31; else {otherwise}."
        )


def _placeholders(rejects: pl.DataFrame, empty_values: Sequence[str]) -> Iterator[str]:
    """Texts that probably mean an empty cell, in the columns that may have one."""
    found: dict[str, str] = {}
    for column in OPTIONAL:
        bad = rejects.filter(pl.col("column") == column, pl.col("value") != "").unique("row_number")
        if bad.is_empty():
            continue
        values = without_time(bad["value"].str.strip_chars())
        counts = values.value_counts().sort("count", "value", descending=[True, False])
        for value, count in counts.iter_rows():
            is_shared = count > 1 and 2 * count > bad.height
            if len(value) <= MAX_VALUE_SHOWN and (is_shared or _PLACEHOLDER.fullmatch(value)):
                found[value] = f"{count:,} of {bad.height:,} bad cells of {column} hold {value!r}"
            if len(found) == MOST:
                break
    if found:
        setting = json.dumps([*empty_values, *found], ensure_ascii=False)
        yield (
            f"{'; '.join(found.values())}. If that means an empty cell, set\n"
            f"    census.empty_values: {setting}\n"
            f"  or give --set 'census.empty_values={setting}'"
        )

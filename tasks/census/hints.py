"""What a refused census needs: settings to paste where many bad rows have one cause."""

import json
import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

import polars as pl

from tasks.census.columns import DATES, OPTIONAL
from tasks.census.date_forms import without_time
from tasks.census.rules import MAX_VALUE_SHOWN, opening_text

#: What systems write where they have no value: proposed even where only one row has it.
_PLACEHOLDER = re.compile(r"(?i)null|none|nil|nan|#?n/?a|[-–—.]+|[0/.-]+|.*(?:9999|2999).*")
#: A date with two digits of year: day and month, parted by a mark, in one order or the other; or by name.
_TWO_DIGITS = r"^(\d{1,2})([/.-])(\d{1,2})[/.-]\d\d$"
_TWO_DIGITS_NAMED = r"^\d{1,2}([- /]?)[A-Za-z]{3}[- /]?\d\d$"
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
    yield from _two_digit_years(rejects)


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


def _two_digit_years(rejects: pl.DataFrame) -> Iterator[str]:
    """The formats that read dates such as 03/04/58, where most bad dates are of that form."""
    bad = rejects.filter(
        pl.col("column").is_in(DATES),
        pl.col("value") != "",
        pl.col("reason").str.starts_with("is not a date"),
    )
    texts = without_time(bad["value"].str.strip_chars())
    frame = pl.DataFrame(
        {
            "text": texts,
            "mark": texts.str.extract(_TWO_DIGITS, 2),
            "first": texts.str.extract(_TWO_DIGITS, 1).cast(pl.Int32),
            "second": texts.str.extract(_TWO_DIGITS, 3).cast(pl.Int32),
            "named": texts.str.extract(_TWO_DIGITS_NAMED),
        }
    )
    numbers, names = frame.drop_nulls("mark"), frame.drop_nulls("named")
    shown = max(numbers, names, key=len)
    if 2 * shown.height <= frame.height:
        return
    mark = (shown["mark"] if shown is numbers else shown["named"])[0]
    day_first, month_first = (mark.join(parts) for parts in (("%d", "%m", "%y"), ("%m", "%d", "%y")))
    if shown is names:
        formats = [mark.join(("%d", "%b", "%y"))]
    elif mark == "." or (numbers["first"] > 12).any():
        formats = [day_first]
    else:
        formats = [month_first] if (numbers["second"] > 12).any() else [month_first, day_first]
    settings = " or ".join(f'census.date_formats: ["{each}"]' for each in formats)
    which = ", whichever holds" if len(formats) > 1 else ""
    yield (
        f"{shown.height:,} of {frame.height:,} bad dates have two digits of year, such as "
        f"{shown['text'][0]!r}. To read them, set\n    {settings}{which}\n"
        f"  or give --set 'census.date_formats=[\"{formats[0]}\"]'"
    )

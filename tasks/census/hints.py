"""Hints for a refused census: settings that correct many bad rows with one cause."""

import json
import re
from collections.abc import Iterator, Sequence

import polars as pl

from tasks.census.columns import DATES, OPTIONAL
from tasks.census.date_forms import without_time
from tasks.census.opening import FORESEEABLE, Opening
from tasks.census.rules import MAX_VALUE_SHOWN

#: Texts that systems write for a missing value: proposed even if only one row has it.
_PLACEHOLDER = re.compile(r"(?i)null|none|nil|nan|#?n/?a|[-–—.]+|[0/.-]+|.*(?:9999|2999).*")
#: A date with a two-digit year: day and month as numbers in either order, or the month by name.
_TWO_DIGITS = r"^(\d{1,2})([/.-])(\d{1,2})[/.-]\d\d$"
_TWO_DIGITS_NAMED = r"^\d{1,2}([- /]?)[A-Za-z]{3}[- /]?\d\d$"
#: A number that may be an FTE in percent.
_ABOVE_ONE = r"^\s*[1-9]\d{0,2}(?:[.,]\d*)?\s*$"
#: Maximum number of texts proposed.
MOST = 5


def hints(
    rejects: pl.DataFrame, rows: pl.DataFrame, opening: Opening | None, empty_values: Sequence[str]
) -> Iterator[str]:
    """Yield a hint for each cause that many bad rows share: the cause and the setting that corrects it.

    Args:
        rejects: Every fault of every bad row.
        rows: The parsed rows, with the columns of CensusRow.
        opening: The opening date; None if the file's own date is given, so that no setting moves it.
        empty_values: `census.empty_values` of the settings.
    """
    if opening is not None:
        yield from _too_new(rows, opening)
    yield from _placeholders(rejects, empty_values)
    yield from _two_digit_years(rejects)
    yield from _percentages(rejects)


def _too_new(rows: pl.DataFrame, opening: Opening) -> Iterator[str]:
    """Report dates after the opening date: a later opening date may be intended."""
    for column, what, otherwise in (
        ("hire_date", "hired", "leave those rows out of the file"),
        ("termination_date", "leaving", "leave the cell empty, as they are employed on that day"),
    ):
        late = rows.filter(
            pl.col(column) > opening.day,
            pl.col(column) <= opening.day + FORESEEABLE,
            pl.lit(column == "hire_date") | (pl.col("hire_date") <= opening.day),
        ).sort(column, descending=True)
        if late.is_empty():
            continue
        newest, row = late[column][0], late["row_number"][0]
        yield (
            f"{late.height:,} of {rows.height:,} rows describe people {what} after the opening date "
            f"{opening.text}; the newest such date is {newest} in row {row}. If the census shows a later "
            f"date, set {opening.fitting(newest)}; else {otherwise}."
        )


def _placeholders(rejects: pl.DataFrame, empty_values: Sequence[str]) -> Iterator[str]:
    """Report texts that probably mean an empty cell, in the columns where a cell may be empty."""
    found: dict[str, str] = {}
    for column in OPTIONAL:
        bad = rejects.filter(pl.col("column") == column, pl.col("value") != "").unique("row_number")
        if column == "fte":  # a number there is a percentage or a mistake, not a missing value
            bad = bad.filter(~pl.col("value").str.contains(r"^[\d\s.,%]+$"))
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
    """Report the formats that read dates such as 03/04/58, if most bad dates have that form."""
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
    which = ", whichever applies" if len(formats) > 1 else ""
    yield (
        f"{shown.height:,} of {frame.height:,} bad dates have a two-digit year, such as "
        f"{shown['text'][0]!r}. To read them, set\n    {settings}{which}\n"
        f"  or give --set 'census.date_formats=[\"{formats[0]}\"]'"
    )


def _percentages(rejects: pl.DataFrame) -> Iterator[str]:
    """Report FTEs in percent without a percent sign, if most bad cells of the column are such numbers."""
    bad = rejects.filter(pl.col("column") == "fte", pl.col("value") != "")
    numbers = bad.filter(pl.col("value").str.contains(_ABOVE_ONE))
    if numbers.height and 2 * numbers.height > bad.height:
        yield (
            f"{numbers.height:,} of {bad.height:,} bad cells of fte hold numbers above 1, such as "
            f"{numbers['value'][0]!r} in row {numbers['row_number'][0]}. If they are percentages, divide the "
            "column by 100, or write a percent sign behind them."
        )

"""Refuse date columns of which a spreadsheet converted only a part.

A spreadsheet that opens 04/03/1958 and 23/11/1962 with day and month in the other order converts the first to
3 April and leaves the second as text. The texts are still correct, but the converted dates are wrong without
a sign of it. So a column that mixes the two is refused.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from tasks.census.cells import CensusTable
from tasks.census.columns import DATES
from tasks.census.errors import CensusError

#: Texts in which only the order distinguishes day and month; and texts with dots, whose order is fixed.
_SLASHED = r"^\s*(\d{1,2})[/-](\d{1,2})[/-](?:(?:19|2[01])\d\d|\d\d)(?:\D|$)"
_DOTTED = r"^\s*(\d{1,2})\.(\d{1,2})\.(?:(?:19|2[01])\d\d|\d\d)(?:\D|$)"
_TWO_DIGIT_YEAR = r"\s*\d{1,2}([/.-])\d{1,2}\1\d\d(?:\D|$)"
#: Spreadsheets write their dates as 1958-04-03 or 1958/04/03, or as the serial 21278.
_YEAR_FIRST = r"^\s*\d{4}[-/]\d{1,2}[-/](\d{1,2})(?:\D|$)"
_SERIAL = r"^\s*(\d{5})(?:\.\d+)?\s*$"
#: … or in the workbook's date format: 04-Mar-1958 or Mar 4, 1958; 04.03.1958 in German ones.
_NAMED = r"(?i)^\s*(\d{1,2})[-/. ]*(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
_NAMED_FIRST = r"(?i)^\s*(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[-. ]*(\d{1,2})[-, ]+\d{4}"
#: Formats in census.date_formats by which the user confirms both kinds.
_DATE_FORMAT = re.compile(r"%Y[-/]?%m|%F")
_DATE_FORMATS = {  # of dates that are stored as text
    "%d.%m.%Y": re.compile(r"%[de]\.%m\."),
    "named": re.compile(r"(?:%[de]\W*)?%[bB]"),
}
_TEXT_FORMAT = re.compile(r"%[de][-/.]%m|%m[-/.]%[de]|%D")
#: The share of all days that are at most 12 and so could be months.
_SHARE_UP_TO_12 = 0.4
#: A mixture that is less probable than this without a conversion is taken for a conversion.
_CHANCE = 0.05


@dataclass(frozen=True)
class _Mixture:
    """A column that mixes converted dates with texts."""

    column: str
    date: tuple[int, str]  # row number and text of a date
    text: tuple[int, str]  # … and of a text that was not converted
    dates: int
    texts: int
    looks_converted: bool  # no date has a day above 12, and every text has: the result of a conversion
    known_dates: bool  # the workbook stores the dates as dates, not as texts of that form
    ordered: bool  # the texts have slashes or dashes, so that only their order distinguishes day and month
    format: str  # of the texts, for strptime
    date_format: str  # … and of the dates


def check_mixed_dates(
    table: CensusTable, file: str, formats: Sequence[str], columns: Sequence[str] = DATES
) -> None:
    """Raise CensusError if a column mixes a spreadsheet's dates with texts such as 23/11/1962.

    If both are stored as text (1958-04-03 beside 23/11/1962), a column is refused only if the mixture is
    improbable without a conversion. `formats` that read both kinds confirm a column, which is then accepted.
    """
    found = [
        mixture
        for mixture in _mixtures(table, columns)
        if _is_refused(mixture) and not _is_stated(mixture, formats)
    ]
    if not found:
        return
    first = found[0]
    rows = "; ".join(
        f"{mixture.column} has the date {mixture.date[1]} in row {mixture.date[0]} and the text "
        f"{mixture.text[1]!r} in row {mixture.text[0]}"
        for mixture in found
    )
    evidence = "".join(
        f" In {mixture.column} no date ({mixture.dates:,}) has a day above 12 and every such text "
        f"({mixture.texts:,}) has, as after a conversion."
        for mixture in found
        if mixture.looks_converted
    )
    which = (
        f"columns {' and '.join(mixture.column for mixture in found)} mix"
        if len(found) > 1
        else f"column {first.column} mixes"
    )
    raise CensusError(
        f"{file}: {which} dates with texts of the form {first.text[1]}: {rows}. A spreadsheet that reads "
        "days as months produces such a column: it swaps day and month, and keeps as text what is then not a "
        f"date.{evidence}\n  Export the file again with dates as 2020-01-31, or import it "
        "again with the correct order (Excel: Data, From Text/CSV). If the dates are correct, set both "
        f'formats: census.date_formats: ["{first.format}", "{first.date_format}"]'
    )


def _is_stated(mixture: _Mixture, formats: Sequence[str]) -> bool:
    kind = "named" if "%b" in mixture.date_format else mixture.date_format
    of_dates = set(filter(_DATE_FORMATS.get(kind, _DATE_FORMAT).match, formats))
    of_texts = set(filter(_TEXT_FORMAT.match, formats))
    return bool(of_dates and of_texts and len(of_dates | of_texts) > 1)


def _is_refused(mixture: _Mixture) -> bool:
    if mixture.known_dates and mixture.ordered:
        return True
    chance = _SHARE_UP_TO_12**mixture.dates * (1 - _SHARE_UP_TO_12) ** mixture.texts
    return mixture.looks_converted and chance < _CHANCE


def _mixtures(table: CensusTable, columns: Sequence[str]) -> Iterator[_Mixture]:
    cells = table.cells
    for column in columns:
        if column not in cells.columns:
            continue
        distinct = cells[column].unique().drop_nulls()  # a million rows have some thousands of distinct dates
        ordered = distinct.str.contains(_SLASHED)
        if not (ordered | distinct.str.contains(_DOTTED)).any():
            continue
        stored = (
            table.date_cells[column]
            if column in table.date_cells.columns
            else pl.repeat(False, cells.height, dtype=pl.Boolean, eager=True)
        )
        rows = cells.select("row_number", text=pl.col(column), stored=stored)
        yield from _mixture(column, rows, bool(ordered.any()))


def _mixture(column: str, cells: pl.DataFrame, ordered: bool) -> Iterator[_Mixture]:
    text = pl.col("text")
    serial = text.str.extract(_SERIAL).cast(pl.Int32, strict=False)
    of_serial = (pl.date(1899, 12, 30) + pl.duration(days=serial)).dt.day().cast(pl.Int32)
    pattern = _SLASHED if ordered else _DOTTED
    numbers = [text.str.extract(pattern, group).cast(pl.Int32) for group in (1, 2)]
    shown = [_YEAR_FIRST, _NAMED, _NAMED_FIRST, *([_DOTTED] if ordered else [])]
    rows = cells.with_columns(
        stored=pl.col("stored") | serial.is_not_null(),
        day=pl.coalesce(*(text.str.extract(form).cast(pl.Int32) for form in shown), of_serial),
        first=numbers[0],
        highest=pl.max_horizontal(numbers[0], numbers[1] if ordered else numbers[0]),
    )
    texts = rows.filter(pl.col("highest").is_not_null())
    known = rows.filter(pl.col("stored"))
    dates = known if known.height else rows.filter(pl.col("day").is_not_null())
    if dates.height and texts.height:
        mark = texts["text"][0].strip().lstrip("0123456789")[:1]
        day_first = not ordered or (texts["first"] > 12).any() or not (texts["highest"] > 12).any()
        year = "%y" if re.match(_TWO_DIGIT_YEAR, texts["text"][0]) else "%Y"
        date = dates["text"][0].strip().removesuffix(" 00:00:00")
        yield _Mixture(
            column=column,
            date=(dates["row_number"][0], date),
            text=(texts["row_number"][0], texts["text"][0].strip()),
            dates=dates.height,
            texts=texts.height,
            looks_converted=not (dates["day"] > 12).any() and bool((texts["highest"] > 12).all()),
            known_dates=known.height > 0,
            ordered=ordered,
            format=mark.join(("%d", "%m", year) if day_first else ("%m", "%d", year)),
            date_format=_format_of(date),
        )


def _format_of(date: str) -> str:
    """Return the strptime format of a converted date."""
    if re.match(_NAMED, date):
        return re.sub(r"^\d+(\W*)[A-Za-z]+(\W*)\d+.*", r"%d\1%b\2%Y", date)
    if re.match(_NAMED_FIRST, date):
        return re.sub(r"^[A-Za-z]+(\W*)\d+(\W*)\d+.*", r"%b\1%d\2%Y", date)
    return "%d.%m.%Y" if re.match(_DOTTED, date) else "%Y-%m-%d"

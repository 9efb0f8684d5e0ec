"""Read workbooks of Excel and LibreOffice by fastexcel."""

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import fastexcel
import polars as pl

from tasks.census.reading.cells import Cells, Fault
from tasks.census.reading.currency_formats import currency_formats
from tasks.census.reading.grid import ERROR, Grid
from tasks.census.reading.header import (
    CURRENCY_OF_CELL,
    CURRENCY_OF_ROW,
    ROWS_SEARCHED,
    Place,
    Wanted,
    cut,
    locate,
)
from tasks.census.reading.unread_cells import unread_cells
from tasks.census.reading.xlsx import has_formulas, last_cell
from tasks.system.guarded_child import Refused

#: Memory of fastexcel per cell of the rectangle that a sheet's cells span, filled or not.
BYTES_PER_CELL = 32
#: A large part of a workbook with a higher compression ratio than this is not a table of employees.
GREATEST_RATIO = 100
SMALL_PART_BYTES = 50_000_000
SHEETS_SEARCHED = 20

#: How fastexcel writes the text of a date cell.
_DATE_CELL = r"^[+-]?\d{4,}-\d\d-\d\d(?:[ T]\d\d:\d\d:\d\d(?:\.\d+)?)?$"
_UNKNOWN_ERROR = re.compile(r"Unsupported cell error value '(#[A-Z/0!?]{1,20})'")


@dataclass(frozen=True)
class Sheet:
    """One sheet as a grid of texts; rows and columns are counted as in Excel, leading empty ones included."""

    name: str
    grid: pl.DataFrame  # row_number, then one String column per column of the sheet
    letters: list[int]  # the position in the sheet (A is 0) of each column of the grid
    errors: list[tuple[int, int]]  # row and column of the grid, from 0, of cells with an error


def read_spreadsheet(data: bytes, file: str, wanted: Wanted, sheet: str | None, memory_bytes: int) -> Cells:
    """Read the wanted columns of the named sheet, else of the first.

    Raises Refused if the workbook is damaged or too large, or if the sheet lacks a required column.
    """
    _check_packing(data, file, memory_bytes)
    try:
        workbook = fastexcel.read_excel(data)
        chosen = _chosen(workbook.sheet_names, file, sheet, wanted.section)
        _check_extent(data, chosen, file, memory_bytes)
        loaded = _load(workbook, chosen, old=not data.startswith(b"PK"))
        number, *names = _header_of(loaded, data, file, wanted)
        positions = locate(
            wanted,
            Place(f"row {number} of sheet {chosen!r}", names),
            _other_rows(workbook, loaded, number, wanted),
            file,
        )
        cells = _wanted_cells(data, loaded, names, positions, number)
        cells.warnings += _doubts(data, cells.frame)
        count = len(workbook.sheet_names)
        if sheet is None and count > 1:
            cells.notes.append(
                f"has {count} sheets; reading the first, {chosen!r}. To read another, {wanted.other_sheet()}."
            )
        at = {ours: loaded.letters[i] for ours, i in positions.items()}
        cells.frame = cells.frame.with_columns(_date_cells(workbook, chosen, cells.frame, at, wanted))
        if "salary" in at:
            cells.frame = _with_currencies(cells.frame, currency_formats(data, chosen, at["salary"]))
    except fastexcel.FastExcelError as error:
        unknown = _UNKNOWN_ERROR.search(str(error))
        if unknown:
            raise Refused(
                f"{file}: not readable as Excel: a cell contains the error {unknown[1]}; enter the value, "
                "or save the file as .csv."
            ) from None
        raise Refused(
            f"{file}: not readable as Excel: the file is damaged, protected by a password or of another kind."
        ) from None
    return cells


def _header_of(sheet: Sheet, data: bytes, file: str, wanted: Wanted) -> tuple[Any, ...]:
    """Return row number and cells of a sheet's first row with a text. Raises Refused if no row has one."""
    header = _first_row(sheet)
    if header is None and has_formulas(data, sheet.name):
        raise Refused(
            f"{file}: sheet {sheet.name!r} has no values, only formulas that were never computed. Open the "
            "workbook in Excel or LibreOffice and save it."
        )
    if header is None:
        raise Refused(
            f"{file}: sheet {sheet.name!r} is empty. It needs a header and one row per {wanted.row}; to "
            f"read another sheet, {wanted.other_sheet()}."
        )
    return header


def _with_currencies(frame: pl.DataFrame, shown: dict[int, str]) -> pl.DataFrame:
    """Add the currencies of number formats, given by row number, if a row of the frame has one."""
    currencies = [shown.get(row) for row in frame["row_number"]] if shown else []
    if not any(currencies):
        return frame
    return frame.with_columns(pl.Series(CURRENCY_OF_CELL, currencies, dtype=pl.String))


def _check_packing(data: bytes, file: str, memory_bytes: int) -> None:
    """Raise Refused if a part of a workbook unpacks to more than a table of employees can take."""
    try:
        parts = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return  # an old .xls; or a damaged file, which fastexcel reports
    for part in parts:
        size, ratio = part.file_size, part.file_size / max(part.compress_size, 1)
        if size > memory_bytes or (size > SMALL_PART_BYTES and ratio > GREATEST_RATIO):
            raise Refused(
                f"{file}: refused: {len(data) / 1e6:,.1f} MB that unpack to {size / 1e6:,.0f} MB or more. "
                "Copy only the table into a new workbook, or save it as .csv."
            )


def _check_extent(data: bytes, sheet: str, file: str, memory_bytes: int) -> None:
    """Raise Refused, naming the last cell, if a sheet spans more cells than fit into memory."""
    last = last_cell(data, sheet, memory_bytes // BYTES_PER_CELL)
    if last:
        raise Refused(
            f"{file}: sheet {sheet!r} extends to cell {last} and is too large to read. Delete that stray "
            "cell and the empty rows and columns before it, or copy the table into a new workbook."
        )


def _wanted_cells(
    data: bytes, sheet: Sheet, names: list[str], positions: dict[str, int], header: int
) -> Cells:
    """Return the wanted columns of the rows below the header, without blank rows and rows with a fault."""
    wanted = {sheet.letters[i]: ours for ours, i in positions.items() if ours != CURRENCY_OF_ROW}
    unread = unread_cells(data, sheet.name, Grid(sheet.grid, sheet.letters, wanted, header))
    # One fault per cell; the errors that fastexcel reports take precedence.
    faults = {fault[:2]: fault for fault in (*unread, *_errors(sheet, positions, header))}
    rows = sheet.grid.filter(pl.col("row_number") > header, _filled()).select(
        "row_number", **{ours: pl.col(sheet.grid.columns[1 + i]) for ours, i in positions.items()}
    )
    found = {"Sheet": f"{sheet.name!r}, header in row {header}"}
    return Cells(names, rows, sorted(faults.values()), found=found).without_faulty_rows()


def _doubts(data: bytes, frame: pl.DataFrame) -> Iterator[str]:
    """Warn that a termination date that reads as empty ("employed") may be filled in an old .xls."""
    if data.startswith(b"PK") or "termination_date" not in frame.columns:
        return
    empty = int((frame["termination_date"].fill_null("").str.strip_chars() == "").sum())
    if empty:
        yield (
            f"{empty:,} of {frame.height:,} cells of termination_date are empty: these people count as "
            "employed. In an old .xls, formulas without a saved value and merged cells read as empty too: "
            "save the file as .xlsx to detect them."
        )


def _load(workbook: fastexcel.ExcelReader, name: str, *, old: bool = False, **options: Any) -> Sheet:
    # Read from row 1, so that row numbers in messages are those in Excel.
    loaded = workbook.load_sheet(name, header_row=None, skip_rows=0, dtypes="string", **options)
    # Cell errors are requested for an old .xls only, since that imports pyarrow; in other files, unread_cells
    # finds them.
    cell_errors = loaded.to_arrow_with_errors()[1] if old else None
    grid = pl.DataFrame(loaded) if loaded.width else pl.DataFrame()
    grid = grid.rename({name: f"column_{i}" for i, name in enumerate(grid.columns)})
    return Sheet(
        name,
        grid.with_row_index("row_number", offset=1).cast({"row_number": pl.Int64}),
        [column.absolute_index for column in loaded.selected_columns],
        [error.offset_position for error in (cell_errors.errors if cell_errors else ())],
    )


def _filled() -> pl.Expr:
    """Return an expression: whether a row has a cell that is not blank."""
    return pl.any_horizontal((pl.exclude("row_number").str.strip_chars() != "").fill_null(False))


def _first_row(sheet: Sheet) -> tuple[Any, ...] | None:
    if sheet.grid.width == 1:
        return None
    first = sheet.grid.lazy().filter(_filled()).head(1).collect()
    return (
        None
        if first.is_empty()
        else (first.item(0, 0), *("" if cell is None else str(cell) for cell in first.row(0)[1:]))
    )


def _chosen(names: Sequence[str], file: str, wanted: str | None, section: str) -> str:
    if not names:
        raise Refused(f"{file}: the workbook has no sheet.")
    if wanted is None:
        return names[0]
    if wanted not in names:
        raise Refused(f"{file}: no sheet {wanted!r} ({section}.sheet). Sheets: {', '.join(map(cut, names))}.")
    return wanted


def _other_rows(
    workbook: fastexcel.ExcelReader, sheet: Sheet, header: int, wanted: Wanted
) -> Iterator[Place]:
    """Yield candidates for the header: rows further down, and the first rows of the other sheets."""
    for number, *cells in sheet.grid.head(header + ROWS_SEARCHED).rows():
        if number > header:
            yield Place(
                f"row {number}", ["" if cell is None else str(cell) for cell in cells],
                "Delete the rows above it",
            )  # fmt: skip
    for name in workbook.sheet_names[:SHEETS_SEARCHED]:
        if name == sheet.name:
            continue
        try:
            other = _load(workbook, name, n_rows=ROWS_SEARCHED)
        except fastexcel.FastExcelError:  # a sheet of charts, or a damaged one
            continue
        first = True
        for number, *cells in other.grid.filter(_filled()).rows() if other.grid.width > 1 else ():
            advice = wanted.other_sheet(name)
            advice = advice[0].upper() + advice[1:]
            if not first:
                advice += ", and delete the rows above it"
            yield Place(
                f"row {number} of sheet {cut(name)!r}",
                ["" if cell is None else str(cell) for cell in cells],
                advice,
            )
            first = False


def _errors(sheet: Sheet, positions: dict[str, int], header: int) -> list[Fault]:
    """Return a fault for each wanted cell with an error that fastexcel reports."""
    ours_at = {i: ours for ours, i in positions.items() if ours != CURRENCY_OF_ROW}
    return [(row + 1, ours_at[i], ERROR) for row, i in sheet.errors if i in ours_at and row + 1 > header]


def _date_cells(
    workbook: fastexcel.ExcelReader, sheet: str, frame: pl.DataFrame, at: dict[str, int], wanted: Wanted
) -> list[pl.Series]:
    """Return for each date column that mixes dates with other texts which of its cells are date cells."""
    mixed = []
    for name in wanted.dates:
        if name in at:
            texts = frame[name].drop_nulls()
            alike = texts.str.contains(_DATE_CELL)
            if alike.any() and not alike.all():
                mixed.append(name)
    if not mixed:
        return []
    # Read a second time as dates, since a text cell may have the same text as a date cell.
    loaded = workbook.load_sheet(
        sheet, header_row=None, skip_rows=0, use_columns=sorted(at[name] for name in mixed), dtypes="date"
    )
    dates = pl.DataFrame(loaded)
    places = sorted(at[name] for name in mixed)
    rows = frame["row_number"] - 1
    return [
        (dates.to_series(places.index(at[name]))[rows].is_not_null() & frame[name].str.contains(_DATE_CELL))
        .fill_null(False)
        .alias(f"{name} is a date cell")
        for name in mixed
    ]

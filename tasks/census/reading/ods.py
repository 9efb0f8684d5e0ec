"""Read the XML of a sheet in .ods: filled and merged cells, and amounts with a currency."""

import io
import re
import zipfile
from collections.abc import Iterator
from xml.etree import ElementTree

from tasks.census.reading.grid import ERROR, NO_VALUE, ODD, Found, Grid

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_CALC = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"
_ODS_CELLS = (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell")
_SUSPICIOUS = re.compile(
    rb"<table:table-cell\b(?=[^>]*\btable:formula=)(?![^>]*\boffice:value-type=)"
    rb"|<table:table-cell\b(?![^>]*\boffice:value-type=)[^>]*(?<!/)>\s*<text:p"
    rb"|table:number-(?:columns|rows)-spanned=\"(?!1\")|calcext:value-type=\"error\""
    rb"|office:value-type=\"time\""
)


def find_in_ods(archive: zipfile.ZipFile, sheet: str, grid: Grid) -> Found:
    """Return the filled cells of an .ods sheet that have no text in `grid`, and the merged ranges."""
    content = archive.read("content.xml")
    found = Found()
    if not _SUSPICIOUS.search(content):
        return found
    for element, rows, columns in _ods_cells(content, sheet):
        _check_ods_cell(element, rows, columns, grid, found)
    return found


def ods_currencies(archive: zipfile.ZipFile, sheet: str, place: int) -> Iterator[tuple[int, str]]:
    """Yield row number and currency of each cell of a column of an .ods that has a currency."""
    content = archive.read("content.xml")
    if b"office:currency" not in content:
        return
    for element, (row, _), (first, count) in _ods_cells(content, sheet):
        currency = element.get(f"{_OFFICE}currency")
        if currency and first <= place < first + count:
            yield row, currency


def _ods_cells(
    content: bytes, sheet: str
) -> Iterator[tuple[ElementTree.Element, tuple[int, int], tuple[int, int]]]:
    """Yield the cells of a sheet, each with the rows and columns (first, count) in which it is repeated."""
    current = None
    row = place = rows = 0
    for event, element in ElementTree.iterparse(io.BytesIO(content), ("start", "end")):
        tag = element.tag
        if tag == f"{_TABLE}table" and event == "start":
            current, row, rows = element.get(f"{_TABLE}name"), 1, 0
        elif tag == f"{_TABLE}table-row":
            if event == "start":
                row, place, rows = row + rows, 0, int(element.get(f"{_TABLE}number-rows-repeated", 1))
            else:
                element.clear()
        elif event == "end" and current == sheet and tag in _ODS_CELLS:
            columns = int(element.get(f"{_TABLE}number-columns-repeated", 1))
            yield element, (row, rows), (place, columns)
            place += columns


def _check_ods_cell(
    element: ElementTree.Element, rows: tuple[int, int], columns: tuple[int, int], grid: Grid, found: Found
) -> None:
    """Add a cell to `found` if it is filled or merged, for each of its rows and columns (first, count)."""
    (row, row_count), (place, column_count) = rows, columns
    high = int(element.get(f"{_TABLE}number-rows-spanned", 1))
    wide = int(element.get(f"{_TABLE}number-columns-spanned", 1))
    if high > 1 or wide > 1:
        found.merged.append((row, row + high - 1, place, place + wide - 1))
    kind = element.get(f"{_OFFICE}value-type")
    if element.get(f"{_CALC}value-type") == "error":
        reason = ERROR
    elif kind == "time":
        reason = ODD
    elif kind is None and f"{_TABLE}formula" in element.attrib:
        reason = NO_VALUE
    elif kind is None and "".join(element.itertext()).strip():
        reason = ODD
    else:
        return
    for where in grid.wanted:
        if place <= where < place + column_count:
            # below the last row with text, only the first of the repeated rows is added
            for number in range(row, max(row + 1, min(row + row_count, grid.texts.height + 1))):
                if grid.reads_empty(number, where):
                    found.cells[number, where] = reason

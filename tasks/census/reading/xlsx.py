"""Read the XML of a sheet in .xlsx: filled, merged and styled cells, and the extent of the sheet."""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator

from tasks.census.reading.grid import ERROR, NO_DATE, NO_VALUE, NOT_COMPUTED, ODD, Found, Grid
from tasks.census.reading.office import document, letters_of, local_name, place_of, targets_of

_CHUNK_BYTES = 8_000_000
_HEAD_BYTES = 65_536

#: A cell with content, as nearly all programs write it; the column's letters are inserted.
_USUAL = rb'<c r="%s(\d+)"((?:[^>]*[^/>])?)>(.*?)</c>'
_UNUSUAL = re.compile(rb'<c(?! r=")[\s>/]')
#: A row or cell in any valid form of XML.
_ANY = re.compile(rb"<(?:[\w.-]+:)?(?:row\b([^>]*)>|c\b([^>]*?)(?:/>|>(.*?)</(?:[\w.-]+:)?c>))", re.DOTALL)
_REFERENCE = re.compile(rb"""\br\s*=\s*["']([A-Z]*)(\d+)["']""")
_MERGE = re.compile(rb"""<(?:[\w.-]+:)?mergeCell\b[^>]*?\bref\s*=\s*["']([A-Z]+)(\d+):([A-Z]+)(\d+)["']""")
_DIMENSION = re.compile(
    rb"""<(?:[\w.-]+:)?dimension\b[^>]*?\bref\s*=\s*["'](?:[A-Z]+\d+:)?([A-Z]+)(\d+)["']"""
)
_CELL_REFERENCE = re.compile(rb"""<(?:[\w.-]+:)?c\b[^>]*?\br\s*=\s*["']([A-Z]{1,4})(\d{1,8})["']""")
_TYPE = re.compile(rb"""\bt\s*=\s*["'](\w+)["']""")
_FORMULA = re.compile(rb"<(?:[\w.-]+:)?f\b")
_VALUE = re.compile(rb"<(?:[\w.-]+:)?v\b")
_STYLE = re.compile(rb"""\bs\s*=\s*["'](\d{1,6})["']""")
_TAG = re.compile(rb"<[^>]*>")
_FORMULA_TEXT = re.compile(rb"<(?:[\w.-]+:)?f\b[^>]*?(?:/>|>.*?</(?:[\w.-]+:)?f>)", re.DOTALL)


def sheet_part(archive: zipfile.ZipFile, sheet: str) -> tuple[str, bool]:
    """Return the part of an .xlsx that contains a sheet, and whether its formulas were never computed."""
    workbook = document(archive, "xl/workbook.xml")
    targets = targets_of(archive, "xl/workbook.xml")
    part = ""
    uncomputed = False
    for element in workbook.iter():
        if local_name(element.tag) == "sheet" and element.get("name") == sheet:
            part = next((targets.get(v, "") for k, v in element.items() if local_name(k) == "id"), "")
        if local_name(element.tag) == "calcPr":
            uncomputed = element.get("fullCalcOnLoad") in ("1", "true")
    return part, uncomputed


def last_cell(data: bytes, sheet: str, most_cells: int) -> str | None:
    """Return the last cell of an .xlsx sheet if it spans more than `most_cells` cells, else None."""
    if not data.startswith(b"PK"):
        return None
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if "xl/workbook.xml" not in archive.namelist():
            return None
        part, _ = sheet_part(archive, sheet)
        if part not in archive.namelist():
            return None
        with archive.open(part) as source:
            declared = _DIMENSION.search(source.read(_HEAD_BYTES))
        if not declared or (place_of(declared[1].decode()) + 1) * int(declared[2]) <= most_cells:
            return None
        # Some programs declare the largest possible sheet without filling it: only existing cells count.
        row = place = 0
        for chunk in _chunks(archive, part):
            for match in _CELL_REFERENCE.finditer(chunk):
                place = max(place, place_of(match[1].decode()))
                row = max(row, int(match[2]))
        return f"{letters_of(place)}{row}" if (place + 1) * row > most_cells else None


def has_formulas(data: bytes, sheet: str) -> bool:
    """Return whether a sheet of an .xlsx has a formula; False for other kinds of file."""
    if not data.startswith(b"PK"):
        return False
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if "xl/workbook.xml" not in archive.namelist():
            return False
        part, _ = sheet_part(archive, sheet)
        return part in archive.namelist() and any(_FORMULA.search(chunk) for chunk in _chunks(archive, part))


def style_numbers(archive: zipfile.ZipFile, sheet: str, place: int) -> Iterator[tuple[int, int]]:
    """Yield row number and style of each filled cell of a column of an .xlsx that has a style."""
    part, _ = sheet_part(archive, sheet)
    if part not in archive.namelist():
        return
    row = 0
    prefixed = False
    for number, chunk in enumerate(_chunks(archive, part)):
        if number == 0:
            prefixed = b"<sheetData" not in chunk
        cells: Iterable[tuple[int, int, bytes, bytes]]
        if not prefixed and not _UNUSUAL.search(chunk):
            cells = _usual_cells(chunk, {place})
        else:
            cells, row = _any_cells(chunk, {place}, row)
        for row_number, _, attributes, _ in cells:
            if style := _STYLE.search(attributes):
                yield row_number, int(style[1])


def find_in_xlsx(archive: zipfile.ZipFile, sheet: str, grid: Grid) -> Found:
    """Return the filled cells of an .xlsx sheet that have no text in `grid`, and the merged ranges."""
    part, uncomputed = sheet_part(archive, sheet)
    found = Found()
    if part not in archive.namelist():
        return found
    row = 0
    prefixed = False  # <x:c> instead of <c>
    with_empty_cells = grid.with_empty_cells()
    for number, chunk in enumerate(_chunks(archive, part)):
        if number == 0:
            prefixed = b"<sheetData" not in chunk
        places = set(grid.wanted) if prefixed or b"<f" in chunk else with_empty_cells
        cells: Iterable[tuple[int, int, bytes, bytes]]
        if not places:
            cells = ()
        elif not prefixed and not _UNUSUAL.search(chunk):
            cells = _usual_cells(chunk, places)
        else:
            cells, row = _any_cells(chunk, places, row)
        for row_number, place, attributes, content in cells:
            if grid.reads_empty(row_number, place):
                if reason := _unread(attributes, content):
                    found.cells[row_number, place] = reason
            elif uncomputed and row_number > grid.header and _saved_zero(content):
                found.cells[row_number, place] = NOT_COMPUTED
        for first, first_row, last, last_row in _MERGE.findall(chunk) if b"mergeCell" in chunk else ():
            found.merged.append(
                (int(first_row), int(last_row), place_of(first.decode()), place_of(last.decode()))
            )
    return found


def _chunks(archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """Yield a sheet's XML in chunks that end with a complete row."""
    rest = b""
    with archive.open(part) as source:
        while piece := source.read(_CHUNK_BYTES):
            data = rest + piece
            end = max(data.rfind(b"</row>"), data.rfind(b":row>"))
            if end >= 0:
                end = data.index(b">", end) + 1
                yield data[:end]
                rest = data[end:]
            else:
                rest = data
    yield rest


def _usual_cells(chunk: bytes, places: set[int]) -> Iterator[tuple[int, int, bytes, bytes]]:
    for place in places:
        pattern = re.compile(_USUAL % letters_of(place).encode(), re.DOTALL)
        for match in pattern.finditer(chunk):
            yield int(match[1]), place, match[2], match[3]


def _any_cells(chunk: bytes, places: set[int], row: int) -> tuple[list[tuple[int, int, bytes, bytes]], int]:
    """Return the cells with content of a chunk in any valid form of XML, and the chunk's last row number."""
    cells = []
    place = 0
    for match in _ANY.finditer(chunk):
        if match[1] is not None:
            given = _REFERENCE.search(match[1])
            row = int(given[2]) if given else row + 1
            place = 0
            continue
        given = _REFERENCE.search(match[2])
        if given and given[1]:
            place, row = place_of(given[1].decode()), int(given[2])
        if place in places and match[3]:
            cells.append((row, place, match[2], match[3]))
        place += 1
    return cells, row


def _saved_zero(content: bytes) -> bool:
    formula = _FORMULA.search(content)
    return formula is not None and _TAG.sub(b"", _FORMULA_TEXT.sub(b"", content)).strip() == b"0"


def _unread(attributes: bytes, content: bytes) -> str | None:
    """Return why a cell with this content reads as empty; None if it is empty."""
    kind = _TYPE.search(attributes)
    text = content.replace(b"<![CDATA[", b"").replace(b"]]>", b"")
    if _FORMULA.search(content):
        text_formula = kind is not None and kind[1] == b"str" and _VALUE.search(content)
        return None if text_formula and not _TAG.sub(b"", _FORMULA_TEXT.sub(b"", text)).strip() else NO_VALUE
    if kind is not None and kind[1] == b"s":  # a shared string that is empty
        return None
    value = _TAG.sub(b"", text).strip()
    if not value:
        return None
    if kind is not None and kind[1] == b"e":
        return ERROR
    return NO_DATE if kind is None and content == b"<v>" + value + b"</v>" else ODD

"""Read the records of a sheet in .xlsb: filled and merged cells."""

import struct
import zipfile
from collections.abc import Iterator

from tasks.census.reading.grid import ERROR, ODD, Found, Grid
from tasks.census.reading.office import targets_of

_ROW, _MERGED_RANGE, _SHEET = 0, 176, 156
#: Record types of filled cells; 1 is a blank cell, 3 and 11 are errors, 62 is a formatted text.
_FILLED = frozenset((*range(2, 12), 62))
_ERRORS = frozenset((3, 11))


def _records(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield type and body of each record of a binary part."""
    at = 0
    while at < len(content):
        kind = content[at]
        at += 1
        if kind & 0x80:
            kind = (kind & 0x7F) | (content[at] & 0x7F) << 7
            at += 1
        size = shift = 0
        for _ in range(4):
            byte = content[at]
            at += 1
            size |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                break
        yield kind, content[at : at + size]
        at += size


def _wide_text(body: bytes, at: int) -> tuple[str, int]:
    (length,) = struct.unpack_from("<I", body, at)
    end = at + 4 + 2 * length
    return body[at + 4 : end].decode("utf-16-le"), end


def find_in_xlsb(archive: zipfile.ZipFile, sheet: str, grid: Grid) -> Found:
    """Return the filled cells of an .xlsb sheet that have no text in `grid`, and the merged ranges."""
    targets = targets_of(archive, "xl/workbook.bin")
    part = ""
    for kind, body in _records(archive.read("xl/workbook.bin")):
        if kind == _SHEET:
            relation, at = _wide_text(body, 8)
            if _wide_text(body, at)[0] == sheet:
                part = targets.get(relation, "")
    found = Found()
    if part not in archive.namelist():
        return found
    row = 0
    for kind, body in _records(archive.read(part)):
        if kind == _ROW:
            row = struct.unpack_from("<I", body)[0] + 1
        elif kind in _FILLED:
            (place,) = struct.unpack_from("<I", body)
            # a formula whose text has length 0 gives an empty cell
            blank = kind in (6, 8) and struct.unpack_from("<I", body, 8)[0] == 0
            if place in grid.wanted and not blank and kind != 7 and grid.reads_empty(row, place):
                found.cells[row, place] = ERROR if kind in _ERRORS else ODD
        elif kind == _MERGED_RANGE:
            first_row, last_row, first, last = struct.unpack_from("<4I", body)
            found.merged.append((first_row + 1, last_row + 1, first, last))
    return found

"""Read CSV and other delimited text."""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import polars as pl

from tasks.census.reading.cells import Cells
from tasks.census.reading.header import ROWS_SEARCHED, Place, Wanted, locate, plain
from tasks.system.guarded_child import Refused

DELIMITERS = (",", ";", "\t", "|")
#: A first line that Excel writes: it names the delimiter and does not belong to the table.
_SEPARATOR_LINE = re.compile(rb'\s*"?sep=([^"\'\n\x80-\xff])"?[ ,;\t|]*\n', re.IGNORECASE)


def read_delimited(data: bytes, file: str, wanted: Wanted, encoding: str) -> Cells:
    """Read the wanted columns of a text file. Raises Refused if it is not CSV or lacks a required column."""
    body, codec = _as_utf8(data, file, encoding, wanted.section)
    named = _SEPARATOR_LINE.match(body)
    body = body[named.end() :] if named else body
    leading = len(body) - len(body.lstrip(b"\n"))
    body = body[leading:]
    if not re.search(rb"\S", body):
        raise Refused(f"{file}: the file is empty. It needs a header and one row per {wanted.row}.")
    delimiter = named[1].decode() if named else _delimiter(body, wanted)

    checked = _checked(body, delimiter, wanted, file, leading)
    frame = _columns(body, delimiter, checked, file)
    numbered = frame.with_row_index("row_number", offset=leading + 2).cast({"row_number": pl.Int64})
    if checked.blank:
        empty = pl.Series([leading + 1 + row for row in checked.blank], dtype=pl.Int64)
        numbered = numbered.filter(~pl.col("row_number").is_in(empty.implode()))
    faults = [
        (leading + 1 + row, "", f"the row has {fields} fields, the header {len(checked.header)}; a value "
         "that contains the delimiter must be quoted")
        for row, fields in checked.ragged
    ]  # fmt: skip
    found = {"Delimiter": repr(delimiter), "Encoding": codec}
    return Cells(checked.header, numbered, faults, found=found).without_faulty_rows()


@dataclass(frozen=True)
class _CheckedRows:
    """What the csv module finds in a file; row 1 is the first below the header."""

    header: list[str]
    positions: dict[str, int]  # census column → its position in the file
    rows: int
    blank: list[int]  # rows without any text
    ragged: list[tuple[int, int]]  # rows with too few or too many fields, and their number of fields


def _checked(body: bytes, delimiter: str, wanted: Wanted, file: str, leading: int) -> _CheckedRows:
    """Check the file with the csv module before Polars reads it.

    Polars fills short rows, cuts long ones and does not report an unclosed quote.
    """
    reader = csv.reader(_lines(body), delimiter=delimiter, strict=True)
    blank: list[int] = []
    ragged: list[tuple[int, int]] = []
    rows = 0
    try:
        header = next(reader)
        positions = locate(
            wanted, Place(f"row {leading + 1}", header), _later_rows(body, delimiter, leading), file
        )
        width = len(header)
        narrowest = max((i + 1 for i, name in enumerate(header) if name.strip()), default=0)
        for rows, row in enumerate(reader, start=1):
            if len(row) == width and row[0].strip():
                continue
            if not any(map(str.strip, row)):
                blank.append(rows)
            elif len(row) != width and (len(row) < narrowest or any(map(str.strip, row[width:]))):
                ragged.append((rows, len(row)))
    except csv.Error as error:
        raise Refused(
            f"{file}: line {leading + reader.line_num} is not CSV: {error}. Check the quotes: a quote within "
            "a quoted value is written twice."
        ) from error
    return _CheckedRows(header, positions, rows, blank, ragged)


def _columns(body: bytes, delimiter: str, checked: _CheckedRows, file: str) -> pl.DataFrame:
    """Read the wanted columns by Polars. Raises Refused if the csv module counts another number of rows."""
    names = [f"column_{i}" for i in range(len(checked.header))]
    try:
        frame = (
            pl.scan_csv(
                io.BytesIO(body),
                separator=delimiter,
                infer_schema=False,
                with_column_names=lambda _: names,
                extra_columns="ignore",
            )
            .select(**{ours: pl.col(names[i]) for ours, i in checked.positions.items()})
            .collect()
        )
    except pl.exceptions.PolarsError as error:
        # Polars' message repeats cells, which may be confidential, such as a social security number.
        raise Refused(f"{file}: not readable as CSV: check its quotes and delimiters.") from error
    if frame.height != checked.rows:
        raise Refused(
            f"{file}: not readable as CSV: {checked.rows} or {frame.height} rows, depending on how its "
            "quotes are interpreted. Quote every value that contains a quote, a delimiter or a line end."
        )
    return frame


def _as_utf8(data: bytes, file: str, encoding: str, section: str) -> tuple[bytes, str]:
    """Return the text as UTF-8 with LF line ends, and its encoding; `auto`: UTF-8, or UTF-16 with a BOM."""
    codec = encoding
    if encoding == "auto":
        codec = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = data.decode(codec)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Refused(
            f"{file}: not {codec.removesuffix('-sig')}: byte 0x{data[error.start]:02x} at offset "
            f"{error.start} (line {line}). Save the file as UTF-8, or set its encoding, for example "
            f"{section}.encoding: cp1252."
        ) from error
    except (LookupError, ValueError) as error:  # an unknown name, or one with a null character
        raise Refused(
            f"{section}.encoding: {encoding!r} is not a text encoding. Allowed: auto, utf-8, cp1252, "
            "utf-16-le and the other names of Python's codecs."
        ) from error
    if "\0" in text:
        raise Refused(
            f"{file}: line {text.count(chr(10), 0, text.index(chr(0))) + 1} contains a NUL character: the "
            f"file is binary, or UTF-16 without a byte order mark (then set {section}.encoding: utf-16-le)."
        )
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    elif codec == "utf-8-sig" and not data.startswith(codecs.BOM_UTF8):
        return data, "utf-8"  # the usual case, in which a large file is not copied
    return text.removeprefix("\ufeff").encode("utf-8", "surrogatepass"), codec.removesuffix("-sig")


def _lines(body: bytes) -> io.TextIOWrapper:
    """Return the lines of a text, with their line ends."""
    return io.TextIOWrapper(io.BytesIO(body), encoding="utf-8", errors="surrogatepass", newline="\n")


def _rows(body: bytes, delimiter: str) -> Iterator[list[str]]:
    """Yield the first rows, up to the first that is not CSV with this delimiter."""
    reader = csv.reader(_lines(body[:1_000_000]), delimiter=delimiter, strict=True)
    try:
        yield from islice(reader, ROWS_SEARCHED)
    except (csv.Error, UnicodeDecodeError):  # an unclosed quote; a character split at the limit
        return


def _later_rows(body: bytes, delimiter: str, leading: int) -> Iterator[Place]:
    """Yield the rows after the first, as candidates for the header."""
    for number, cells in enumerate(_rows(body, delimiter), start=leading + 1):
        if number > leading + 1:
            yield Place(f"row {number}", cells, "Delete the rows above it")


def _delimiter(body: bytes, wanted: Wanted) -> str:
    """Return the delimiter with which a row has most of the wanted columns, else the first row most columns.

    The first row has priority, since it should be the header.
    """
    names = wanted.names

    def score(delimiter: str) -> tuple[int, int, int]:
        rows = list(_rows(body, delimiter))
        hits = [len(names.intersection(map(plain, row))) for row in rows] or [-1]
        return hits[0], max(hits), len(rows[0]) if rows else 0

    return max(DELIMITERS, key=score)

"""CSV and its relatives: text with a delimiter."""

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
#: Excel's own first line, which names the delimiter and is no part of the table.
_SEPARATOR_LINE = re.compile(rb'\s*"?sep=([^"\'\n\x80-\xff])"?[ ,;\t|]*\n', re.IGNORECASE)


def read_delimited(data: bytes, file: str, wanted: Wanted, encoding: str) -> Cells:
    """Read the wanted columns of a text file."""
    body, codec = _as_utf8(data, file, encoding, wanted.section)
    named = _SEPARATOR_LINE.match(body)
    body = body[named.end() :] if named else body
    leading = len(body) - len(body.lstrip(b"\n"))
    body = body[leading:]
    if not re.search(rb"\S", body):
        raise Refused(f"{file}: the file is empty. It needs a header and one row per employee.")
    delimiter = named[1].decode() if named else _delimiter(body, wanted)

    checked = _checked(body, delimiter, wanted, file, leading)
    frame = _columns(body, delimiter, checked, file)
    numbered = frame.with_row_index("row_number", offset=leading + 2).cast({"row_number": pl.Int64})
    if checked.blank:
        empty = pl.Series([leading + 1 + row for row in checked.blank], dtype=pl.Int64)
        numbered = numbered.filter(~pl.col("row_number").is_in(empty.implode()))
    faults = [
        (leading + 1 + row, "", f"the row has {fields} fields where the header has {len(checked.header)}; a "
         "value that holds the delimiter must be quoted")
        for row, fields in checked.ragged
    ]  # fmt: skip
    found = {"Delimiter": repr(delimiter), "Encoding": codec}
    return Cells(checked.header, numbered, faults, found=found).without_faulty_rows()


@dataclass(frozen=True)
class _CheckedRows:
    """What the csv module finds in a file; rows are counted from 1 below the header."""

    header: list[str]
    positions: dict[str, int]  # our name of each wanted column → its place
    rows: int
    blank: list[int]  # rows without any text
    ragged: list[tuple[int, int]]  # rows with too few or too many fields, and how many they have


def _checked(body: bytes, delimiter: str, wanted: Wanted, file: str, leading: int) -> _CheckedRows:
    """Pass over the file with the csv module before Polars reads it.

    Polars fills short rows, cuts long ones and says neither where a quote is left open.
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
    """Read the wanted columns, a row for each that the csv module counts."""
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
        # Polars' own message repeats the cells, which may be anybody's SSN.
        raise Refused(f"{file}: not readable as CSV: check its quotes and delimiters.") from error
    if frame.height != checked.rows:
        raise Refused(
            f"{file}: not readable as CSV: {checked.rows} or {frame.height} rows, depending on how its "
            "quotes are understood. Quote every value that holds a quote, a delimiter or a line end."
        )
    return frame


def _as_utf8(data: bytes, file: str, encoding: str, section: str) -> tuple[bytes, str]:
    """The text as UTF-8 with line ends LF, and its encoding. `auto` is UTF-8, or UTF-16 with a mark."""
    codec = encoding
    if encoding == "auto":
        codec = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = data.decode(codec)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Refused(
            f"{file}: not {codec.removesuffix('-sig')}: byte 0x{data[error.start]:02x} at offset "
            f"{error.start} (line {line}). Save the file as UTF-8, or say what it "
            f"is, for example {section}.encoding: cp1252."
        ) from error
    except (LookupError, ValueError) as error:  # an unknown name, or one with a null character
        raise Refused(
            f"{section}.encoding: {encoding!r} is no text encoding. Allowed: auto, utf-8, cp1252, utf-16-le "
            "and the other names of Python's codecs."
        ) from error
    if "\0" in text:
        raise Refused(
            f"{file}: line {text.count(chr(10), 0, text.index(chr(0))) + 1} holds a NUL character: the file "
            f"is binary, or UTF-16 without its mark (then set {section}.encoding: utf-16-le)."
        )
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    elif codec == "utf-8-sig" and not data.startswith(codecs.BOM_UTF8):
        return data, "utf-8"  # as nearly all large files are: without a copy
    return text.removeprefix("\ufeff").encode("utf-8", "surrogatepass"), codec.removesuffix("-sig")


def _lines(body: bytes) -> io.TextIOWrapper:
    """The lines of a text, each with its end."""
    return io.TextIOWrapper(io.BytesIO(body), encoding="utf-8", errors="surrogatepass", newline="\n")


def _rows(body: bytes, delimiter: str) -> Iterator[list[str]]:
    """The first rows, as far as they are CSV under this delimiter."""
    reader = csv.reader(_lines(body[:1_000_000]), delimiter=delimiter, strict=True)
    try:
        yield from islice(reader, ROWS_SEARCHED)
    except (csv.Error, UnicodeDecodeError):  # an open quote; a character cut in two
        return


def _later_rows(body: bytes, delimiter: str, leading: int) -> Iterator[Place]:
    """Rows after the first which may be the header instead."""
    for number, cells in enumerate(_rows(body, delimiter), start=leading + 1):
        if number > leading + 1:
            yield Place(f"row {number}", cells, "Delete the rows above it")


def _delimiter(body: bytes, wanted: Wanted) -> str:
    """The delimiter under which a row names most of the wanted columns, else the first has most columns.

    The first row counts before the others: it is where the header should be.
    """
    names = set(wanted.columns.values())

    def score(delimiter: str) -> tuple[int, int, int]:
        rows = list(_rows(body, delimiter))
        hits = [len(names.intersection(map(plain, row))) for row in rows] or [-1]
        return hits[0], max(hits), len(rows[0]) if rows else 0

    return max(DELIMITERS, key=score)

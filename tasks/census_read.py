"""From bytes to text cells: CSV, Parquet and Excel all give the same table of text.

Text, because an id such as 00017 or an amount such as 56.000,00 loses its meaning as soon as a reader
guesses a type. What the text means is for `tasks.census_parse`; whether it makes sense, for
`tasks.census_rules`.
"""

import csv
import io
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path

import fastexcel
import polars as pl
import pyarrow
import pyarrow.parquet

from tasks.census_columns import ColumnMap
from tasks.census_error import REJECTS_SCHEMA, CensusError

log = logging.getLogger("workforce.census")

TEXT_SUFFIXES = (".csv", ".tsv", ".txt")
PARQUET_SUFFIXES = (".parquet", ".pq")
EXCEL_SUFFIXES = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True)
class Table:
    """The wanted columns of a file as text."""

    header: tuple[str, ...]
    cells: pl.DataFrame  # row_number (header = 1) and one String column per wanted column
    problems: pl.DataFrame  # rows that could not be taken apart, in the form of the rejects
    numeric: frozenset[str]  # columns the file itself types as numbers: their decimal mark is a point
    found: Mapping[str, str] = field(default_factory=dict)  # what was found out: sheet, encoding, delimiter


def read_table(
    data: bytes, file: Path, columns: ColumnMap, *, encoding: str = "auto", sheet: str | None = None
) -> Table:
    """Read the wanted columns of a census file, whose kind its extension tells."""
    suffix = file.suffix.lower()
    if suffix in TEXT_SUFFIXES:
        table = _read_csv(decode(data, file.name, encoding), file.name, columns)
        return replace(table, found={**table.found, "Encoding": _codec(data, encoding)})
    if suffix in PARQUET_SUFFIXES:
        return _read_parquet(data, file.name, columns)
    if suffix in EXCEL_SUFFIXES:
        return _read_excel(data, file.name, columns, sheet)
    allowed = ", ".join((*TEXT_SUFFIXES, *PARQUET_SUFFIXES, *EXCEL_SUFFIXES))
    raise CensusError(
        f"{file.name}: unknown kind of file {suffix or '(no extension)'!r}. Allowed: {allowed}."
    )


def decode(data: bytes, file: str, encoding: str) -> str:
    """The text of a CSV file with its line ends as LF. `auto` is UTF-8, or UTF-16 with a byte order mark."""
    codec = "utf-8-sig" if _codec(data, encoding) == "utf-8" else _codec(data, encoding)
    if data.startswith(b"PK\x03\x04") or data.startswith(b"PAR1"):
        raise CensusError(f"{file}: not a text file but Excel or Parquet: give it the extension of its kind.")
    try:
        text = data.decode(codec)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise CensusError(
            f"{file}: not {codec.removesuffix('-sig')}: byte 0x{data[error.start]:02x} at offset "
            f"{error.start} (line {line}). Save the file as UTF-8, or say what it "
            "is, for example census.encoding: cp1252."
        ) from error
    except (LookupError, ValueError) as error:  # an unknown name, or one with a null character
        raise CensusError(
            f"census.encoding: {encoding!r} is no text encoding. Allowed: auto, utf-8, cp1252, utf-16-le and "
            "the other names of Python's codecs."
        ) from error
    if "\0" in text:
        raise CensusError(
            f"{file}: line {text.count(chr(10), 0, text.index(chr(0))) + 1} holds a NUL character: the file "
            "is binary, or UTF-16 without its mark (then set census.encoding: utf-16-le)."
        )
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _codec(data: bytes, encoding: str) -> str:
    if encoding != "auto":
        return encoding
    return "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8"


def _read_csv(text: str, file: str, columns: ColumnMap) -> Table:
    body = text.lstrip("\n")
    leading = len(text) - len(body)
    if not body:
        raise CensusError(f"{file}: the file is empty. It needs a header and one row per employee.")
    delimiter = _delimiter(body, columns)
    # One pass of the csv module before Polars': Polars fills short rows, cuts long ones and says neither
    # where a quote is left open.
    reader = csv.reader(io.StringIO(body, newline=""), delimiter=delimiter, strict=True)
    blank: list[int] = []
    ragged: list[tuple[int, int]] = []
    rows = 0
    try:
        header = next(reader)
        width = len(header)
        narrowest = max((i + 1 for i, name in enumerate(header) if name.strip()), default=0)
        for rows, row in enumerate(reader, start=1):
            if not any(row):
                blank.append(rows)
            elif len(row) != width and (len(row) < narrowest or any(row[width:])):
                ragged.append((rows, len(row)))
    except csv.Error as error:
        raise CensusError(
            f"{file}: line {leading + reader.line_num} is not CSV: {error}. Check the quotes: a quote within "
            "a quoted value is written twice."
        ) from error
    positions = columns.positions(header, file)

    names = [f"column_{i}" for i in range(width)]
    try:
        cells = (
            pl.scan_csv(
                io.BytesIO(body.encode()),
                separator=delimiter,
                infer_schema=False,
                with_column_names=lambda _: names,
                extra_columns="ignore",
            )
            .select(**{ours: pl.col(names[i]) for ours, i in positions.items()})
            .collect()
        )
    except pl.exceptions.PolarsError as error:
        # Polars' own message repeats the cells, which may be anybody's SSN.
        raise CensusError(f"{file}: not readable as CSV: check its quotes and delimiters.") from error
    if cells.height != rows:
        raise CensusError(
            f"{file}: not readable as CSV: {rows} or {cells.height} rows, depending on how its quotes are "
            "understood. Quote every value that holds a quote, a delimiter or a line end."
        )
    problems = pl.DataFrame(
        [
            (leading + 1 + row, "", "", f"the row has {fields} fields where the header has {width}; a value "
             "that holds the delimiter must be quoted")
            for row, fields in ragged
        ],
        schema=REJECTS_SCHEMA,
        orient="row",
    )  # fmt: skip
    unused = [leading + 1 + row for row in chain(blank, (row for row, _ in ragged))]
    numbered = cells.with_row_index("row_number", offset=leading + 2).cast({"row_number": pl.Int64})
    if unused:
        numbered = numbered.filter(~pl.col("row_number").is_in(unused))
    return Table(tuple(header), numbered, problems, frozenset(), {"Delimiter": repr(delimiter)})


def _delimiter(body: str, columns: ColumnMap) -> str:
    """The delimiter under which the first row names most of the wanted columns, else gives most columns."""
    wanted = set(columns.wanted.values())
    start = body[:1_000_000]

    def score(delimiter: str) -> tuple[int, int]:
        try:
            header = next(csv.reader(io.StringIO(start, newline=""), delimiter=delimiter, strict=True))
        except csv.Error:
            return (-1, 0)  # under this delimiter the first row is not CSV: any other is better
        return (len(wanted.intersection(name.strip() for name in header)), len(header))

    return max(DELIMITERS, key=score)


def _read_parquet(data: bytes, file: str, columns: ColumnMap) -> Table:
    # By pyarrow: a damaged file makes Polars' own reader end the process instead of raising.
    damaged = (pyarrow.ArrowException, pl.exceptions.PolarsError, OSError, ValueError)
    try:
        source = pyarrow.parquet.ParquetFile(pyarrow.BufferReader(data))
        header = source.schema_arrow.names
    except damaged as error:
        raise CensusError(f"{file}: not readable as Parquet: damaged or of another kind.") from error
    positions = columns.positions(header, file)
    try:
        table = source.read(columns=[header[i] for i in positions.values()])
        table.validate(full=True)
        # Without the metadata, whose damage Polars does not survive and which means nothing here.
        frame = pl.DataFrame(pyarrow.Table.from_arrays(table.columns, names=table.column_names))
    except damaged as error:
        raise CensusError(f"{file}: not readable as Parquet: the file is damaged.") from error
    schema = frame.schema
    cells = frame.select(
        **{ours: _as_text(header[i], schema[header[i]], file) for ours, i in positions.items()}
    )
    numbered = cells.with_row_index("row_number", offset=2).cast({"row_number": pl.Int64})
    numeric = frozenset(ours for ours, i in positions.items() if schema[header[i]].is_numeric())
    return Table(tuple(header), numbered, pl.DataFrame(schema=REJECTS_SCHEMA), numeric)


def _as_text(name: str, dtype: pl.DataType, file: str) -> pl.Expr:
    """The text that the same value would have in a CSV file."""
    column = pl.col(name)
    if isinstance(dtype, pl.Date | pl.Datetime):
        # Polars panics at the text of a date beyond its calendar, which a damaged or careless file may hold.
        days = column.to_physical() if isinstance(dtype, pl.Date) else column.dt.epoch("s") // 86_400
        in_calendar = days.is_between(-719_162, 2_932_896)  # years 1 to 9999
        text = pl.when(in_calendar).then(column).dt.date().cast(pl.String)
        return pl.when(in_calendar.fill_null(True)).then(text).otherwise(pl.lit("(out of the calendar)"))
    if dtype.is_float():
        # 1001.0 is how a table with a gap stores the id 1001.
        whole = column.cast(pl.Int64, strict=False)
        return pl.when(column == whole).then(whole.cast(pl.String)).otherwise(column.cast(pl.String))
    if dtype.is_nested() or isinstance(dtype, pl.Binary | pl.Object | pl.Time | pl.Duration):
        raise CensusError(f"{file}: column {name} has the type {dtype}. Allowed: text, numbers and dates.")
    return column.cast(pl.String)


def _read_excel(data: bytes, file: str, columns: ColumnMap, sheet: str | None) -> Table:
    try:
        workbook = fastexcel.read_excel(data)
        chosen = _sheet(workbook.sheet_names, file, sheet)
        # From the sheet's very first row, so that the numbers given to users are those they see in Excel.
        loaded = workbook.load_sheet(chosen, header_row=None, skip_rows=0, dtypes="string")
        batch, cell_errors = loaded.to_arrow_with_errors()
    except fastexcel.FastExcelError as error:
        raise CensusError(
            f"{file}: not readable as Excel: the file is damaged, protected by a password or of another kind."
        ) from error
    grid = pl.DataFrame(batch) if batch.num_columns else pl.DataFrame()
    grid = grid.rename({old: f"column_{i}" for i, old in enumerate(grid.columns)})
    numbered = grid.with_row_index("row_number", offset=1).cast({"row_number": pl.Int64})
    filled = numbered.filter(pl.any_horizontal(pl.exclude("row_number").is_not_null()))
    if filled.is_empty():
        raise CensusError(
            f"{file}: sheet {chosen!r} is empty. It needs a header and one row per employee; another sheet "
            "is chosen by census.sheet."
        )
    header_number, *header_cells = filled.row(0)
    header = ["" if cell is None else str(cell) for cell in header_cells]
    positions = columns.positions(header, file)
    cells = filled.slice(1).select(
        pl.col("row_number"), **{ours: pl.col(f"column_{i}") for ours, i in positions.items()}
    )
    # A formula's cached value is read like any other; one whose value is an error (#N/A) arrives as an
    # empty cell, which for a termination date would quietly mean "still employed".
    ours_at = {i: ours for ours, i in positions.items()}
    faults = [
        (row + 1, ours_at[column], "", "the cell holds an Excel error such as #N/A; put its value there")
        for row, column in (error.offset_position for error in (cell_errors.errors if cell_errors else ()))
        if column in ours_at and row + 1 > header_number
    ]
    problems = pl.DataFrame(faults, schema=REJECTS_SCHEMA, orient="row")
    return Table(
        tuple(header), cells.filter(~pl.col("row_number").is_in(problems["row_number"].implode())), problems,
        frozenset(), {"Sheet": f"{chosen!r}, header in row {header_number}"},
    )  # fmt: skip


def _sheet(names: Sequence[str], file: str, wanted: str | None) -> str:
    if wanted is not None:
        if wanted not in names:
            raise CensusError(f"{file}: no sheet {wanted!r} (census.sheet). Sheets: {', '.join(names)}.")
        return wanted
    if not names:
        raise CensusError(f"{file}: the workbook has no sheet.")
    if len(names) > 1:
        log.info("%s has %d sheets; reading the first, %r. census.sheet chooses.", file, len(names), names[0])
    return names[0]

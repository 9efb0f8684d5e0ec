"""Read Parquet by pyarrow: on a damaged file, Polars' reader ends the process instead of raising."""

from typing import Any

import polars as pl
import pyarrow
import pyarrow.compute
import pyarrow.parquet
from pyarrow import types

from tasks.census.reading.cells import Cells
from tasks.census.reading.header import Place, Wanted, cut, locate
from tasks.system.guarded_child import Refused

#: Least memory that one cell takes.
BYTES_PER_CELL = 16
#: Days since 1970 of 0001-01-01 and 9999-12-31.
_CALENDAR = (-719_162, 2_932_896)
_UTC = ("UTC", "Etc/UTC", "GMT", "Zulu", "+00:00")
_DAMAGED = (pyarrow.ArrowException, pl.exceptions.PolarsError, OSError, ValueError)


def read_parquet(data: bytes, file: str, wanted: Wanted, memory_bytes: int) -> Cells:
    """Read the wanted columns of a Parquet file.

    Raises Refused if it is damaged, larger than memory, or lacks a required column.
    """
    try:
        # In nanoseconds, timestamps of old Spark versions such as 9999-12-31 overflow to 1816.
        source = pyarrow.parquet.ParquetFile(pyarrow.BufferReader(data), coerce_int96_timestamp_unit="us")
        header = source.schema_arrow.names
    except _DAMAGED as error:
        raise Refused(f"{file}: not readable as Parquet: damaged or of another kind.") from error
    positions = locate(wanted, Place("the names of its columns", header), (), file)
    rows = source.metadata.num_rows
    if rows * len(positions) * BYTES_PER_CELL > memory_bytes:
        raise Refused(
            f"{file}: the file declares {rows:,} rows, which do not fit into the "
            f"{memory_bytes / 1e9:,.1f} GB of memory that reading may take (machine.reader_memory)."
        )
    kinds = {ours: source.schema_arrow.field(i).type for ours, i in positions.items()}
    try:
        table = source.read(columns=[header[i] for i in positions.values()])
        table.validate(full=True)
        columns = {
            ours: _as_text(cut(header[i]), table.column(header[i]), file) for ours, i in positions.items()
        }
    except MemoryError:  # Arrow's MemoryError is an ArrowException as well, so it must be caught first
        raise
    except _DAMAGED as error:
        raise Refused(f"{file}: not readable as Parquet: the file is damaged.") from error
    frame = pl.DataFrame(columns).with_row_index("row_number", offset=2).cast({"row_number": pl.Int64})
    return Cells(header, frame, numeric=[ours for ours, kind in kinds.items() if _is_number(kind)])


def _is_number(kind: Any) -> bool:
    return bool(types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind))


def _as_text(name: str, column: Any, file: str) -> pl.Series:
    """Return the values as the texts that a CSV file would have."""
    if types.is_dictionary(column.type):
        kind = column.type.value_type
        column = pyarrow.compute.cast(column, pyarrow.large_string() if types.is_string(kind) else kind)
    kind = column.type
    if types.is_date(kind) or types.is_timestamp(kind):
        return _dates_as_text(pl.Series(column))
    if types.is_floating(kind):
        # A column with a missing value stores the id 1001 as 1001.0.
        frame = pl.DataFrame({"number": pl.Series(column)})
        integer = pl.col("number").cast(pl.Int64, strict=False)
        text = (
            pl.when(pl.col("number") == integer)
            .then(integer.cast(pl.String))
            .otherwise(pl.col("number").cast(pl.String))
        )
        return frame.select(text).to_series()
    if (
        _is_number(kind) or types.is_boolean(kind) or types.is_null(kind)
        or types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind)
    ):  # fmt: skip
        # Cast by Arrow: Polars does not support its decimals of 256 bits.
        return pl.Series(pyarrow.compute.cast(column, pyarrow.large_string()))
    raise Refused(f"{file}: column {name} has the type {kind}. Allowed: text, numbers and dates.")


def _dates_as_text(dates: pl.Series) -> pl.Series:
    """Return dates as 2020-01-31, timestamps as their day.

    A date outside the calendar becomes a text that is not a date, so that it is rejected. If times in UTC are
    not all midnights, they are kept: they may show that the dates are of another time zone.
    """
    date = pl.col("date")
    days = date.to_physical() if dates.dtype == pl.Date else date.dt.epoch("s") // 86_400
    # Polars panics when it formats a date outside the calendar.
    in_calendar = days.is_between(*_CALENDAR)
    text = pl.when(in_calendar).then(date).dt.date().cast(pl.String)
    in_utc = isinstance(dates.dtype, pl.Datetime) and dates.dtype.time_zone in _UTC
    if in_utc and dates.to_frame("date").select((date.dt.epoch("s") % 86_400 != 0).any()).item():
        text += pl.when(in_calendar).then(date).dt.strftime(" %H:%M:%S UTC")
    beyond = pl.lit("(out of the calendar)")
    return dates.to_frame("date").select(
        pl.when(in_calendar.fill_null(True)).then(text).otherwise(beyond)
    ).to_series()  # fmt: skip

"""Read a census file into text cells: CSV, Parquet and Excel give the same table of text.

Cells stay text, because a reader that guesses types destroys an id such as 00017 or an amount such as
56.000,00. `tasks.census.parse` interprets the text, `tasks.census.rules` validates it. Package
`tasks.census.reading` reads the file, in a child process.
"""

import logging
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import BinaryIO, cast

import polars as pl

from tasks.census.errors import REJECTS_SCHEMA, CensusError
from tasks.census.reading.header import CURRENCY_OF_CELL, CURRENCY_OF_ROW, Wanted
from tasks.census.reading.kinds import EXCEL_SUFFIXES
from tasks.census.source_file import LocalFile
from tasks.system.guarded import Limits, Refused, run_guarded

log = logging.getLogger("workforce.census")

_STRAY_CELL = (
    "A stray cell far from the table or a highly compressed file can cause this: copy the table into a new "
    "workbook, or save it as CSV."
)
DATE_CELL = " is a date cell"  # as tasks.census.reading.spreadsheet names such columns


@dataclass(frozen=True)
class CensusTable:
    """The wanted columns of a file as text."""

    header: tuple[str, ...]
    cells: pl.DataFrame  # row_number (header = 1) and one String column per wanted column
    problems: pl.DataFrame  # rows that could not be read, in the form of the rejects
    numeric: frozenset[str]  # columns that the file stores as numbers: their decimal mark is a point
    date_cells: pl.DataFrame  # a Boolean column per date column that mixes date cells with texts
    # currencies named beside the salary, if the file has them: columns CURRENCY_OF_ROW, CURRENCY_OF_CELL
    currencies: pl.DataFrame
    found: Mapping[str, str]  # detected properties: sheet, encoding, delimiter
    sha256: str


def read_table(
    file: LocalFile, wanted: Wanted, *, encoding: str = "auto", sheet: str | None = None, limits: Limits
) -> CensusTable:
    """Read the wanted columns of a census file; its extension determines the kind of file.

    Raises CensusError if the file cannot be read or lacks a required column.
    """
    with tempfile.TemporaryFile() as output:
        try:
            reply = run_guarded(
                "tasks.census.reading.table:read",
                {
                    "path": str(file.path),
                    "where": file.where,
                    "name": file.name,
                    "wanted": wanted.document(),
                    "encoding": encoding,
                    "sheet": sheet,
                    "memory_bytes": limits.memory_bytes,
                    "by_content": file.kind_by_content,
                },
                cast(BinaryIO, output),
                limits,
                subject=file.name,
                if_too_large=_STRAY_CELL if PurePath(file.name).suffix.lower() in EXCEL_SUFFIXES else "",
            )
        except Refused as refusal:
            raise CensusError(str(refusal)) from None
        output.seek(0)
        frame = pl.read_ipc_stream(cast(BinaryIO, output))
    for note in reply["notes"]:
        log.info("%s %s", file.name, note)
    for warning in reply["warnings"]:
        log.warning("%s: %s", file.name, warning)
    dates = [name for name in frame.columns if name.endswith(DATE_CELL)]
    currencies = [name for name in (CURRENCY_OF_ROW, CURRENCY_OF_CELL) if name in frame.columns]
    return CensusTable(
        header=tuple(reply["header"]),
        cells=frame.drop(*dates, *currencies),
        problems=pl.DataFrame(
            [(row, column, "", reason) for row, column, reason in reply["faults"]],
            schema=REJECTS_SCHEMA,
            orient="row",
        ),
        numeric=frozenset(reply["numeric"]),
        date_cells=frame.select(pl.col(name).alias(name.removesuffix(DATE_CELL)) for name in dates),
        currencies=frame.select(currencies),
        found=reply["found"],
        sha256=reply["sha256"],
    )

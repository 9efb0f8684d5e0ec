"""Exports: any published table as workbook, CSV or Parquet, and tables of the report as CSV.

Rows are streamed, so that a table of millions of rows needs little memory. Text that a spreadsheet would
execute as a formula stays text: in a workbook by the cell's type, in a CSV by a leading apostrophe.
"""

import csv
import io
import os
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import chain, islice
from pathlib import Path
from typing import Any, Literal

import duckdb
import polars as pl
from duckdb.sqltypes import DOUBLE, VARCHAR

from settings.errors import InputError
from settings.models.calendar import FiscalCalendar
from tasks.results.export_rows import EVERYTHING, Choice, rows_of, with_fiscal_year
from tasks.results.report.table import Kind, Table
from tasks.results.sheets import Book, open_workbook, replacing_file, write_header, write_rows
from tasks.text.money import PLAIN, Money
from tasks.text.records import FORMULA_STARTS, not_a_formula
from tasks.warehouse.published import view_names

FileFormat = Literal["xlsx", "csv", "parquet"]

#: Rows of a sheet below its header; Excel's limit is 1,048,576 rows.
SHEET_ROWS = 1_048_575


def export_tables(
    connection: duckdb.DuckDBPyConnection,
    names: Sequence[str],
    path: Path,
    file_format: FileFormat,
    choice: Choice = EVERYTHING,
    money: Money = PLAIN,
    calendar: FiscalCalendar | None = None,
) -> list[Path]:
    """Write published tables: one workbook at `path`, or a file per table in the folder `path`.

    Amounts are numbers; in a workbook their format shows the currency. Where the fiscal year is not the
    calendar year, the column fiscal_year (FY2027) follows simulation_year. Returns the files written. Raises
    InputError if a table is not published, or has no rows of the choice.
    """
    published = view_names(connection)
    unknown = [name for name in names if name not in published]
    if unknown:
        raise InputError(f"{', '.join(unknown)}: not published; published are: {', '.join(published)}")
    choice.check(names)
    # DuckDB sorts on disk beside the export if memory is too small, and removes these files
    scratch = (path.parent if file_format == "xlsx" else path) / f".sorting.{os.getpid()}"
    connection.execute("set temp_directory = $scratch", {"scratch": str(scratch)})
    relations = {name: with_fiscal_year(rows_of(connection, name, choice), calendar) for name in names}
    if file_format == "xlsx":
        with replacing_file(path) as temporary, open_workbook(temporary, money, streamed=True) as book:
            for name, relation in relations.items():
                _write_relation(book, name, relation, money)
        return [path]
    path.mkdir(parents=True, exist_ok=True)
    files = []
    for name, relation in relations.items():
        files.append(path / f"{name}.{file_format}")
        with replacing_file(files[-1]) as temporary:
            if file_format == "parquet":
                relation.write_parquet(str(temporary), compression="zstd")
            else:
                _without_formulas(relation).write_csv(str(temporary), header=True)
    return files


def write_csv(connection: duckdb.DuckDBPyConnection, rows: pl.DataFrame, path: Path) -> None:
    """Write rows to a CSV file; text that a spreadsheet would execute gets an apostrophe."""
    with replacing_file(path) as temporary:
        _without_formulas(connection.from_arrow(rows.to_arrow())).write_csv(str(temporary), header=True)


def table_csv(table: Table) -> str:
    """Return a table of the report as CSV; formulas get an apostrophe, amounts two decimals."""
    kinds = [column.kind for column in table.columns]
    rows = ([_to_write(*cell) for cell in zip(row, kinds, strict=True)] for row in table.cells)
    return _csv(table.headings, rows)


def _to_write(value: Any, kind: Kind) -> Any:
    return Decimal(f"{value:.2f}") if kind == "money" and value is not None else value


def frame_csv(rows: pl.DataFrame) -> str:
    """Return rows as CSV; text that a spreadsheet would execute gets an apostrophe."""
    return _csv(rows.columns, rows.iter_rows())


def _csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    for row in rows:
        writer.writerow(map(not_a_formula, row))
    return text.getvalue()


def _without_formulas(relation: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
    """Put an apostrophe before text that a spreadsheet would execute; numbers stay numbers."""
    columns = []
    for name, kind in zip(relation.columns, relation.types, strict=True):
        column = duckdb.ColumnExpression(name)
        if str(kind) == "VARCHAR":
            risky = duckdb.FunctionExpression(
                "regexp_matches", column, duckdb.ConstantExpression(FORMULA_STARTS)
            )
            escaped = duckdb.FunctionExpression("concat", duckdb.ConstantExpression("'"), column)
            column = duckdb.CaseExpression(risky, escaped).otherwise(column).alias(name)
        columns.append(column)
    return relation.select(*columns)


def _write_relation(book: Book, name: str, relation: duckdb.DuckDBPyRelation, money: Money) -> None:
    """Write a relation of any length; rows that exceed a sheet continue in the next."""
    relation, kinds = _plain(relation)
    cell_formats = [book.formats.get(kind) if kind else None for kind in kinds]
    widths = [
        max(12, len(column) + 2) + (money.extra_width if kind == "money" else 0)
        for column, kind in zip(relation.columns, kinds, strict=True)
    ]
    rows = _fetched(relation)
    title = name.removeprefix("fct_")
    # a table without rows still gets a sheet with its header
    nothing = [None] if relation.limit(1).fetchone() is None else []
    for number, first in enumerate(chain(nothing, rows), start=1):
        sheet = book.file.add_worksheet(title if number == 1 else f"{title} {number}")
        write_header(sheet, list(zip(relation.columns, widths, strict=True)), book.header)
        if first is not None:
            write_rows(sheet, chain([first], islice(rows, SHEET_ROWS - 1)), cell_formats)


def _plain(relation: duckdb.DuckDBPyRelation) -> tuple[duckdb.DuckDBPyRelation, list[str | None]]:
    """Cast columns to types of cells (number, text, date, boolean); return them and each column's format."""
    columns, kinds = [], []
    for name, type_ in zip(relation.columns, map(str, relation.types), strict=True):
        column = duckdb.ColumnExpression(name)
        kinds.append(_kind(type_))
        if type_.startswith("DECIMAL") or type_ == "HUGEINT":
            column = column.cast(DOUBLE)
        elif type_ == "UUID":
            column = column.cast(VARCHAR)
        columns.append(column.alias(name))
    return relation.select(*columns), kinds


def _kind(type_: str) -> str | None:
    """Return the format name of a type: decimals of two digits are amounts, other decimals rates."""
    if type_.startswith("DECIMAL"):
        return "money" if type_.endswith(",2)") else "number"
    return "date" if type_ == "DATE" else None


def _fetched(relation: duckdb.DuckDBPyRelation) -> Iterator[tuple[Any, ...]]:
    for batch in relation.to_arrow_reader(50_000):
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)

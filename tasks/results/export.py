"""Exports: results.xlsx, and any published table as workbook, CSV or Parquet.

Rows are streamed, so that a table of millions of rows needs little memory. Text that a spreadsheet would
execute as a formula stays text: in a workbook by the cell's type, in a CSV by a leading apostrophe.
"""

import csv
import io
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from itertools import chain, islice
from pathlib import Path
from typing import Any, Literal

import duckdb
import polars as pl
import xlsxwriter
from duckdb.sqltypes import DOUBLE, VARCHAR
from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from settings.errors import InputError
from settings.models.calendar import FiscalCalendar
from tasks.results.export_rows import EVERYTHING, Choice, rows_of, with_fiscal_year
from tasks.results.report.table import Kind, Table
from tasks.system.files import private_files
from tasks.text.money import PLAIN, Money
from tasks.text.records import FORMULA_STARTS, not_a_formula
from tasks.warehouse.published import view_names

FileFormat = Literal["xlsx", "csv", "parquet"]

#: Rows of a sheet below its header; Excel's limit is 1,048,576 rows.
SHEET_ROWS = 1_048_575
_FORMATS: dict[str, str] = {
    "year": "0",
    "month": "yyyy-mm",
    "date": "yyyy-mm-dd",
    "count": "#,##0",
    "mean count": "#,##0.0",
    "figure": "#,##0.00",
    "number": "#,##0.00",
    "money": "#,##0.00",
    "share": "0.0%",
    "change": "+0.0%;-0.0%;0.0%",
}
_WIDTHS: dict[Kind, int] = {"text": 22, "year": 8, "month": 10, "money": 18}


def write_workbook(path: Path, tables: Sequence[Table], money: Money) -> None:
    """Write the tables of the report, one sheet each, and a sheet that explains every column."""
    with _replacing(path) as temporary, _workbook(temporary, money) as (book, header, formats):
        for table in tables:
            sheet = book.add_worksheet(table.name)
            widths = [
                _WIDTHS.get(column.kind, 12) + (table.money.extra_width if column.kind == "money" else 0)
                for column in table.columns
            ]
            _write_header(sheet, list(zip(table.headings, widths, strict=True)), header)
            _write_rows(sheet, table.cells, [formats.get(name) for name in _format_names(table)])
        _explain(book.add_worksheet("Columns"), tables, header)


def _format_names(table: Table) -> list[str]:
    """Return the format name of each column; counts with decimals, as means have, show one decimal."""
    return [
        "mean count"
        if column.kind == "count" and any(round(float(row[column.key] or 0), 6) % 1 for row in table.rows)
        else column.kind
        for column in table.columns
    ]


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
        with _replacing(path) as temporary, _workbook(temporary, money) as (book, header, formats):
            for name, relation in relations.items():
                _write_relation(book, name, relation, header, formats, money)
        return [path]
    path.mkdir(parents=True, exist_ok=True)
    files = []
    for name, relation in relations.items():
        files.append(path / f"{name}.{file_format}")
        with _replacing(files[-1]) as temporary:
            if file_format == "parquet":
                relation.write_parquet(str(temporary), compression="zstd")
            else:
                _without_formulas(relation).write_csv(str(temporary), header=True)
    return files


def write_csv(connection: duckdb.DuckDBPyConnection, rows: pl.DataFrame, path: Path) -> None:
    """Write rows to a CSV file; text that a spreadsheet would execute gets an apostrophe."""
    with _replacing(path) as temporary:
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


def _write_relation(
    book: xlsxwriter.Workbook,
    name: str,
    relation: duckdb.DuckDBPyRelation,
    header: Format,
    formats: dict[str, Format],
    money: Money,
) -> None:
    """Write a relation of any length; rows that exceed a sheet continue in the next."""
    relation, kinds = _plain(relation)
    cell_formats = [formats.get(kind) if kind else None for kind in kinds]
    widths = [
        max(12, len(column) + 2) + (money.extra_width if kind == "money" else 0)
        for column, kind in zip(relation.columns, kinds, strict=True)
    ]
    rows = _fetched(relation)
    title = name.removeprefix("fct_")
    # a table without rows still gets a sheet with its header
    nothing = [None] if relation.limit(1).fetchone() is None else []
    for number, first in enumerate(chain(nothing, rows), start=1):
        sheet = book.add_worksheet(title if number == 1 else f"{title} {number}")
        _write_header(sheet, list(zip(relation.columns, widths, strict=True)), header)
        if first is not None:
            _write_rows(sheet, chain([first], islice(rows, SHEET_ROWS - 1)), cell_formats)


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


def _write_rows(sheet: Worksheet, rows: Iterable[tuple[Any, ...]], formats: Sequence[Format | None]) -> None:
    """Write rows below the header; a null leaves its cell empty."""
    writers = {
        str: sheet.write_string,
        int: sheet.write_number,
        float: sheet.write_number,
        Decimal: sheet.write_number,
        bool: sheet.write_boolean,
        date: sheet.write_datetime,
        datetime: sheet.write_datetime,
    }
    for number, row in enumerate(rows, start=1):
        for place, value in enumerate(row):
            if value is not None:
                writers[type(value)](number, place, value, formats[place])


def _write_header(sheet: Worksheet, columns: Sequence[tuple[str, int]], header: Format) -> None:
    sheet.freeze_panes(1, 0)
    for place, (label, width) in enumerate(columns):
        sheet.set_column(place, place, max(width, len(label) + 2))
        sheet.write_string(0, place, label, header)


def _explain(sheet: Worksheet, tables: Sequence[Table], header: Format) -> None:
    _write_header(sheet, [("Sheet", 14), ("Column", 26), ("Meaning", 90)], header)
    rows = [
        row
        for table in tables
        for row in (
            (table.name, None, f"{table.title}. {table.note}"),
            *(
                (table.name, heading, column.meaning)
                for heading, column in zip(table.headings, table.columns, strict=True)
            ),
        )
    ]
    _write_rows(sheet, rows, [None, None, None])


@contextmanager
def _workbook(path: Path, money: Money) -> Iterator[tuple[xlsxwriter.Workbook, Format, dict[str, Format]]]:
    """Open a workbook that keeps one row in memory and writes no text as formula or link."""
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "tmpdir": str(path.parent),
    }
    options["nan_inf_to_errors"] = True
    try:
        with xlsxwriter.Workbook(path, options) as book:
            book.set_properties(
                {"created": datetime(2000, 1, 1)}
            )  # a fixed date: the same results give the same file
            header = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
            codes = {**_FORMATS, "money": money.number_format(_FORMATS["money"])}
            formats = {kind: book.add_format({"num_format": code}) for kind, code in codes.items()}
            yield book, header, formats
    except FileCreateError as error:
        raise OSError(str(error)) from None


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path and rename it at the end, so that nobody reads an incomplete file."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with private_files():
            path.parent.mkdir(parents=True, exist_ok=True)
            yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)

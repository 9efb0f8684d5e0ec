"""Exports as the tests read them."""

from pathlib import Path

import polars as pl

from tasks.results.export import FileFormat, export_tables
from tasks.results.export_rows import Choice
from tasks.warehouse.published import published


def exported(
    results: Path, folder: Path, table: str, file_format: FileFormat, choice: Choice
) -> pl.DataFrame:
    """Export one table, and read the file."""
    target = folder / "export.xlsx" if file_format == "xlsx" else folder
    with published(results) as connection:
        (path,) = export_tables(connection, [table], target, file_format, choice)
    if file_format == "xlsx":
        return pl.read_excel(path)
    return pl.read_csv(path, try_parse_dates=True) if file_format == "csv" else pl.read_parquet(path)

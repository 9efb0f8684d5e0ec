"""Files of rows that a command writes beside what it prints: option --file of compare and variance."""

from pathlib import Path

import polars as pl

from settings.errors import InputError
from tasks.system.files import check_target


def check_file(file: Path) -> None:
    """Raise InputError if rows cannot be written to this file."""
    check_target(file)
    if file.suffix not in (".csv", ".parquet"):
        raise InputError(f"--file {file}: the name ends in {file.suffix!r}; allowed are .csv and .parquet")


def write_rows(rows: pl.DataFrame, file: Path) -> None:
    """Write rows to a file that passed `check_file`."""
    file.parent.mkdir(parents=True, exist_ok=True)
    if file.suffix == ".parquet":
        rows.write_parquet(file)
    else:
        rows.write_csv(file)

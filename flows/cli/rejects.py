"""Reports bad rows of a census: prints the errors and writes the rows to a file."""

from pathlib import Path
from typing import NoReturn

import polars as pl
import typer
from rich.console import Console
from rich.markup import escape

from flows.cli.leave import WRONG_INPUT
from tasks.census.read import CensusError, write_rejects

errors = Console(stderr=True, soft_wrap=True, emoji=False)


def refuse_census(error: CensusError, file: Path) -> NoReturn:
    """Print a census's errors, write its bad rows to a file, and end the command with status 2."""
    errors.print(escape(str(error)))
    report_rejects(error.rejects, file)
    raise typer.Exit(WRONG_INPUT)


def report_rejects(rejects: pl.DataFrame, file: Path) -> bool:
    """Write bad rows to a file and print its name; returns whether the file could be written."""
    if rejects.is_empty():
        return True
    try:
        write_rejects(rejects, file)
    except OSError as error:
        errors.print(f"The bad rows cannot be written to {escape(str(file))}: {error.strerror}")
        return False
    errors.print(f"The bad rows, with reasons: {escape(str(file))}")
    return True

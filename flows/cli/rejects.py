"""Reports bad rows of a census or of known actions: prints the errors and writes the rows to a file."""

import itertools
from pathlib import Path
from typing import NoReturn

import polars as pl
import typer

from flows.cli.leave import WRONG_INPUT
from settings import InputError
from tasks.census.errors import TableError
from tasks.census.read import holds_rejects, write_rejects
from tasks.text.terminal import say_error


def refuse_table(error: TableError, file: Path) -> NoReturn:
    """Print a file's errors, write its bad rows to another file, and end the command with status 2."""
    say_error(str(error))
    report_rejects(error.rejects, file)
    raise typer.Exit(WRONG_INPUT)


def rejects_file(stated: Path | None) -> Path:
    """Return the file for bad rows. Raises InputError if that file exists and holds something else."""
    if stated is None:
        names = (f"rejected{'-' * bool(number)}{number or ''}.csv" for number in itertools.count())
        return next(path for path in map(Path, names) if not path.exists() or holds_rejects(path))
    if stated.exists() and not holds_rejects(stated):
        raise InputError(f"--rejects: {stated} exists and does not hold rejected rows; name another file")
    return stated


def report_rejects(rejects: pl.DataFrame, file: Path) -> bool:
    """Write bad rows to a file and print its name; returns whether the file could be written."""
    if rejects.is_empty():
        return True
    try:
        write_rejects(rejects, file)
    except OSError as error:
        say_error(f"The bad rows cannot be written to {file}: {error.strerror}")
        return False
    say_error(f"The bad rows, with reasons: {file}")
    return True

"""Printing of tables: on a terminal as wide as it is, or for other programs as JSON or CSV."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import typer

from settings.errors import InputError
from tasks.text.records import csv_text, json_text
from tasks.text.tables import Record, TextTable
from tasks.text.terminal import console, say, say_command, say_error


class Printer:
    """Prints tables and sentences; for other programs it collects the tables, and prints them at the end."""

    def __init__(self, as_json: bool, as_csv: bool, names: Sequence[str]) -> None:
        """Raise InputError if both formats are wanted."""
        if as_json and as_csv:
            raise InputError("--json and --csv: one of them is allowed, since each is all that is printed")
        self.for_programs = as_json or as_csv
        #: What JSON is instead of the tables.
        self.document: Any = None
        self._as_json = as_json
        self._names = names
        self._tables: list[TextTable] = []

    @property
    def has_tables(self) -> bool:
        """Whether the command has printed a table."""
        return bool(self._tables)

    def table(self, *tables: TextTable) -> None:
        """Print tables."""
        self._tables += tables
        if not self.for_programs:
            for table in tables:
                console().print(table)

    def table_with_rows(self, *tables: TextTable) -> None:
        """Print tables, on a terminal only those that have rows."""
        self.table(*(table for table in tables if table.row_count or self.for_programs))

    def say(self, text: str) -> None:
        """Print a sentence, for other programs on standard error."""
        (say_error if self.for_programs else say)(text)

    def say_command(self, text: str) -> None:
        """Print a text with a command on one line, for other programs on standard error."""
        say_command(text, stderr=self.for_programs)

    def finish(self) -> None:
        """Print what was collected for other programs."""
        if not self.for_programs:
            return
        if self._as_json and self.document is not None:
            _write(json_text(self.document))
            return
        fields = tuple(dict.fromkeys(field for table in self._tables for field in table.fields))
        if not self._names:
            records = [record for table in self._tables for record in table.values]
            _write(json_text(records) if self._as_json else csv_text(fields, records))
            return
        by_name: dict[str, list[Record]] = {name: [] for name in self._names}
        for table in self._tables:
            by_name[table.name] += table.values
        rows = ({"table": name, **record} for name, records in by_name.items() for record in records)
        _write(json_text(by_name) if self._as_json else csv_text(("table", *fields), rows))


def printing(as_json: bool, as_csv: bool, *names: str) -> AbstractContextManager[Printer]:
    """Return what prints the output of a command, and at its end what is for other programs.

    Without names, the command prints one table, or several of the same records: JSON is a list of them, CSV
    has a row for each. With the names of several tables, JSON is an object with a list for each, and CSV has
    the column `table` first. The command's exit status does not change that; an error, or wrong input, prints
    nothing.

    Raises InputError if both formats are wanted.
    """
    return _finishing(Printer(as_json, as_csv, names))


@contextmanager
def _finishing(printer: Printer) -> Iterator[Printer]:
    try:
        yield printer
    except typer.Exit:
        if printer.has_tables:  # else wrong input ended the command
            printer.finish()
        raise
    printer.finish()


def _write(text: str) -> None:
    sys.stdout.write(text if text.endswith("\n") else f"{text}\n")

"""Tables of the report on a terminal: one breakdown of a run's figures."""

import re
from dataclasses import replace
from typing import Any

import duckdb

from settings.errors import InputError, nearest
from tasks.results.report.figures import tables
from tasks.results.report.html import shown
from tasks.results.report.table import SCENARIO, YEAR, Column, Row, Table
from tasks.runs.record import RunRecord
from tasks.text.calendar import year_values
from tasks.text.tables import Record, Role, TextTable

#: The report's tables of each breakdown; those of a dimension are part of table dimensions.
_TABLES = {"segment": ("segments",), "action": ("actions", "undone"), "level": ("levels",)}
_FOUR_DIGITS = re.compile(r"\d{4}")
#: What a run without such a table lacks.
_WITHOUT = {
    "segment": "the run has no targets by segment (setting targets)",
    "action": "the run has no known actions (--actions FILE, or setting plan.actions)",
}


def broken_down(connection: duckdb.DuckDBPyConnection, record: RunRecord, by: str) -> list[Table]:
    """Return the tables of the report that break the figures down by segment, action, level or a dimension.

    Raises InputError if there is no such breakdown, or if the run has none of it.
    """
    dimensions = record.census.dimensions
    if by not in (*_TABLES, *dimensions):
        raise InputError(f"--by: {by!r}; {nearest(by, (*_TABLES, *dimensions))}")
    found = tables(connection, record, _TABLES.get(by, ("dimensions",)))
    if not found:
        raise InputError(f"--by {by}: {_WITHOUT[by]}")
    if by in dimensions:
        return [_of_dimension(table, by) for table in found]
    return found


def tables_by(by: str | None) -> tuple[str, ...]:
    """Return the names of the tables of a breakdown that has several; none of one that has one."""
    several = _TABLES.get(by or "", ())
    return several if len(several) > 1 else ()


def _of_dimension(table: Table, dimension: str) -> Table:
    """Return the part of table dimensions on one dimension."""
    return replace(
        table,
        title=table.title.replace("Departments and other dimensions", dimension.capitalize()),
        columns=tuple(column for column in table.columns if column.key != "dimension"),
        rows=tuple(row for row in table.rows if row["dimension"] == dimension),
    )


def text_table(table: Table) -> TextTable:
    """Return a table of the report as one for a terminal."""
    table = table.without_lone_scenario()
    text = TextTable(table.title, name=table.key)
    for heading, column in zip(table.headings, table.columns, strict=True):
        text.add_column(heading, _role(column))
    previous = None
    for row in table.rows:
        scenario = row.get(SCENARIO.key)
        if previous not in (None, scenario):
            text.add_section()
        previous = scenario
        cells = (shown(row[column.key], column.kind) for column in table.columns)
        text.add_row(*cells, values=_record(row, table))
    return text


def _record(row: Row, table: Table) -> Record:
    """Return a row for other programs, also with what the run's table leaves out because it is 0 everywhere.

    Its year is a number, and has a name beside it if it is not the calendar year.
    """
    record: dict[str, Any] = {}
    for key, value in row.items():
        if key == YEAR.key:
            (year,) = _FOUR_DIGITS.findall(str(value))  # the name of a fiscal year: FY2027 (stub)
            record |= year_values(table.calendar, int(year))
        else:
            record[key] = value
    return record


def _role(column: Column) -> Role:
    if column == SCENARIO:
        return "group"
    if column.key == "reason":
        return "prose"
    return "key" if column.kind in ("text", "year", "month", "date") else "number"

"""Tables of the report in the words of a fiscal calendar: names and days of years, and the stub."""

import re
from collections.abc import Callable
from dataclasses import replace

from settings.models.calendar import FiscalCalendar
from tasks.results.report.table import YEAR, Column, Row, Table
from tasks.text.calendar import in_words_of, stub_note, year_label

_FISCAL_YEAR = "Fiscal year simulated, named by the calendar year in which it ends"
#: Kinds of columns whose values a stub makes smaller than those of a year.
_OF_A_YEAR = ("share", "change")
#: Tables that add up the years.
_OF_ALL_YEARS = ("turnover", "dimensions")
_FOUR_DIGITS = re.compile(r"\b\d{4}\b")


def in_calendar(table: Table, calendar: FiscalCalendar, first_shown: Callable[[], int]) -> Table:
    """Return a table with the years' names, and a note on the stub year if it has one.

    `first_shown` returns the first year of the figures, for tables that add up the years.

    Tables of whole calendar years stay as they are.
    """
    if calendar.is_calendar_year and not calendar.has_stub:
        return table
    columns = tuple(_in_words(column, calendar) for column in table.columns)
    rows = tuple(_with_names(row, table.key, calendar) for row in table.rows)
    note = f"{in_words_of(calendar, table.note)}{_of_stub(table, calendar, first_shown)}"
    return replace(table, columns=columns, rows=rows, note=note, calendar=calendar)


def _in_words(column: Column, calendar: FiscalCalendar) -> Column:
    is_year = column.meaning == YEAR.meaning and not calendar.is_calendar_year
    return replace(column, meaning=_FISCAL_YEAR if is_year else in_words_of(calendar, column.meaning))


def _with_names(row: Row, key: str, calendar: FiscalCalendar) -> Row:
    named = dict(row)
    if YEAR.key in named:
        named[YEAR.key] = year_label(calendar, named[YEAR.key])
    text = {"cohorts": "cohort", "checks": "years"}.get(key)
    if text:
        named[text] = _FOUR_DIGITS.sub(lambda found: calendar.name(int(found[0])), str(named[text]))
    return named


def _of_stub(table: Table, calendar: FiscalCalendar, first_shown: Callable[[], int]) -> str:
    """Return the sentences on the stub year that follow a table's note."""
    label = year_label(calendar, calendar.first_year)
    if not calendar.has_stub or table.key == "full_year":
        return ""
    if table.key in _OF_ALL_YEARS:
        is_first = first_shown() == calendar.first_year
        return f" The first of them is {label}: {stub_note(calendar)}." if is_first else ""
    if not any(row.get(YEAR.key) == calendar.first_year for row in table.rows):
        return ""
    rates = any(column.kind in _OF_A_YEAR for column in table.columns)
    of_days = " Its growth, turnover and other shares are of these days, not of a year." if rates else ""
    return f" {label}: {stub_note(calendar)}.{of_days}"

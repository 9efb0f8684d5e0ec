"""The employees behind a cost: salary and loaded cost of each in a month or year.

They are computed from the published events and compared with fct_month_summary: the salaries must add up to
its figure to the cent. Level and dimensions are those of the employee's last days in the scope.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import polars as pl

from settings.errors import InputError, nearest
from settings.models.calendar import FiscalCalendar
from settings.models.workforce import WorkforceSettings
from tasks.census.parse import NO_VALUE
from tasks.results.hazards import register_settings
from tasks.runs.calendar import recorded_calendar
from tasks.runs.record import RunRecord
from tasks.studies.cost_rates import cost_rates
from tasks.system.queries import query_rows, read_query
from tasks.text.calendar import years_words

#: Columns of `Drilled.employees` that hold amounts.
AMOUNTS = ("salary_cost", "loaded_cost")


class CostDiffers(RuntimeError):
    """The employees' salaries do not add up to the published month."""


@dataclass(frozen=True)
class Scope:
    """The part of a cost: scenario, replicate, year, and optionally month, level and dimension values.

    `month` is the number of the calendar month in which the month begins.
    """

    scenario: str
    replicate: int
    year: int
    month: int | None = None
    level: int | None = None
    dimensions: Mapping[str, str] | None = None  # an empty text is null

    def months(self, calendar: FiscalCalendar) -> list[date]:
        """Return the first days of the fiscal months that are simulated, at least in part."""
        months = calendar.months(self.year)
        ends = (*months[1:], calendar.first_day(self.year + 1))
        first = calendar.simulated_from(self.year)
        return [
            month
            for month, end in zip(months, ends, strict=True)
            if end > first and self.month in (None, month.month)
        ]

    def name(self, calendar: FiscalCalendar) -> str:
        """Return what year and month are called."""
        month = calendar.months(self.year)[(self.month - calendar.start_month) % 12] if self.month else None
        return f"{month:%Y-%m}" if month else calendar.name(self.year)


@dataclass(frozen=True)
class Drilled:
    """The employees behind a cost, highest cost first, and the published cost."""

    employees: pl.DataFrame
    salary_cost: Decimal
    loaded_cost: Decimal


def period(text: str, calendar: FiscalCalendar) -> tuple[int, int | None]:
    """Return year and month of 2026, FY2026 or 2026-03; of a month, the fiscal year. Raises InputError."""
    found = re.fullmatch(r"(?:FY)?(\d{4})", text)
    if found:
        return int(found[1]), None
    found = re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])", text)
    if not found:
        year = calendar.name(2026)
        raise InputError(f"{text!r} is neither a year, as in {year}, nor a month, as in 2026-03")
    month = date(int(found[1]), int(found[2]), calendar.start_day)
    return calendar.year_of(month), month.month


def employees_behind(connection: duckdb.DuckDBPyConnection, record: RunRecord, scope: Scope) -> Drilled:
    """Return the employees behind a cost.

    Raises InputError if the run does not have the scope's scenario, replicate, year, level or dimension, and
    CostDiffers if the employees' salaries do not add up to the published cost.
    """
    calendar = recorded_calendar(record)
    _check(record, scope, calendar)
    _check_values(connection, scope)
    part: dict[str, Any] = {"months": scope.months(calendar), "level": scope.level}
    path: dict[str, Any] = {"scenario": scope.scenario, "replicate": scope.replicate, "year": scope.year}
    register_settings(connection, record.of_scenarios([scope.scenario]))
    connection.sql(read_query(__package__, "spells"), params=path).create("spells")
    _in_dimensions(connection.table("spells"), scope).create_view("spells_in_scope")
    _in_path_year(connection, "fct_month_summary", scope).create_view("months_in_scope")
    connection.register("cost_rates", cost_rates(record, scope.scenario, scope.year))
    found = connection.execute(
        read_query(__package__, "costs_by_employee"), {**part, **path, "days": calendar.days(scope.year)}
    ).pl()
    (published,) = query_rows(connection, read_query(__package__, "cost_of_months"), part)
    salary, loaded = published["salary_cost"], published["loaded_cost"]
    added = Decimal(str(found["salary_cost"].sum() or 0))
    if added != salary:
        raise CostDiffers(
            f"{scope}: salary cost is {salary:,} in fct_month_summary, {added:,} by the employees' events"
        )
    columns = ("employee_id", "level", *record.census.dimensions, "hire_date", "termination_date")
    return Drilled(found.select(*columns, "days_employed", *AMOUNTS), salary, loaded)


def _in_path_year(connection: duckdb.DuckDBPyConnection, table: str, scope: Scope) -> duckdb.DuckDBPyRelation:
    """Return the rows of the scope's scenario, replicate, year and dimensions, for all levels and months."""
    wanted: dict[str, str | int] = {
        "scenario_id": scope.scenario,
        "replicate": scope.replicate,
        "simulation_year": scope.year,
    }
    rows = connection.view(table)
    for name, value in wanted.items():
        rows = rows.filter(duckdb.ColumnExpression(name) == duckdb.ConstantExpression(value))
    return _in_dimensions(rows, scope)


def _in_dimensions(rows: duckdb.DuckDBPyRelation, scope: Scope) -> duckdb.DuckDBPyRelation:
    """Return the rows with the scope's values of dimensions."""
    for name, value in (scope.dimensions or {}).items():
        column = duckdb.ColumnExpression(name)
        is_wanted = column.isnull() if value == "" else column == duckdb.ConstantExpression(value)
        rows = rows.filter(is_wanted)
    return rows


def _check(record: RunRecord, scope: Scope, calendar: FiscalCalendar) -> None:
    scenarios = record.scenario_ids
    first, last = record.years
    dimensions = record.census.dimensions
    levels = WorkforceSettings.model_validate(record.settings["workforce"]).levels
    for is_invalid, message in (
        (
            scope.scenario not in scenarios,
            f"--scenario: {scope.scenario!r} is not one of {', '.join(scenarios)}",
        ),
        (
            not 1 <= scope.replicate <= record.replicates,
            f"--replicate: the run has 1 to {record.replicates}",
        ),
        (
            not first <= scope.year <= last or not scope.months(calendar),
            f"{scope.name(calendar)}: the run simulates {years_words(calendar, first, last)}",
        ),
        (
            scope.level not in (None, *levels),
            f"--level: {scope.level} is not one of {', '.join(map(str, levels))}",
        ),
        *(
            (
                name not in dimensions,
                f"--where: {name!r} is not a dimension; the run has: {', '.join(dimensions) or 'none'}",
            )
            for name in scope.dimensions or {}
        ),
    ):
        if is_invalid:
            raise InputError(message)


def _check_values(connection: duckdb.DuckDBPyConnection, scope: Scope) -> None:
    """Raise InputError for a value that no employee of the run has: a typo would look like a cost of 0."""
    months = connection.view("fct_month_summary")
    for name, value in (scope.dimensions or {}).items():
        column = duckdb.ColumnExpression(name)
        known = [found or "" for (found,) in months.select(column).distinct().order(f'"{name}"').fetchall()]
        if value not in known:
            named = [one or NO_VALUE for one in known]
            raise InputError(
                f"--where: no employee has {name} {value or NO_VALUE!r}; {nearest(value, named)}"
            )

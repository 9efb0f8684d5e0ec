"""Key figures by level, dimension, scenario and year, for any choice of levels and values of dimensions.

A run's published tables are added up once to cells, one per scenario, year, level and combination of
dimensions; pages add up the cells that are chosen.
"""

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import duckdb
import polars as pl
from duckdb import (
    CaseExpression,
    CoalesceOperator,
    ColumnExpression,
    ConstantExpression,
)
from duckdb.sqltypes import VARCHAR

from settings.models.workforce import WorkforceSettings
from tasks.census.parse import NO_VALUE
from tasks.dashboard.data import Part
from tasks.dashboard.key_figures import BY_KEY
from tasks.dashboard.runs import SeenRun, Stamp, stamp_of
from tasks.results.report.in_calendar import in_calendar
from tasks.results.report.table import SCENARIO, YEAR, Column, Table
from tasks.runs.calendar import recorded_calendar, register_fiscal_years
from tasks.runs.directory import RunDirectory
from tasks.runs.record import RunRecord, read_record
from tasks.system.queries import query_rows, read_query
from tasks.text.money import Money
from tasks.warehouse.published import Rows, published, require_columns

LEVEL = "level"
#: The item of figures that are not broken down.
EVERYBODY = "all"
#: The rest, where only the largest items are shown. It is no value: those have no blank at their end.
OTHERS = "others "
_TABLES = ("fct_year_summary", "fct_month_summary", "fct_workforce_snapshot")
_RANGES = {
    "scenario_id": pl.String,
    "simulation_year": pl.Int32,
    "level": pl.Int32,
    "midpoint": pl.Float64,
}


@dataclass(frozen=True)
class Items:
    """How figures are broken down: `by` level or a dimension, with the items `shown`; None: all of them.

    The items that are not shown are one, OTHERS.
    """

    by: str | None = None
    shown: tuple[str, ...] | None = None

    @property
    def title(self) -> str:
        """The heading of the items."""
        return (self.by or "all").capitalize()


def figures_by(run: SeenRun, part: Part, items: Items = Items()) -> Table:
    """Return the key figures of a part of a run: a row per scenario, year and item (key `item`).

    Amounts are in the run's currency. Raises KeyError if the run has no dimension `items.by`.
    """
    cells = _cells(run.directory, stamp_of(run.directory))
    record = run.record
    with duckdb.connect() as connection:
        connection.register("cells", cells)
        chosen = part.of(connection.view("cells"))
        for name, values in part.slices:
            chosen = chosen.filter(_text(name).isin(*map(ConstantExpression, values)))
        item = _text(items.by) if items.by else ConstantExpression(EVERYBODY)
        chosen.select("*", item.alias("item")).create_view("chosen")
        rows = query_rows(
            connection,
            read_query(__package__, "key_figures"),
            {"shown": None if items.shown is None else list(items.shown), "others": OTHERS},
        )
    place = {scenario: number for number, scenario in enumerate(record.scenario_ids)}
    rows.sort(key=lambda row: (place[row["scenario_id"]], row["simulation_year"], _order(row["item"])))
    by = (Column("item", items.title, "text", "Level, or value of the dimension"),) if items.by else ()
    money = Money.of(record)
    table = Table(
        "key_figures",
        f"Key figures by {items.by or 'year'}",
        "Means over replicates.",
        (
            SCENARIO,
            YEAR,
            *by,
            *(figure.column for figure in BY_KEY.values()),
            Column("person_years", "Person-years", "number", "Days employed / days in the year"),
        ),
        tuple(rows),
        money,
    )
    return in_calendar(table, recorded_calendar(record), lambda: part.years[0])


def events_behind(
    run: SeenRun, scenario: str, year: int, slices: Collection[tuple[str, tuple[str, ...]]]
) -> list[dict[str, Any]]:
    """Return the events of a year in a part: event_type, cause, events (mean over replicates), pay_change.

    An event belongs to the level and dimension values before it; a hire, to those after it.
    """
    return _events(run.directory, stamp_of(run.directory), scenario, year, tuple(slices))


def pay_ranges(record: RunRecord) -> pl.DataFrame:
    """Return the middle of each level's pay range by scenario and year (currency units per year)."""
    rows = []
    for scenario in record.scenarios:
        levels = WorkforceSettings.model_validate(scenario.settings["workforce"]).levels
        for year in range(record.years[0], record.years[1] + 1):
            rows += [
                (
                    scenario.id,
                    year,
                    number,
                    float(level.min_salary.at(year) + level.max_salary.at(year)) / 2,
                )
                for number, level in levels.items()
            ]
    return pl.DataFrame(rows, schema=_RANGES, orient="row")


@lru_cache(maxsize=16)
def _cells(directory: RunDirectory, _stamp: Stamp) -> pl.DataFrame:
    record = read_record(directory)
    with published(directory.results, _TABLES) as connection:
        require_columns(connection, directory.run_id)
        register_fiscal_years(connection, record)
        connection.register("ranges", pay_ranges(record))
        dimensions = [LEVEL, *record.census.dimensions]
        query = read_query(__package__, "cells")
        return connection.execute(query, {"dimensions": dimensions[1:]}).pl()


@lru_cache(maxsize=64)
def _events(
    directory: RunDirectory,
    _stamp: Stamp,
    scenario: str,
    year: int,
    slices: tuple[tuple[str, tuple[str, ...]], ...],
) -> list[dict[str, Any]]:
    def of(rows: Rows) -> Rows:
        column, constant = ColumnExpression, ConstantExpression
        is_year = column("simulation_year") == constant(year)
        return rows.filter(is_year & (column("scenario_id") == constant(scenario)))

    with published(directory.results, ["fct_year_summary", "fct_workforce_events"], of) as connection:
        events = connection.view("fct_workforce_events")
        is_hire = ColumnExpression("event_type") == ConstantExpression("hire")
        for name, values in slices:
            there = CaseExpression(is_hire, _text(f"{name}_after")).otherwise(_text(f"{name}_before"))
            events = events.filter(there.isin(*map(ConstantExpression, values)))
        events.create_view("events")
        query = read_query(__package__, "events_of_year")
        return query_rows(connection, query, {"scenario": scenario, "year": year})


def _text(name: str) -> duckdb.Expression:
    """Return a column as text in which a missing value has a name."""
    return CoalesceOperator(ColumnExpression(name).cast(VARCHAR), ConstantExpression(NO_VALUE))


def _order(item: str) -> tuple[Any, ...]:
    """Return the key by which items are sorted: levels by number, others by name, the rest last."""
    return (item == OTHERS, len(item) if item.isdigit() else 0, item)

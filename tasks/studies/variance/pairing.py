"""A budget and a forecast: the scenarios, year and months of two runs that are compared."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import duckdb
import polars as pl

from settings.errors import InputError, nearest
from tasks.runs.directory import RunDirectory
from tasks.runs.record import RunRecord
from tasks.studies.cost_rates import cost_rates
from tasks.studies.run_compare import common_money, record_to_compare
from tasks.studies.variance.bridge import Bridges, Step, bridge
from tasks.studies.variance.measures import Measured, Period, measure
from tasks.studies.variance.notes import Side, notes_on
from tasks.text.calendar import year_label
from tasks.text.money import Money
from tasks.warehouse.published import published, require_columns, view_names

TABLES = ("fct_month_summary", "fct_workforce_events", "fct_workforce_snapshot")


@dataclass(frozen=True)
class Choice:
    """What to compare.

    None stands for the forecast's first year that both runs have, and for the scenario `baseline` or else the
    first of a run.
    """

    year: int | None = None
    scenario: str | None = None
    budget_scenario: str | None = None


@dataclass(frozen=True)
class Variance:
    """The bridges from a budget to a forecast, what they compare, and sentences on what they leave out."""

    runs: tuple[str, str]  # ids of budget and forecast
    scenarios: tuple[str, str]  # of budget and forecast
    year: int
    dimensions: tuple[str, ...]
    bridges: Bridges
    money: Money
    year_name: str  # as FY2027, with a mark if the forecast simulates a part of the year only
    notes: tuple[str, ...]

    @property
    def heading(self) -> str:
        """What is compared, for titles: runs, their scenarios where they differ, and the year."""
        same = self.scenarios[0] == self.scenarios[1]
        budget, forecast = (
            run if same else f"{run} ({scenario})"
            for run, scenario in zip(self.runs, self.scenarios, strict=True)
        )
        return f"{forecast} against budget {budget}, {self.year_name}"

    @property
    def breakdowns(self) -> tuple[str, ...]:
        """The breakdowns that there are."""
        return ("level", *self.dimensions, "month")

    def by(self, breakdown: str | None = None) -> list[Step]:
        """Return the bridges in total, or of each item of a breakdown.

        Raises InputError if there is no such breakdown.
        """
        return self.bridges.items(self.key(breakdown))

    def key(self, breakdown: str | None) -> pl.Expr | None:
        """Return the expression of a breakdown's items, None for the total. Raises InputError as `by`."""
        if breakdown in self.dimensions:
            return pl.col("place").list.get(self.dimensions.index(breakdown))
        if breakdown is not None and breakdown not in self.breakdowns:
            raise InputError(f"--by: {breakdown!r}; {nearest(breakdown, self.breakdowns)}")
        return None if breakdown is None else pl.col(breakdown)


def variance(forecast: RunDirectory, budget: RunDirectory, choice: Choice) -> Variance:
    """Return the bridges from the budget's payroll and cost of a year to the forecast's.

    Raises InputError if a run has no such scenario, if the runs have different currencies or no month in
    common, or if the results are of an earlier version of the program.
    """
    records = record_to_compare(budget), record_to_compare(forecast)
    money, on_currencies = common_money(*records)
    if money is None:
        raise InputError(
            f"the currencies of {records[1].run_id} and {records[0].run_id} differ: {_currencies(records)}. "
            "Amounts are not converted; compare runs in the same currency"
        )
    flags = (choice.budget_scenario, "--budget-scenario"), (choice.scenario, "--scenario")
    scenarios = [_scenario(record, *asked) for record, asked in zip(records, flags, strict=True)]
    dimensions = tuple(name for name in records[1].census.dimensions if name in records[0].census.dimensions)
    directories = budget, forecast
    sides = [
        Side(record, scenario, _months(directory, record, scenario))
        for directory, record, scenario in zip(directories, records, scenarios, strict=True)
    ]
    year = _year(sides, choice.year)
    months = _common_months(sides, year)
    found = [
        _measured(directory, side, year, months, dimensions)
        for directory, side in zip(directories, sides, strict=True)
    ]
    notes = (
        on_currencies.replace("Differences in payroll and pay hold", "The bridges hold"),
        *notes_on(sides, found, year, months, dimensions),
    )
    return Variance(
        (sides[0].run_id, sides[1].run_id),
        (scenarios[0], scenarios[1]),
        year,
        dimensions,
        bridge(*found),
        money,
        year_label(sides[1].calendar, year),
        tuple(filter(None, notes)),
    )


def _currencies(records: Sequence[RunRecord]) -> str:
    return ", ".join(f"{record.run_id} is in {record.census.currency}" for record in records)


def _scenario(record: RunRecord, asked: str | None, flag: str) -> str:
    """Return the scenario asked for, else `baseline`, else the run's first. Raises InputError."""
    scenarios = record.scenario_ids
    if asked is None:
        return "baseline" if "baseline" in scenarios else scenarios[0]
    if asked not in scenarios:
        raise InputError(f"{flag}: run {record.run_id} has no {asked!r}; {nearest(asked, scenarios)}")
    return asked


def _months(directory: RunDirectory, record: RunRecord, scenario: str) -> dict[int, list[date]]:
    """Return the months of the complete years in order. Raises InputError if there is none."""
    found: dict[int, list[date]] = {}
    with published(directory.results, ["fct_month_summary", "fct_year_summary"]) as connection:
        if not view_names(connection):
            raise InputError(f"run {record.run_id} has no complete year yet, so there are no results")
        require_columns(connection, record.run_id)
        rows = connection.view("fct_month_summary").filter(
            duckdb.ColumnExpression("scenario_id") == duckdb.ConstantExpression(scenario)
        )
        of_years = rows.select("simulation_year", "month").distinct().order("month")
        for year, month in of_years.fetchall():
            found.setdefault(year, []).append(month)
    return found


def _year(sides: Sequence[Side], asked: int | None) -> int:
    """Return the year to compare. Raises InputError if it is not in both runs."""
    common = sorted(set.intersection(*(set(side.months) for side in sides)))
    has = "; ".join(f"{side.run_id} has {min(side.months)} to {max(side.months)}" for side in sides)
    if not common:
        raise InputError(f"no complete year is in both runs: {has}")
    if asked is None:
        return common[0]
    if asked not in common:
        raise InputError(f"--year: {asked} is not in both runs: {has}")
    return asked


def _common_months(sides: Sequence[Side], year: int) -> list[date]:
    """Return the months of a year that both runs have from their first day on. Raises InputError."""
    whole = [{month for month in side.months[year] if month > side.calendar.opening_date} for side in sides]
    common = sorted(set.intersection(*whole))
    if not common:
        has = "; ".join(
            f"{side.run_id} has those that begin on {side.months[year][0]} to {side.months[year][-1]}"
            for side in sides
        )
        raise InputError(f"--year: no whole month of {year} is in both runs: {has}")
    return common


def _measured(
    directory: RunDirectory, side: Side, year: int, months: Sequence[date], dimensions: Sequence[str]
) -> Measured:
    with published(directory.results, TABLES) as connection:
        return measure(
            connection,
            side.scenario,
            side.record.replicates,
            Period(year, tuple(months), side.calendar.days(year)),
            dimensions,
            cost_rates(side.record, side.scenario, year),
        )

"""What a bridge compares and what it leaves out, in sentences."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from settings.models.calendar import FiscalCalendar
from tasks.runs.calendar import recorded_calendar
from tasks.runs.record import RunRecord
from tasks.studies.common import listed
from tasks.studies.variance.measures import Measured


@dataclass(frozen=True)
class Side:
    """A run's side: record, scenario, and the months of every complete year."""

    record: RunRecord
    scenario: str
    months: dict[int, list[date]]

    @property
    def run_id(self) -> str:
        """The run's id."""
        return self.record.run_id

    @property
    def calendar(self) -> FiscalCalendar:
        """The run's fiscal calendar."""
        return recorded_calendar(self.record)

    def levels(self) -> dict[int, str]:
        """Return the names of the levels."""
        settings = next(one.settings for one in self.record.scenarios if one.id == self.scenario)
        return {int(number): level["name"] for number, level in settings["workforce"]["levels"].items()}


def notes_on(
    sides: Sequence[Side],
    found: Sequence[Measured],
    year: int,
    months: Sequence[date],
    dimensions: Sequence[str],
) -> list[str]:
    """Return sentences on what only one run has, and on what is compared.

    Args:
        sides: Budget and forecast.
        found: What was measured of each.
        year: The simulated year.
        months: The months that are compared.
        dimensions: The dimensions that both runs have.
    """
    return [
        *_on_months(sides, year, months),
        *_on_dimensions(sides, dimensions),
        *_on_levels(sides),
        *_on_items(sides, found, dimensions),
        *_on_chance(sides),
    ]


def _on_months(sides: Sequence[Side], year: int, months: Sequence[date]) -> list[str]:
    """Return a note if a run has other months of the year too."""
    more = list(dict.fromkeys(side.run_id for side in sides if side.months[year] != months))
    if not more:
        return []
    have = "have" if len(more) > 1 else "has"
    return [
        f"Only {months[0]:%Y-%m} to {months[-1]:%Y-%m} are compared, the whole months of "
        f"{sides[1].calendar.name(year)} that both runs have: {' and '.join(more)} {have} more. People and "
        "pay at the start are those when this period opens."
    ]


def _on_dimensions(sides: Sequence[Side], dimensions: Collection[str]) -> list[str]:
    notes = [
        f"Only {side.run_id} has {listed(alone)}; people are not told apart by it."
        for side in sides
        if (alone := set(side.record.census.dimensions) - set(dimensions))
    ]
    return notes if dimensions else ["The runs have no dimension in common.", *notes]


def _on_levels(sides: Sequence[Side]) -> list[str]:
    """Return a note on levels that have other names, and so may be other levels."""
    budget, forecast = (side.levels() for side in sides)
    other = [
        f"{number} is {budget[number]} in {sides[0].run_id}, {forecast[number]} in {sides[1].run_id}"
        for number in sorted(budget.keys() & forecast.keys())
        if budget[number] != forecast[number]
    ]
    if not other:
        return []
    return [f"Levels of the same number are compared, but their names differ: {'; '.join(other)}."]


def _on_chance(sides: Sequence[Side]) -> list[str]:
    alone = list(dict.fromkeys(side.run_id for side in sides if side.record.replicates == 1))
    if not alone:
        return []
    return [
        f"{' and '.join(alone)} {'have' if len(alone) > 1 else 'has'} one replicate: "
        "effects of few people are partly chance, which --replicates 20 averages out."
    ]


def _on_items(sides: Sequence[Side], found: Sequence[Measured], dimensions: Sequence[str]) -> list[str]:
    """Return notes on levels and values of dimensions that only one run has."""

    def values(of: Measured, key: pl.Expr) -> set[Any]:
        return set(of.published.select(key.alias("item"))["item"])

    keys = {"level": pl.col("level")}
    keys |= {name: pl.col("place").list.get(place) for place, name in enumerate(dimensions)}
    notes = []
    for name, key in keys.items():
        budget, forecast = (values(one, key) for one in found)
        for side, alone in zip(sides, (budget - forecast, forecast - budget), strict=True):
            if alone:
                notes.append(f"Only {side.run_id} has {name} {listed(alone)}.")
    return notes

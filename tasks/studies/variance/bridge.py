"""The bridge from one run's payroll and cost to another's: the effects that add up to the difference."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import duckdb
import polars as pl

from tasks.studies.variance.measures import Measured
from tasks.system.queries import read_query

BUDGET, FORECAST = "budget", "forecast"
#: What is bridged.
BRIDGES: Mapping[str, str] = {"payroll": "Payroll", "cost": "Loaded cost"}


@dataclass(frozen=True)
class Effect:
    """An effect: its label, and what it means."""

    label: str
    meaning: str


#: The effects in the order in which they are computed; docs/variance.md has the formulas.
EFFECTS: Mapping[str, Effect] = {
    "headcount": Effect("Headcount", "other number of people, at the budget's cost per person"),
    "mix": Effect("Mix", "other distribution over levels and dimensions, at the budget's cost per person"),
    "timing": Effect("Timing", "the same people, employed in other months"),
    "starting_pay": Effect("Starting pay", "other full-time pay at the opening, or on the day of hire"),
    "raises": Effect("Raises", "other raises and promotions in the year, or other dates of them"),
    "fte": Effect("FTE", "other working time per person"),
    "cost_rates": Effect("Cost rates", "other rates and amounts of section cost"),
    "residual": Effect("Residual", "what rounding to the cent leaves"),
}
#: Counts of people, and their time.
COUNTS = ("opening", "hires", "leavers", "closing", "person_years")


def effects_of(bridge: str) -> tuple[str, ...]:
    """Return the effects of a bridge: payroll does not depend on rates of cost."""
    return tuple(name for name in EFFECTS if bridge == "cost" or name != "cost_rates")


@dataclass(frozen=True)
class Step:
    """A bridge of one item: from budget over the effects, in currency units, to forecast."""

    bridge: str
    item: Any
    budget: Decimal
    forecast: Decimal
    effects: Mapping[str, Decimal]

    @property
    def difference(self) -> Decimal:
        """Forecast less budget, to which the effects add up exactly."""
        return self.forecast - self.budget


@dataclass(frozen=True)
class Bridges:
    """The bridges of payroll and cost.

    `amounts` (currency units, not rounded) has the columns of queries/bridge.sql, `people` those of
    queries/people.sql.
    """

    amounts: pl.DataFrame
    people: pl.DataFrame

    def counts(self, side: str) -> dict[str, float]:
        """Return opening, hires, leavers, closing and person_years of a run."""
        of_side = self.people.filter(pl.col("side") == side)
        return {name: float(of_side[name].sum() or 0) for name in COUNTS}

    def person_years(self, key: pl.Expr | None = None) -> dict[tuple[str, Any], float]:
        """Return the person-years by side and item; items are as in `items`."""
        sums = self.people.group_by("side", _item(key)).agg(pl.col("person_years").sum())
        return {(side, item): years for side, item, years in sums.iter_rows()}

    def items(self, key: pl.Expr | None = None) -> list[Step]:
        """Return the bridges in total, or of each value of an expression over the columns, in order.

        Amounts are rounded to the cent as they accumulate over the items: each is less than a cent off, their
        sum half a cent. The residual is what this leaves, and the rounding of the published amounts.
        """
        sums = self.amounts.group_by("bridge", "effect", _item(key)).agg(pl.col("amount").sum())
        sums = sums.sort("bridge", "effect", "item")
        to_here = (100 * pl.col("amount").cum_sum()).round().cast(pl.Int64)
        cents = (to_here - to_here.shift(1, fill_value=0)).over("bridge", "effect")
        amounts: dict[tuple[str, Any], dict[str, Decimal]] = {}
        for bridge, effect, item, of_effect in sums.select("bridge", "effect", "item", cents).iter_rows():
            amounts.setdefault((bridge, item), {})[effect] = Decimal(of_effect).scaleb(-2)
        steps = (
            _step(bridge, item, amounts[bridge, item])
            for bridge in BRIDGES
            for item in sums["item"].unique().sort()
            if (bridge, item) in amounts
        )
        return list(steps)


def _step(bridge: str, item: Any, amounts: Mapping[str, Decimal]) -> Step:
    """Return the bridge of an item, with the residual; an amount that it lacks is 0."""
    none = Decimal("0.00")
    budget, forecast = (amounts.get(side, none) for side in (BUDGET, FORECAST))
    effects = {name: amounts.get(name, none) for name in effects_of(bridge)}
    effects["residual"] = forecast - budget - sum(effects.values())
    return Step(bridge, item, budget, forecast, effects)


def _item(key: pl.Expr | None) -> pl.Expr:
    return (pl.lit(None, pl.String) if key is None else key).alias("item")


def bridge(budget: Measured, forecast: Measured) -> Bridges:
    """Return the bridges from budget to forecast."""
    sides = {BUDGET: budget, FORECAST: forecast}
    with duckdb.connect() as connection:
        for name, part in (
            ("measures", "amounts"),
            ("published_amounts", "published"),
            ("cost_rates", "rates"),
        ):
            rows = [getattr(one, part).with_columns(side=pl.lit(side)) for side, one in sides.items()]
            connection.register(name, pl.concat(rows, how="vertical_relaxed"))
        for name in ("rates", "levels", "cells", "yardsticks", "effects", "effects_by_level"):
            connection.sql(read_query(__package__, name)).create(name)
        amounts = connection.execute(read_query(__package__, "bridge")).pl()
        people = connection.execute(read_query(__package__, "people")).pl()
    return Bridges(amounts, people)

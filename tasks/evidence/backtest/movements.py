"""What a forecast needs beside exits: growth of headcount, growth of pay, and what hires are like."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from tasks.evidence.estimate.exposure import (
    Array,
    attributes_of,
    opening_people,
    probability_in,
    window_years,
)
from tasks.evidence.estimate.fit import Fitted
from tasks.history.accepted import History

#: Hires of this many newest windows stand for those to come.
WINDOWS_OF_HIRES = 3
#: Standard deviations of yearly growth that are usual, with the weight of so many windows.
TYPICAL_GROWTH_SPREAD, TYPICAL_PAY_SPREAD, WINDOWS_OF_PRIOR = 0.02, 0.01, 1.0
#: The mean of past growth counts as if one window without growth preceded it.
WINDOWS_WITHOUT_GROWTH = 1.0
#: Standard deviation of log exits of a part beyond the company's year effect, before anything is known.
TYPICAL_PART_SPREAD, CASES_OF_PRIOR = 0.08, 6.0
#: Standard deviation of a part's log headcount against the company's in a year, beyond chance.
TYPICAL_PART_GROWTH = 0.02


@dataclass(frozen=True)
class Growth:
    """Yearly log growth: its mean, how uncertain that is, and how much a single year deviates."""

    mean: float
    error: float
    deviation: float

    @classmethod
    def of(cls, logs: Array, typical: float, towards_zero: float = 0.0) -> "Growth":
        """Estimate from the windows known; `towards_zero` windows without growth are added."""
        known = logs[~np.isnan(logs)]
        weight = len(known) + towards_zero
        if weight == 0:
            return cls(0.0, typical, typical)
        mean = float(known.sum() / weight)
        spread = ((known - mean) ** 2).sum() + WINDOWS_OF_PRIOR * typical**2
        deviation = float(np.sqrt(spread / max(len(known) - 1 + WINDOWS_OF_PRIOR, 1.0)))
        return cls(mean, deviation / np.sqrt(max(len(known), 1)), deviation)

    def draws(self, horizon: int, number: int, generator: np.random.Generator) -> Array:
        """Return log growth a year of the coming windows: horizon x number."""
        mean = self.mean + self.error * generator.standard_normal(number)
        return np.asarray(mean + self.deviation * generator.standard_normal((horizon, number)))


@dataclass(frozen=True)
class Movements:
    """Growth and hires as the lists up to the newest show them."""

    growth: Growth  # of headcount
    stayers_pay: Growth  # of the pay of those who stay
    hire_pay: float  # average pay of hires as a share of the average pay at the opening; 0 without pay
    opening: pl.DataFrame  # newest list by attributes: people, pay
    hires: pl.DataFrame  # attributes of hires when first listed: share
    part_spread: dict[str, float]  # by dimension: standard deviation of log exits of its values
    part_growth_spread: dict[str, float]  # by dimension: of the log headcount of its values in a year

    def keys(self, fitted: Fitted, by: Sequence[str]) -> list[str]:
        """Return the attributes that keep cells apart: those with factors, and those of the parts."""
        needed = {*fitted.terminations.attributes, *by}
        return [name for name in self.opening.columns if name in needed]


def movements_of(fitted: Fitted, by: Sequence[str]) -> Movements:
    """Describe growth, pay and hires of a history."""
    history = fitted.history
    years = window_years(history)
    counts = history.people.group_by("list").len().sort("list")["len"].to_numpy()
    growth = Growth.of(np.diff(np.log(counts)) / years, TYPICAL_GROWTH_SPREAD, WINDOWS_WITHOUT_GROWTH)
    pay_growth = fitted.raises.growth if fitted.raises else np.array([])
    attributes = list(attributes_of(history))
    people = opening_people(history)
    newest = people.filter(pl.col("list") == history.windows)
    salary = pl.col("salary").fill_null(0.0).sum()
    return Movements(
        growth,
        Growth.of(pay_growth, TYPICAL_PAY_SPREAD),
        _hire_pay(history, people),
        newest.group_by(attributes).agg(people=pl.len(), pay=salary).sort(attributes, nulls_last=True),
        _hires(history, people, attributes),
        {name: _part_spread(fitted, name) for name in by},
        {name: _part_growth_spread(history, people, name) for name in by},
    )


def _joined(history: History, people: pl.DataFrame) -> pl.DataFrame:
    """Return the people of a list who joined in the window before and are not back after a gap."""
    joiners = history.joiners.filter(~pl.col("left") & ~pl.col("returns")).select(
        (pl.col("window") + 1).alias("list"), "employee_id"
    )
    return people.join(joiners, on=["list", "employee_id"], maintain_order="left")


def _hires(history: History, people: pl.DataFrame, attributes: Sequence[str]) -> pl.DataFrame:
    newest = _joined(history, people).filter(pl.col("list") > history.windows - WINDOWS_OF_HIRES)
    # whoever joined with a long tenure came with a takeover, which does not come every year
    like = newest.filter(pl.col("tenure") <= 1)
    if like.is_empty():
        like = people.filter(pl.col("list") == history.windows)
        if "tenure" in like.columns:
            like = like.with_columns(tenure=pl.lit(0, pl.Int32))
    return like.group_by(attributes).agg(share=pl.len() / like.height).sort(attributes, nulls_last=True)


def _hire_pay(history: History, people: pl.DataFrame) -> float:
    if "salary" not in history.columns:
        return 0.0
    opening = people.group_by("list").agg(average=pl.col("salary").mean()).sort("list")["average"].to_numpy()
    joined = _joined(history, people).filter(pl.col("list") > history.windows - WINDOWS_OF_HIRES)
    pay = joined.group_by("list").agg(pl.col("salary").mean(), number=pl.len()).drop_nulls()
    if pay.is_empty():
        return 1.0
    ratios = pay["salary"].to_numpy() / opening[pay["list"].to_numpy()]
    return float(np.average(ratios, weights=pay["number"].to_numpy()))


def _part_spread(fitted: Fitted, dimension: str) -> float:
    """Return how much the exits of the values of a dimension differ from their forecast beyond chance.

    From actual and expected exits by value and window, at each window's own level (a moment estimate).
    """
    fit = fitted.terminations.total.fitted
    exposure = fit.exposure
    window = np.bincount(exposure.windows, fit.expected, fit.windows)
    level = np.where(window > 0, fit.events_by_window / np.maximum(window, 1e-9), 1.0)
    yearly = np.minimum(fit.yearly * level[exposure.windows], 1.0)
    chance = probability_in(yearly, exposure.years)
    counted = (
        exposure.cells.select("window", dimension)
        .with_columns(
            actual=exposure.events,
            expected=exposure.exposed * chance,
            variance=exposure.exposed * chance * (1 - chance),
        )
        .drop_nulls(dimension)
        .group_by("window", dimension)
        .agg(pl.col("actual", "expected", "variance").sum())
    )
    actual, expected, variance = (counted[name].to_numpy() for name in ("actual", "expected", "variance"))
    weight = (expected**2).sum() / max(len(expected), 1) * CASES_OF_PRIOR
    excess = ((actual - expected) ** 2 - variance).sum()
    found = (excess + weight * TYPICAL_PART_SPREAD**2) / ((expected**2).sum() + weight)
    return float(np.sqrt(max(found, 0.0)))


def _part_growth_spread(history: History, people: pl.DataFrame, dimension: str) -> float:
    """Return how much the values of a dimension grow apart in a year beyond chance (a moment estimate).

    By chance, a headcount changes by exits and as many hires: a variance of twice the exits.
    """
    counts = people.drop_nulls(dimension).group_by("list", dimension).len()
    following = counts.with_columns(pl.col("list") - 1)
    left = (
        history.leavers.rename({"window": "list"})
        .join(people.select("list", "employee_id", dimension), on=["list", "employee_id"])
        .group_by("list", dimension)
        .agg(left=pl.len())
    )
    years = pl.DataFrame(
        {"list": range(history.windows), "years": window_years(history)}, schema_overrides={"list": pl.Int32}
    )
    pairs = (
        counts.join(following, on=["list", dimension], suffix="_after")
        .join(left, on=["list", dimension], how="left")
        .join(years, on="list")
        .with_columns(
            growth=(pl.col("len_after") / pl.col("len")).log(),
            company=(pl.col("len_after").sum().over("list") / pl.col("len").sum().over("list")).log(),
            chance=2 * pl.col("left").fill_null(0) / pl.col("len") ** 2,
        )
        .sort("list", dimension)
    )
    weight = pairs["len"].to_numpy().astype(float)
    apart = (pairs["growth"] - pairs["company"]).to_numpy()
    excess = (weight * (apart**2 - pairs["chance"].to_numpy()) / pairs["years"].to_numpy()).sum()
    prior = CASES_OF_PRIOR * weight.mean() if len(weight) else 1.0
    found = (excess + prior * TYPICAL_PART_GROWTH**2) / (weight.sum() + prior)
    return float(np.sqrt(max(found, 0.0)))

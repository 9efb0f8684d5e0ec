"""Who joins: level, age, working time, month and pay of past hires; leavers in the year of hire."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import TypeVar

import numpy as np
import polars as pl

from settings.models.calendar import FiscalCalendar
from settings.models.hiring import MIN_AGE_AT_HIRE
from tasks.census.fiscal_years import fiscal_year
from tasks.evidence.estimate.estimate import Estimate
from tasks.evidence.estimate.exposure import with_latest_names
from tasks.evidence.estimate.hire_year import left_in_hire_year
from tasks.history.accepted import History
from tasks.history.windows import DAYS_PER_YEAR
from tasks.text.calendar import CALENDAR_YEARS

Key = TypeVar("Key")

FEWEST_HIRES = 20
#: Hires, or exits with a date, from which on months are compared.
FEWEST_OF_MONTHS = 120
DAYS_OF_ALL_MONTHS = 364
#: The months differ if equal ones would give such a pattern less often than this.
SIGNIFICANT = 0.01
#: Ages are given as this many quantiles.
AGE_QUANTILES = 20
HIGHEST_AGE = 80
MOST_FTES = 8
MOST_COMBINATIONS = 40
PAY_RANGE = (0.05, 0.95)


@dataclass(frozen=True)
class Joiners:
    """What past hires show; None or empty where they do not."""

    hires: int  # people first seen after a list, who are not back after a gap
    level_mix: Mapping[int, Decimal] = field(default_factory=dict)
    age_weights: Mapping[int, Decimal] = field(default_factory=dict)
    fte_mix: Mapping[Decimal, Decimal] = field(default_factory=dict)
    dimension_mix: tuple[tuple[Mapping[str, str | None], Decimal], ...] = ()
    pay: Mapping[int, tuple[float, float, int]] = field(default_factory=dict)  # level: 5 %, 95 %, hires
    months: tuple[Decimal, ...] | None = None
    exit_months: tuple[Decimal, ...] | None = None
    left_in_hire_year: Estimate | None = None
    left_after_hire: str = ""  # what it rests on: leavers, and hires or the time they were seen for


def joiners_of(
    history: History, pay_growth: float, left_before: float, calendar: FiscalCalendar = CALENDAR_YEARS
) -> Joiners:
    """Describe the hires of all windows.

    `pay_growth` (share a year) brings the pay of earlier hires to the date of the newest list. `left_before`
    is the share of hires who leave in their year of hire, before the fit. Ages are those on the first day of
    the fiscal year of hire, by `calendar`.
    """
    opening = pl.DataFrame(
        {"window": range(history.windows), "opened": history.dates[:-1], "closed": history.dates[1:]},
        schema={"window": pl.Int32, "opened": pl.Date, "closed": pl.Date},
    )
    joined = with_latest_names(history.joiners.with_columns(list=pl.col("window") + 1), history, "list")
    hired = joined.join(opening, on="window", maintain_order="left").filter(
        ~pl.col("returns") & (pl.col("hire_date").is_null() | (pl.col("hire_date") > pl.col("opened")))
    )
    present = hired.filter(~pl.col("left"))
    rate, evidence = None, ""
    if history.shows_hire_year_leavers and hired.height:
        rate, evidence = left_in_hire_year(hired, left_before)
    return Joiners(
        hired.height,
        level_mix=_mix(present, "level") if "level" in history.columns else {},
        age_weights=_ages(present, calendar) if "birth_date" in history.columns else {},
        fte_mix=_ftes(present) if "fte" in history.columns else {},
        dimension_mix=_dimensions(present, history.dimensions),
        pay=_pay(present, history, pay_growth) if {"level", "salary"} <= history.columns else {},
        months=_months(hired["hire_date"], history),
        exit_months=_months(history.leavers.filter(~pl.col("excluded"))["exit_date"], history),
        left_in_hire_year=rate,
        left_after_hire=evidence,
    )


def shares(counts: Mapping[Key, float], digits: int = 4) -> dict[Key, Decimal]:
    """Return shares with some digits that add up to exactly 1: the largest remainders are rounded up."""
    total = sum(counts.values())
    units = 10**digits
    exact = {key: count / total * units for key, count in counts.items()}
    floors = {key: int(value) for key, value in exact.items()}
    missing = units - sum(floors.values())
    for key in sorted(exact, key=lambda each: (floors[each] - exact[each], str(each)))[:missing]:
        floors[key] += 1
    return {key: Decimal(value) / units for key, value in floors.items() if value}


def _mix(present: pl.DataFrame, column: str) -> dict[int, Decimal]:
    known = present.filter(pl.col(column).is_not_null())
    if known.height < FEWEST_HIRES:
        return {}
    counts = known.group_by(column).len().sort(column)
    return {int(key): value for key, value in shares(dict(counts.iter_rows())).items()}


def _ages(present: pl.DataFrame, calendar: FiscalCalendar) -> dict[int, Decimal]:
    """Return ages on the first day of the year of hire, as the settings have them, by quantiles."""
    born = pl.col("birth_date")
    # the calendar year in which the fiscal year of hire begins
    begins = fiscal_year(pl.col("hire_date"), calendar) - (0 if calendar.is_calendar_year else 1)
    month_day = born.dt.month().cast(pl.Int32) * 100 + born.dt.day()
    is_after = month_day > calendar.start_month * 100 + calendar.start_day
    on_first = begins - born.dt.year() - is_after.cast(pl.Int32)
    ages = present.select(age=on_first)["age"].drop_nulls().clip(MIN_AGE_AT_HIRE, HIGHEST_AGE)
    if len(ages) < FEWEST_HIRES:
        return {}
    points = (np.arange(AGE_QUANTILES) + 0.5) / AGE_QUANTILES
    values, counts = np.unique(np.quantile(ages.to_numpy(), points, method="nearest"), return_counts=True)
    found = shares({int(age): float(count) for age, count in zip(values, counts, strict=True)})
    return {int(key): value for key, value in found.items()}


def _ftes(present: pl.DataFrame) -> dict[Decimal, Decimal]:
    if present.height < FEWEST_HIRES or present.filter(pl.col("fte") < 1).is_empty():
        return {}
    counts = present.with_columns(pl.col("fte").round(2).clip(0.01, 1)).group_by("fte").len()
    largest = counts.sort(["len", "fte"], descending=True).head(MOST_FTES)
    found = shares(dict(largest.iter_rows()))
    return {Decimal(f"{key:.2f}").normalize(): value for key, value in found.items()}


def _dimensions(
    present: pl.DataFrame, dimensions: tuple[str, ...]
) -> tuple[tuple[Mapping[str, str | None], Decimal], ...]:
    """Return the shares of combinations of dimensions; none if there are too many to list."""
    if not dimensions or present.height < FEWEST_HIRES:
        return ()
    counts = present.group_by(dimensions).len().sort(dimensions, nulls_last=True)
    if counts.height > MOST_COMBINATIONS:
        return ()
    rows = counts.select(dimensions).to_dicts()
    found = shares(dict(enumerate(counts["len"].to_list())))
    return tuple((rows[number], value) for number, value in found.items())


def _pay(present: pl.DataFrame, history: History, growth: float) -> dict[int, tuple[float, float, int]]:
    """Return the range of hires' full-time pay by level, in money of the newest list's date."""
    newest = history.dates[-1]
    age = (pl.lit(newest) - pl.col("closed")).dt.total_days() / DAYS_PER_YEAR
    paid = present.filter(pl.col("full_time_salary") > 0).with_columns(
        pay=pl.col("full_time_salary") * (1 + growth) ** age
    )
    by_level = (
        paid.group_by("level")
        .agg(
            low=pl.col("pay").quantile(PAY_RANGE[0], "linear"),
            high=pl.col("pay").quantile(PAY_RANGE[1], "linear"),
            number=pl.len(),
        )
        .filter(pl.col("level").is_not_null() & (pl.col("number") >= FEWEST_HIRES))
        .sort("level")
    )
    return {level: (low, high, number) for level, low, high, number in by_level.iter_rows()}


def _months(days: pl.Series, history: History) -> tuple[Decimal, ...] | None:
    """Return twelve weights per day, January first; None if the months are alike or too few are known."""
    from scipy.stats import chisquare

    first, last = history.dates[0] + timedelta(days=1), history.dates[-1]
    known = days.filter(days.is_between(first, last))
    if len(known) < FEWEST_OF_MONTHS or (last - first).days < DAYS_OF_ALL_MONTHS:
        return None
    # windows need not begin and end with a year: each month is expected as often as its days were seen
    seen = pl.date_range(first, last, eager=True).dt.month().to_numpy()
    counts, lengths = (
        np.bincount(months, minlength=13)[1:].astype(float) for months in (known.dt.month().to_numpy(), seen)
    )
    expected = counts.sum() * lengths / lengths.sum()
    if chisquare(counts, expected).pvalue >= SIGNIFICANT:
        return None
    return tuple(Decimal(f"{weight:.3f}") for weight in counts / expected)

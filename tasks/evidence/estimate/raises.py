"""Raises of those who stay: general increase, merit, promotion, and the growth of stayers' pay.

Full-time pay is compared between two lists. The lists do not say what a raise was for: the general increase
is the raise that many have in common, else the tenth percentile; the rest of the average raise counts as
merit.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from tasks.evidence.estimate.estimate import Estimate, Z
from tasks.evidence.estimate.exposure import Array, window_years
from tasks.history.accepted import History

#: Share of the stayers who must have the same raise (to a tenth of a percent) for it to be the general one.
COMMON = 0.3
FLOOR_PERCENTILE = 0.10
#: Raises beyond these are mistakes or other jobs, and left out (share a year).
PLAUSIBLE = (-0.30, 1.0)
#: Standard deviation of the average raise from year to year, with the weight of so many windows.
TYPICAL_MOVEMENT, WINDOWS_OF_PRIOR = 0.010, 2.0
FEWEST_STAYERS = 20
FEWEST_PROMOTED = 20


@dataclass(frozen=True)
class Raises:
    """Raises per year, as shares of pay."""

    cola: Estimate
    merit: Estimate
    # tenth and ninetieth percentile of what a promotion adds to the year's average raise, and how many
    promotion: tuple[float, float, int] | None
    average: Array  # by window: average raise of stayers who were not promoted (share a year)
    stayers: Array  # by window: how many
    growth: Array  # by window: log growth a year of the pay of all stayers
    movement: float  # standard deviation from year to year of log(1 + average raise)


def raises_of(history: History) -> Raises | None:
    """Estimate raises; None without pay, or if no window has enough stayers."""
    if "salary" not in history.columns:
        return None
    years = window_years(history)
    stayers = _stayers(history, years)
    of_window = [stayers.filter(pl.col("list") == window) for window in range(history.windows)]
    known = [window for window in range(history.windows) if of_window[window].height >= FEWEST_STAYERS]
    if not known:
        return None
    same_level = [rows.filter(~pl.col("promoted")) for rows in of_window]
    average = np.array(
        [_average(rows, years[w]) if w in known else np.nan for w, rows in enumerate(same_level)]
    )
    general = np.array([_general(same_level[window], average[window]) for window in known])
    growth = np.array([_growth(rows, years[w]) if w in known else np.nan for w, rows in enumerate(of_window)])
    movement = _movement(np.log1p(average[known]))
    error = movement / np.sqrt(len(known))
    counts = np.array([rows.height for rows in same_level], dtype=float)
    people, person_years = float(counts[known].sum()), float((counts * years)[known].sum())
    cola, total = float(general.mean()), float(average[known].mean())
    merit = max((1 + total) / (1 + cola) - 1, 0.0)
    return Raises(
        Estimate(cola, cola - Z * error, cola + Z * error, people, person_years),
        Estimate(merit, merit - Z * error, merit + Z * error, people, person_years),
        _of_promotion(stayers, average),
        average,
        counts,
        growth,
        movement,
    )


def _stayers(history: History, years: Array) -> pl.DataFrame:
    """Return those with pay on two successive lists: `raise` a year, `promoted`, both pays."""
    columns = ["list", "employee_id", "level", "salary", "full_time_salary"]
    before = history.people.select(columns)
    after = before.with_columns(pl.col("list") - 1)
    length = pl.DataFrame({"list": range(len(years)), "years": years}, schema_overrides={"list": pl.Int32})
    return (
        before.join(after, on=["list", "employee_id"], suffix="_after", maintain_order="left")
        .join(length, on="list", maintain_order="left")
        .filter((pl.col("full_time_salary") > 0) & (pl.col("full_time_salary_after") > 0))
        .with_columns(
            raise_=(pl.col("full_time_salary_after") / pl.col("full_time_salary")) ** (1 / pl.col("years"))
            - 1,
            promoted=(pl.col("level_after") != pl.col("level")).fill_null(False),
        )
        .filter(pl.col("raise_").is_between(*PLAUSIBLE))
    )


def _average(rows: pl.DataFrame, years: float) -> float:
    if rows.is_empty():
        return float("nan")
    growth = float(rows["full_time_salary_after"].sum()) / float(rows["full_time_salary"].sum())
    return float(growth ** (1 / years) - 1)


def _growth(rows: pl.DataFrame, years: float) -> float:
    return float(np.log(float(rows["salary_after"].sum()) / float(rows["salary"].sum())) / years)


def _general(rows: pl.DataFrame, average: float) -> float:
    """Return the raise that many have in common, else a low percentile; from 0 to the average."""
    counts = rows["raise_"].round(3).value_counts(sort=True)
    common = counts["count"][0] >= COMMON * rows.height
    found = counts["raise_"][0] if common else rows["raise_"].quantile(FLOOR_PERCENTILE, "linear")
    return float(np.clip(np.float64(found or 0.0), 0.0, max(average, 0.0)))


def _movement(logs: Array) -> float:
    spread = ((logs - logs.mean()) ** 2).sum() + WINDOWS_OF_PRIOR * TYPICAL_MOVEMENT**2
    return float(np.sqrt(spread / (len(logs) - 1 + WINDOWS_OF_PRIOR)))


def _of_promotion(stayers: pl.DataFrame, average: Array) -> tuple[float, float, int] | None:
    """Return the range of what a promotion adds to the average raise (a share a year, by window).

    In the simulation whoever is promoted gets the general increase and merit of the year as well.
    """
    known = pl.Series("list", np.flatnonzero(~np.isnan(average)), dtype=pl.Int32)
    promoted = stayers.filter(
        (pl.col("level_after") > pl.col("level")).fill_null(False) & pl.col("list").is_in(known.implode())
    )
    if promoted.height < FEWEST_PROMOTED:
        return None
    usual = (1 + average[promoted["list"].to_numpy()]) ** promoted["years"].to_numpy()
    growth = promoted["full_time_salary_after"] / promoted["full_time_salary"]
    raises = (growth / pl.Series(usual) - 1).clip(0, 10)
    low, high = raises.quantile(0.10, "linear"), raises.quantile(0.90, "linear")
    return float(low or 0.0), float(high or 0.0), promoted.height

"""How good forecasts were: coverage of their bands, weighted interval score, bias, actual / expected.

The weighted interval score (Bracher et al. 2021) is a distance between a forecast's quantiles and what
happened, in the unit of the figure: smaller is better. It is near the CRPS, of which it is an
approximation.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from tasks.evidence.backtest.baselines import BASELINES
from tasks.evidence.backtest.origins import FIGURES
from tasks.evidence.estimate.estimate import Estimate, share
from tasks.evidence.estimate.exposure import Array

#: Share that a band is meant to hold → its quantiles.
BANDS = {0.5: ("p25", "p75"), 0.8: ("p10", "p90"), 0.9: ("p05", "p95")}


@dataclass(frozen=True)
class Score:
    """The score of one figure: of the whole company, or of all values of a dimension."""

    figure: str
    dimension: str | None
    cases: int
    coverage: dict[float, Estimate]  # meant → found, with the exact binomial interval
    interval_score: float  # mean weighted interval score, in the unit of the figure
    baselines: dict[str, float]  # name → its mean weighted interval score
    bias: float  # mean log(median / actual)
    error: float  # median of |median / actual - 1|

    def ratio_to(self, baseline: str) -> float | None:
        """Return the interval score as a share of a baseline's; None if that is 0."""
        other = self.baselines[baseline]
        return self.interval_score / other if other > 0 else None


def scorecard(rows: pl.DataFrame) -> list[Score]:
    """Return the scores of every figure, first of the whole company, then by dimension."""
    found = []
    for dimension in [None, *rows["dimension"].drop_nulls().unique(maintain_order=True).to_list()]:
        of_dimension = rows.filter(pl.col("dimension").eq_missing(dimension))
        for figure in FIGURES:
            cases = of_dimension.filter(pl.col("figure") == figure)
            if cases.height:
                found.append(score(cases, figure, dimension))
    return found


def score(cases: pl.DataFrame, figure: str, dimension: str | None) -> Score:
    """Score forecasts of one figure."""
    actual = cases["actual"].to_numpy()
    coverage = {}
    for meant, (low, high) in BANDS.items():
        held = (cases[low].to_numpy() <= actual) & (actual <= cases[high].to_numpy())
        coverage[meant] = share(int(held.sum()), len(held))
    median = cases["p50"].to_numpy()
    some = (actual > 0) & (median > 0)
    ratio = median[some] / actual[some]
    return Score(
        figure,
        dimension,
        cases.height,
        coverage,
        float(interval_scores(cases).mean()),
        {name: float(np.nanmean(interval_scores(cases, f"{name}_"))) for name in BASELINES},
        float(np.log(ratio).mean()) if len(ratio) else 0.0,
        float(np.median(np.abs(ratio - 1))) if len(ratio) else 0.0,
    )


def interval_scores(cases: pl.DataFrame, prefix: str = "") -> Array:
    """Return the weighted interval score of each case; `prefix` names a baseline's columns.

    (|y - median| / 2 + sum over bands of alpha / 2 x interval score) / (bands + 1 / 2). Put together here:
    scoringrules 0.10 adds the median itself in place of the distance to it.
    """
    from scoringrules import interval_score

    def column(name: str) -> Array:
        return cases[f"{prefix}{name}"].to_numpy()

    actual = cases["actual"].to_numpy()
    total = 0.5 * np.abs(actual - column("p50"))
    for meant, (low, high) in BANDS.items():
        alpha = 1 - meant
        total = total + alpha / 2 * np.asarray(interval_score(actual, column(low), column(high), alpha))
    return np.asarray(total / (len(BANDS) + 0.5))


def actual_to_expected(rows: pl.DataFrame) -> pl.DataFrame:
    """Return actual and expected exits by value of each dimension: the sums over origins and horizons.

    Columns: dimension, value, actual, expected (the sum of medians), ratio, inside (share of the cases in
    the 90 % band), cases.
    """
    inside = pl.col("actual").is_between("p05", "p95")
    return (
        rows.filter(pl.col("figure") == "exits")
        .group_by("dimension", "value", maintain_order=True)
        .agg(
            actual=pl.col("actual").sum(),
            expected=pl.col("p50").sum(),
            inside=inside.mean(),
            cases=pl.len(),
        )
        .with_columns(ratio=pl.when(pl.col("expected") > 0).then(pl.col("actual") / pl.col("expected")))
        .select("dimension", "value", "actual", "expected", "ratio", "inside", "cases")
    )


def newest_case(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the forecasts of the newest origin for the window that has ended since."""
    return rows.filter((pl.col("origin") == pl.col("origin").max()) & (pl.col("horizon") == 1))

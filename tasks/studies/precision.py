"""Monte Carlo error of means over replicates, and the replicates needed for a wanted precision.

The error of a mean is the half-width of its 95 % confidence interval (Student's t), as a share of
the mean. Figures that are the same in every replicate carry no spread: in mode `exact` the targets
make it so for headcount, hires and leavers.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import polars as pl

from settings.errors import InputError, nearest
from settings.models.calendar import FiscalCalendar
from tasks.studies.figures import BY_NAME, create_figures
from tasks.system.queries import read_query
from tasks.text.calendar import year_label

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Need:
    """The replicates needed for a figure's precision, and the scenario and year that need the most."""

    figure: str
    share: float  # wanted: half-width of the confidence interval as a share of the mean
    reached: float  # with the present replicates
    replicates: int
    scenario_id: str
    simulation_year: int


def monte_carlo_errors(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """Return the error of every figure's mean: a row per scenario, year and figure of fct_year_summary.

    `half_width` is that of the confidence interval, `relative_error` the half-width as a share of the mean;
    both are null with one replicate.
    """
    create_figures(connection, breakdowns=False)
    rows = connection.execute(read_query(__package__, "monte_carlo_errors")).pl()
    quantiles = {count: _quantile(count) for count in rows["replicates"].unique() if count > 1}
    return rows.with_columns(
        half_width=pl.col("standard_error")
        * pl.col("replicates").replace_strict(quantiles, default=None, return_dtype=pl.Float64)
    ).with_columns(
        relative_error=pl.when(pl.col("mean") != 0).then(pl.col("half_width") / pl.col("mean").abs())
    )


def without_spread(errors: pl.DataFrame) -> list[str]:
    """Return the figures that are equal in all replicates, in every scenario and year."""
    spread = errors.group_by("figure").agg(pl.col("deviation").max()).filter(pl.col("deviation") == 0)
    return [name for name in BY_NAME if name in spread["figure"].to_list()]


def needs(errors: pl.DataFrame, wanted: Mapping[Any, float]) -> list[Need]:
    """Return for each wanted precision the largest number of replicates over scenarios and years.

    Raises ValueError with fewer than two replicates, which have no standard error.
    """
    found = []
    for figure, share in wanted.items():
        rows = errors.filter(
            (pl.col("figure") == figure) & pl.col("mean").is_not_null() & (pl.col("mean") != 0)
        )
        if rows.filter(pl.col("deviation").is_null()).height:
            raise ValueError("an error takes two replicates or more")
        hardest = max(rows.iter_rows(named=True), key=_relative_deviation, default=None)
        if hardest is not None:
            found.append(_need(hardest, share))
    return found


def _relative_deviation(row: Mapping[str, Any]) -> float:
    """Return the deviation as a share of the mean, rounded to nine digits.

    Scenarios with the same draws are equal in their first years. Their last digits depend on the order in
    which threads add up, and must not decide which of them is named; it is the first.
    """
    return float(f"{row['deviation'] / abs(row['mean']):.9g}")


def parse_precision(texts: list[str]) -> dict[str, float]:
    """Read FIGURE=SHARE (`payroll=0.1%` or `payroll=0.001`). Raises InputError that says what is allowed."""
    wanted = {}
    for text in texts:
        figure, _, amount = text.partition("=")
        figure, amount = figure.strip(), amount.strip()
        if figure not in BY_NAME:
            raise InputError(f"--precision {text!r}: {nearest(figure, BY_NAME)}")
        try:
            share = float(amount.removesuffix("%")) / (100 if amount.endswith("%") else 1)
        except ValueError:
            share = math.nan
        if not 0 < share <= 1:
            raise InputError(
                f"--precision {text!r}: a share of the mean above 0 and at most 100 % is expected, as in "
                f"{figure}=0.1%"
            )
        wanted[figure] = share
    return wanted


def need_text(need: Need, replicates: int, calendar: FiscalCalendar) -> str:
    """Return a need as a sentence."""
    return (
        f"{BY_NAME[need.figure].title}: ±{need.reached:.3%} of the mean with {replicates} replicates, "
        f"wanted ±{need.share:.3%}, which needs {need.replicates} "
        f"(scenario {need.scenario_id}, {year_label(calendar, need.simulation_year)})"
    )


def replicates_for(mean: float, deviation: float, share: float) -> int:
    """Return the smallest number of replicates, at least two, that reaches the wanted interval width.

    `share` is the half-width of the confidence interval as a share of the mean.
    """
    if deviation == 0:
        return 2
    wanted = share * abs(mean)
    count = max(2, math.ceil((_quantile(100_000) * deviation / wanted) ** 2))
    while _quantile(count) * deviation / math.sqrt(count) > wanted:
        count += 1
    return count


def _need(row: Mapping[str, Any], share: float) -> Need:
    return Need(
        row["figure"],
        share,
        row["relative_error"],
        replicates_for(row["mean"], row["deviation"], share),
        row["scenario_id"],
        row["simulation_year"],
    )


def _quantile(replicates: int) -> float:
    """Return the two-sided quantile of Student's t for CONFIDENCE."""
    # imported here: it takes half a second, and only studies need it
    from scipy.stats import t

    return float(t.ppf((1 + CONFIDENCE) / 2, replicates - 1))

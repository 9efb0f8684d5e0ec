"""How well estimates from history hold on made-up companies whose truth is known.

    python -m tests.studies.calibration [--companies 40] [--first-seed 1001] [--page docs/evidence.md]

Methods were chosen on seeds 1 to 30; the figures shown are of seeds 1001 to 1040, which were not looked at
before. Prints the tables as Markdown; with --page, replaces them between the marks in that page.
"""

import argparse
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from settings import default_settings
from tasks.evidence.backtest.baselines import BASELINES
from tasks.evidence.backtest.origins import backtest
from tasks.evidence.backtest.scores import BANDS, Score, score
from tasks.evidence.estimate.credibility import RateFit
from tests.evidence.companies import company, truth

BEGIN, END = "<!-- calibration -->", "<!-- end of calibration -->"
#: What the design asks for, beside what was found.
GOAL_COVERAGE, GOAL_SCORE, GOAL_HAZARD = (0.86, 0.96), 0.90, 0.18
GOAL_PAYROLL = {1: 0.014, 2: 0.018, 3: 0.022}


@dataclass(frozen=True)
class Studied:
    """What one company showed."""

    rows: pl.DataFrame
    hazard_error: float
    size: float  # of the year effect, true
    estimated_size: float


def study(seed: int) -> Studied:
    """Make a company, test forecasts from each of its lists, and compare fitted with true hazards."""
    made = company(seed)
    result = backtest(made.history, default_settings(), horizon=3, by=("department",))
    total = result.newest.terminations.total
    return Studied(
        result.rows.with_columns(seed=pl.lit(seed)),
        hazard_error(total.fitted, result.newest.newest),
        made.size,
        total.effect.size,
    )


def hazard_error(fit: RateFit, newest: pl.DataFrame) -> float:
    """Return the root mean square of log(fitted / true), after their mean, over the newest list's people.

    Only the shape over age and tenure counts; department and level of the rate are left out of both.
    """
    cells = newest.group_by("age", "tenure").agg(pl.col("exposed").sum()).sort("age", "tenure")
    logs = np.zeros(cells.height)
    for attribute in fit.attributes:
        if attribute.is_banded:
            logs += np.log(fit.factors[attribute.name][attribute.codes(cells)])
    true = np.log(truth(cells["age"].to_numpy().astype(float), cells["tenure"].to_numpy().astype(float)))
    weights = cells["exposed"].to_numpy() / cells["exposed"].sum()
    error = logs - true
    error = error - weights @ error
    return float(np.sqrt(weights @ error**2))


def tables(found: Sequence[Studied], first: int) -> Iterator[str]:
    """Yield the lines of the tables in Markdown."""
    rows = pl.concat([each.rows for each in found])
    yield (
        f"{len(found)} companies (seeds {first} to {first + len(found) - 1}) of 3,000 people and 9 lists, "
        "year effects of 5 to 25 %; forecasts from the third list on."
    )
    yield ""
    headings = ["figure", "horizon", "cases", *(f"{share:.0%} band" for share in BANDS)]
    headings += ["score / last rate", "score / mean of three", "bias"]
    yield f"| {' | '.join(headings)} |"
    yield f"| {' | '.join(['---'] * len(headings))} |"
    whole = rows.filter(pl.col("dimension").is_null())
    for figure in ("exits", "payroll", "headcount"):
        for horizon in (1, 2, 3, None):
            cases = whole.filter(pl.col("figure") == figure)
            cases = cases if horizon is None else cases.filter(pl.col("horizon") == horizon)
            yield _line(score(cases, figure, None), figure, horizon)
    parts = rows.filter((pl.col("figure") == "exits") & (pl.col("dimension") == "department"))
    yield _line(score(parts, "exits", "department"), "exits by department", None)
    yield ""
    yield "| what | found | goal |"
    yield "| --- | --- | --- |"
    exits = score(whole.filter(pl.col("figure") == "exits"), "exits", None)
    yield f"| 90 % band of exits holds | {exits.coverage[0.9].value:.1%} | 86 to 96 % |"
    yield f"| score of exits / mean of three | {exits.ratio_to('three_year_mean'):.2f} | 0.90 or less |"
    errors = np.array([each.hazard_error for each in found])
    yield f"| log error of hazards (largest) | {errors.mean():.3f} ({errors.max():.3f}) | 0.18 or less |"
    for horizon, goal in GOAL_PAYROLL.items():
        error = _payroll_error(rows, horizon)
        yield f"| payroll at the actual headcount, horizon {horizon} | {error:.2%} | {goal:.1%} |"
    ratio = float(np.median([each.estimated_size / each.size for each in found]))
    yield f"| size of the year effect, estimated / true, median | {ratio:.2f} | near 1 |"


def _payroll_error(rows: pl.DataFrame, horizon: int) -> float:
    """Return the median error of the average pay: payroll forecast if the headcount had been known."""
    whole = rows.filter(pl.col("dimension").is_null() & (pl.col("horizon") == horizon))
    wide = whole.pivot("figure", index=["seed", "origin"], values=["actual", "p50"])
    forecast = wide["p50_payroll"] / wide["p50_headcount"]
    actual = wide["actual_payroll"] / wide["actual_headcount"]
    return float((forecast / actual - 1).abs().median())  # type: ignore[arg-type]


def _line(found: Score, what: str, horizon: int | None) -> str:
    bands = " | ".join(
        f"{each.value:.1%} ({each.low:.0%}–{each.high:.0%})" for each in found.coverage.values()
    )
    ratios = " | ".join(f"{found.ratio_to(name):.2f}" for name in BASELINES)
    return f"| {what} | {horizon or 'all'} | {found.cases:,} | {bands} | {ratios} | {found.bias:+.1%} |"


def main() -> None:
    """Run the study and print, or put its tables into a page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--companies", type=int, default=40)
    parser.add_argument("--first-seed", type=int, default=1001)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--page", type=Path)
    options = parser.parse_args()
    seeds = range(options.first_seed, options.first_seed + options.companies)
    with ProcessPoolExecutor(options.processes) as pool:
        found = list(pool.map(study, seeds))
    text = "\n".join(tables(found, options.first_seed))
    print(text)
    if options.page:
        page = options.page.read_text("utf-8")
        before, _, rest = page.partition(BEGIN)
        _, _, after = rest.partition(END)
        options.page.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", "utf-8")


if __name__ == "__main__":
    main()

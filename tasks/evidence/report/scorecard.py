"""The scorecard of a backtest in words and texts, the same on the page, in a terminal and in an artifact."""

from collections.abc import Sequence
from dataclasses import dataclass

from tasks.evidence.backtest.baselines import BASELINES
from tasks.evidence.backtest.scores import Score
from tasks.evidence.estimate.estimate import Estimate

FIGURE_NAMES = {"exits": "Exits", "headcount": "Headcount", "payroll": "Payroll"}
WHOLE = "Whole company"
#: With fewer cases the share inside a band is too uncertain to judge the bands.
FEW_CASES = 50
TOO_FEW = "Too few lists: a forecast needs three to start from and a later one to compare with."


@dataclass(frozen=True)
class ScoreRow:
    """A score as texts."""

    scope: str
    figure: str
    cases: str
    coverage: dict[float, str]
    ratios: dict[str, str]  # interval score as a share of each baseline's
    bias: str
    error: str
    verdict: str  # on the 90 % bands


def score_rows(scores: Sequence[Score]) -> list[ScoreRow]:
    """Return the scores as texts."""
    return [
        ScoreRow(
            scope_name(score.dimension),
            FIGURE_NAMES[score.figure],
            f"{score.cases:,}",
            {meant: coverage_text(found) for meant, found in score.coverage.items()},
            {name: _ratio(score.ratio_to(name)) for name in BASELINES},
            f"{score.bias:+.1%}",
            f"{score.error:.1%}",
            verdict(score),
        )
        for score in scores
    ]


def scope_name(dimension: str | None) -> str:
    """Return what a score is about: the whole company, or the values of a dimension."""
    return WHOLE if dimension is None else f"By {dimension}"


def coverage_text(found: Estimate) -> str:
    """Return a share with its interval: `88% (62-98)`."""
    return f"{found.value:.0%} ({100 * found.low:.0f}-{100 * found.high:.0f})"


def verdict(score: Score) -> str:
    """Return whether the 90 % bands hold what they say, as far as the number of cases shows."""
    found = score.coverage[0.9]
    if found.high < 0.9:
        return "too narrow"
    return "wider than needed" if found.low > 0.9 else "in accord"


def words(scores: Sequence[Score]) -> list[str]:
    """Return sentences for a reader who does not know statistics."""
    if not scores:
        return [TOO_FEW]
    sentences = [
        "A 90 % band is meant to hold what happens nine times in ten: if it does, plan with its ends; if it "
        "holds less, the future was less certain than the band said. In brackets: the 90 % interval of that "
        "share, given the number of cases: bands are called too narrow or too wide only if it excludes 90 %.",
        "Against a baseline: the weighted interval score, a distance between forecast and outcome, as a "
        "share of that of a plain rule; below 1 the forecast is better. Bias above 0: too many were "
        "forecast.",
    ]
    few = few_cases(scores)
    return [*sentences, few] if few else sentences


def few_cases(scores: Sequence[Score]) -> str | None:
    """Return a sentence on how uncertain few cases leave the coverage; None if there are enough."""
    from scipy.stats import binom

    least = min(score.cases for score in scores)
    if least >= FEW_CASES:
        return None
    low, high = (int(binom.ppf(tail, least, 0.9)) for tail in (0.05, 0.95))
    few = "1 case is few" if least == 1 else f"{least} cases are few"
    return (
        f"{few}: right 90 % bands, too, would hold anything from {low} to {high} of {least} by chance alone, "
        f"and forecasts from successive lists share years, which makes them fewer still."
    )


def _ratio(value: float | None) -> str:
    return "–" if value is None or value != value else f"{value:.2f}"

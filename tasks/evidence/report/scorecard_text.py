"""The scorecard of a backtest as tables for a terminal, and as Markdown."""

from tasks.evidence.backtest.baselines import BASELINES
from tasks.evidence.backtest.origins import Backtest
from tasks.evidence.backtest.scores import BANDS, Score, scorecard
from tasks.evidence.report.scorecard import TOO_FEW, few_cases, score_rows
from tasks.text.markdown import escaped
from tasks.text.tables import Record, TextTable


def scorecard_tables(result: Backtest) -> list[TextTable]:
    """Return the scorecard for a terminal of 80 columns: coverage, and distances to what happened."""
    scores = scorecard(result.rows)
    coverage = TextTable("Share of cases inside the bands, with 90 % interval", name="scores")
    coverage.add_column("Of", "group")
    coverage.add_column("Figure", "key")
    coverage.add_column("Cases", "number")
    for meant in BANDS:
        coverage.add_column(f"{meant:.0%} band", "number")
    errors = TextTable(
        "Weighted interval score against plain rules (below 1: better), bias, error", name="scores"
    )
    errors.add_column("Of", "group")
    errors.add_column("Figure", "key")
    for name in BASELINES.values():
        errors.add_column(f"/ {name.lower()}", "number")
    errors.add_column("Bias", "number")
    errors.add_column("Median error", "number")
    for score, row in zip(scores, score_rows(scores), strict=True):
        coverage.add_values(_record(score, row.verdict))
        coverage.add_row(row.scope, row.figure, row.cases, *row.coverage.values())
        errors.add_row(row.scope, row.figure, *row.ratios.values(), row.bias, row.error)
    return [table for table in (coverage, errors) if table.row_count]


def _record(score: Score, verdict: str) -> Record:
    """Return a score for other programs."""
    shares = {
        f"inside_{meant * 100:.0f}_percent{end}": getattr(found, value)
        for meant, found in score.coverage.items()
        for end, value in (("", "value"), ("_low", "low"), ("_high", "high"))
    }
    return {
        "dimension": score.dimension,
        "figure": score.figure,
        "cases": score.cases,
        **shares,
        "interval_score": score.interval_score,
        **{f"interval_score_{name}": score.baselines[name] for name in BASELINES},
        **{f"ratio_to_{name}": score.ratio_to(name) for name in BASELINES},
        "bias": score.bias,
        "median_error": score.error,
        "verdict": verdict,
    }


def scorecard_markdown(result: Backtest) -> str:
    """Return the scorecard as a Markdown table with a remark, for an artifact."""
    scores = scorecard(result.rows)
    if not scores:
        return f"{TOO_FEW}\n"
    heads = [
        *("Of", "Figure", "Cases"),
        *(f"{meant:.0%} band" for meant in BANDS),
        *(f"/ {name.lower()}" for name in BASELINES.values()),
        *("Bias", "Median error", "90% bands are"),
    ]
    lines = [
        "Share of cases inside the bands, with its 90 % interval; interval score against plain rules.",
        "",
        f"| {' | '.join(heads)} |",
        f"|{' --- |' * 2}{' ---: |' * (len(heads) - 2)}",
    ]
    for row in score_rows(scores):
        cells = [
            *(row.scope, row.figure, row.cases, *row.coverage.values(), *row.ratios.values(), row.bias),
            *(row.error, row.verdict),
        ]
        lines.append(f"| {' | '.join(map(escaped, cells))} |")
    few = few_cases(scores)
    return "\n".join([*lines, *(["", few] if few else [])]) + "\n"

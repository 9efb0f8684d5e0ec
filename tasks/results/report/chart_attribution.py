"""The chart of what each setting contributes to a scenario's difference from the baseline."""

from collections.abc import Mapping
from typing import Any

from tasks.results.report.attribution import ALL, LAST, MEASURES
from tasks.results.report.chart_waterfall import Step, waterfall
from tasks.results.report.marks import Rows, Spec, panels, where
from tasks.text.money import Money

DIRECTIONS = ("More", "Less", "Difference")


def attribution(rows: Rows, everything: Rows, money: Money) -> Spec:
    """Return a waterfall of the last year's headcount and one of its cost, from the baseline (0)."""
    drawn = [figure for figure in MEASURES if where(everything, "figure_key", figure)]
    return panels([_waterfall(figure, rows, everything, money) for figure in drawn])


def _waterfall(figure: str, rows: Rows, everything: Rows, money: Money) -> Spec:
    measure = MEASURES[figure].of(money)
    of_figure = where(everything, "figure_key", figure)
    scenarios = dict.fromkeys(row["scenario_id"] for row in of_figure)
    others = [_steps(where(of_figure, "scenario_id", scenario)) for scenario in scenarios]
    return waterfall(
        _steps(where(rows, "figure_key", figure)), others, measure, DIRECTIONS, f"{measure.title}, last year"
    )


def _steps(rows: Rows) -> list[Step]:
    return [_step(row) for row in rows if row["setting"] != ALL]


def _step(row: Mapping[str, Any]) -> Step:
    return row["setting"], float(row[LAST])

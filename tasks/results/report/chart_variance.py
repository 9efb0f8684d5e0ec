"""The chart of the bridge from the budget: what each effect adds to the difference."""

from collections.abc import Mapping
from typing import Any

from tasks.results.report.chart_waterfall import Step, waterfall
from tasks.results.report.marks import Measure, Rows, Spec, panels, where
from tasks.studies.variance.bridge import EFFECTS
from tasks.text.money import Money

DIRECTIONS = ("Above budget", "Below budget", "Difference")


def variance(rows: Rows, everything: Rows, money: Money) -> Spec:
    """Return a waterfall of payroll and one of cost, from the budget (0) to the difference of the forecast.

    The budget is not drawn from zero: the effects would be too small to be seen beside it. Hidden amounts are
    left out.
    """
    of_total, in_axis = (
        [row for row in where(each, "breakdown", "Total") if row["forecast"] is not None]
        for each in (rows, everything)
    )
    return panels([_bridge(row, where(in_axis, "bridge", row["bridge"]), money) for row in of_total])


def _bridge(row: Mapping[str, Any], in_axis: Rows, money: Money) -> Spec:
    measure = Measure(f"{row['bridge']} less the budget's", "money", money=money)
    return waterfall(_steps(row), map(_steps, in_axis), measure, DIRECTIONS, measure.title)


def _steps(row: Mapping[str, Any]) -> list[Step]:
    return [(effect.label, float(row[name])) for name, effect in EFFECTS.items() if row[name] is not None]

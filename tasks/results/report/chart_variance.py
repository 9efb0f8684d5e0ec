"""The chart of the bridge from the budget: what each effect adds to the difference."""

from collections.abc import Mapping
from typing import Any

from tasks.results.report.marks import PANEL, Measure, Rows, Spec, by_category, mark, panel, panels, where
from tasks.studies.variance.bridge import EFFECTS
from tasks.text.money import Money

#: Colours by direction; short, as the dashboard's legend cuts longer ones on a small screen.
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
    return panels([_waterfall(row, where(in_axis, "bridge", row["bridge"]), money) for row in of_total])


def _waterfall(row: Mapping[str, Any], in_axis: Rows, money: Money) -> Spec:
    """Return bars from top to bottom, each from where the previous one ended, and the sum of all."""
    measure = Measure(f"{row['bridge']} less the budget's", "money", money=money)
    bars = _bars(row, measure)
    reach = [bar[end] for other in in_axis for bar in _bars(other, measure) for end in ("from", "to")]
    y = {
        "field": "Effect",
        "type": "nominal",
        "sort": [bar["Effect"] for bar in bars],
        "title": None,
        "axis": {"labelOverlap": False},  # on a small chart, too, each bar has its name
    }
    return panel(
        bars,
        measure.title,
        width=PANEL - 40,
        height=24 * len(bars),
        **mark(
            "bar",
            ("Effect", "Amount"),
            {
                "y": y,
                "x": measure.along("from", reach, from_zero=True, titled=False, tickCount=5),
                "x2": {"field": "to"},
                "color": by_category("Direction", DIRECTIONS),
            },
        ),
    )


def _bars(row: Mapping[str, Any], measure: Measure) -> list[dict[str, Any]]:
    level, bars = 0.0, []
    for name, effect in EFFECTS.items():
        if row[name] is None:
            continue
        amount = float(row[name])
        bars.append(_bar(effect.label, level, level + amount, DIRECTIONS[amount < 0], measure))
        level += amount
    return [*bars, _bar("Difference", 0.0, level, DIRECTIONS[2], measure)]


def _bar(effect: str, start: float, end: float, direction: str, measure: Measure) -> dict[str, Any]:
    return {
        "Effect": effect,
        "Amount": measure.text(end - start, sign="+"),
        "Direction": direction,
        "from": start,
        "to": end,
    }

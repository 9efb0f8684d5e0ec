"""A waterfall: bars from top to bottom, each from where the one before ended, and the sum of all."""

from collections.abc import Iterable, Sequence
from typing import Any

from tasks.results.report.marks import PANEL, Measure, Spec, by_category, mark, panel

#: A step's name and what it adds.
Step = tuple[str, float]
TOTAL = "Difference"


def waterfall(
    steps: Sequence[Step],
    everything: Iterable[Sequence[Step]],
    measure: Measure,
    directions: tuple[str, str, str],
    title: str,
) -> Spec:
    """Return the bars of steps from 0 to their sum, on an axis that holds the steps of all scenarios.

    `directions` name the colours of steps that add, of those that take away, and of the sum; short, as the
    dashboard's legend cuts longer ones on a small screen.
    """
    bars = _bars(steps, directions, measure)
    reach = [
        bar[end] for each in everything for bar in _bars(each, directions, measure) for end in ("from", "to")
    ]
    y = {
        "field": "Effect",
        "type": "nominal",
        "sort": [bar["Effect"] for bar in bars],
        "title": None,
        "axis": {"labelOverlap": False, "labelLimit": 260},  # on a small chart, too, each bar has its name
    }
    return panel(
        bars,
        title,
        width=PANEL - 40,
        height=24 * len(bars),
        **mark(
            "bar",
            ("Effect", "Amount"),
            {
                "y": y,
                "x": measure.along("from", reach, from_zero=True, titled=False, tickCount=5),
                "x2": {"field": "to"},
                "color": by_category("Direction", directions),
            },
        ),
    )


def _bars(steps: Sequence[Step], directions: tuple[str, str, str], measure: Measure) -> list[dict[str, Any]]:
    level, bars = 0.0, []
    for name, amount in steps:
        bars.append(_bar(name, level, level + amount, directions[amount < 0], measure))
        level += amount
    return [*bars, _bar(TOTAL, 0.0, level, directions[2], measure)]


def _bar(effect: str, start: float, end: float, direction: str, measure: Measure) -> dict[str, Any]:
    return {
        "Effect": effect,
        "Amount": measure.text(end - start, sign="+"),
        "Direction": direction,
        "from": start,
        "to": end,
    }

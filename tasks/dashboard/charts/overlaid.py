"""Key figures over the years with all scenarios on the same axes: bars for flows, lines for states."""

from collections.abc import Mapping, Sequence
from typing import Any

from tasks.dashboard.key_figures import KeyFigure
from tasks.results.report.marks import (
    Measure,
    Rows,
    Spec,
    beside,
    by_category,
    by_line,
    chart,
    line,
    mark,
    scenarios_of,
    years,
)
from tasks.text.money import Money
from tasks.text.numbers import written

#: The selection of a clicked mark; its value has the year, and the scenario or what else the lines are.
PICK = "picked"


def by_scenario(
    rows: Rows,
    everything: Rows,
    figure: KeyFigure,
    money: Money,
    *,
    baseline: str,
    height: int = 220,
    by: str = "Scenario",
    clickable: bool = True,
) -> Spec:
    """Return a figure by year, a line or a bar per scenario; hidden values are left out.

    `rows` are those of `figures_by` with one item, `everything` those of all items, which share the axes.
    Tooltips have the difference from scenario `baseline`. `by` is the title of what scenario_id names. A
    mark of a `clickable` chart can be selected.
    """
    measure = figure.measure(money)
    scenarios = scenarios_of(everything)
    several = len(scenarios) > 1
    against = {
        (row["simulation_year"], row["item"]): row[figure.key]
        for row in rows
        if row["scenario_id"] == baseline
    }
    values = [
        {
            "Year": row["simulation_year"],
            by: row["scenario_id"],
            **({"Item": row["item"]} if len({each["item"] for each in everything}) > 1 else {}),
            figure.title: measure.text(row[figure.key]),
            **(
                {f"Against {baseline}": _difference(row, against, figure, measure, baseline)}
                if several
                else {}
            ),
            "value": row[figure.key],
        }
        for row in rows
        if row[figure.key] is not None
    ]
    reach = [row[figure.key] for row in everything if row[figure.key] is not None]
    shown = tuple(name for name in (values[0] if values else {}) if name[:1].isupper())
    drawn = _drawn(values, shown, years(everything), measure, reach, by, scenarios, height, bars=figure.flows)
    if clickable:
        drawn["layer"][-1] = _clickable(drawn["layer"][-1], ("Year", by))
    return drawn


def _drawn(
    values: Sequence[Mapping[str, Any]],
    shown: Sequence[str],
    x: Spec,
    measure: Measure,
    reach: Sequence[float],
    by: str,
    scenarios: Sequence[str],
    height: int,
    *,
    bars: bool,
) -> Spec:
    several = len(scenarios) > 1
    y = measure.along("value", reach, from_zero=bars)
    if bars:
        place = {
            "x": x,
            "xOffset": beside(by, scenarios),
            "y": y,
            **({"color": by_category(by, scenarios)} if several else {}),
        }
        return chart(values, height=height, layer=[mark("bar", shown, place)])
    place = {"x": x, "y": y, **(by_line(by, scenarios) if several else {})}
    lines, points = line(shown, place)
    return chart(values, height=height, layer=[lines, points])


def _clickable(drawn: Spec, fields: Sequence[str]) -> Spec:
    """Return a mark that can be clicked on, which selects the values of its row's fields."""
    pick = {"name": PICK, "select": {"type": "point", "fields": list(fields), "toggle": False}}
    return {**drawn, "mark": {**drawn["mark"], "cursor": "pointer"}, "params": [pick]}


def _difference(
    row: Mapping[str, Any],
    against: Mapping[tuple[Any, str], float | None],
    figure: KeyFigure,
    measure: Measure,
    baseline: str,
) -> str:
    """Return the difference from the baseline in words."""
    if row["scenario_id"] == baseline:
        return "the baseline itself"
    before = against.get((row["simulation_year"], row["item"]))
    return "not known" if before is None else difference_words(row[figure.key], before, figure, measure)


def difference_words(value: float, before: float, figure: KeyFigure, measure: Measure) -> str:
    """Return a difference with its unit and in percent: +508 employees (+4.8%); of shares, in points."""
    if figure.unit == "share":
        points = round(100 * (value - before), 1)
        return "no difference" if points == 0 else f"{written(points, '+,.1f')} percentage points"
    words = measure.text(value - before, sign="+")
    if words == measure.text(0, sign="+"):
        return "no difference"
    return f"{words} ({written(value / before - 1, '+.1%')})" if before else words

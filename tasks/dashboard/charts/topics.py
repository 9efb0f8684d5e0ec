"""Charts of the report's topics with all scenarios on the same axes, in place of a chart per scenario.

A topic by year has a chart per series, such as each part of the cost: a bar or a line per scenario. Topics by
item are in items.py.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from tasks.dashboard.charts import items
from tasks.dashboard.charts.items import Charts
from tasks.results.report.chart_comparisons import SPREAD
from tasks.results.report.charts import CHARTED_SCENARIOS
from tasks.results.report.computed import varying
from tasks.results.report.marks import (
    EMPLOYEES,
    PROMOTED,
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
    silent,
    where,
    years,
)
from tasks.results.report.table import Table
from tasks.text.costs import PARTS
from tasks.text.events import EVENT_KINDS, OUTCOMES
from tasks.text.money import Money

_LEAVERS = Measure("Leavers", "count", "leavers")
_HEIGHT = 150
#: Sentences of notes on charts that are drawn otherwise here.
_OF_REPORT = re.compile(
    r" ?(In the chart, grey bars are|Charts: median, bands of|Lines in the charts:)[^.]*\."
)
_OWN_AXES = "Each chart has its own axis, which all scenarios share."
_NOTES = {
    "turnover": "Ticks: by hazard.",
    "dimensions": "Ticks: opening of the first year.",
    "segments": "Ticks: target.",
    "breakdown": "Lines: two standard errors to either side.",
    "spread": "Lines: median; bands: nine of ten replicates.",
}


def overlaid(table: Table) -> Charts | None:
    """Return the charts of a topic with their titles; None if it has one scenario, or is drawn otherwise."""
    draw = _TOPICS.get(table.key)
    scenarios = scenarios_of(table.rows) if draw else []
    # the baseline has no rows in a breakdown of differences from it
    if draw is None or len(scenarios) < (1 if table.key == "breakdown" else 2):
        return None
    return draw(
        [row for row in table.rows if row["scenario_id"] in scenarios[:CHARTED_SCENARIOS]], table.money
    )


def note_of(table: Table) -> str:
    """Return the table's note, with a sentence on these charts in place of those on the report's."""
    note = _OF_REPORT.sub("", table.note)
    return f"{note} {_NOTES.get(table.key, _OWN_AXES)}"


def _headcount(rows: Rows) -> Charts:
    hires = Measure("Hires", "count", "hires")
    steps = {"hires": ("Hires", hires), "experienced_leavers": ("Experienced leavers", _LEAVERS)}
    steps |= {"new_hire_leavers": ("New-hire leavers", _LEAVERS), "reductions": ("Reductions", _LEAVERS)}
    return _by_column(rows, "Step", steps)


def _payroll(rows: Rows, money: Money) -> Charts:
    measure = Measure("Change of annual payroll", "money", money=money)
    return _by_column(rows, "Step", {kind.event_type: (kind.step, measure) for kind in EVENT_KINDS})


def _cost(rows: Rows, money: Money) -> Charts:
    measure = Measure("Cost in the year", "money", money=money)
    parts = {"salary": "Salary"} | {part.name: part.title for part in PARTS}
    return _by_column(rows, "Part", {name: (title, measure) for name, title in parts.items()})


def _levels(rows: Rows) -> Charts:
    return _by_series(rows, "Level", lambda row: f"{row['level']} {row['level_name']}", "closing", EMPLOYEES)


def _causes(rows: Rows) -> Charts:
    return _by_series(rows, "Cause", lambda row: str(row["cause"]), "leavers", _LEAVERS)


def _promotions(rows: Rows) -> Charts:
    return _by_series(
        rows, "Levels", lambda row: f"{row['from_level']} → {row['to_level']}", "promotions", PROMOTED
    )


def _cohorts(rows: Rows) -> Charts:
    measure = Measure("Still employed", "share")
    known = [row for row in rows if row["retained"] is not None]
    return _by_series(known, "Cohort", lambda row: f"Hired {row['cohort']}", "retained", measure, lines=True)


def _actions(rows: Rows) -> Charts:
    measure = Measure("Known actions", "count", "actions")
    sums: dict[tuple[Any, Any], dict[str, Any]] = {}
    for row in rows:
        place = (row["scenario_id"], row["simulation_year"])
        total = sums.setdefault(place, {"scenario_id": place[0], "simulation_year": place[1]})
        for outcome in OUTCOMES:
            total[outcome] = total.get(outcome, 0) + (row[outcome] or 0)
    return _by_column(
        list(sums.values()),
        "Outcome",
        {name: (words.capitalize(), measure) for name, (words, _) in OUTCOMES.items()},
    )


def _by_column(rows: Rows, of: str, columns: Mapping[str, tuple[str, Measure]]) -> Charts:
    """Return a chart per column, by its title and measure, without those that are 0 everywhere.

    `of` is what the columns are, such as parts.
    """
    return [
        (title, _by_year(rows, (of, title), column, measure))
        for column, (title, measure) in columns.items()
        if any(row[column] for row in rows)
    ]


def _by_series(
    rows: Rows,
    of: str,
    name_of: Callable[[Mapping[str, Any]], str],
    column: str,
    measure: Measure,
    *,
    lines: bool = False,
) -> Charts:
    """Return a chart of a column for each name that the rows have."""
    names = sorted({name_of(row) for row in rows}, key=lambda name: (len(name.split()[0]), name))
    return [
        (
            name,
            _by_year([row for row in rows if name_of(row) == name], (of, name), column, measure, lines=lines),
        )
        for name in names
    ]


def _by_year(
    rows: Rows, series: tuple[str, str], column: str, measure: Measure, *, lines: bool = False
) -> Spec:
    """Return a bar or a line per scenario; `series` are a title and a name. Hidden amounts are left out."""
    scenarios = scenarios_of(rows)
    values = [
        {
            "Year": row["simulation_year"],
            "Scenario": row["scenario_id"],
            series[0]: series[1],
            measure.name: measure.text(row[column]),
            "value": row[column],
        }
        for row in rows
        if row[column] is not None
    ]
    y = measure.along("value", [value["value"] for value in values], from_zero=not lines)
    shown = ("Year", "Scenario", series[0], measure.name)
    if lines:
        place = {"x": years(rows), "y": y, **by_line("Scenario", scenarios)}
        return chart(values, height=_HEIGHT, layer=line(shown, place))
    place = {
        "x": years(rows),
        "xOffset": beside("Scenario", scenarios),
        "y": y,
        "color": by_category("Scenario", scenarios),
    }
    return chart(values, height=_HEIGHT, **mark("bar", shown, place))


def _spread(rows: Rows, money: Money) -> Charts:
    """Return the medians with bands of nine of ten replicates, for each figure that varies."""
    varied = [row for row in rows if row["figure"] in varying(rows)]
    drawn = []
    for key in dict.fromkeys(row["figure_key"] for row in varied):
        measure = SPREAD[key].of(money)
        drawn.append((measure.title, _fan(where(varied, "figure_key", key), measure)))
    return drawn


def _fan(rows: Rows, measure: Measure) -> Spec:
    scenarios = scenarios_of(rows)
    values = [
        {
            "Year": row["simulation_year"],
            "Scenario": row["scenario_id"],
            "Median": measure.text(row["p50"]),
            "Nine of ten replicates": f"{measure.text(row['p05'])} to {measure.text(row['p95'])}",
            **{rank: row[rank] for rank in ("p05", "p50", "p95")},
        }
        for row in rows
    ]
    reach = [value[rank] for value in values for rank in ("p05", "p95")]

    def y(field: str) -> Spec:
        return measure.along(field, reach, from_zero=False, titled=False)

    looks = by_line("Scenario", scenarios)
    band = silent(
        "area",
        {"x": years(rows), "y": y("p05"), "y2": {"field": "p95"}, "color": looks["color"]},
        opacity=0.2,
    )
    median = line(
        ("Year", "Scenario", "Median", "Nine of ten replicates"), {"x": years(rows), "y": y("p50"), **looks}
    )
    return chart(values, height=200, layer=[band, *median])


_TOPICS: Mapping[str, Callable[[Rows, Money], Charts]] = {
    "headcount": lambda rows, _: _headcount(rows),
    "payroll": _payroll,
    "cost": _cost,
    "levels": lambda rows, _: _levels(rows),
    "causes": lambda rows, _: _causes(rows),
    "promotions": lambda rows, _: _promotions(rows),
    "cohorts": lambda rows, _: _cohorts(rows),
    "actions": lambda rows, _: _actions(rows),
    "dimensions": lambda rows, _: items.dimensions(rows),
    "segments": lambda rows, _: items.segments(rows),
    "turnover": lambda rows, _: items.turnover(rows),
    "breakdown": items.breakdown,
    "spread": _spread,
}

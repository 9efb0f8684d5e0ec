"""The report's charts: Vega-Lite specifications, rendered to SVG without a browser.

The modules chart_*.py build the specifications of each topic as plain dictionaries: altair would not shorten
them, and its import takes as long as the rest of the report. The palette is Okabe and Ito's, whose colours
people with colour vision deficiencies can distinguish. The report shows each chart's figures in a table below
it. Each scenario has its own chart; all scenarios share the axes.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from settings.models.calendar import FiscalCalendar
from tasks.results.report.chart_attribution import attribution
from tasks.results.report.chart_comparisons import breakdown, differences, spread
from tasks.results.report.chart_flows import cost, headcount, months, payroll
from tasks.results.report.chart_people import (
    CHARTED_VALUES,
    actions,
    causes,
    cohorts,
    dimensions,
    levels,
    promotions,
    segments,
    turnover,
)
from tasks.results.report.chart_variance import variance
from tasks.results.report.computed import varying
from tasks.results.report.marks import (
    INK,
    SEGMENT,
    TOTAL,
    WIDTH,
    Measure,
    Rows,
    Spec,
    by_category,
    chart,
    mark,
    scenarios_of,
    stacks,
    where,
)
from tasks.results.report.table import Table
from tasks.text.calendar import first_day_words, last_day_words
from tasks.text.money import Money
from tasks.text.numbers import number_format

PALETTE = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#555555", "#B8A800"]
DARK_PALETTE = [  # the same hues for a dark page
    *("#3D9BD6", "#F0B030", "#20BF92", "#DB94BD", "#8CCBF0", "#F08040", "#ABABAB", "#D6CA20"),
]
# Charts per scenario are drawn for this many scenarios: hundreds of charts would make the page unusable.
CHARTED_SCENARIOS = 6
LABEL_LIMIT = 240  # pixels
CONFIG: Spec = {
    "font": "Helvetica, Arial, Liberation Sans, sans-serif",
    "background": "transparent",  # the page's background shows, light or dark
    "mark": {"color": PALETTE[0]},
    "range": {"category": PALETTE},
    "view": {"stroke": None},
    "axisX": {"grid": False},
    "axisXQuantitative": {"grid": True},
    "axis": {"gridColor": "#e4e4e4", "labelFontSize": 11, "titleFontSize": 11, "domainColor": "#888"},
    "legend": {"orient": "top", "title": None, "labelFontSize": 11, "labelLimit": LABEL_LIMIT},
    "style": {
        INK: {"color": "#222222"},
        SEGMENT: {"stroke": "#ffffff", "strokeWidth": 0.5},
        TOTAL: {"color": "#888", "opacity": 0.6},
    },
}
SECONDS = Measure("Seconds", "seconds")


def svg(spec: Spec) -> str:
    """Render a chart as the text of an SVG."""
    import vl_convert  # starts a JavaScript engine: imported only to draw

    names = max(_coloured(spec), key=_legend_width, default=[])
    legend = dict(CONFIG["legend"])
    if _legend_width(names) > WIDTH:  # in one row it would be wider than the charts
        legend["columns"] = max(1, WIDTH * len(names) // _legend_width(names))
    config = {**CONFIG, "legend": legend, "locale": {"number": number_format().vega}}
    return str(vl_convert.vegalite_to_svg({**spec, "config": config}))


def _coloured(spec: Spec) -> Iterator[list[str]]:
    """Yield the names of each legend of a chart, at any depth."""
    yield spec.get("encoding", {}).get("color", {}).get("scale", {}).get("domain", [])
    for container in ("layer", "concat"):
        for part in spec.get(container, ()):
            yield from _coloured(part)


def _legend_width(names: Sequence[str]) -> int:
    """Return about how wide a legend is in one row, in pixels: symbol, label and gap of each name."""
    return len(names) * max((min(7 * len(name), LABEL_LIMIT) + 35 for name in names), default=0)


def charts_of(table: Table) -> list[tuple[str, Spec]]:
    """Return a table's charts with their captions: one for all scenarios, or one per scenario."""
    rows: Rows = table.rows
    draw_for_all = _for_all(table.money, table.calendar).get(table.key)
    if draw_for_all:
        return [("", draw_for_all(rows))]
    draw = _per_scenario(table.money, table.calendar).get(table.key)
    if draw is None:
        return []
    if table.key == "spread":
        rows = [row for row in rows if row["figure"] in varying(rows)]
    scenarios = scenarios_of(rows)
    drawn = scenarios[:CHARTED_SCENARIOS]
    everything = [row for row in rows if row["scenario_id"] in drawn]
    return [
        (
            scenario if len(scenarios) > 1 else "",
            draw(where(everything, "scenario_id", scenario), everything),
        )
        for scenario in drawn
    ]


def left_out(table: Table) -> str:
    """Return sentences on the scenarios and dimension values that a table's charts leave out, if any."""
    rows = table.rows
    sentences = []
    scenarios = {row["scenario_id"] for row in rows if "scenario_id" in row}
    if table.key in _per_scenario(table.money, table.calendar) and len(scenarios) > CHARTED_SCENARIOS:
        sentences.append(f"Charts are drawn for the first {CHARTED_SCENARIOS} of {len(scenarios)} scenarios.")
    by, value = {
        "dimensions": ("dimension", "dimension_value"),
        "turnover": ("attribute", "value"),
        "segments": (None, "segment"),
    }.get(table.key, (None, None))
    if value:
        for name in dict.fromkeys(row[by] if by else "segment" for row in rows):
            values = {row[value] for row in rows if by is None or row[by] == name}
            if len(values) > CHARTED_VALUES:
                sentences.append(f"Charts show the {CHARTED_VALUES} largest of {len(values)} of {name}.")
    return " ".join(sentences)


def by_run(rows: Rows) -> Spec:
    """Return a chart of seconds by step, a bar per run; rows have run, began, step and seconds."""
    runs = list(dict.fromkeys(row["run"] for row in rows))
    steps = list(dict.fromkeys(row["step"] for row in rows))
    began = {row["run"]: row["began"] for row in rows}
    return chart(
        [
            {
                "Run": row["run"],
                "Began": row["began"],
                "Step": row["step"],
                "Time": SECONDS.text(row["seconds"]),
                "seconds": row["seconds"],
                "order": steps.index(row["step"]),
            }
            for row in rows
        ],
        **mark(
            "bar",
            ("Run", "Began", "Step", "Time"),
            {
                "x": {
                    "field": "Run",
                    "type": "ordinal",
                    "sort": runs,
                    "title": "Run, by the time it began",
                    "axis": {"labelExpr": f"{json.dumps(began)}[datum.value]", "labelAngle": 0},
                },
                "y": SECONDS.along("seconds", stacks(rows, "seconds", "run"), from_zero=True),
                "color": by_category("Step", steps),
                "order": {"field": "order", "type": "quantitative"},
            },
            style=SEGMENT,
        ),
    )


def _for_all(money: Money, calendar: FiscalCalendar) -> dict[str, Callable[[Rows], Spec]]:
    """Return the functions that draw a table in one chart for all scenarios, by the table's key."""
    return {
        "months": partial(months, money=money, calendar=calendar),
        "differences": partial(differences, money=money),
    }


def _per_scenario(money: Money, calendar: FiscalCalendar) -> dict[str, Callable[[Rows, Rows], Spec]]:
    """Return the functions that draw one scenario's rows over the axes of all scenarios, by table key."""
    return {
        "headcount": headcount,
        "segments": segments,
        "payroll": partial(payroll, money=money),
        "cost": partial(cost, money=money),
        "variance": partial(variance, money=money),
        "causes": causes,
        "turnover": partial(turnover, first_day=first_day_words(calendar)),
        "levels": partial(levels, last_day=last_day_words(calendar)),
        "promotions": promotions,
        "cohorts": cohorts,
        "dimensions": dimensions,
        "actions": actions,
        "spread": partial(spread, money=money),
        "breakdown": partial(breakdown, money=money),
        "attribution": partial(attribution, money=money),
    }

"""The report's charts: Vega-Lite specifications, rendered to SVG without a browser.

Specifications are plain documents of Vega-Lite. The palette is Okabe and Ito's, which people with
colour vision deficiencies tell apart; every chart has its figures as a table under it.
"""

import json
from collections.abc import Sequence
from typing import Any

from tasks.report.computed import varying
from tasks.report.table import Table

Spec = dict[str, Any]
Rows = list[dict[str, Any]]

PALETTE = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#555555", "#B8A800"]
DARK_PALETTE = [  # the same hues where the page is dark
    *("#3D9BD6", "#F0B030", "#20BF92", "#DB94BD", "#8CCBF0", "#F08040", "#ABABAB", "#D6CA20"),
]
WIDTH = 820
# Styles of marks that follow the colour of the page, which whoever draws the chart knows.
INK, SEGMENT = "ink", "segment"
# Beyond these, charts that are drawn per scenario are left out: a page of hundreds helps nobody.
CHARTED_SCENARIOS = 6
CONFIG: Spec = {
    "font": "Helvetica, Arial, Liberation Sans, sans-serif",
    "background": "transparent",  # the page's own, light or dark
    "mark": {"color": PALETTE[0]},
    "range": {"category": PALETTE},
    "view": {"stroke": None},
    "axisX": {"grid": False},
    "axis": {"gridColor": "#e4e4e4", "labelFontSize": 11, "titleFontSize": 11, "domainColor": "#888"},
    "legend": {"orient": "top", "title": None, "labelFontSize": 11, "labelLimit": 240},
    "style": {INK: {"color": "#222222"}, SEGMENT: {"stroke": "#ffffff", "strokeWidth": 0.5}},
}
MONEY_AXIS: Spec = {"labelExpr": "format(datum.value / 1e6, ',.4~r') + ' M'"}


def svg(spec: Spec) -> str:
    """Render a chart as the text of an SVG."""
    import vl_convert  # starts a JavaScript engine: only who draws waits for it

    return str(vl_convert.vegalite_to_svg({**spec, "config": CONFIG}))


def charts_of(table: Table) -> list[tuple[str, Spec]]:
    """The charts of a table with their captions: one for all scenarios, or one per scenario."""
    rows = table.dicts()
    scenarios = list(dict.fromkeys(row["Scenario"] for row in rows if "Scenario" in row))
    if table.key in _FOR_ALL:
        return [("", _FOR_ALL[table.key](rows))]
    if table.key == "spread":
        rows = [row for row in rows if row["Figure"] in varying(rows)]
        scenarios = [scenario for scenario in scenarios if any(row["Scenario"] == scenario for row in rows)]
    if table.key in _PER_SCENARIO:
        draw = _PER_SCENARIO[table.key]
        return [
            (
                scenario if len(scenarios) > 1 else "",
                draw([row for row in rows if row["Scenario"] == scenario]),
            )
            for scenario in scenarios[:CHARTED_SCENARIOS]
        ]
    return []


def _chart(rows: Rows, **parts: Any) -> Spec:
    return {"data": {"values": rows}, "width": WIDTH, "height": 240, **parts}


def _bridge(rows: Rows, steps: Sequence[tuple[str, str, int]], axis: Spec, title: str) -> Spec:
    """A waterfall per year: what lies between opening and closing, each step from where the one before ended.

    `steps` are column, label and sign; those that never happened are left out. Opening and
    closing are ticks, not bars, since the axis does not begin at 0.
    """
    labels = [label for _, label, _ in steps]
    steps = [step for step in steps if any(row[step[0]] for row in rows)]
    happened = [label for _, label, _ in steps]
    bars: Rows = []
    for row in rows:
        level = row["Opening"]
        bars.append({"year": row["Year"], "step": "Opening", "from": level, "to": level})
        for column, label, sign in steps:
            end = level + sign * row[column]
            bars.append({"year": row["Year"], "step": label, "from": level, "to": end})
            level = end
        bars.append({"year": row["Year"], "step": "Closing", "from": level, "to": level})
    order = ["Opening", *happened, "Closing"]
    x = {"field": "year", "type": "ordinal", "title": None, "axis": {"labelAngle": 0}}
    within = {"field": "step", "type": "nominal", "sort": order, "scale": {"domain": order}}
    y = {"field": "from", "type": "quantitative", "scale": {"zero": False}, "title": title, "axis": axis}
    return _chart(
        bars,
        layer=[
            {
                "transform": [{"filter": "datum.step != 'Opening' && datum.step != 'Closing'"}],
                "mark": "bar",
                "encoding": {
                    "x": x,
                    "xOffset": within,
                    "y": y,
                    "y2": {"field": "to"},
                    "color": {
                        "field": "step",
                        "type": "nominal",
                        "sort": labels,
                        # a step has its colour whatever else happened, so that charts can be compared
                        "scale": {"domain": labels},
                        "legend": {"values": happened},
                    },
                },
            },
            {
                "transform": [{"filter": "datum.step == 'Opening' || datum.step == 'Closing'"}],
                "mark": {"type": "tick", "thickness": 3, "style": INK, "opacity": 1, "orient": "horizontal"},
                "encoding": {"x": x, "xOffset": within, "y": y},
            },
        ],
    )


def _headcount(rows: Rows) -> Spec:
    steps = [("Hires", "Hires", 1), ("Experienced leavers", "Experienced leavers", -1)]
    steps += [("New-hire leavers", "New-hire leavers", -1), ("Reductions", "Reductions", -1)]
    return _bridge(rows, steps, {"format": ",d", "tickMinStep": 1}, "Employees")


def _payroll(rows: Rows) -> Spec:
    steps = [(name, name, 1) for name in ("COLA", "Merit", "Promotion", "Hiring", "Leaving")]
    return _bridge(rows, steps, MONEY_AXIS, "Annual payroll (millions)")


def _cost(rows: Rows) -> Spec:
    parts = ["Salary", "Bonus", "Benefits", "Payroll tax", "Recruiting", "Severance"]
    return _chart(
        [
            {"year": row["Year"], "part": part, "cost": row[part]}
            for row in rows
            for part in parts
            if row[part]
        ],
        mark="bar",
        encoding={
            "x": {"field": "year", "type": "ordinal", "title": None, "axis": {"labelAngle": 0}},
            "y": {
                "field": "cost",
                "type": "quantitative",
                "title": "Cost in the year (millions)",
                "axis": MONEY_AXIS,
            },
            "color": {
                "field": "part",
                "type": "nominal",
                "sort": parts,
                "scale": {"domain": parts},
                "legend": {"values": [part for part in parts if any(row[part] for row in rows)]},
            },
            "order": {"field": "order", "type": "quantitative"},
        },
        transform=[{"calculate": f"indexof({parts}, datum.part)", "as": "order"}],
    )


def _months(rows: Rows) -> Spec:
    values = [
        {"month": row["Month"].isoformat(), "scenario": row["Scenario"], "headcount": row["Headcount"]}
        for row in rows
    ]
    return _chart(
        values,
        mark={"type": "line", "interpolate": "linear", "point": False, "strokeWidth": 2},
        encoding={
            "x": {
                "field": "month",
                "type": "temporal",
                "title": None,
                "axis": {"format": "%b %Y", "labelAngle": 0},
            },
            "y": {
                "field": "headcount",
                "type": "quantitative",
                "scale": {"zero": False},
                "title": "Employees at the month's end",
                "axis": {"format": ",d", "tickMinStep": 1},
            },
            **_by_scenario(values),
        },
    )


def _by_scenario(values: Rows) -> Spec:
    """Colour and dash by scenario, where there are several."""
    if len({value["scenario"] for value in values}) < 2:
        return {}
    field = {"field": "scenario", "type": "nominal"}
    return {"color": field, "strokeDash": field}


def _turnover(rows: Rows) -> Spec:
    values = [
        {"by": row["By"], "band": row["Band"], "what": what, "rate": row[what]}
        for row in rows
        for what in ("Observed", "By hazard")
    ]
    return {
        "data": {"values": values},
        "hconcat": [
            {
                "title": {"text": attribute, "fontSize": 12},
                "transform": [{"filter": {"field": "by", "equal": attribute}}],
                "width": WIDTH // 2 - 40,
                "height": 220,
                "mark": "bar",
                "encoding": {
                    "x": {
                        "field": "band",
                        "type": "ordinal",
                        "sort": [row["Band"] for row in rows if row["By"] == attribute],
                        "title": "Completed years on 1 January",
                        "axis": {"labelAngle": 0},
                    },
                    "xOffset": {"field": "what", "sort": ["Observed", "By hazard"]},
                    "y": {
                        "field": "rate",
                        "type": "quantitative",
                        "title": "Share leaving in a year",
                        "axis": {"format": ".0%"},
                    },
                    "color": {"field": "what", "type": "nominal", "sort": ["Observed", "By hazard"]},
                },
            }
            for attribute in ("age", "tenure")
        ],
    }


def _levels(rows: Rows) -> Spec:
    return _chart(
        [
            {
                "year": row["Year"],
                "level": f"{row['Level']} {row['Name']}",
                "order": row["Level"],
                "employees": row["Closing"],
            }
            for row in rows
        ],
        mark={"type": "bar", "style": SEGMENT},
        encoding={
            "x": {"field": "year", "type": "ordinal", "title": None, "axis": {"labelAngle": 0}},
            "y": {
                "field": "employees",
                "type": "quantitative",
                "title": "Employees on 31 December",
                "axis": {"format": ",d"},
            },
            "color": {"field": "level", "type": "nominal", "sort": {"field": "order", "op": "min"}},
            "order": {"field": "order", "type": "quantitative"},
        },
    )


def _promotions(rows: Rows) -> Spec:
    return _chart(
        [
            {
                "year": row["Year"],
                "move": f"{row['From level']} → {row['To level']}",
                "promotions": row["Promotions"],
            }
            for row in rows
        ],
        mark="bar",
        encoding={
            "x": {"field": "year", "type": "ordinal", "title": None, "axis": {"labelAngle": 0}},
            "xOffset": {"field": "move"},
            "y": {
                "field": "promotions",
                "type": "quantitative",
                "title": "Promotions in the year",
                "axis": {"format": ",d"},
            },
            "color": {"field": "move", "type": "nominal"},
        },
    )


def _cohorts(rows: Rows) -> Spec:
    return _chart(
        [{"year": row["Year"], "cohort": row["Cohort"], "retained": row["Retained"]} for row in rows],
        mark={"type": "line", "point": True, "strokeWidth": 2},
        encoding={
            "x": {"field": "year", "type": "ordinal", "title": "At the end of", "axis": {"labelAngle": 0}},
            "y": {
                "field": "retained",
                "type": "quantitative",
                "title": "Share still employed",
                "axis": {"format": ".0%"},
            },
            "color": {"field": "cohort", "type": "nominal"},
            "strokeDash": {"field": "cohort", "type": "nominal"},
        },
    )


def _dimensions(rows: Rows) -> Spec:
    first = rows[0]["Dimension"]
    values = [
        {"value": row["Value"], "when": when, "employees": row[when]}
        for row in rows
        if row["Dimension"] == first
        for when in ("Opening", "Closing")
    ]
    return {
        "data": {"values": values},
        "width": WIDTH - 120,
        "height": 20 * len(values),
        "mark": "bar",
        "encoding": {
            "y": {"field": "value", "type": "nominal", "title": first, "axis": {"labelLimit": 180}},
            "yOffset": {"field": "when", "sort": ["Opening", "Closing"]},
            "x": {
                "field": "employees",
                "type": "quantitative",
                "title": "Employees",
                "axis": {"format": ",d"},
            },
            "color": {"field": "when", "type": "nominal", "sort": ["Opening", "Closing"]},
        },
    }


def _spread(rows: Rows) -> Spec:
    """A fan for each figure that varies over replicates."""
    return {
        "concat": [
            _fan([row for row in rows if row["Figure"] == figure], figure) for figure in varying(rows)
        ],
        "columns": 2,
        "spacing": 24,
    }


def _fan(rows: Rows, figure: str) -> Spec:
    """Percentiles by year as bands about the median."""
    money = max(abs(row["p95"]) for row in rows) >= 1e6
    x = {"field": "Year", "type": "ordinal", "title": None, "axis": {"labelAngle": 0}}
    y = {
        "type": "quantitative",
        "scale": {"zero": False},
        "axis": MONEY_AXIS if money else {"format": ",~r"},
        "title": f"{figure} (millions)" if money else figure,
    }
    bands = [
        {
            "mark": {"type": "area", "opacity": opacity},
            "encoding": {"x": x, "y": {"field": low, **y}, "y2": {"field": high}},
        }
        for low, high, opacity in (("p05", "p95", 0.2), ("p25", "p75", 0.35))
    ]
    median = {"mark": {"type": "line", "point": True}, "encoding": {"x": x, "y": {"field": "p50", **y}}}
    return {
        "data": {"values": rows},
        "width": WIDTH // 2 - 80,
        "height": 200,
        "layer": [*bands, median],
    }


def _differences(rows: Rows) -> Spec:
    """Lines with bars of two standard errors to either side."""
    values = [
        {
            "year": row["Year"],
            "scenario": row["Scenario"],
            **_with_errors(row["Paid in the year"], row["± paid"]),
        }
        for row in rows
    ]
    x = {"field": "year", "type": "ordinal", "title": None, "axis": {"labelAngle": 0}}
    y = {
        "type": "quantitative",
        "title": f"Paid in the year, less {rows[0]['Against']} (millions)",
        "axis": MONEY_AXIS,
    }
    scenario = {"field": "scenario", "type": "nominal"}
    # in both layers, else colours and dashes have a legend each
    looks = {"color": scenario, "strokeDash": scenario}
    line = {
        "mark": {"type": "line", "point": True, "strokeWidth": 2},
        "encoding": {"x": x, "y": {"field": "difference", **y}, **looks},
    }
    errors = {
        "mark": {"type": "rule", "strokeWidth": 2},
        "encoding": {"x": x, "y": {"field": "low", **y}, "y2": {"field": "high"}, **looks},
    }
    return _chart(values, layer=[errors, line])


def _with_errors(difference: float, error: float | None) -> dict[str, float]:
    """A difference and two standard errors to either side; none of one replicate."""
    return {
        "difference": difference,
        "low": difference - 2 * (error or 0),
        "high": difference + 2 * (error or 0),
    }


def _breakdown(rows: Rows) -> Spec:
    """Bars of the difference in closing payroll, a chart per breakdown; without what may not be shown."""
    rows = [row for row in rows if row["Closing payroll"] is not None]
    return {
        "concat": [
            _item_bars([row for row in rows if row["By"] == by])
            for by in dict.fromkeys(row["By"] for row in rows)
        ],
        "columns": 2,
        "spacing": 24,
    }


def _item_bars(rows: Rows) -> Spec:
    """A bar per item, with two standard errors to either side."""
    values = [{"item": row["Item"], **_with_errors(row["Closing payroll"], row["± payroll"])} for row in rows]
    items = [value["item"] for value in values]
    y = {
        "field": "item",
        "type": "nominal",
        "sort": items,
        "title": rows[0]["By"],
        "axis": {"labelLimit": 140},
    }
    x = {
        "type": "quantitative",
        "title": "Difference in closing payroll (millions)",
        "axis": {**MONEY_AXIS, "tickCount": 5},
    }
    bars = {"mark": "bar", "encoding": {"y": y, "x": {"field": "difference", **x}}}
    errors = {
        "mark": {"type": "rule", "style": INK, "strokeWidth": 2},
        "encoding": {"y": y, "x": {"field": "low", **x}, "x2": {"field": "high"}},
    }
    return {
        "data": {"values": values},
        "width": WIDTH // 2 - 140,
        "height": 24 * len(items),
        "layer": [bars, errors],
    }


def by_run(rows: Rows) -> Spec:
    """Seconds by step, a bar per run in the order given; rows have Run, Began, Step and Seconds."""
    runs = list(dict.fromkeys(row["Run"] for row in rows))
    steps = list(dict.fromkeys(row["Step"] for row in rows))
    began = {row["Run"]: row["Began"] for row in rows}
    return _chart(
        [{**row, "order": steps.index(row["Step"])} for row in rows],
        mark={"type": "bar", "style": SEGMENT},
        encoding={
            "x": {
                "field": "Run",
                "type": "ordinal",
                "sort": runs,
                "title": "Run, by the time it began",
                "axis": {"labelExpr": f"{json.dumps(began)}[datum.value]", "labelAngle": 0},
            },
            "y": {"field": "Seconds", "type": "quantitative", "title": "Seconds"},
            "color": {"field": "Step", "type": "nominal", "sort": steps},
            "order": {"field": "order", "type": "quantitative"},
            "tooltip": [{"field": name} for name in ("Run", "Step", "Seconds")],
        },
    )


_FOR_ALL = {"months": _months, "differences": _differences}
_PER_SCENARIO = {
    "headcount": _headcount,
    "payroll": _payroll,
    "cost": _cost,
    "turnover": _turnover,
    "levels": _levels,
    "promotions": _promotions,
    "cohorts": _cohorts,
    "dimensions": _dimensions,
    "spread": _spread,
    "breakdown": _breakdown,
}

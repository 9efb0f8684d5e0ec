"""The report's charts: Vega-Lite specifications, rendered to SVG without a browser.

Specifications are plain documents of Vega-Lite. The palette is Okabe and Ito's, which people with
colour vision deficiencies tell apart; every chart has its figures as a table under it. Charts of several
scenarios are drawn one by one, each over the axes of all.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from settings.models.workforce import band_start
from tasks.results.report.computed import varying
from tasks.results.report.differences import COMPARED, Compared
from tasks.results.report.marks import (
    INK,
    PANEL,
    SEGMENT,
    TOTAL,
    WIDTH,
    Measure,
    Rows,
    Spec,
    by_category,
    by_line,
    chart,
    line,
    mark,
    panel,
    panels,
    silent,
    stacks,
    years,
)
from tasks.results.report.table import Table
from tasks.text.money import Money
from tasks.text.terms import EXPERIENCED

PALETTE = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#555555", "#B8A800"]
DARK_PALETTE = [  # the same hues where the page is dark
    *("#3D9BD6", "#F0B030", "#20BF92", "#DB94BD", "#8CCBF0", "#F08040", "#ABABAB", "#D6CA20"),
]
# Beyond these, charts that are drawn per scenario are left out: a page of hundreds helps nobody.
CHARTED_SCENARIOS = 6
# Of a dimension with more values, the largest are drawn.
CHARTED_VALUES = 30
CONFIG: Spec = {
    "font": "Helvetica, Arial, Liberation Sans, sans-serif",
    "background": "transparent",  # the page's own, light or dark
    "mark": {"color": PALETTE[0]},
    "range": {"category": PALETTE},
    "view": {"stroke": None},
    "axisX": {"grid": False},
    "axisXQuantitative": {"grid": True},
    "axis": {"gridColor": "#e4e4e4", "labelFontSize": 11, "titleFontSize": 11, "domainColor": "#888"},
    "legend": {"orient": "top", "title": None, "labelFontSize": 11, "labelLimit": 240},
    "style": {
        INK: {"color": "#222222"},
        SEGMENT: {"stroke": "#ffffff", "strokeWidth": 0.5},
        TOTAL: {"color": "#888", "opacity": 0.6},
    },
}

EMPLOYEES = Measure("Employees", "count", "employees")
PAYROLL = Measure("Annual payroll", "money")
COST = Measure("Cost in the year", "money")
MONTH_HEADCOUNT = Measure("Employees at the month's end", "count", "employees")
MONTH_COST = Measure("Loaded cost in the month", "money")
LEAVING = Measure(EXPERIENCED, "share")
PROMOTED = Measure("Promotions in the year", "count", "promotions")
RETAINED = Measure("Share still employed", "share")
SECONDS = Measure("Seconds", "seconds")
# What varies over replicates, by the figure's key in the table.
SPREAD: Mapping[str, Measure] = {
    "headcount": Measure("Closing headcount", "count", "employees"),
    "promotions": PROMOTED,
    "payroll": Measure("Closing payroll", "money"),
    "paid": Measure("Paid in the year", "money"),
}


def svg(spec: Spec) -> str:
    """Render a chart as the text of an SVG."""
    import vl_convert  # starts a JavaScript engine: only who draws waits for it

    return str(vl_convert.vegalite_to_svg({**spec, "config": CONFIG}))


def charts_of(table: Table) -> list[tuple[str, Spec]]:
    """The charts of a table with their captions: one for all scenarios, or one per scenario."""
    rows: Rows = table.rows
    draw_for_all = _for_all(table.money).get(table.key)
    if draw_for_all:
        return [("", draw_for_all(rows))]
    draw = _per_scenario(table.money).get(table.key)
    if draw is None:
        return []
    if table.key == "spread":
        rows = [row for row in rows if row["figure"] in varying(rows)]
    scenarios = _scenarios(rows)
    drawn = scenarios[:CHARTED_SCENARIOS]
    everything = [row for row in rows if row["scenario_id"] in drawn]
    return [
        (
            scenario if len(scenarios) > 1 else "",
            draw(_where(everything, "scenario_id", scenario), everything),
        )
        for scenario in drawn
    ]


def _where(rows: Rows, column: str, value: Any) -> Rows:
    return [row for row in rows if row[column] == value]


def left_out(table: Table) -> str:
    """Say which scenarios and values of dimensions the charts of a table leave out, if any."""
    rows = table.rows
    sentences = []
    scenarios = {row["scenario_id"] for row in rows if "scenario_id" in row}
    if table.key in _per_scenario(table.money) and len(scenarios) > CHARTED_SCENARIOS:
        sentences.append(f"Charts are drawn for the first {CHARTED_SCENARIOS} of {len(scenarios)} scenarios.")
    if table.key == "dimensions":
        for name in dict.fromkeys(row["dimension"] for row in rows):
            values = {row["dimension_value"] for row in rows if row["dimension"] == name}
            if len(values) > CHARTED_VALUES:
                sentences.append(f"Charts show the {CHARTED_VALUES} largest of {len(values)} of {name}.")
    return " ".join(sentences)


def _bridge(
    rows: Rows, everything: Rows, steps: Sequence[tuple[str, str, int]], measure: Measure, what: str
) -> Spec:
    """A waterfall per year: what lies between opening and closing, each step from where the one before ended.

    `steps` are key, label and sign; those that never happened are left out. `what` names the figure.
    """
    labels = [label for _, label, _ in steps]
    steps = [step for step in steps if any(row[step[0]] for row in everything)]
    happened = [label for _, label, _ in steps]
    bars = [bar for row in rows for bar in _bars(row, steps, measure, what)]
    reach = [
        bar[end] for row in everything for bar in _bars(row, steps, measure, what) for end in ("from", "to")
    ]
    order = ["Opening", *happened, "Closing"]
    offset = {"field": "Step", "type": "nominal", "sort": order, "scale": {"domain": order}}
    place = {
        "x": years(everything),
        "xOffset": offset,
        "y": measure.along("from", reach, from_zero=True),
        "y2": {"field": "to"},
    }
    told = ("Year", "Step", what)
    is_step = "datum.Step != 'Opening' && datum.Step != 'Closing'"
    return chart(
        bars,
        height=280,
        layer=[
            {
                "transform": [{"filter": is_step}],
                # a step has its colour whatever else happened, so that charts can be compared
                **mark("bar", told, {**place, "color": by_category("Step", labels, happened)}),
            },
            {"transform": [{"filter": f"!({is_step})"}], **mark("bar", told, place, style=TOTAL)},
        ],
    )


def _bars(
    row: Mapping[str, Any], steps: Sequence[tuple[str, str, int]], measure: Measure, what: str
) -> list[dict[str, Any]]:
    """The bars of a year: opening and closing from zero, steps from where the one before ended."""
    level = float(row["opening"])
    bars = [
        {
            "Year": row["simulation_year"],
            "Step": "Opening",
            what: measure.text(level),
            "from": 0.0,
            "to": level,
        }
    ]
    for column, label, sign in steps:
        change = sign * float(row[column])
        text = measure.text(change, sign="+")
        bars.append(
            {"Year": row["simulation_year"], "Step": label, what: text, "from": level, "to": level + change}
        )
        level += change
    return [
        *bars,
        {
            "Year": row["simulation_year"],
            "Step": "Closing",
            what: measure.text(level),
            "from": 0.0,
            "to": level,
        },
    ]


def _headcount(rows: Rows, everything: Rows) -> Spec:
    steps = [("hires", "Hires", 1), ("experienced_leavers", "Experienced leavers", -1)]
    steps += [("new_hire_leavers", "New-hire leavers", -1), ("reductions", "Reductions", -1)]
    return _bridge(rows, everything, steps, EMPLOYEES, "Headcount")


def _payroll(rows: Rows, everything: Rows, money: Money) -> Spec:
    names = {
        "cola": "COLA",
        "merit": "Merit",
        "promotion": "Promotion",
        "hiring": "Hiring",
        "leaving": "Leaving",
    }
    steps = [(key, name, 1) for key, name in names.items()]
    return _bridge(rows, everything, steps, PAYROLL.of(money), "Payroll")


def _cost(rows: Rows, everything: Rows, money: Money) -> Spec:
    measure = COST.of(money)
    names = {"salary": "Salary", "bonus": "Bonus", "benefits": "Benefits"}
    names |= {"payroll_tax": "Payroll tax", "recruiting": "Recruiting", "severance": "Severance"}
    present = [name for part, name in names.items() if any(row[part] for row in everything)]
    return chart(
        [
            {
                "Year": row["simulation_year"],
                "Part": name,
                "Cost": measure.text(row[part]),
                "cost": row[part],
                "order": order,
            }
            for row in rows
            for order, (part, name) in enumerate(names.items())
            if row[part]
        ],
        **mark(
            "bar",
            ("Year", "Part", "Cost"),
            {
                "x": years(everything),
                "y": measure.along(
                    "cost", [sum(row[part] or 0 for part in names) for row in everything], from_zero=True
                ),
                "color": by_category("Part", list(names.values()), present),
                "order": {"field": "order", "type": "quantitative"},
            },
        ),
    )


def _months(rows: Rows, money: Money) -> Spec:
    """Headcount and loaded cost by month, a line per scenario; without cost that may not be shown."""
    known = [row for row in rows if row["loaded_cost"] is not None]
    headcount = _by_month(rows, "headcount", "Headcount", MONTH_HEADCOUNT)
    cost = [_by_month(known, "loaded_cost", "Loaded cost", MONTH_COST.of(money))] if known else []
    return panels([headcount, *cost], columns=1)


def _by_month(rows: Rows, key: str, name: str, measure: Measure) -> Spec:
    several = len(_scenarios(rows)) > 1
    values = [
        {
            "Month": f"{row['month']:%Y-%m}",
            "Scenario": row["scenario_id"],
            name: measure.text(row[key]),
            "month": row["month"].isoformat(),
            "value": row[key],
        }
        for row in rows
    ]
    encoding = {
        "x": {
            "field": "month",
            "type": "temporal",
            "title": None,
            "axis": {"format": "%b %Y", "labelAngle": 0},
        },
        "y": measure.along("value", [value["value"] for value in values], from_zero=False),
        **(by_line("Scenario", _scenarios(rows)) if several else {}),
    }
    told = ("Month", *(["Scenario"] if several else []), name)
    # unseen, as there are many
    return chart(values, layer=line(told, encoding, point_opacity=0))


def _scenarios(rows: Rows) -> list[str]:
    return list(dict.fromkeys(row["scenario_id"] for row in rows))


def _turnover(rows: Rows, everything: Rows) -> Spec:
    kinds = {"observed": "Observed", "by_hazard": "By hazard"}
    # a scenario without hires has no young people: its axis has their band all the same
    bands = {
        by: sorted({row["band"] for row in everything if row["attribute"] == by}, key=band_start)
        for by in ("age", "tenure")
    }
    reach = [row[kind] for row in everything for kind in kinds]
    return panels(
        [
            panel(
                [
                    {
                        "Band": row["band"],
                        "Rate": name,
                        EXPERIENCED: f"{LEAVING.text(row[kind])} of the opening headcount",
                        "rate": row[kind],
                    }
                    for row in rows
                    if row["attribute"] == attribute
                    for kind, name in kinds.items()
                ],
                f"{EXPERIENCED} by {attribute}",
                **mark(
                    "bar",
                    ("Band", "Rate", EXPERIENCED),
                    {
                        "x": {
                            "field": "Band",
                            "type": "ordinal",
                            "sort": bands[attribute],
                            "scale": {"domain": bands[attribute]},
                            "title": f"{attribute.capitalize()} on 1 January, completed years",
                            "axis": {"labelAngle": 0},
                        },
                        "xOffset": {"field": "Rate", "sort": list(kinds.values())},
                        "y": LEAVING.along("rate", reach, from_zero=True, titled=False),
                        "color": by_category("Rate", list(kinds.values())),
                    },
                ),
            )
            for attribute in bands
        ]
    )


def _levels(rows: Rows, everything: Rows) -> Spec:
    names = {row["level"]: f"{row['level']} {row['level_name']}" for row in everything}
    ordered = [names[level] for level in sorted(names)]
    return chart(
        [
            {
                "Year": row["simulation_year"],
                "Level": names[row["level"]],
                "Employees": EMPLOYEES.text(row["closing"]),
                "employees": row["closing"],
                "order": row["level"],
            }
            for row in rows
        ],
        **mark(
            "bar",
            ("Year", "Level", "Employees"),
            {
                "x": years(everything),
                "y": Measure("Employees on 31 December", "count").along(
                    "employees",
                    stacks(everything, "closing", "scenario_id", "simulation_year"),
                    from_zero=True,
                ),
                "color": by_category("Level", ordered),
                "order": {"field": "order", "type": "quantitative"},
            },
            style=SEGMENT,
        ),
    )


def _promotions(rows: Rows, everything: Rows) -> Spec:
    def move(row: Mapping[str, Any]) -> str:
        return f"{row['from_level']} → {row['to_level']}"

    moves = list(dict.fromkeys(move(row) for row in sorted(everything, key=lambda row: row["from_level"])))
    return chart(
        [
            {
                "Year": row["simulation_year"],
                "Levels": move(row),
                "Promotions": PROMOTED.text(row["promotions"]),
                "promotions": row["promotions"],
            }
            for row in rows
        ],
        **mark(
            "bar",
            ("Year", "Levels", "Promotions"),
            {
                "x": years(everything),
                "xOffset": {"field": "Levels", "sort": moves, "scale": {"domain": moves}},
                "y": PROMOTED.along("promotions", [row["promotions"] for row in everything], from_zero=True),
                "color": by_category("Levels", moves),
            },
        ),
    )


def _cohorts(rows: Rows, everything: Rows) -> Spec:
    cohorts = sorted({row["cohort"] for row in everything}, key=lambda name: (name.isdigit(), name))
    encoding = {
        "x": {**years(everything), "title": "At the end of"},
        "y": RETAINED.along("retained", [0, 1], from_zero=True),
        **by_line("Cohort", cohorts),
    }
    return chart(
        [
            {
                "Year": row["simulation_year"],
                "Cohort": row["cohort"],
                "Still employed": RETAINED.text(row["retained"]),
                "retained": row["retained"],
            }
            for row in rows
            if row["retained"] is not None
        ],
        layer=line(("Year", "Cohort", "Still employed"), encoding),
    )


def _dimensions(rows: Rows, everything: Rows) -> Spec:
    """A chart of each dimension: its values when the first year opens and when the last closes."""
    return panels(
        [
            _values_of(name, _where(rows, "dimension", name), _where(everything, "dimension", name))
            for name in dict.fromkeys(row["dimension"] for row in everything)
        ],
        columns=1,
    )


def _values_of(name: str, rows: Rows, everything: Rows) -> Spec:
    whens = {"opening": "Opening", "closing": "Closing"}
    sizes: dict[str, float] = {}
    for row in everything:
        sizes[row["dimension_value"]] = max(
            sizes.get(row["dimension_value"], 0.0), *(float(row[when]) for when in whens)
        )
    largest = set(sorted(sizes, key=lambda value: -sizes[value])[:CHARTED_VALUES])
    values = [value for value in sizes if value in largest]
    return chart(
        [
            {
                name.capitalize(): row["dimension_value"],
                "When": when_name,
                "Employees": EMPLOYEES.text(row[when]),
                "value": row["dimension_value"],
                "employees": row[when],
            }
            for row in rows
            if row["dimension_value"] in largest
            for when, when_name in whens.items()
        ],
        width=WIDTH - 120,
        height=40 * len(values),
        **mark(
            "bar",
            (name.capitalize(), "When", "Employees"),
            {
                "y": {
                    "field": "value",
                    "type": "nominal",
                    "sort": values,
                    "scale": {"domain": values},
                    "title": name,
                    "axis": {"labelLimit": 180},
                },
                "yOffset": {"field": "When", "sort": list(whens.values())},
                "x": EMPLOYEES.along(
                    "employees",
                    [row[when] for row in everything for when in whens],
                    from_zero=True,
                    tickCount=8,
                ),
                "color": by_category("When", list(whens.values())),
            },
        ),
    )


def _spread(rows: Rows, everything: Rows, money: Money) -> Spec:
    """A fan for each figure that varies over replicates in some scenario."""
    return panels(
        [
            _fan(
                _where(rows, "figure_key", figure),
                _where(everything, "figure_key", figure),
                SPREAD[figure].of(money),
            )
            for figure in dict.fromkeys(row["figure_key"] for row in everything)
        ]
    )


def _fan(rows: Rows, everything: Rows, measure: Measure) -> Spec:
    """Percentiles by year as bands about the median."""
    ranks = ("p05", "p25", "p50", "p75", "p95")
    reach = [row[rank] for row in everything for rank in ranks]
    values = [
        {
            "Year": row["simulation_year"],
            "Figure": row["figure"],
            "Median": measure.text(row["p50"]),
            "Half of the replicates": f"{measure.text(row['p25'])} to {measure.text(row['p75'])}",
            "Nine of ten replicates": f"{measure.text(row['p05'])} to {measure.text(row['p95'])}",
            **{rank: row[rank] for rank in ranks},
        }
        for row in rows
    ]

    def y(field: str) -> Spec:
        return measure.along(field, reach, from_zero=False, titled=False)

    bands = [
        silent("area", {"x": years(everything), "y": y(low), "y2": {"field": high}}, opacity=opacity)
        for low, high, opacity in (("p05", "p95", 0.2), ("p25", "p75", 0.35))
    ]
    told = ("Year", "Figure", "Median", "Half of the replicates", "Nine of ten replicates")
    median = line(told, {"x": years(everything), "y": y("p50")})
    return panel(values, measure.title, height=200, layer=[*bands, *median])


def _differences(rows: Rows, money: Money) -> Spec:
    """A chart of each figure that is compared: a line per scenario with bars of two standard errors."""
    return panels([_difference(rows, compared, money) for compared in COMPARED])


def _difference(rows: Rows, compared: Compared, money: Money) -> Spec:
    measure = _measure_of(compared, f"{compared.label}, less {rows[0]['against']}", money)
    values = [
        {
            "Year": row["simulation_year"],
            "Scenario": row["scenario_id"],
            **_with_errors(row, compared, measure),
        }
        for row in rows
        if row[compared.key] is not None
    ]
    reach = [0, *(value[end] for value in values for end in ("low", "high"))]

    def y(field: str) -> Spec:
        return measure.along(field, reach, from_zero=False, titled=False)

    place = {"x": years(rows), **by_line("Scenario", _scenarios(rows))}
    return panel(
        values,
        measure.title,
        height=180,
        layer=[
            silent("rule", {**place, "y": y("low"), "y2": {"field": "high"}}, strokeWidth=2),
            *line(("Year", "Scenario", *DIFFERENCE), {**place, "y": y("difference")}),
        ],
    )


def _breakdown(rows: Rows, everything: Rows, money: Money) -> Spec:
    """Bars of the differences in headcount and payroll, of each breakdown; without what may not be shown."""
    return panels(
        [
            _item_bars(_where(rows, "breakdown", by), _where(everything, "breakdown", by), compared, money)
            for by in dict.fromkeys(row["breakdown"] for row in everything)
            for compared in COMPARED
            if compared.figure in ("headcount", "payroll")
        ]
    )


def _item_bars(rows: Rows, everything: Rows, compared: Compared, money: Money) -> Spec:
    """A bar per item, with two standard errors to either side."""
    measure = _measure_of(compared, f"Difference in {compared.label.lower()}", money)
    by = everything[0]["breakdown"]
    known = [row for row in everything if row[compared.key] is not None]
    values = [
        {by: row["item"], **_with_errors(row, compared, measure)}
        for row in rows
        if row[compared.key] is not None
    ]
    reach = [_with_errors(row, compared, measure)[end] for row in known for end in ("low", "high")]
    items = list(dict.fromkeys(row["item"] for row in everything))
    y = {
        "field": by,
        "type": "nominal",
        "sort": items,
        "scale": {"domain": items},
        "axis": {"labelLimit": 140},
    }

    def x(field: str) -> Spec:
        return measure.along(field, reach, from_zero=True, titled=False, tickCount=5)

    return panel(
        values,
        measure.title,
        width=PANEL - 60,
        height=24 * len(items),
        layer=[
            mark("bar", (by, *DIFFERENCE), {"y": y, "x": x("difference")}),
            silent("rule", {"y": y, "x": x("low"), "x2": {"field": "high"}}, style=INK, strokeWidth=2),
        ],
    )


#: What a mark of a difference says.
DIFFERENCE = ("Figure", "Difference", "Standard error")


def _measure_of(compared: Compared, title: str, money: Money) -> Measure:
    match compared.figure:
        case "headcount" | "hires":
            return Measure(title, "count", "employees" if compared.figure == "headcount" else "hires")
        case "turnover":
            return Measure(title, "points")
        case "average_pay":
            return Measure(title, "pay", money=money)
    return Measure(title, "money", money=money)


def _with_errors(row: Mapping[str, Any], compared: Compared, measure: Measure) -> dict[str, Any]:
    """A difference, in words and with two standard errors to either side; none of one replicate."""
    difference, error = row[compared.key], row[compared.error_key]
    return {
        "Figure": compared.label,
        "Difference": measure.text(difference, sign="+"),
        "Standard error": "not known of one replicate" if error is None else measure.text(error),
        "difference": difference,
        "low": difference - 2 * (error or 0),
        "high": difference + 2 * (error or 0),
    }


def by_run(rows: Rows) -> Spec:
    """Seconds by step, a bar per run in the order given; rows have run, began, step and seconds."""
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


def _for_all(money: Money) -> dict[str, Callable[[Rows], Spec]]:
    """How tables are drawn in one chart for all scenarios."""
    return {"months": partial(_months, money=money), "differences": partial(_differences, money=money)}


def _per_scenario(money: Money) -> dict[str, Callable[[Rows, Rows], Spec]]:
    """How tables are drawn in a chart per scenario: from its rows, along the axes of all."""
    return {
        "headcount": _headcount,
        "payroll": partial(_payroll, money=money),
        "cost": partial(_cost, money=money),
        "turnover": _turnover,
        "levels": _levels,
        "promotions": _promotions,
        "cohorts": _cohorts,
        "dimensions": _dimensions,
        "spread": partial(_spread, money=money),
        "breakdown": partial(_breakdown, money=money),
    }

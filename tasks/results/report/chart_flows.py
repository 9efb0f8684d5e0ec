"""Charts of changes within a year: headcount and payroll from opening to closing, cost, months."""

from collections.abc import Mapping, Sequence
from typing import Any

from tasks.results.report.marks import (
    EMPLOYEES,
    TOTAL,
    Measure,
    Rows,
    Spec,
    by_category,
    by_line,
    chart,
    line,
    mark,
    panels,
    scenarios_of,
    years,
)
from tasks.text.events import EVENT_KINDS
from tasks.text.money import Money

PAYROLL = Measure("Annual payroll", "money")
COST = Measure("Cost in the year", "money")
MONTH_HEADCOUNT = Measure("Employees at the month's end", "count", "employees")
MONTH_COST = Measure("Loaded cost in the month", "money")


def headcount(rows: Rows, everything: Rows) -> Spec:
    """Return a bridge from opening to closing headcount for each year."""
    steps = [("hires", "Hires", 1), ("experienced_leavers", "Experienced leavers", -1)]
    steps += [("new_hire_leavers", "New-hire leavers", -1), ("reductions", "Reductions", -1)]
    return _bridge(rows, everything, steps, EMPLOYEES, "Headcount")


def payroll(rows: Rows, everything: Rows, money: Money) -> Spec:
    """Return a bridge from opening to closing payroll for each year."""
    steps = [(kind.event_type, kind.step, 1) for kind in EVENT_KINDS]
    return _bridge(rows, everything, steps, PAYROLL.of(money), "Payroll")


def cost(rows: Rows, everything: Rows, money: Money) -> Spec:
    """Return stacked bars of the parts of loaded cost by year, without those that are 0 everywhere."""
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


def months(rows: Rows, money: Money) -> Spec:
    """Return headcount and loaded cost by month, a line per scenario; hidden costs are left out."""
    known = [row for row in rows if row["loaded_cost"] is not None]
    headcount = _by_month(rows, "headcount", "Headcount", MONTH_HEADCOUNT)
    cost = [_by_month(known, "loaded_cost", "Loaded cost", MONTH_COST.of(money))] if known else []
    return panels([headcount, *cost], columns=1)


def _by_month(rows: Rows, key: str, name: str, measure: Measure) -> Spec:
    several = len(scenarios_of(rows)) > 1
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
        **(by_line("Scenario", scenarios_of(rows)) if several else {}),
    }
    shown = ("Month", *(["Scenario"] if several else []), name)
    # invisible points carry the tooltips: visible ones would be too many
    return chart(values, layer=line(shown, encoding, point_opacity=0))


def _bridge(
    rows: Rows, everything: Rows, steps: Sequence[tuple[str, str, int]], measure: Measure, what: str
) -> Spec:
    """Return a waterfall per year from opening to closing; each step starts where the previous one ended.

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
    shown = ("Year", "Step", what)
    is_step = "datum.Step != 'Opening' && datum.Step != 'Closing'"
    return chart(
        bars,
        height=280,
        layer=[
            {
                "transform": [{"filter": is_step}],
                # a step has the same colour in every chart, even if other steps are missing
                **mark("bar", shown, {**place, "color": by_category("Step", labels, happened)}),
            },
            {"transform": [{"filter": f"!({is_step})"}], **mark("bar", shown, place, style=TOTAL)},
        ],
    )


def _bars(
    row: Mapping[str, Any], steps: Sequence[tuple[str, str, int]], measure: Measure, what: str
) -> list[dict[str, Any]]:
    """Return the bars of a year: opening and closing from zero, each step from the previous one's end."""
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

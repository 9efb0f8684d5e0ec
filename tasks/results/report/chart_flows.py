"""Charts of changes within a year: headcount and payroll from opening to closing, cost, months."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from settings.models.calendar import ONE_DAY, FiscalCalendar
from tasks.results.actuals import ACTUAL, FORECAST
from tasks.results.report.marks import (
    EMPLOYEES,
    INK,
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
    with_description,
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


def months(rows: Rows, money: Money, calendar: FiscalCalendar) -> Spec:
    """Return headcount and loaded cost by month, a line per scenario; hidden costs are left out.

    Where there are actual months, forecast ones are lighter, and a line marks the opening date.
    """
    opening = calendar.opening_date if any(row.get("basis") for row in rows) else None
    headcount = _by_month(rows, "headcount", "Headcount", MONTH_HEADCOUNT, opening)
    costs = _whole_months(rows, opening) if opening else rows
    known = [row for row in costs if row["loaded_cost"] is not None]
    cost = [_by_month(known, "loaded_cost", "Loaded cost", MONTH_COST.of(money), opening)] if known else []
    return panels([headcount, *cost], columns=1)


def _whole_months(rows: Rows, opening: date) -> Rows:
    """Return the rows with one for the opening date's month: its cost, of which a part is a forecast."""
    month = opening.replace(day=1)
    actual = {row["scenario_id"]: row for row in rows if row["month"] == month and row["basis"] == ACTUAL}
    both = [row for row in rows if row["month"] == month and row["basis"] == FORECAST]
    if not both:
        return rows
    whole = []
    for row in both:
        parts = [each["loaded_cost"] for each in (row, actual.get(row["scenario_id"])) if each]
        whole.append({**row, "loaded_cost": None if None in parts else sum(parts)})
    return sorted(
        [*(row for row in rows if row["month"] != month), *whole],
        key=lambda row: (scenarios_of(rows).index(row["scenario_id"]), row["month"]),
    )


def _by_month(rows: Rows, key: str, name: str, measure: Measure, opening: date | None) -> Spec:
    several = len(scenarios_of(rows)) > 1
    values = [
        {
            "Month": f"{row['month']:%Y-%m}",
            "Scenario": row["scenario_id"],
            **({"Basis": row["basis"]} if opening else {}),
            name: measure.text(row[key]),
            "month": _place(row, opening).isoformat(),
            "value": row[key],
        }
        for row in rows
    ]
    reach = [value["value"] for value in values]
    encoding = {
        "x": {
            "field": "month",
            "type": "temporal",
            "title": None,
            "axis": {"format": "%b %Y", "labelAngle": 0},
        },
        "y": measure.along("value", reach, from_zero=False),
        **(by_line("Scenario", scenarios_of(rows)) if several else {}),
    }
    shown = ("Month", *(["Scenario"] if several else []), *(["Basis"] if opening else []), name)
    if opening is None:
        # invisible points carry the tooltips: visible ones would be too many
        return chart(values, layer=line(shown, encoding, point_opacity=0))
    encoding["opacity"] = {
        "field": "Basis",
        "type": "nominal",
        "sort": [ACTUAL, FORECAST],  # without it Vega warns in the browser's console
        "scale": {"domain": [ACTUAL, FORECAST], "range": [1, 0.45]},
        "legend": {"symbolType": "stroke", "symbolStrokeWidth": 2},
    }
    lines, points = line(shown, encoding, point_opacity=0)
    points["transform"] = [{"filter": "!datum.joins"}]
    last_actual = str(opening.replace(day=1))  # where the headcount of the opening date is drawn
    at_opening = {
        "data": {"values": [with_description({"Opening date": str(opening), "month": last_actual})]},
        **mark("rule", ("Opening date",), {"x": encoding["x"]}, style=INK, strokeDash=[4, 3]),
    }
    return chart([*values, *_joins(values)], layer=[lines, points, at_opening])


def _place(row: Mapping[str, Any], opening: date | None) -> date:
    """Return where a month is drawn: at its first day; of a part that follows the opening date, after it."""
    month: date = row["month"]
    return max(month, opening + ONE_DAY) if opening and row["basis"] == FORECAST else month


def _joins(values: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return each scenario's last actual value as the start of its forecast's line."""
    last = {value["Scenario"]: value for value in values if value["Basis"] == ACTUAL}
    return [{**value, "Basis": FORECAST, "joins": True} for value in last.values()]


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

"""Charts that compare replicates or scenarios: spread, differences, breakdown."""

from collections.abc import Mapping
from typing import Any

from tasks.results.report.differences import COMPARED, Compared
from tasks.results.report.marks import (
    INK,
    PANEL,
    PROMOTED,
    Measure,
    Rows,
    Spec,
    by_line,
    line,
    mark,
    panel,
    panels,
    scenarios_of,
    silent,
    where,
    years,
)
from tasks.text.money import Money

# Figures that may vary over replicates, by their key in the table.
SPREAD: Mapping[str, Measure] = {
    "headcount": Measure("Closing headcount", "count", "employees"),
    "promotions": PROMOTED,
    "payroll": Measure("Closing payroll", "money"),
    "paid": Measure("Paid in the year", "money"),
    "loaded_cost": Measure("Loaded cost", "money"),
}
#: Fields in the tooltip of a difference.
DIFFERENCE = ("Figure", "Difference", "Standard error")


def spread(rows: Rows, everything: Rows, money: Money) -> Spec:
    """Return a fan chart for each figure that varies over replicates in some scenario."""
    return panels(
        [
            _fan(
                where(rows, "figure_key", figure),
                where(everything, "figure_key", figure),
                SPREAD[figure].of(money),
            )
            for figure in dict.fromkeys(row["figure_key"] for row in everything)
        ]
    )


def _fan(rows: Rows, everything: Rows, measure: Measure) -> Spec:
    """Return percentiles by year as bands around the median."""
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
    shown = ("Year", "Figure", "Median", "Half of the replicates", "Nine of ten replicates")
    median = line(shown, {"x": years(everything), "y": y("p50")})
    return panel(values, measure.title, height=200, layer=[*bands, *median])


def differences(rows: Rows, money: Money) -> Spec:
    """Return a chart of each compared figure: a line per scenario with bars of two standard errors."""
    return panels([_difference(rows, compared, money) for compared in COMPARED if compared.key in rows[0]])


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

    # the baseline keeps its colour, the first, so that each scenario has here the colour of the other charts
    names = scenarios_of(rows)
    place = {"x": years(rows), **by_line("Scenario", [rows[0]["against"], *names], names)}
    return panel(
        values,
        measure.title,
        height=180,
        layer=[
            silent("rule", {**place, "y": y("low"), "y2": {"field": "high"}}, strokeWidth=2),
            *line(("Year", "Scenario", *DIFFERENCE), {**place, "y": y("difference")}),
        ],
    )


def breakdown(rows: Rows, everything: Rows, money: Money) -> Spec:
    """Return bars of the differences in headcount, payroll and cost by breakdown, without hidden amounts."""
    return panels(
        [
            _item_bars(where(rows, "breakdown", by), where(everything, "breakdown", by), compared, money)
            for by in dict.fromkeys(row["breakdown"] for row in everything)
            for compared in COMPARED
            if compared.figure in ("headcount", "payroll", "loaded_cost")
        ]
    )


def _item_bars(rows: Rows, everything: Rows, compared: Compared, money: Money) -> Spec:
    """Return a bar per item, with two standard errors to either side."""
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


def _measure_of(compared: Compared, title: str, money: Money) -> Measure:
    match compared.figure:
        case "headcount" | "hires":
            return Measure(title, "count", "employees" if compared.figure == "headcount" else "hires")
        case "fte":
            return Measure(title, "count", "FTE")
        case "turnover":
            return Measure(title, "points")
        case "average_pay":
            return Measure(title, "pay", money=money)
    return Measure(title, "money", money=money)


def _with_errors(row: Mapping[str, Any], compared: Compared, measure: Measure) -> dict[str, Any]:
    """Return a difference as text and as an interval of two standard errors, 0 wide with one replicate."""
    difference, error = row[compared.key], row[compared.error_key]
    return {
        "Figure": compared.label,
        "Difference": measure.text(difference, sign="+"),
        "Standard error": "unknown with one replicate" if error is None else measure.text(error),
        "difference": difference,
        "low": difference - 2 * (error or 0),
        "high": difference + 2 * (error or 0),
    }

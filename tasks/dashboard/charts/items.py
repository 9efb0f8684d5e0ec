"""Charts by item with all scenarios on the same axes: bars grouped by scenario."""

from collections.abc import Iterable, Sequence

from tasks.results.report.chart_people import CHARTED_VALUES
from tasks.results.report.differences import COMPARED
from tasks.results.report.marks import (
    EMPLOYEES,
    INK,
    Measure,
    Rows,
    Spec,
    beside,
    by_category,
    chart,
    mark,
    scenarios_of,
    silent,
    where,
)
from tasks.text.money import Money
from tasks.text.terms import EXPERIENCED

Charts = list[tuple[str, Spec]]
_BAR = 12  # pixels of a horizontal bar


def dimensions(rows: Rows) -> Charts:
    """Return the closing headcount by value of each dimension, with ticks at the first opening."""
    return [
        (
            f"Closing headcount by {name}",
            _by_item(
                where(rows, "dimension", name), name.capitalize(), "dimension_value", "closing", EMPLOYEES,
                ("opening", "Opening"),
            ),
        )
        for name in dict.fromkeys(row["dimension"] for row in rows)
    ]  # fmt: skip


def segments(rows: Rows) -> Charts:
    """Return the last year's closing headcount by segment, with ticks at the targets."""
    last = max(row["simulation_year"] for row in rows)
    return [
        (
            f"Closing headcount by segment, {last}",
            _by_item(
                where(rows, "simulation_year", last), "Segment", "segment", "closing", EMPLOYEES,
                ("target", "Target"),
            ),
        )
    ]  # fmt: skip


def turnover(rows: Rows) -> Charts:
    """Return the observed turnover by each attribute of employees, with ticks at that by hazard."""
    measure = Measure(EXPERIENCED, "share")
    shown = [row for row in rows if row["attribute"] != "total"]
    return [
        (
            f"{EXPERIENCED} by {name}",
            _by_item(
                where(shown, "attribute", name), name.capitalize(), "value", "observed", measure,
                ("by_hazard", "By hazard"), size="exposed",
            ),
        )
        for name in dict.fromkeys(row["attribute"] for row in shown)
    ]  # fmt: skip


def _by_item(
    rows: Rows,
    title: str,
    item: str,
    column: str,
    measure: Measure,
    tick: tuple[str, str],
    size: str | None = None,
) -> Spec:
    """Return bars of a column by item, grouped by scenario, with ticks at another column.

    The items are the largest by `size`, or by the column, in the order of the rows.
    """
    scenarios = scenarios_of(rows)
    sizes: dict[str, float] = {}
    for row in rows:
        sizes[row[item]] = max(sizes.get(row[item], 0.0), float(row[size or column] or 0))
    largest = set(sorted(sizes, key=lambda name: -sizes[name])[:CHARTED_VALUES])
    items = [name for name in sizes if name in largest]
    tick_column, tick_title = tick
    has_ticks = any(row[tick_column] is not None for row in rows)
    values = [
        {
            title: row[item],
            "Scenario": row["scenario_id"],
            measure.title: measure.text(row[column]),
            **({tick_title: _text_or_none(measure, row[tick_column])} if has_ticks else {}),
            "item": row[item],
            "value": row[column],
            "tick": row[tick_column],
        }
        for row in rows
        if row[item] in largest
    ]
    reach = [value[end] for value in values for end in ("value", "tick") if value[end] is not None]
    place = {"y": _items(items), "yOffset": beside("Scenario", scenarios)}
    bars = mark(
        "bar",
        (title, "Scenario", measure.title, *([tick_title] if has_ticks else [])),
        {
            **place,
            "x": measure.along("value", reach, from_zero=True, tickCount=5),
            "color": by_category("Scenario", scenarios),
        },
    )
    x = measure.along("tick", reach, from_zero=True, tickCount=5)
    ticks = [silent("tick", {**place, "x": x}, style=INK, thickness=2)] if has_ticks else []
    return chart(values, height=_height(items, scenarios), layer=[bars, *ticks])


def breakdown(rows: Rows, money: Money) -> Charts:
    """Return the differences from the baseline by item, with two standard errors to either side."""
    drawn = []
    for by in dict.fromkeys(row["breakdown"] for row in rows):
        of_breakdown = where(rows, "breakdown", by)
        items = list(dict.fromkeys(row["item"] for row in of_breakdown))
        for compared in COMPARED:
            if compared.figure not in ("headcount", "payroll", "loaded_cost"):
                continue
            known = [row for row in of_breakdown if row.get(compared.key) is not None]
            title = f"Difference in {compared.label.lower()}"
            measure = (
                Measure(title, "count", "employees")
                if compared.kind == "count"
                else Measure(title, "money", money=money)
            )
            if known:
                spec = _differences(known, by, items, compared.key, compared.error_key, measure)
                drawn.append((f"{measure.title} by {by.lower()}", spec))
    return drawn


def _differences(
    rows: Rows, by: str, items: Sequence[str], column: str, error_column: str, measure: Measure
) -> Spec:
    scenarios = scenarios_of(rows)
    values = []
    for row in rows:
        error = row[error_column]
        values.append(
            {
                by: row["item"],
                "Scenario": row["scenario_id"],
                "Difference": measure.text(row[column], sign="+"),
                "Standard error": "unknown with one replicate" if error is None else measure.text(error),
                "item": row["item"],
                "value": row[column],
                "low": row[column] - 2 * (error or 0),
                "high": row[column] + 2 * (error or 0),
            }
        )
    reach = [value[end] for value in values for end in ("low", "high")]
    place = {"y": _items(items), "yOffset": beside("Scenario", scenarios)}
    # the first colour is the baseline's, so that each scenario has the colour of the other charts
    colour = by_category("Scenario", ["", *scenarios], scenarios)

    def x(field: str) -> Spec:
        return measure.along(field, reach, from_zero=True, titled=False, tickCount=5)

    return chart(
        values,
        height=_height(items, scenarios),
        layer=[
            mark(
                "bar",
                (by, "Scenario", "Difference", "Standard error"),
                {**place, "x": x("value"), "color": colour},
            ),
            silent("rule", {**place, "x": x("low"), "x2": {"field": "high"}}, style=INK, strokeWidth=2),
        ],
    )


def _text_or_none(measure: Measure, value: float | None) -> str:
    return "none" if value is None else measure.text(value)


def _items(items: Iterable[str]) -> Spec:
    return {
        "field": "item",
        "type": "nominal",
        "sort": list(items),
        "scale": {"domain": list(items)},
        "title": None,
        "axis": {"labelLimit": 140, "labelOverlap": False},
    }


def _height(items: Sequence[str], scenarios: Sequence[str]) -> int:
    return int(_BAR * len(items) * (len(scenarios) + 0.7))

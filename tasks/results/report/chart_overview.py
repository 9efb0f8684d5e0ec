"""Charts that lay the scenarios over each other: headcount and loaded cost by year."""

from collections.abc import Sequence

from tasks.results.report.marks import (
    EMPLOYEES,
    Measure,
    Rows,
    Spec,
    beside,
    by_category,
    by_line,
    line,
    mark,
    panel,
    panels,
    scenarios_of,
    years,
)
from tasks.results.report.table import Row, Table

_COST = "Loaded cost"


def overview(tables: Sequence[Table], most: int) -> Spec | None:
    """Return the charts of the first `most` scenarios together; None if no table has their figures.

    Headcounts are lines, costs are bars from zero: a difference of cost is then seen in proportion.
    """
    by_key = {table.key: table for table in tables}
    drawn = [
        draw(_first(by_key[key].rows, most), by_key[key])
        for key, draw in (("headcount", _headcount), ("cost", _cost))
        if key in by_key
    ]
    return panels(drawn) if drawn else None


def _first(rows: Rows, most: int) -> Rows:
    shown = scenarios_of(rows)[:most]
    return [row for row in rows if row["scenario_id"] in shown]


def _headcount(rows: Rows, _: Table) -> Spec:
    measure = Measure("Employees at the year's end", EMPLOYEES.kind, EMPLOYEES.unit)
    values = [
        {**_place(row), "Headcount": measure.text(row["closing"]), "value": row["closing"]} for row in rows
    ]
    encoding = {
        "x": years(rows),
        "y": measure.along("value", [row["closing"] for row in rows], from_zero=False, titled=False),
        **by_line("Scenario", scenarios_of(rows)),
    }
    return panel(values, measure.title, layer=line(("Year", "Scenario", "Headcount"), encoding))


def _cost(rows: Rows, table: Table) -> Spec:
    measure = Measure(f"{_COST} of the year", "money", money=table.money)
    names = scenarios_of(rows)
    known = [row for row in rows if row["loaded_cost"] is not None]
    values = [
        {**_place(row), _COST: measure.text(row["loaded_cost"]), "value": row["loaded_cost"]} for row in known
    ]
    place = {
        "x": years(rows),
        "xOffset": beside("Scenario", names),
        "y": measure.along("value", [row["loaded_cost"] for row in known], from_zero=True, titled=False),
        "color": by_category("Scenario", names),
    }
    return panel(values, measure.title, **mark("bar", ("Year", "Scenario", _COST), place))


def _place(row: Row) -> dict[str, str]:
    return {"Year": row["simulation_year"], "Scenario": row["scenario_id"]}

"""Native charts of the workbook, on a sheet of their own: each draws cells of another sheet."""

from collections.abc import Sequence
from typing import Any

import xlsxwriter

from tasks.results.report.charts import CHARTED_SCENARIOS, PALETTE
from tasks.results.report.table import SCENARIO, Table
from tasks.results.sheets import set_up_printing

#: Columns and rows of the sheet that a chart covers, and its size in pixels.
_COLUMNS, _ROWS = 9, 17
_SIZE = {"width": 560, "height": 320}
#: Bars of more values of a dimension would be too thin to tell apart.
_VALUES = 30

#: Charts with a series per scenario: table, what is drawn, along which column, type, and title.
_BY_SCENARIO = (
    ("headcount", "closing", "simulation_year", "line", "Employees at the year's end"),
    ("payroll", "closing", "simulation_year", "line", "Annual payroll at the year's end"),
    ("cost", "loaded_cost", "simulation_year", "column", "Loaded cost of the year"),
    ("months", "headcount", "month", "line", "Employees at the month's end"),
    ("months", "loaded_cost", "month", "line", "Loaded cost of the month"),
)
#: Charts of the baseline with a series per column: table, columns, along which column, type, and title.
_OF_BASELINE = (
    (
        "headcount",
        ("hires", "experienced_leavers", "new_hire_leavers", "reductions"),
        "simulation_year",
        "column",
        "Hires and leavers",
    ),
    (
        "cost",
        ("salary", "bonus", "benefits", "payroll_tax", "recruiting", "severance"),
        "simulation_year",
        "stacked",
        "Parts of the loaded cost",
    ),
    ("dimensions", ("opening", "closing"), "dimension_value", "bar", "Opening and closing headcount"),
)


def add_charts(book: xlsxwriter.Workbook, tables: Sequence[Table], baseline: str, title: str) -> None:
    """Add the sheet Charts; its charts follow the cells of the tables' sheets, which come after it."""
    sheet = book.add_worksheet("Charts")
    set_up_printing(sheet, title, repeated=False)
    sheet.hide_gridlines(2)
    sheet.write_string(0, 0, "Each chart draws cells of other sheets and follows them.")
    by_key = {table.key: table for table in tables}
    charts = [
        _by_scenario(book, by_key[key], value, along, kind, name)
        for key, value, along, kind, name in _BY_SCENARIO
        if key in by_key and value in {column.key for column in by_key[key].columns}
    ]
    charts += [
        _of_baseline(book, by_key[key], values, along, kind, name, baseline)
        for key, values, along, kind, name in _OF_BASELINE
        if key in by_key
    ]
    for number, chart in enumerate(charts):
        chart.set_size(_SIZE)
        sheet.insert_chart(1 + number // 2 * _ROWS, number % 2 * _COLUMNS, chart)


def _by_scenario(
    book: xlsxwriter.Workbook, table: Table, value: str, along: str, kind: str, title: str
) -> Any:
    chart = _chart(book, kind)
    scenarios = list(dict.fromkeys(row[SCENARIO.key] for row in table.rows))
    for number, scenario in enumerate(scenarios[:CHARTED_SCENARIOS]):
        places = [place for place, row in enumerate(table.rows, start=1) if row[SCENARIO.key] == scenario]
        # a sheet has the rows of a scenario one after another
        _add_series(chart, table, scenario, (places[0], places[-1]), value, along, number, kind)
    _label(chart, table, title, value, kind, is_dated=along == "month")
    if len(scenarios) == 1:
        chart.set_legend({"none": True})
    return chart


def _of_baseline(
    book: xlsxwriter.Workbook,
    table: Table,
    values: Sequence[str],
    along: str,
    kind: str,
    title: str,
    baseline: str,
) -> Any:
    chart = _chart(book, kind)
    places = [place for place, row in enumerate(table.rows, start=1) if row[SCENARIO.key] == baseline]
    if along == "dimension_value":
        dimension = table.rows[places[0] - 1]["dimension"]
        places = [place for place in places if table.rows[place - 1]["dimension"] == dimension][:_VALUES]
        title = f"{title} by {dimension}"
    columns = {column.key: heading for column, heading in zip(table.columns, table.headings, strict=True)}
    present = [value for value in values if value in columns]
    for number, value in enumerate(present):
        _add_series(chart, table, columns[value], (places[0], places[-1]), value, along, number, kind)
    several = len({row[SCENARIO.key] for row in table.rows}) > 1
    _label(chart, table, f"{title}, {baseline}" if several else title, present[0], kind)
    return chart


def _chart(book: xlsxwriter.Workbook, kind: str) -> Any:
    if kind == "stacked":
        return book.add_chart({"type": "column", "subtype": "stacked"})
    return book.add_chart({"type": kind})


def _add_series(
    chart: Any,
    table: Table,
    name: str,
    rows: tuple[int, int],
    value: str,
    along: str,
    number: int,
    kind: str,
) -> None:
    columns = [column.key for column in table.columns]
    first, last = rows
    colour = PALETTE[number % len(PALETTE)]
    look = {"line": {"color": colour, "width": 2}} if kind == "line" else {"fill": {"color": colour}}
    chart.add_series(
        {
            "name": name,
            "categories": [table.name, first, columns.index(along), last, columns.index(along)],
            "values": [table.name, first, columns.index(value), last, columns.index(value)],
            **look,
        }
    )


def _label(chart: Any, table: Table, title: str, value: str, kind: str, *, is_dated: bool = False) -> None:
    is_money = next(column.kind for column in table.columns if column.key == value) == "money"
    unit = f" ({table.money.unit})" if is_money else ""
    chart.set_title({"name": f"{title}{unit}", "name_font": {"size": 11}})
    chart.set_legend({"position": "bottom"})
    axis: dict[str, Any] = {
        "num_format": "#,##0.0" if is_money else "#,##0",
        "major_gridlines": {"visible": True},
    }
    if is_money:
        axis |= {"display_units": "millions", "display_units_visible": False}
    if kind != "line":
        axis["min"] = 0  # bars start at zero
    names: dict[str, Any] = {"date_axis": True, "num_format": "mmm yyyy"} if is_dated else {}
    if kind == "bar":  # lies on its side, the first value on top
        chart.set_x_axis(axis)
        chart.set_y_axis({"reverse": True})
    else:
        chart.set_y_axis(axis)
        chart.set_x_axis(names)

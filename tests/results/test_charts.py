"""Every chart of the report: its tooltips, its axes, and that it shows what its title names."""

import dataclasses
import re
from collections.abc import Iterator
from itertools import groupby
from typing import Any

import duckdb
import pytest

from tasks.results.report.chart_overview import overview as overlaid
from tasks.results.report.chart_people import CHARTED_VALUES
from tasks.results.report.charts import CHARTED_SCENARIOS, Spec, by_run, charts_of, left_out, svg
from tasks.results.report.differences import COMPARED
from tasks.results.report.figures import tables
from tasks.results.report.marks import EMPLOYEES, PROMOTED, WIDTH
from tasks.results.report.table import Table
from tasks.runs.record import read_record
from tasks.warehouse.published import published
from tests.simulate import Finished

Rows = list[dict[str, Any]]
CHARTED = (
    *("headcount", "payroll", "cost", "months", "levels", "causes", "turnover"),
    *("promotions", "cohorts", "dimensions", "spread", "differences", "breakdown"),
)


@pytest.fixture(scope="module")
def found(finished: Finished) -> dict[str, Table]:
    with published(finished.run.directory.results) as connection:
        return {table.key: table for table in tables(connection, read_record(finished.run.directory))}


@dataclasses.dataclass(frozen=True)
class Unit:
    """A mark of a chart with the rows that it draws, and its place in the chart."""

    place: str
    mark: dict[str, Any]
    encoding: dict[str, Any]
    rows: Rows

    @property
    def is_bar(self) -> bool:
        return self.mark["type"] == "bar"

    @property
    def quantities(self) -> dict[str, dict[str, Any]]:
        """The axes of quantities."""
        axes = {name: self.encoding[name] for name in ("x", "y") if name in self.encoding}
        return {name: axis for name, axis in axes.items() if axis["type"] == "quantitative"}

    def own_values(self) -> list[tuple[dict[str, Any], float]]:
        """Each row with the length of its bar, or the place of its point."""
        ((name, axis),) = self.quantities.items()
        end = self.encoding.get(f"{name}2")
        return [
            (row, float(row[end["field"]]) - float(row[axis["field"]]) if end else float(row[axis["field"]]))
            for row in self.rows
        ]


def units(spec: Spec, rows: Rows = (), place: str = "") -> Iterator[Unit]:  # type: ignore[assignment]
    """Yield the marks of a specification, at any depth."""
    rows = spec.get("data", {"values": rows})["values"]
    for step in spec.get("transform", ()):
        negated = step["filter"].startswith("!")
        rows = [row for row in rows if (row["Step"] in ("Opening", "Closing")) == negated]
    for container in ("layer", "concat", "hconcat", "vconcat"):
        for number, part in enumerate(spec.get(container, ())):
            yield from units(part, rows, f"{place}/{container}{number}")
    if "mark" in spec:
        assert isinstance(spec["mark"], dict)
        yield Unit(place, spec["mark"], spec["encoding"], rows)


def number_in(text: str) -> tuple[float, float]:
    """Return the number in a tooltip's text, and its rounding error."""
    match = re.match(r"([+-]?[\d,]+(?:\.(\d+))?)(%| M)?", text)
    assert match, text
    scale = {"%": 0.01, " M": 1e6, None: 1.0}[match[3]]
    return float(match[1].replace(",", "")) * scale, 0.5001 * scale * 10.0 ** -len(match[2] or "")


def test_every_table_with_a_chart_is_tested(found: dict[str, Table]) -> None:
    assert {key for key, table in found.items() if charts_of(table)} == set(CHARTED)


@pytest.mark.parametrize("key", CHARTED)
def test_each_tooltip_shows_its_marks_own_value(found: dict[str, Table], key: str) -> None:
    for _, spec in charts_of(found[key]):
        _assert_tooltips_are_right(spec)


@pytest.mark.slow
def test_charts_of_segments_and_known_actions_show_their_figures(rich: Finished) -> None:
    with published(rich.run.directory.results) as connection:
        keys = ("segments", "actions", "payroll", "dimensions", "months")
        rich_tables = tables(connection, read_record(rich.run.directory), keys)
    assert [table.key for table in rich_tables] == ["segments", "payroll", "dimensions", "actions", "months"]
    for table in rich_tables:
        for _, spec in charts_of(table):
            _assert_tooltips_are_right(spec)


def test_tooltips_of_step_times_show_their_marks_own_value() -> None:
    rows = [
        {"run": run, "began": "11-26 10:00", "step": step, "seconds": seconds}
        for run in ("one", "two")
        for step, seconds in (("prepare", 0.6), ("report", 12.345))
    ]
    _assert_tooltips_are_right(by_run(rows))
    (bars,) = units(by_run(rows))
    assert bars.encoding["y"]["scale"]["domain"] == [0, 12.945]


def test_a_count_of_one_has_a_singular_unit() -> None:
    assert [PROMOTED.text(value) for value in (0, 1, 1.5, 2)] == [
        "0 promotions",
        "1 promotion",
        "1.5 promotions",
        "2 promotions",
    ]
    assert [EMPLOYEES.text(value, sign="+") for value in (-1, 1, 11)] == [
        "-1 employee",
        "+1 employee",
        "+11 employees",
    ]


def test_scenarios_laid_over_each_other_have_their_values_and_colours(found: dict[str, Table]) -> None:
    """Headcounts as lines, costs as bars from zero, of as many scenarios as other charts show."""
    spec = overlaid(list(found.values()), CHARTED_SCENARIOS)
    assert spec is not None
    _assert_tooltips_are_right(spec)
    shown = [unit for unit in units(spec) if _has_tooltip(unit)]
    assert [unit.mark["type"] for unit in shown] == ["point", "bar"]
    for unit, key, value in zip(shown, ("headcount", "cost"), ("closing", "loaded_cost"), strict=True):
        rows = found[key].rows
        assert [(row["Scenario"], row["Year"], row["value"]) for row in unit.rows] == [
            (row["scenario_id"], row["simulation_year"], row[value]) for row in rows
        ]
        assert unit.encoding["color"]["scale"]["domain"] == ["base", "dear", "drawn", "cut"]
    low, high = shown[1].quantities["y"]["scale"]["domain"]
    assert low == 0 and high == max(row["loaded_cost"] for row in found["cost"].rows)
    few = overlaid(list(found.values()), 2)
    assert few is not None
    assert {row["Scenario"] for unit in units(few) for row in unit.rows} == {"base", "dear"}
    ((_, differences),) = charts_of(found["differences"])
    for unit in units(differences):
        assert unit.encoding["color"]["scale"]["domain"] == ["base", "dear", "drawn", "cut"]


def test_a_legend_of_long_names_does_not_widen_a_chart(found: dict[str, Table]) -> None:
    """Else the charts beside it would be small: the page scales the whole picture to its width."""
    long = {"base": "base", **{name: f"{name}-{'long-' * 12}" for name in ("dear", "drawn", "cut")}}
    table = found["headcount"]
    rows = tuple({**row, "scenario_id": long[row["scenario_id"]]} for row in table.rows)
    widths = []
    for each in (table, dataclasses.replace(table, rows=rows)):
        spec = overlaid([each], CHARTED_SCENARIOS)
        assert spec is not None
        (width,) = re.findall(r'<svg[^>]* width="([\d.]+)"', svg(spec))
        widths.append(float(width))
    assert max(widths) <= WIDTH, widths


def _assert_tooltips_are_right(spec: Spec) -> None:
    said = 0
    for unit in units(spec):
        tooltips = unit.encoding.get("tooltip")
        if tooltips is None:
            assert unit.mark["tooltip"] is None and unit.mark["aria"] is False, f"{unit.place} has a tooltip"
            assert not unit.is_bar
            continue
        assert unit.mark["type"] in ("bar", "point"), "a line or an area stands for several rows"
        for entry in tooltips:
            name = entry["field"]
            assert name == entry["title"] and re.match(r"[A-Z][\w ]+$", name), f"{name} is not a label"
            assert all(name in row for row in unit.rows)
        assert unit.encoding["description"]["field"] == "words"
        names = [entry["field"] for entry in tooltips]
        (own,) = {"Median", "Difference"} & set(names) or {names[-1]}
        for row, value in unit.own_values():
            text = row[own]
            stated, exactness = number_in(text)
            assert stated == pytest.approx(value, abs=exactness), f"{text} of {row}"
            assert f": {text}" in row["words"], "screen readers get the same text"
            said += 1
    assert said


@pytest.mark.parametrize("key", CHARTED)
def test_scenarios_share_their_axes_and_bars_start_at_zero(found: dict[str, Table], key: str) -> None:
    charts = charts_of(found[key])
    axes: dict[tuple[str, str], list[list[Any]]] = {}
    for _, spec in charts:
        for unit in units(spec):
            for name in {"x", "y"} & set(unit.encoding):
                axis = unit.encoding[name]
                if axis["type"] in ("nominal", "ordinal"):
                    axes.setdefault((unit.place, name), []).append(axis["scale"]["domain"])
                    assert {row[axis["field"]] for row in unit.rows} <= set(axis["scale"]["domain"])
            for name, axis in unit.quantities.items():
                low, high = axis["scale"]["domain"]
                axes.setdefault((unit.place, name), []).append([low, high])
                if unit.is_bar:
                    assert low <= 0 <= high and axis["scale"]["zero"]
                slack = 1e-9 * max(1, abs(low), abs(high))
                for value in _reach(unit, name):
                    assert low - slack <= value <= high + slack, f"{value} is off the axis of {unit.place}"
        # marks over one another are drawn by one scale
        for _, layers in groupby(units(spec), key=lambda unit: re.sub(r"/layer\d+$", "", unit.place)):
            domains = [axis["scale"]["domain"] for unit in layers for axis in unit.quantities.values()]
            assert all(domain == domains[0] for domain in domains)
    for place, domains in axes.items():
        assert len({tuple(domain) for domain in domains}) == 1, f"{place}: {domains}"
        assert len(domains) == len(charts)
    assert len(charts) == {"months": 1, "differences": 1, "breakdown": 3}.get(key, 4)


def test_bands_that_one_scenario_lacks_are_on_its_axis_in_order(found: dict[str, Table]) -> None:
    """The first scenario has no hires, so it lacks the youngest band."""
    bands = [("<25", 0.2), ("25-34", 0.1), ("65+", 0.3)]
    cells = [("frozen", "age", band, rate) for band, rate in bands[1:]]
    cells += [("base", "age", band, rate) for band, rate in bands]
    cells += [(name, "tenure", "10-19", 0.1) for name in ("frozen", "base")]
    rows = tuple(
        {
            "scenario_id": scenario,
            "attribute": attribute,
            "value": band,
            "exposed": 10,
            "observed": rate,
            "by_hazard": rate,
        }
        for scenario, attribute, band, rate in cells
    )
    charts = charts_of(dataclasses.replace(found["turnover"], rows=rows))
    for _, spec in charts:
        by_age, _ = units(spec)
        assert by_age.encoding["x"]["scale"]["domain"] == ["<25", "25-34", "65+"]
        assert by_age.encoding["x"]["sort"] == ["<25", "25-34", "65+"]


def _reach(unit: Unit, name: str) -> list[float]:
    """The values that the mark draws along an axis: sums where bars are stacked."""
    field = unit.encoding[name]["field"]
    end = unit.encoding.get(f"{name}2")
    other = unit.encoding["y" if name == "x" else "x"]["field"]
    is_stacked = "color" in unit.encoding and not {"xOffset", "yOffset"} & set(unit.encoding)
    if not (unit.is_bar and is_stacked):
        return [float(row[each]) for row in unit.rows for each in (field, *([end["field"]] if end else []))]
    sums: dict[Any, float] = {}
    for row in unit.rows:
        sums[row[other]] = sums.get(row[other], 0.0) + float(row[field])
    return list(sums.values())


def test_colours_mean_the_same_in_every_chart(found: dict[str, Table]) -> None:
    for key in set(CHARTED) - {"spread", "breakdown"}:
        domains: dict[str, set[tuple[str, ...]]] = {}
        for _, spec in charts_of(found[key]):
            for unit in units(spec):
                if "color" in unit.encoding:
                    domains.setdefault(unit.place, set()).add(
                        tuple(unit.encoding["color"]["scale"]["domain"])
                    )
        assert all(len(names) == 1 for names in domains.values()), key


def test_months_are_drawn_as_headcount_and_as_cost(found: dict[str, Table]) -> None:
    ((_, spec),) = charts_of(found["months"])
    tooltips = [
        [entry["field"] for entry in unit.encoding["tooltip"]] for unit in units(spec) if _has_tooltip(unit)
    ]
    assert tooltips == [["Month", "Scenario", "Headcount"], ["Month", "Scenario", "Loaded cost"]]
    assert all(len(unit.rows) == 24 * 4 for unit in units(spec))


def test_each_dimension_is_drawn(found: dict[str, Table]) -> None:
    for _, spec in charts_of(found["dimensions"]):
        assert [unit.encoding["y"]["title"] for unit in units(spec)] == ["department", "location"]
    values = {row["dimension_value"] for row in found["dimensions"].rows}
    (_, spec), *_ = charts_of(found["dimensions"])
    assert {row["value"] for unit in units(spec) for row in unit.rows} == values


def test_of_many_values_only_the_largest_are_drawn_and_a_remark_states_it(found: dict[str, Table]) -> None:
    table = found["dimensions"]
    rows = tuple(
        {
            "scenario_id": "base",
            "dimension": "location",
            "dimension_value": f"v{number:02}",
            "opening": 0,
            "closing": number,
        }
        for number in range(40)
    )
    many = dataclasses.replace(table, rows=rows)
    ((_, spec),) = charts_of(many)
    (bars,) = units(spec)
    assert {row["value"] for row in bars.rows} == {f"v{number:02}" for number in range(10, 40)}
    assert left_out(many) == f"Charts show the {CHARTED_VALUES} largest of 40 of location."


def test_every_figure_that_is_compared_is_drawn(found: dict[str, Table]) -> None:
    ((_, spec),) = charts_of(found["differences"])
    figures = [unit.rows[0]["Figure"] for unit in units(spec) if _has_tooltip(unit)]
    assert figures == [compared.label for compared in COMPARED if compared.figure != "fte"], "all full-time"


def test_marks_describe_themselves_in_the_report(finished: Finished) -> None:
    text = finished.run.directory.report.read_text(encoding="utf-8")
    said = re.findall(r'aria-roledescription="(?:bar|point|rect|symbol)[^>]*', text)
    labels = re.findall(r'aria-label="([^"]*)" role="graphics-symbol"', text)
    assert said and labels
    assert not [label for label in labels if re.search(r"\b(from|to|order|low|high|words|p05)\b:", label)]
    assert any("Step: Hires, Headcount: +" in label for label in labels)


def _has_tooltip(unit: Unit) -> bool:
    return "tooltip" in unit.encoding


def test_hidden_amounts_are_not_drawn(found: dict[str, Table], results: duckdb.DuckDBPyConnection) -> None:
    """The dashboard hides the amounts of small groups."""
    months = found["months"]
    hidden = dict.fromkeys(column.key for column in months.columns if column.kind == "money")
    rows = tuple({**row, **hidden} for row in months.rows)
    ((_, spec),) = charts_of(dataclasses.replace(months, rows=rows))
    assert {
        entry["field"] for unit in units(spec) if _has_tooltip(unit) for entry in unit.encoding["tooltip"]
    } == {
        "Month",
        "Scenario",
        "Headcount",
    }

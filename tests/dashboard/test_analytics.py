"""The pages' own figures: key figures, breakdowns, what is behind them, pay, two runs, and links.

The run takes half a minute: slow together.
"""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from tasks.dashboard.cells import OTHERS, Items, events_behind, figures_by, pay_ranges
from tasks.dashboard.choice import name_of
from tasks.dashboard.data import Part, default_part, without_small_groups
from tasks.dashboard.key_figures import BY_KEY, KEY_FIGURES
from tasks.dashboard.runs import SeenRun, newest, read_runs
from tasks.dashboard.views.figures import CHARTED_ITEMS, largest
from tasks.studies.run_compare import compare_runs
from tests.dashboard.conftest import Open
from tests.dashboard.test_pages import charts, choice, drawn, rows_of, texts
from tests.records import edit
from tests.results.test_charts import Unit, number_in, units
from tests.simulate import Finished

pytestmark = pytest.mark.slow


@pytest.fixture
def run(awkward: Finished) -> SeenRun:
    found = newest(read_runs(awkward.run.directory.path.parent), finished=True)
    assert found is not None
    return found


def test_key_figures_are_those_of_the_year_summary(run: SeenRun, awkward: Finished) -> None:
    rows = {
        (row["scenario_id"], row["simulation_year"]): row for row in figures_by(run, default_part(run)).rows
    }
    leavers = pl.sum_horizontal("experienced_terminations", "new_hire_terminations", "reductions")
    means = awkward.summary.group_by("scenario_id", "simulation_year").agg(
        headcount=pl.col("ending_headcount").mean(),
        hires=pl.col("hires").mean(),
        leavers=leavers.mean(),
        payroll=pl.col("ending_payroll").cast(float).mean(),
        paid=pl.col("prorated_payroll").cast(float).mean(),
        loaded_cost=pl.col("loaded_cost").cast(float).mean(),
    )
    assert len(rows) == means.height == 8
    for mean in means.iter_rows(named=True):
        row = rows[mean["scenario_id"], mean["simulation_year"]]
        assert {key: row[key] for key in mean if key in BY_KEY} == pytest.approx(
            {key: value for key, value in mean.items() if key in BY_KEY}
        )
        assert row["average_pay"] == pytest.approx(mean["payroll"] / mean["headcount"])


@pytest.mark.parametrize("by", ["level", "department", "location"])
def test_items_add_up_to_the_total(run: SeenRun, by: str) -> None:
    part = default_part(run)
    total = {(row["scenario_id"], row["simulation_year"]): row for row in figures_by(run, part).rows}
    items = figures_by(run, part, Items(by)).rows
    assert len({row["item"] for row in items}) > 1
    for place, whole in total.items():
        those = [row for row in items if (row["scenario_id"], row["simulation_year"]) == place]
        for figure in KEY_FIGURES:
            if figure.adds_up:
                assert sum(row[figure.key] for row in those) == pytest.approx(whole[figure.key]), figure.key


def test_a_department_has_the_figures_of_the_dimension_summary(run: SeenRun, awkward: Finished) -> None:
    found = awkward.query(
        "select scenario_id, simulation_year, coalesce(dimension_value, '(none)') as item, "
        "sum(ending_headcount) / 2 as headcount, sum(hires) / 2 as hires, sum(terminations) / 2 as leavers, "
        "sum(ending_payroll)::double / 2 as payroll "
        "from fct_dimension_summary where dimension = 'department' group by all"
    )
    rows = {
        (row["scenario_id"], row["simulation_year"], row["item"]): row
        for row in figures_by(run, default_part(run), Items("department")).rows
    }
    for each in found.iter_rows(named=True):
        row = rows[each["scenario_id"], each["simulation_year"], each["item"]]
        for key in ("headcount", "hires", "leavers", "payroll"):
            assert row[key] == pytest.approx(each[key]), key


def test_compa_ratio_is_pay_over_the_middle_of_the_range(run: SeenRun, awkward: Finished) -> None:
    ratios = (
        awkward.snapshot.filter(pl.col("employment_status") == "active")
        .join(pay_ranges(run.record), on=["scenario_id", "simulation_year", "level"])
        .with_columns(ratio=pl.col("salary").cast(float) / pl.col("fte").cast(float) / pl.col("midpoint"))
        .group_by("scenario_id", "simulation_year", "level")
        .agg(pl.col("ratio").mean())
    )
    settings = run.record.scenarios[0].settings["workforce"]["levels"]["1"]
    [middle] = (
        pay_ranges(run.record).filter(scenario_id="base", simulation_year=2027, level=1)["midpoint"].to_list()
    )
    assert middle == (float(settings["min_salary"]) + float(settings["max_salary"])) / 2
    found = {
        (row["scenario_id"], row["simulation_year"], row["item"]): row["compa_ratio"]
        for row in figures_by(run, default_part(run), Items("level")).rows
        if row["headcount"]
    }
    expected = {
        (row["scenario_id"], row["simulation_year"], str(row["level"])): row["ratio"]
        for row in ratios.iter_rows(named=True)
    }
    assert found == pytest.approx(expected)


def test_a_small_group_tells_neither_pay_nor_compa_ratio(run: SeenRun) -> None:
    part = replace(default_part(run), slices=(("level", ("4", "5")),))
    table = figures_by(run, part, Items("department"))
    shown = without_small_groups(table)
    few = [number for number, row in enumerate(table.rows) if 0 < row["headcount"] < 5]
    assert few, "few of a department are at the highest levels"
    for number in few:
        row = shown.rows[number]
        assert [row[figure.key] for figure in BY_KEY.values() if figure.unit != "count"] == [None] * 5
        assert row["headcount"] == table.rows[number]["headcount"]


def test_the_smallest_items_are_shown_as_others(run: SeenRun) -> None:
    rows = [{"item": f"item {number}", "headcount": float(number)} for number in range(1, CHARTED_ITEMS + 3)]
    names = largest(rows, BY_KEY["headcount"])
    assert names == [f"item {number}" for number in range(CHARTED_ITEMS + 2, 2, -1)]
    part = default_part(run)
    every = figures_by(run, part, Items("department")).rows
    two = tuple(dict.fromkeys(row["item"] for row in every))[:2]
    some = figures_by(run, part, Items("department", two)).rows
    assert {row["item"] for row in some} == {*two, OTHERS}
    for key in ("headcount", "loaded_cost"):
        assert sum(row[key] for row in some) == pytest.approx(sum(row[key] for row in every))


def test_leavers_have_their_causes_behind_them(run: SeenRun) -> None:
    slices = (("department", ("Operations",)), ("level", ("1", "2")))
    part = Part(("drawn",), (2028, 2028), slices)
    events = events_behind(run, "drawn", 2028, slices)
    [row] = figures_by(run, part).rows
    for key, kind in (("leavers", "termination"), ("hires", "hire")):
        assert row[key] > 0
        assert sum(each["events"] for each in events if each["event_type"] == kind) == pytest.approx(row[key])
    assert all(each["cause"] for each in events if each["event_type"] == "termination")


def test_the_answer_comes_first(page: Open, output: Path, awkward: Finished) -> None:
    app = page(output, "Overview")
    first, second = (each.value for each in app.table)
    assert list(first.columns) == ["Key figure", "base", "dear", "drawn"]
    assert list(second.columns) == ["Key figure", "base", "cut"]
    last = awkward.summary.filter(simulation_year=2028)
    ends = {
        one: last.filter(scenario_id=one)["ending_headcount"].cast(float).mean() for one in ("base", "cut")
    }
    row = second.set_index("Key figure").loc["Closing headcount, 2028"]
    less = ends["cut"] - ends["base"]
    assert row["base"] == f"**{ends['base']:,g}**"
    assert row["cut"] == f"**{ends['cut']:,g}** {less:+,g} ({less / ends['base']:+.1%})"
    assert any(name.startswith("Hires, 2027 to 2028") for name in first["Key figure"])


LINK = {
    "scenarios": ["base", "cut"],
    "from": "2028",
    "by": "department",
    "is.level": ["1", "2"],
    "figure": "payroll",
    "behind": "loaded_cost",
    "behind.scenario": "base",
    "behind.item": "Operations",
}


def test_a_link_shows_what_was_chosen(page: Open, output: Path) -> None:
    app = page(output, "Overview")
    choice(app, "Scenarios").set_value(LINK["scenarios"]).run()
    choice(app, "First year").set_value(2028).run()
    choice(app, "Break down by").set_value("department").run()
    choice(app, "Level").set_value(LINK["is.level"]).run()
    next(group for group in app.button_group if group.label == "Figure").select("payroll").run()
    choice(app, "Figure").set_value("loaded_cost").run()
    choice(app, "Scenario").set_value("base").run()
    [item] = [box for box in app.selectbox if box.label == "Department"]
    item.set_value("Operations").run()
    kept = {name: values if len(values) > 1 else values[0] for name, values in app.query_params.items()}
    assert kept == {"page": "Overview", **LINK} or kept == LINK  # the first page may be named
    again = page(output, "Overview", **LINK)
    assert charts(again) == charts(app)
    assert [table.value.to_dict() for table in again.table] == [table.value.to_dict() for table in app.table]
    assert drawn(again, "Year") == {2028} and "Parts of the loaded cost, 2028" in texts(again)


def test_a_link_with_what_the_run_does_not_have_shows_the_rest(page: Open, output: Path) -> None:
    app = page(
        output,
        "Overview",
        scenarios=["gone", "cut"],
        **{"from": "1999", "by": "planet", "is.level": "99", "behind": "luck"},
    )
    assert drawn(app, "Scenario") == {"cut"} and not app.warning
    assert drawn(app, "Year") == {2027, 2028}


@pytest.mark.parametrize("name", ["Overview", "Workforce", "Cost", "Pay"])
def test_a_page_is_broken_down_by_a_dimension(page: Open, output: Path, name: str) -> None:
    app = page(output, name, by="location")
    items = {row["Item"] for chart in charts(app) for row in rows_of(chart) if "Item" in row}
    found = newest(read_runs(output), finished=True)
    assert found is not None
    assert items == {row["item"] for row in figures_by(found, default_part(found), Items("location")).rows}
    assert "y location over the years" in texts(app)


def test_runs_are_found_by_date_and_description_newest_first(page: Open, two_runs: Path) -> None:
    record = two_runs / "plan" / "run.json"
    scenarios = json.loads(record.read_text())["scenarios"]
    scenarios[0]["description"] = "The plan of the board"
    edit(record, scenarios=scenarios)
    options = choice(page(two_runs, "Overview"), "Run").options
    assert options[0].startswith("Newest finished run: ") and options[1].endswith("complete (done)")
    assert options[2].startswith("2020-01-01 10:30, The plan of the board")
    assert options[2].endswith("complete (plan)")
    assert options[2] == name_of(read_runs(two_runs).found[1])


def test_two_runs_are_compared(page: Open, two_runs: Path) -> None:
    for part in (two_runs / "plan" / "results" / "fct_year_summary").rglob("*.parquet"):
        with duckdb.connect() as connection:
            rows = connection.read_parquet(str(part)).pl()
        hires = (pl.col("hires") + 10).cast(rows.schema["hires"])
        rows.with_columns(hires=hires).write_parquet(part)
    app = page(two_runs, "Compare")
    runs = {run.run_id: run for run in read_runs(two_runs).found}
    found, _ = compare_runs(runs["plan"].directory, runs["done"].directory)
    [hires] = found["base"].filter(figure="hires", simulation_year=2028).select("baseline", "scenario").rows()
    table = app.table[0].value.set_index("Key figure")
    row = table.loc["Hires, 2028"]
    assert row["plan"] == f"{hires[0]:,g} hires" and row["done"] == f"**{hires[1]:,g} hires**"
    assert row["Difference"].startswith("-10 hires (")
    assert table.loc["Closing headcount, 2028", "Difference"] == "no difference"
    assert drawn(app, "Run") == {"plan", "done"} and len(charts(app)) == len(KEY_FIGURES)
    choice(app, "Break down by").set_value("department").run()
    texts(app)
    assert "Operations" in set(app.dataframe[0].value["Department"])


def test_every_tooltip_shows_its_marks_own_value_with_its_unit(page: Open, two_runs: Path) -> None:
    seen = 0
    for name in ("Overview", "Workforce", "Cost", "Pay", "Compare", "Operations"):
        for query in ({}, {"by": "department", "behind": "loaded_cost"}, {"scenarios": "base"}):
            app: AppTest = page(two_runs, name, **query)
            for chart in charts(app):
                spec: Any = chart
                for unit in units(spec):
                    _assert_tooltips_show_own_values(unit, name)
                    for axis in unit.quantities.values():
                        assert not unit.is_bar or axis["scale"]["zero"], f"{name}: bars begin at zero"
                seen += 1
    assert seen > 150


def _assert_tooltips_show_own_values(unit: Unit, page_name: str) -> None:
    place = f"{page_name}{unit.place}"
    tooltips = unit.encoding.get("tooltip")
    if tooltips is None:  # several rows, or beside a mark that has one
        assert unit.mark["tooltip"] is None and unit.mark["aria"] is False and not unit.is_bar, place
        return
    assert unit.encoding["description"]["field"] == "words", place
    for row, value in unit.own_values():
        said = [str(row[entry["field"]]) for entry in tooltips]
        numbers = [number_in(text) for text in said if re.match(r"[+-]?\d", text)]
        assert any(abs(number - value) <= exactness for number, exactness in numbers), (
            f"{place}: {said}, {value}"
        )
        for entry, text in zip(tooltips, said, strict=True):
            assert entry["title"][0].isupper() and not re.search(r"\d\.\d{3}", text), f"{place}: {text}"
            assert f"{entry['title']}: {text}" in row["words"], "screen readers get the same text"

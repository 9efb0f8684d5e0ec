"""The pages without a browser: what they show of a run, and the message if it cannot be shown.

The run takes half a minute, and each test opens several pages: slow together.
"""

import json
import os
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from tasks.alerts import Alert, store_of
from tasks.dashboard.data import default_part, run_tables, without_small_groups
from tasks.dashboard.parts import rounded
from tasks.dashboard.runs import newest, read_runs
from tasks.results.report.charts import charts_of
from tests.dashboard.conftest import Open
from tests.records import edit
from tests.simulate import Finished

pytestmark = pytest.mark.slow

PAGES = ("Overview", "Workforce", "Cost", "Pay", "Compare", "Assumptions", "Operations")


def texts(app: AppTest) -> str:
    """Return all texts of a page."""
    assert not app.exception, app.exception
    kinds = (app.markdown, app.caption, app.text, app.info, app.warning, app.subheader, app.metric)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def charts(app: AppTest) -> list[dict[str, object]]:
    """Return the specifications of the charts."""
    return [json.loads(chart.proto.spec) for chart in app.get("vega_lite_chart")]


def rows_of(chart: Any) -> list[dict[str, Any]]:
    """Return the rows of a chart."""
    rows: list[dict[str, Any]] = chart["layer"][0]["data"]["values"]
    return rows


def choice(app: AppTest, label: str) -> Any:
    """Return the widget with a label."""
    [found] = [box for box in (*app.multiselect, *app.selectbox) if box.label == label]
    return found


def drawn(app: AppTest, field: str) -> set[object]:
    """Return the values of a field in all charts."""
    rows = [row for chart in charts(app) for row in rows_of(chart)]
    return {row[field] for row in rows if field in row}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_shows_a_finished_run(page: Open, output: Path, name: str) -> None:
    app = page(output, name)
    shown = texts(app)
    assert not app.warning
    if name not in ("Compare", "Assumptions"):  # a single run
        assert charts(app)
    assert "Employees" not in [tab.label for tab in app.tabs]
    assert "None" not in shown.replace("None.", "")


def test_the_figures_are_those_of_the_report(page: Open, output: Path, awkward: Finished) -> None:
    shown = texts(page(output, "Overview"))
    report = (output / "done" / "report.html").read_text(encoding="utf-8")
    ending = awkward.summary.filter(scenario_id="cut", simulation_year=2028)["ending_headcount"].mean()
    assert f"{ending:,.0f}" in report
    for title in ("Headcount from opening", "Annual payroll from opening", "Scenarios against"):
        assert title in shown and title in report


def test_scenarios_and_years_are_chosen(page: Open, output: Path) -> None:
    app = page(output, "Overview")
    assert {2027, 2028} <= drawn(app, "Year") and drawn(app, "Scenario") == {"base", "cut", "dear", "drawn"}
    choice(app, "Scenarios").set_value(["cut", "drawn"]).run()
    assert drawn(app, "Scenario") == {"cut", "drawn"}
    choice(app, "First year").set_value(2028).run()
    assert drawn(app, "Year") == {2028}
    choice(app, "Scenarios").set_value([]).run()
    assert "dear" in drawn(app, "Scenario"), "none chosen is all"


def test_a_dimension_is_chosen(page: Open, output: Path) -> None:
    app = page(output, "Workforce")
    [buttons] = [group for group in app.button_group if group.label == "Dimension"]
    assert drawn(app, "Opening")
    departments = [chart for chart in charts(app) if "Department" in rows_of(chart)[0]]
    buttons.select("location").run()
    locations = [chart for chart in charts(app) if "Location" in rows_of(chart)[0]]
    assert len(departments) == 2 and len(locations) == 2, "turnover of both, headcount of the chosen one"


def test_costs_of_a_slice_are_parts_of_the_total(page: Open, output: Path) -> None:
    app = page(output, "Cost")
    total = _paid(app)
    choice(app, "Level").set_value(["1"]).run()
    first = _paid(app)
    choice(app, "Level").set_value(["2", "3", "4", "5"]).run()
    assert first > 0
    assert first + _paid(app) == pytest.approx(total)


def _paid(app: AppTest) -> float:
    return sum(row["value"] for row in rows_of(charts(app)[0]))


def test_pay_of_few_people_is_shown_only_with_show_pay(page: Open, output: Path) -> None:
    few = {"is.level": "5", "is.department": "Operations"}
    for name, field in (("Cost", "Cost in the year"), ("Pay", "Compa-ratio")):
        assert not drawn(page(output, name, **few), field), "one or two people are at the top level"
        assert drawn(page(output, name, show_pay=True, **few), field)


def test_a_budget_is_chosen_among_the_other_runs(page: Open, output: Path) -> None:
    assert "Budget to compare with" not in [box.label for box in page(output, "Cost").selectbox]
    shutil.copytree(output / "done", output / "plan")
    edit(output / "plan" / "run.json", started_at="2020-01-01T00:00:00+00:00")
    app = page(output, "Cost")
    assert not drawn(app, "Effect"), "no budget by default"
    next(box for box in app.selectbox if box.label == "Budget to compare with").set_value("plan").run()
    assert "Against budget plan, scenario base, 2027" in texts(app)
    assert {"Headcount", "Residual", "Difference"} <= drawn(app, "Effect")
    edit(output / "done" / "run.json", settings={**read_settings(output), "budget": {"run": "plan"}})
    assert drawn(page(output, "Cost"), "Effect"), "the budget of the settings is chosen"
    edit(output / "done" / "run.json", settings={**read_settings(output), "budget": {"run": "gone"}})
    app = page(output, "Cost")
    assert "budget.run: there is no run 'gone'" in texts(app) and drawn(app, "Cost in the year")


def read_settings(output: Path) -> dict[str, object]:
    settings: dict[str, object] = json.loads((output / "done" / "run.json").read_text())["settings"]
    return settings


def test_employees_behind_a_cost_and_one_employees_years(page: Open, output: Path, awkward: Finished) -> None:
    app = page(output, "Employees", show_pay=True)
    paid = awkward.summary.filter(scenario_id="base", replicate=1, simulation_year=2027)["prorated_payroll"]
    assert f"{paid.item():,.2f}" in texts(app)
    employee = app.dataframe[0].value["employee_id"][0]
    app.text_input[0].set_value(employee).run()
    assert not app.exception
    assert {"Year", "Date", "What", "Why"} == set(app.table[0].value.columns)
    app.text_input[0].set_value("nobody").run()
    assert "nobody" in texts(app) and len(app.warning) == 1


def test_without_the_flag_there_is_no_page_of_employees(page: Open, output: Path) -> None:
    app = page(output, "Employees")
    assert "Employees behind the cost" not in texts(app)


def test_no_runs_at_all(page: Open, tmp_path: Path) -> None:
    for name in PAGES:
        assert "There are no runs in" in texts(page(tmp_path / "nothing", name))


def test_the_newest_run_is_shown_if_the_chosen_one_was_removed(page: Open, output: Path) -> None:
    app = page(output, "Overview", run="removed")
    assert "Run `removed` does not exist" in texts(app) and charts(app)


def test_a_run_that_has_just_started(page: Open, output: Path) -> None:
    begun = output / "begun"
    begun.mkdir()
    shutil.copy(output / "done" / "run.json", begun)
    edit(begun / "run.json", run_id="begun", status="running", started_at=_now(), finished_at=None)
    for name in PAGES:
        app = page(output, name, run="begun")
        texts(app)
        assert not app.warning
    assert "nothing is simulated yet" in texts(page(output, "Operations"))
    assert "no complete year yet" in texts(page(output, "Overview", run="begun"))
    os.utime(begun / "run.json", (1, 1))
    assert "Its process ended" in texts(page(output, "Operations", run="begun"))


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lambda run: (run / "run.json").write_text('{"run_id": '), "run.json is damaged"),
        (lambda run: (run / "run.json").write_text("[]"), "run.json is damaged"),
        (
            lambda run: (run / "run.json").write_text('{"run_id": "old"}'),
            "run.json lacks census, model_versions, replicates",
        ),
        (lambda run: edit(run / "run.json", census={}), "another version"),
        (lambda run: _cut(run / "results" / "fct_year_summary"), "its files are damaged"),
    ],
)
def test_a_damaged_run_gives_a_warning(
    page: Open, output: Path, damage: Callable[[Path], None], sentence: str
) -> None:
    shutil.copytree(output / "done", output / "bad")
    damage(output / "bad")
    for name in PAGES:
        texts(page(output, name, run="bad"))
    app = page(output, "Overview", run="bad")
    assert sentence in texts(app)
    assert len(app.warning) <= 2


def test_events_that_contradict_the_settings_give_a_warning(page: Open, output: Path) -> None:
    record = output / "done" / "run.json"
    scenarios = json.loads(record.read_text())["scenarios"]
    for scenario in scenarios:
        scenario["settings"]["workforce"]["termination"]["voluntary"]["base"] = "0.5"
    edit(record, scenarios=scenarios)
    assert "events or settings were changed" in page(output, "Workforce").warning[0].value


def test_employees_who_do_not_add_up_to_the_cost_give_a_warning(page: Open, output: Path) -> None:
    for part in (output / "done" / "results" / "fct_month_summary").rglob("*.parquet"):
        rows = pl.read_parquet(part, hive_partitioning=False)
        rows.with_columns(
            salary_cost=(pl.col("salary_cost") + 1).cast(rows.schema["salary_cost"])
        ).write_parquet(part)
    app = page(output, "Employees", show_pay=True)
    assert "by the employees' events" in app.warning[0].value and not app.exception


def test_a_run_of_an_older_version_lacks_tables(page: Open, output: Path) -> None:
    for table in ("mon_data_quality", "mon_pipeline_performance", "fct_hire_cohorts"):
        shutil.rmtree(output / "done" / "results" / table, ignore_errors=True)
    for name in PAGES:
        texts(page(output, name))
    assert "fct_hire_cohorts" in texts(page(output, "Workforce"))
    assert charts(page(output, "Overview"))


def test_a_run_whose_heartbeat_stopped_is_interrupted(page: Open, output: Path) -> None:
    run = output / "done"
    edit(run / "run.json", status="running", finished_at=None)
    edit(
        run / "status.json",
        status="running",
        heartbeat_at=_now(),
        host="elsewhere",
        year=2028,
        step="dbt build",
    )
    assert "**2028 dbt build**" in texts(page(output, "Operations"))
    edit(run / "status.json", heartbeat_at="2026-01-01T00:00:00.000+00:00")
    shown = texts(page(output, "Operations"))
    assert "Its process ended at 2028 dbt build, last heartbeat 2026-01-01 00:00:00" in shown


def test_operations_know_steps_clock_history_and_alerts(page: Open, output: Path) -> None:
    for number in (1, 2):
        shutil.copytree(output / "done", output / f"again{number}")
        edit(output / f"again{number}" / "run.json", started_at=f"2020-01-0{number}T00:00:00+00:00")
    store = store_of(output)
    store.add(Alert("run_duration", "done", facts={"Limit": "10 s"}), 60)
    app = page(output, "Operations", run="done")
    years = app.dataframe[0].value
    assert list(years["Year"]) == ["2027", "2028"] and all(years["dbt build"].str.endswith(" s"))
    counts = app.dataframe[2].value
    assert (counts["Runs"] == 2).all() and (counts["This run"] == counts["Median"]).all()
    assert drawn(app, "Run") == {"done", "again1", "again2"}
    assert "(sla.run_seconds)" in app.get("progress")[1].proto.text
    [button] = [button for button in app.button if button.label == "Acknowledge"]
    button.click().run()
    [stored] = store.recent()
    assert stored.acknowledged_by
    assert f"acknowledged by {stored.acknowledged_by}" in texts(app)


def test_many_alerts_leave_room_and_those_acknowledged_come_last(page: Open, output: Path) -> None:
    store = store_of(output)
    for number in range(8):
        store.add(Alert("run_failed", f"run-{number}"), 60)
    newest_alert = store.recent(1)[0].alert
    store.acknowledge(newest_alert.id, "somebody")
    app = page(output, "Operations", run="done")
    titles = [text.value for text in app.markdown if text.value.startswith("**The run failed")]
    assert len(titles) == 8
    assert f"(run {newest_alert.run_id})" in titles[-1]
    assert "3 more" in [fold.label for fold in app.expander]


def test_failed_checks_come_first(page: Open, output: Path) -> None:
    app = page(output, "Operations")
    status = list(app.dataframe[1].value["Status"])
    assert status == sorted(status, key=["fail", "warn", "pass"].index)


def _now() -> str:
    return datetime.now().astimezone().isoformat(timespec="milliseconds")


def _cut(folder: Path) -> None:
    for file in folder.rglob("*.parquet"):
        file.write_bytes(file.read_bytes()[:100])


def test_means_of_counts_have_one_decimal() -> None:
    assert [rounded(value, "count") for value in (276.25, -0.65, 5, None)] == [276.2, -0.7, 5, None]
    assert [rounded(value, "figure") for value in (14.35, 81_327_342.9)] == [14.3, 81_327_343]
    assert [rounded(value, "number") for value in (0.29, 98_617.79, 250_000.5)] == [0.29, 98_617.79, 250_000]
    assert rounded("2025", "year") == "2025"


def test_legends_of_short_names_take_few_rows(page: Open, output: Path) -> None:
    app = page(output, "Workforce", scenarios="base")
    columns = [chart["config"]["legend"]["columns"]["expr"] for chart in charts(app)]  # type: ignore[index]
    assert "max(1, floor(width / 71))" in columns, "of promotions: 1 → 2"
    assert "max(1, floor(width / 130))" in columns, "of levels"


def test_pay_of_few_people_is_not_shown_in_differences_either(page: Open, output: Path) -> None:
    run = newest(read_runs(output), finished=True)
    assert run is not None
    table = run_tables(run, default_part(run), ["breakdown"])["breakdown"]
    money = [column.key for column in table.columns if column.kind == "money"]
    few = [
        row for row in table.rows if any(0 < row[size] < 5 for size in ("headcount", "baseline_headcount"))
    ]
    assert few, "the census of the test has a small department"
    shown = without_small_groups(table)
    for before, after in zip(table.rows, shown.rows, strict=True):
        assert after == {**before, **dict.fromkeys(money if before in few else [])}
    assert charts_of(shown)

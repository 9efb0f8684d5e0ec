"""Results in fiscal years, and in a first year of which a part lies before the opening date."""

from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest

from settings.errors import InputError
from settings.models.calendar import FiscalCalendar
from tasks.census.sample import sample_census
from tasks.results.drill import Scope, employees_behind
from tasks.results.explain import timeline
from tasks.results.export import export_tables
from tasks.results.export_rows import with_fiscal_year
from tasks.results.hazards import compare_with_events
from tasks.results.report.charts import charts_of
from tasks.results.report.figures import tables
from tasks.results.report.page import page
from tasks.results.summary import stub_line, summary_table, year_means
from tasks.runs.calendar import calendar_of, recorded_calendar
from tasks.runs.part_of_year import growth_in_part_of_year, in_part_of_year
from tasks.runs.record import RunRecord, read_record
from tasks.text.calendar import in_words_of, last_day_words, stub_note, year_label, years_words
from tasks.warehouse.published import published
from tests.results.conftest import RICH, TARGETS
from tests.simulate import Finished, simulate

STUB = FiscalCalendar.of("07-01", date(2026, 12, 31), 2027)


LEAVING = {**RICH, "workforce.new_hire_termination_rate": 0.4}
SETS = ("simulation.fiscal_year_start=07-01", "simulation.opening_date=2026-12-31")


def company(people: int) -> pl.DataFrame:
    """The census of 31 December 2026 of a company of which a sixth was hired since July."""
    hired = date(2026, 7, 1) + pl.duration(days=pl.int_range(pl.len()) % 120)
    is_recent = (pl.int_range(pl.len()) % 6 == 0) & pl.col("termination_date").is_null()
    return sample_census(people, 7, date(2026, 12, 31)).with_columns(
        hire_date=pl.when(is_recent).then(hired).otherwise("hire_date")
    )


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """The second half of FY2027 and FY2028 of a company that hired in the first half, in each mode."""
    return simulate(
        tmp_path_factory.mktemp("stub"),
        company(200),
        years="2027-2028",
        scenarios={
            "exact": {**LEAVING, "targets": TARGETS},
            "drawn": {**LEAVING, "targets": TARGETS, "simulation.mode": "expected"},
            "rates": {**LEAVING, "simulation.mode": "rates"},
        },
        sets=SETS,
        close=False,
    )


@pytest.mark.slow
def test_explanations_agree_with_the_events_of_a_stub_in_each_mode(
    finished: Finished, results: duckdb.DuckDBPyConnection, record: RunRecord
) -> None:
    """`timeline` raises if a hazard, draw or event differs from those of the settings."""
    compare_with_events(results, record)
    whys = set()
    for scenario in record.scenario_ids:
        found = finished.snapshot.filter(scenario_id=scenario, simulation_year=2027)
        hired = found.filter(pl.col("hire_date") >= date(2026, 7, 1))["employee_id"].to_list()
        others = found["employee_id"].sort().gather_every(12).to_list()
        for employee in dict.fromkeys((*hired, *others)):
            moments = timeline(results, record, employee, scenario)
            in_stub = [moment for moment in moments if moment.year == 2027]
            dates = [moment.date for moment in in_stub if moment.date]
            assert all(date(2027, 1, 1) <= day <= date(2027, 6, 30) for day in dates)
            whys |= {(scenario, moment.what.partition(" ")[0], moment.why) for moment in in_stub}
    for scenario in record.scenario_ids:
        mine = [(what, why) for of, what, why in whys if of == scenario]
        assert any("hired this year, a further" in why for what, why in mine if what == "leaves")
        assert any("hired this year, a further" in why for what, why in mine if what == "stays")
        assert any("= 1 - (1 - q)^0.495890, q = " in why for what, why in mine)
        assert any("took effect on 2026-" in why and "the opening date 2026-12-31" in why for _, why in mine)


@pytest.mark.slow
def test_explanations_agree_where_past_lists_show_the_elapsed_part(tmp_path: Path) -> None:
    """The targets of the stub are then those of the year less the leavers before: 20 here."""
    census = company(200)
    (tmp_path / "lists").mkdir()
    before = census.filter(pl.col("hire_date") <= date(2026, 6, 30)).drop("termination_date")
    gone = before.head(20).with_columns(employee_id="L" + pl.col("employee_id"))
    pl.concat([before, gone]).write_csv(tmp_path / "lists" / "2026-06-30.csv")
    finished = simulate(
        tmp_path,
        census,
        years="2027-2027",
        scenarios={"drawn": {**LEAVING, "targets": TARGETS, "simulation.mode": "expected"}, "exact": LEAVING},
        sets=(*SETS, f"history.path={tmp_path / 'lists'}", "workforce.total_termination_rate=0.4"),
        close=False,
    )
    record = read_record(finished.run.directory)
    assert record.actuals and record.actuals.validated_sha256
    with published(finished.run.directory.results) as connection:
        for scenario in record.scenario_ids:
            ids = finished.snapshot.filter(scenario_id=scenario, simulation_year=2027)["employee_id"]
            for employee in ids.sort().gather_every(8):
                assert timeline(connection, record, employee, scenario)


@pytest.mark.slow
@pytest.mark.parametrize(("month", "days"), [(None, 181), (1, 31), (6, 30)])
def test_costs_of_a_stub_add_up_to_those_of_its_employees(
    results: duckdb.DuckDBPyConnection, record: RunRecord, month: int | None, days: int
) -> None:
    """`employees_behind` raises if the salaries differ from the published cost."""
    found = employees_behind(results, record, Scope("exact", 1, 2027, month))
    assert found.salary_cost > 0 and found.employees["days_employed"].max() == days


@pytest.mark.slow
def test_a_month_before_the_opening_has_no_cost(
    results: duckdb.DuckDBPyConnection, record: RunRecord
) -> None:
    with pytest.raises(InputError, match=r"2026-12: the run simulates FY2027 to FY2028 \(2027-01-01 to"):
        employees_behind(results, record, Scope("exact", 1, 2027, 12))


@pytest.mark.slow
def test_tables_charts_and_page_name_fiscal_years_and_the_stub(
    results: duckdb.DuckDBPyConnection, record: RunRecord
) -> None:
    found = {table.key: table for table in tables(results, record)}
    assert {row["simulation_year"] for row in found["headcount"].rows} == {"FY2027 (stub)", "FY2028"}
    for key in ("headcount", "causes"):
        assert "FY2027 (stub): 1 January to 30 June 2027, 181 of 365 days. Its growth" in found[key].note
    for key in ("turnover", "dimensions"):
        assert "The first of them is FY2027 (stub): 1 January to 30 June 2027" in found[key].note
    assert {row["cohort"] for row in found["cohorts"].rows} == {"before FY2027", "FY2027", "FY2028"}
    (closing,) = (column for column in found["headcount"].columns if column.key == "closing")
    assert closing.meaning == "Employees at the end of 30 June"
    (cost,) = (
        row
        for row in found["cost"].rows
        if (row["scenario_id"], row["simulation_year"]) == ("rates", "FY2028")
    )
    stub_cost = next(row for row in found["cost"].rows if row["scenario_id"] == "rates")
    assert 0.4 < stub_cost["person_years"] / cost["person_years"] < 0.6
    charts = str([charts_of(table) for table in found.values()])
    assert "on 1 July, completed years" in charts and "Employees on 30 June" in charts
    assert "31 December" not in charts and "1 January'" not in charts
    shown = page(list(found.values()), [], record)
    assert "Workforce FY2027 (stub) to FY2028" in shown
    assert "Opening date 2026-12-31, simulation.opening_date (--set simulation.opening_date)" in shown
    table = summary_table(year_means(results), record)
    assert {row["Year"] for row in table.records} == {"FY2027 (stub)", "FY2028"}
    assert stub_line(record) == (
        "FY2027 (stub): 1 January to 30 June 2027, 181 of 365 days. Its growth and turnover are those of "
        "these days, not of a year.\n"
        "FY2027 (stub) stands alone: history.path names no past lists of employees."
    )


@pytest.mark.slow
def test_exports_name_the_fiscal_year(
    finished: Finished, results: duckdb.DuckDBPyConnection, record: RunRecord, tmp_path: Path
) -> None:
    files = export_tables(
        results,
        ["fct_year_summary", "mon_pipeline_performance"],
        tmp_path,
        "csv",
        calendar=recorded_calendar(record),
    )
    years, steps = (pl.read_csv(file, infer_schema_length=None) for file in files)
    for rows in (years, steps):
        assert rows.columns[rows.columns.index("simulation_year") + 1] == "fiscal_year"
    assert set(steps.select("simulation_year", "fiscal_year").rows()) == {(2027, "FY2027"), (2028, "FY2028")}


def test_a_row_without_a_year_has_no_fiscal_year() -> None:
    """As the steps of a whole run."""
    with duckdb.connect() as connection:
        rows = connection.sql("select unnest([2027, null]) as simulation_year")
        assert with_fiscal_year(rows, STUB).fetchall() == [(2027, "FY2027"), (None, None)]
        assert with_fiscal_year(rows, FiscalCalendar.of("01-01", None, 2027)).fetchall() == [(2027,), (None,)]


def test_words_of_calendars() -> None:
    assert year_label(STUB, 2027) == "FY2027 (stub)" and year_label(STUB, 2026) == "FY2026"
    assert stub_note(STUB) == "1 January to 30 June 2027, 181 of 365 days"
    assert years_words(STUB, 2027, 2028) == "FY2027 to FY2028 (2027-01-01 to 2028-06-30)"
    assert in_words_of(STUB, "from 1 January to 31 December") == "from 1 July to 30 June"
    across = FiscalCalendar.of("07-01", date(2026, 9, 14), 2027)
    assert stub_note(across) == "15 September 2026 to 30 June 2027, 289 of 365 days"
    one_day = FiscalCalendar.of("07-01", date(2027, 6, 29), 2027)
    assert stub_note(one_day) == "30 June 2027, 1 of 365 days"
    assert last_day_words(FiscalCalendar.of("03-01", None, 2027)) == "the last day of February"
    whole = FiscalCalendar.of("01-01", None, 2027)
    assert (year_label(whole, 2027), stub_note(whole)) == ("2027", None)
    assert years_words(whole, 2027, 2029) == "2027 to 2029" and years_words(whole, 2027, 2027) == "2027"
    assert in_words_of(whole, "on 1 January") == "on 1 January"
    part = FiscalCalendar.of("01-01", date(2027, 6, 30), 2027)
    assert year_label(part, 2027) == "2027 (stub)" and year_label(part, 2028) == "2028"
    assert years_words(part, 2027, 2029) == "2027 to 2029 (2027-07-01 to 2029-12-31)"


def test_recorded_settings_without_a_calendar_have_calendar_years() -> None:
    """Those of older versions."""
    assert calendar_of({"simulation": {"start_year": 2025}}) == FiscalCalendar.of("01-01", None, 2025)
    simulation = {"start_year": 2027, "fiscal_year_start": "07-01", "opening_date": "2026-12-31"}
    assert calendar_of({"simulation": simulation}) == STUB


@pytest.mark.parametrize("rate", [0.0, 0.05, 0.3, 1.0])
def test_two_parts_of_a_year_make_the_year(rate: float) -> None:
    first, second = in_part_of_year(rate, 0.4), in_part_of_year(rate, 0.6)
    assert 1 - (1 - first) * (1 - second) == pytest.approx(rate, abs=1e-11)
    grown = (1 + growth_in_part_of_year(rate, 0.4)) * (1 + growth_in_part_of_year(rate, 0.6))
    assert grown == pytest.approx(1 + rate, abs=1e-11)
    assert in_part_of_year(rate, 1.0) == growth_in_part_of_year(rate, 1.0) == rate

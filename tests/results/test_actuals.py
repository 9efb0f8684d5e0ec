"""Actual and forecast of the first fiscal year in tables, charts, summary and exports."""

from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest

from tasks.census.sample import sample_census
from tasks.results.actuals import full_year_means
from tasks.results.export_rows import SUMMED, Choice
from tasks.results.report.charts import charts_of
from tasks.results.report.figures import tables
from tasks.results.report.table import Table
from tasks.results.report.workbook import SUMS, write_workbook
from tasks.results.summary import stub_line, summary_table, year_means
from tasks.runs.record import RunRecord
from tests.results.exports import exported
from tests.results.formulas import Formulas
from tests.simulate import Finished, simulate

OPENING = date(2025, 2, 10)  # within a month: it has an actual and a forecast part


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """The rest of 2025 in two replicates, three joined since the list, four left without a date."""
    folder = tmp_path_factory.mktemp("reforecast")
    there = sample_census(120, 7, date(2024, 12, 31)).filter(pl.col("termination_date").is_null())
    (folder / "lists").mkdir()
    there.write_csv(folder / "lists" / "2024-12-31.csv")
    stayed = there.slice(4)
    joined = there.head(3).with_columns(
        employee_id=pl.format("N{}", pl.int_range(3)), hire_date=date(2025, 1, 11)
    )
    return simulate(
        folder,
        pl.concat([stayed, joined]),
        years="2025-2025",
        replicates=2,
        sets=[
            f"simulation.opening_date={OPENING}",
            f"history.path={folder / 'lists'}",
            "simulation.mode=rates",
        ],
        close=False,
    )


@pytest.fixture
def topics(results: duckdb.DuckDBPyConnection, record: RunRecord) -> dict[str, Table]:
    return {table.key: table for table in tables(results, record, ("full_year", "months"))}


@pytest.mark.slow
def test_sheets_add_up_over_the_forecast_months(
    results: duckdb.DuckDBPyConnection, record: RunRecord, tmp_path: Path
) -> None:
    """The year has the forecast months only, the sheet of months the actual ones too."""
    write_workbook(tmp_path / "book.xlsx", tables(results, record), record)
    found = Formulas(tmp_path / "book.xlsx")
    shown = {cell: found.value(cell) for cell in found.formulas()}
    assert {value for (sheet, _), value in shown.items() if sheet not in ("Summary", SUMS)} == {"OK"}
    assert any('"forecast"' in str(found.cells[cell]) for cell in shown)
    assert {sheet for sheet, _ in shown} >= {"Full year", "Months", "Cost"}


@pytest.mark.slow
def test_the_full_year_is_the_sum_of_both_parts_and_of_the_months(topics: dict[str, Table]) -> None:
    parts = {row["basis"]: row for row in topics["full_year"].rows}
    actual, forecast, whole = parts["actual"], parts["forecast"], parts["full year"]
    assert (actual["hires"], actual["experienced_leavers"]) == (3, 4), "as the lists show"
    for row in parts.values():
        leavers = row["experienced_leavers"] + row["new_hire_leavers"] + row["reductions"]
        assert row["closing"] == pytest.approx(row["opening"] + row["hires"] - leavers)
    assert forecast["opening"] == actual["closing"]
    for name in ("hires", "experienced_leavers", "salary", "loaded_cost"):
        assert whole[name] == pytest.approx(actual[name] + forecast[name])
    for basis in ("actual", "forecast"):
        months = [row for row in topics["months"].rows if row["basis"] == basis]
        for name in ("hires", "salary", "loaded_cost"):
            assert sum(float(row[name]) for row in months) == pytest.approx(parts[basis][name])
    assert "4 leavers have no date in them" in topics["full_year"].note
    assert "by the list of 2024-12-31 and the census" in topics["full_year"].note


@pytest.mark.slow
def test_charts_tell_actual_from_forecast_and_join_the_opening_month(topics: dict[str, Table]) -> None:
    february = [row for row in topics["months"].rows if row["month"] == date(2025, 2, 1)]
    assert [row["basis"] for row in february] == ["actual", "forecast"]
    ((_, picture),) = charts_of(topics["months"])
    for panel in picture["concat"]:
        assert "sort" in panel["layer"][0]["encoding"]["opacity"]  # without it Vega warns
        (line,) = panel["layer"][-1]["data"]["values"]
        assert (line["words"], line["month"]) == (f"Opening date: {OPENING}", "2025-02-01")
    costs = [each for each in picture["concat"][1]["data"]["values"] if "joins" not in each]
    of_february = [each for each in costs if each["Month"] == "2025-02"]
    whole = sum(float(row["loaded_cost"]) for row in february)
    assert [float(each["value"]) for each in of_february] == pytest.approx([whole])
    assert len(costs) == 12 and {each["Basis"] for each in costs} == {"actual", "forecast"}


@pytest.mark.slow
def test_summary_and_line_have_the_full_year(results: duckdb.DuckDBPyConnection, record: RunRecord) -> None:
    found = summary_table(year_means(results), record, full_year_means(results)).records
    assert [row["Year"] for row in found] == ["2025 (stub)", "2025 (full)"]
    assert found[1]["Promoted"] == "–" and float(found[1]["Cost"]) > float(found[0]["Cost"])
    assert "by the list of 2024-12-31" in (stub_line(record) or "")
    alone = record.actuals.model_copy(update={"validated_sha256": None, "reason": "no list"})  # type: ignore[union-attr]
    line = stub_line(record.model_copy(update={"actuals": alone})) or ""
    assert "2025 (stub) stands alone: no list." in line


@pytest.mark.slow
def test_exports_of_means_have_actual_months_as_they_are(
    finished: Finished, results: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    folder = finished.run.directory.results
    choice = Choice(mean=True, by=("department",))
    found = exported(folder, tmp_path, SUMMED, "parquet", choice)
    assert found.columns[:5] == ["scenario_id", "simulation_year", "month", "basis", "department"]
    actual = results.view("fct_actual_months").pl()
    for name in ("salary_cost", "loaded_cost", "hires"):
        assert float(found.filter(basis="actual")[name].sum()) == float(actual[name].sum())
    assert found.filter(basis="forecast")["month"].min() == date(2025, 2, 1)
    full = exported(folder, tmp_path, "fct_full_year_summary", "parquet", Choice(mean=True))
    assert float(full["actual_loaded_cost"][0]) == float(actual["loaded_cost"].sum())

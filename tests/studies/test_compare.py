"""Differences between scenarios: on figures worked out by hand, and on a run."""

import math
import statistics
from typing import Any

import duckdb
import polars as pl
import pytest

from settings import InputError
from tasks.runs.record import read_record
from tasks.studies.compare import choose_baseline, compare, settings_differences
from tasks.studies.figures import COSTS
from tasks.warehouse.published import published
from tests.simulate import Finished

# scenario, replicate, opening, hires, leavers, ending, payroll
ROWS = [
    ("base", 1, 100, 12, 10, 102, 5_100_000),
    ("base", 2, 100, 12, 10, 102, 5_304_000),
    ("base", 3, 100, 12, 10, 102, 5_202_000),
    ("more", 1, 100, 22, 12, 110, 5_500_000),
    ("more", 2, 100, 22, 12, 110, 5_720_000),
    ("more", 3, 100, 22, 12, 110, 5_610_000),
]
# Sales of scenario `more` is empty in replicate 2: its row is missing there
SALES = [
    ("base", 1, 4),
    ("base", 2, 6),
    ("base", 3, 5),
    ("more", 1, 6),
    ("more", 3, 9),
]
#: Scenario, department, salary cost, severance cost and loaded cost of months of replicate 1.
MONTHS = [
    ("base", "Sales", 10, 0, 10),
    ("base", "Sales", 20.5, 1, 21.5),
    ("base", None, 5, 0, 5),
    ("more", "Sales", 40, 5.25, 45.25),
]


@pytest.fixture
def by_hand() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(
        "create table fct_year_summary (scenario_id varchar, replicate int, simulation_year int, "
        "opening_headcount int, hires int, experienced_terminations int, new_hire_terminations int, "
        "reductions int, ending_headcount int, ending_payroll decimal(18, 2), promotions int, "
        "prorated_payroll decimal(18, 2), ending_fte decimal(18, 6))"
    )
    connection.executemany(
        "insert into fct_year_summary values (?, ?, 2025, ?, ?, ?, 0, 0, ?, ?, 3, 1, ?)",
        [(s, r, opening, hires, left, end, pay, end) for s, r, opening, hires, left, end, pay in ROWS],
    )
    columns = "opening_headcount int, hires int, terminations int, ending_headcount int, ending_payroll int, "
    columns += "ending_fte int"
    key = "scenario_id varchar, replicate int, simulation_year int"
    connection.execute(
        f"create table fct_level_summary ({key}, level int, {columns}, promotions_in int, promotions_out int)"
    )
    connection.execute(
        f"create table fct_dimension_summary ({key}, dimension varchar, dimension_value varchar, {columns}, "
        "promotions int, transfers_in int, transfers_out int)"
    )
    connection.executemany(
        "insert into fct_dimension_summary "
        "values (?, ?, 2025, 'department', 'Sales', 0, 0, 0, ?, 0, 0, 0, 0, 0)",
        SALES,
    )
    connection.execute(
        f"create table fct_month_summary ({key}, level int, department varchar, salary_cost decimal(18, 2), "
        "severance_cost decimal(18, 2), loaded_cost decimal(18, 2), bonus_cost int, benefits_cost int, "
        "payroll_tax_cost int, recruiting_cost int)"
    )
    connection.executemany(
        "insert into fct_month_summary values (?, 1, 2025, 1, ?, ?, ?, ?, 0, 0, 0, 0)", MONTHS
    )
    return connection


def row(rows: pl.DataFrame, figure: str, breakdown: str = "total") -> dict[str, Any]:
    found = rows.filter((pl.col("figure") == figure) & (pl.col("breakdown") == breakdown))
    assert found.height == 1
    return found.row(0, named=True)


def test_paired_differences_by_hand(by_hand: duckdb.DuckDBPyConnection) -> None:
    rows = compare(by_hand, "base")
    payroll = row(rows, "payroll")
    # differences 400,000, 416,000, 408,000: mean 408,000, deviation 8,000
    assert payroll["difference"] == 408_000
    assert payroll["standard_error"] == pytest.approx(8_000 / math.sqrt(3))
    # deviations of the scenarios: 102,000 and 110,000
    assert payroll["independent_standard_error"] == pytest.approx(math.hypot(102_000, 110_000) / math.sqrt(3))
    assert payroll["variance_ratio"] == pytest.approx((102_000**2 + 110_000**2) / 8_000**2)
    turnover = row(rows, "turnover")
    assert turnover["difference"] == pytest.approx(12 / 105 - 10 / 101)
    hires = row(rows, "hires")
    assert (hires["difference"], hires["standard_error"], hires["variance_ratio"]) == (10, 0, None)


def test_a_missing_item_counts_as_zero(by_hand: duckdb.DuckDBPyConnection) -> None:
    sales = row(compare(by_hand, "base").filter(item="Sales"), "headcount", "department")
    assert sales["replicates"] == 3
    assert sales["difference"] == pytest.approx(statistics.mean([2, -6, 4]))


def test_the_cost_of_an_item_is_the_sum_of_its_months(by_hand: duckdb.DuckDBPyConnection) -> None:
    rows = compare(by_hand, "base").filter(item="Sales")
    assert [row(rows, name, "department")["baseline"] for name in ("paid", "severance", "loaded_cost")] == [
        pytest.approx(sum_of_months / 3)
        for sum_of_months in (30.5, 1, 31.5)  # of three replicates
    ]
    assert row(rows, "loaded_cost", "department")["difference"] == pytest.approx((45.25 - 31.5) / 3)


def test_a_year_summary_without_cost_has_no_difference_in_it(by_hand: duckdb.DuckDBPyConnection) -> None:
    totals = compare(by_hand, "base").filter(breakdown="total")
    assert not {*COSTS} & {*totals["figure"]}
    assert {"headcount", "paid"} <= {*totals["figure"]}


def test_compare_a_run_agrees_with_its_database(finished: Finished) -> None:
    with published(finished.run.directory.results) as connection:
        rows = compare(connection, "baseline")
    summary = finished.summary
    for scenario in ("growth", "squeeze"):
        ours, theirs = (
            summary.filter((pl.col("scenario_id") == name) & (pl.col("simulation_year") == 2026)).sort(
                "replicate"
            )
            for name in (scenario, "baseline")
        )
        differences = [
            float(a - b) for a, b in zip(ours["ending_payroll"], theirs["ending_payroll"], strict=True)
        ]
        found = rows.filter(
            (pl.col("scenario_id") == scenario)
            & (pl.col("figure") == "payroll")
            & (pl.col("breakdown") == "total")
            & (pl.col("simulation_year") == 2026)
        ).row(0, named=True)
        assert found["difference"] == pytest.approx(statistics.mean(differences))
        assert found["standard_error"] == pytest.approx(statistics.stdev(differences) / math.sqrt(5))
    for figure in ("headcount", "paid", *COSTS):
        of_figure = rows.filter(figure=figure)
        parts, totals = of_figure.filter(pl.col("breakdown") != "total"), of_figure.filter(breakdown="total")
        assert {*parts["breakdown"]} == {"level", "department", "location"}
        for (scenario, year, _), items in parts.group_by("scenario_id", "simulation_year", "breakdown"):
            whole = totals.filter(scenario_id=scenario, simulation_year=year)
            assert items["difference"].sum() == pytest.approx(whole["difference"].item(), abs=0.01)


def test_pairing_makes_a_pay_policy_s_difference_tighter(finished: Finished) -> None:
    """The same people are there, so chance cancels out of the difference of two merit budgets."""
    with published(finished.run.directory.results) as connection:
        rows = compare(connection, "baseline")
    squeeze = rows.filter(
        (pl.col("scenario_id") == "squeeze")
        & (pl.col("figure") == "payroll")
        & (pl.col("breakdown") == "total")
    )
    assert min(squeeze["variance_ratio"].to_list()) > 10


def test_settings_that_differ_are_listed(finished: Finished) -> None:
    assert settings_differences(read_record(finished.run.directory), "baseline") == [
        ("growth", "simulation.target_growth_rate", 0.03, 0.1),
        ("squeeze", "compensation.merit_budget", 0.04, 0.02),
    ]


def test_choosing_a_baseline(finished: Finished) -> None:
    record = read_record(finished.run.directory)
    assert choose_baseline(record, None) == "baseline"
    assert choose_baseline(record, "growth") == "growth"
    with pytest.raises(InputError, match="did you mean growth"):
        choose_baseline(record, "grow")
    with pytest.raises(InputError, match="one scenario"):
        choose_baseline(record.of_scenarios(["baseline"]), None)

"""How many leave and are hired: the SQL against the model, over rates, sizes and years."""

import os
from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from itertools import product
from pathlib import Path

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.census.sample import sample_census
from tasks.warehouse.compiled import CompiledModel, compiled_models
from tests.simulate import Finished, simulate
from tests.simulation.conftest import EXACT
from tests.simulation.model import Quotas, quotas

GROWTHS = [Decimal(percent) / 100 for percent in range(-10, 21)]

Case = tuple[int, Decimal, Decimal, Decimal]


def rates(low: str, high: str) -> st.SearchStrategy[Decimal]:
    """Rates of up to as many decimals as settings allow; few decimals more often, since they meet halves."""
    return st.integers(1, 12).flatmap(lambda places: st.decimals(low, high, places=places))


cases = st.tuples(
    st.one_of(st.integers(0, 300), st.integers(0, 100_000)),
    rates("-0.1", "0.2"),
    rates("0", "1"),
    rates("0", "0.95"),
)


@cache
def quota_models() -> dict[str, CompiledModel]:
    """The models by name."""
    return {model.name: model for model in compiled_models()}


def quotas_by_sql(found: Sequence[Case]) -> list[Quotas]:
    """What the models of quotas compute, each case being a scenario of its own with one segment."""
    with duckdb.connect() as connection:
        # relation names in compiled SQL begin with the name of a run's database
        connection.execute("attach ':memory:' as simulation")
        connection.execute("use simulation")
        parameters = pl.DataFrame(
            [(f"{number:06}", *case, "exact", None) for number, case in enumerate(found)],
            schema={
                "scenario_id": pl.String,
                "opening": pl.Int64,
                "target_growth_rate": pl.Decimal(18, 12),
                "total_termination_rate": pl.Decimal(18, 12),
                "new_hire_termination_rate": pl.Decimal(18, 12),
                "mode": pl.String,
                "hires": pl.Int64,
            },
            orient="row",
        )
        connection.register("cases", parameters)
        connection.execute("create table stg_parameters as select * from cases")
        connection.execute("create table stg_control as select false as has_actuals")
        connection.execute(
            "create table int_actual_counts as select '' as scenario_id, '' as segment, "
            "0 as start_headcount, 0 as hires where false"
        )
        connection.execute("create table int_parameters as select *, 1 as replicate from cases")
        connection.execute(
            "create table int_termination_pools as "
            "select scenario_id, 1 as replicate, 0 as termination_pool, mode, "
            "total_termination_rate as termination_rate, null as yearly_terminations, "
            "null as past_terminations from cases"
        )
        connection.execute(
            "create table int_termination_hazards as "
            "select scenario_id, 1 as replicate, 0 as termination_pool, "
            "false as is_sure_to_leave, false as is_outside_quota, unnest(range(opening)) as nth from cases"
        )
        # one segment with the whole company
        connection.execute(
            "create table int_segment_movements as select cases.scenario_id, 1 as replicate, "
            "2025 as simulation_year, 'all' as segment, 1 as segment_number, "
            "cases.target_growth_rate as growth, cast(null as bigint) as headcount, false as closes_gap, "
            "cases.opening as opening_headcount, "
            "coalesce(leaving.experienced_terminations, 0) as experienced_terminations, "
            "0 as hire_year_leavers, 0 as transfers_in, 0 as transfers_out, 0 as known_hires, "
            "0 as known_hire_leaves from cases "
            f"left join ({quota_models()['int_termination_quotas'].sql}) as leaving using (scenario_id)"
        )
        connection.execute(f"create table int_segment_targets as {quota_models()['int_segment_targets'].sql}")
        connection.execute(f"create table int_given_hires as {quota_models()['int_given_hires'].sql}")
        rows = connection.execute(
            "select target_headcount, experienced_terminations, reductions, hires, new_hire_terminations "
            f"from ({quota_models()['int_year_quotas'].sql}) order by scenario_id"
        ).fetchall()
    return [Quotas(*row) for row in rows]


@pytest.mark.slow
def test_a_grid_of_targets_and_small_sizes() -> None:
    sizes = (0, 1, 2, 3, 5, 10, 25, 50, 99, 100)
    grid = list(
        product(sizes, GROWTHS, map(Decimal, ("0", "0.12", "0.5", "1")), map(Decimal, ("0", "0.25", "0.5")))
    )
    assert quotas_by_sql(grid) == [quotas(*case) for case in grid]


@settings(max_examples=25)
@given(st.lists(cases, min_size=1, max_size=40))
def test_any_target_and_size(found: list[Case]) -> None:
    assert quotas_by_sql(found) == [quotas(*case) for case in found]


def summary_by_model(finished: Finished, scenario_id: str, opening: int) -> list[tuple[int, ...]]:
    """opening, hires, experienced, new-hire terminations, reductions, ending: year after year."""
    simulation, workforce = (
        finished.settings(scenario_id).simulation,
        finished.settings(scenario_id).workforce,
    )
    rows: list[tuple[int, ...]] = []
    for year in finished.years:
        found = quotas(
            opening,
            simulation.target_growth_rate.at(year),
            workforce.total_termination_rate.at(year),
            workforce.new_hire_termination_rate.at(year),
        )
        rows.append(
            (
                opening,
                found.hires,
                found.experienced_terminations,
                found.new_hire_terminations,
                found.reductions,
                found.ending_headcount,
            )
        )
        opening = found.ending_headcount
    return rows


def summary_of(finished: Finished, scenario_id: str, replicate: int = 1) -> list[tuple[int, ...]]:
    """The same figures as the run has them."""
    rows = finished.summary.filter(scenario_id=scenario_id, replicate=replicate)
    return rows.select(
        "opening_headcount",
        "hires",
        "experienced_terminations",
        "new_hire_terminations",
        "reductions",
        "ending_headcount",
    ).rows()


@pytest.mark.parametrize("scenario_id", EXACT)
def test_every_year_of_every_replicate_meets_its_targets(
    finished: Finished, opening_census: pl.DataFrame, scenario_id: str
) -> None:
    opening = opening_census["termination_date"].null_count()
    expected = summary_by_model(finished, scenario_id, opening)
    assert summary_of(finished, scenario_id, 1) == expected
    assert summary_of(finished, scenario_id, 2) == expected


def test_the_events_are_as_many_as_the_summary_says(finished: Finished) -> None:
    key = ["scenario_id", "replicate", "simulation_year"]
    counted = finished.events.group_by(key).agg(
        hires=(pl.col("event_type") == "hire").sum(),
        promotions=(pl.col("event_type") == "promotion").sum(),
        experienced_terminations=(pl.col("event_reason") == "experienced").sum(),
        new_hire_terminations=(pl.col("event_reason") == "new_hire").sum(),
        reductions=(pl.col("event_reason") == "reduction_in_force").sum(),
    )
    summary = finished.summary.select(counted.columns)
    assert summary.sort(key).rows() == counted.sort(key).rows()


@pytest.mark.slow
@pytest.mark.parametrize(("employees", "years"), [(1, "2025-2034"), (37, "2025-2034"), (1_000, "2025-2027")])
def test_growth_from_one_employee_upwards(tmp_path: Path, employees: int, years: str) -> None:
    scenarios = {
        f"growth{index}": {"simulation.target_growth_rate": str(growth)}
        for index, growth in enumerate(GROWTHS)
    }
    census = sample_census(employees).with_columns(termination_date=pl.lit(None, pl.Date))
    finished = simulate(tmp_path, census, years=years, scenarios=scenarios, close=False)
    for scenario_id in scenarios:
        assert summary_of(finished, scenario_id) == summary_by_model(finished, scenario_id, employees)


@pytest.mark.slow
def test_a_hundred_thousand_employees(tmp_path: Path) -> None:
    scenarios = {
        "shrink": {"simulation.target_growth_rate": "-0.10", "workforce.total_termination_rate": "0.05"},
        "grow": {"simulation.target_growth_rate": "0.20"},
    }
    census = sample_census(100_000).with_columns(termination_date=pl.lit(None, pl.Date))
    finished = simulate(tmp_path, census, scenarios=scenarios, threads=os.cpu_count() or 1, close=False)
    for scenario_id in scenarios:
        assert summary_of(finished, scenario_id) == summary_by_model(finished, scenario_id, 100_000)

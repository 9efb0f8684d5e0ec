"""The runs that the tests of results read, and their published views."""

import json
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest

from tasks.census.sample import sample_census
from tasks.runs.record import RunRecord, read_record
from tasks.warehouse.published import published
from tests.simulate import Finished, simulate
from tests.simulation.uncertain import document

#: Every kind of event: causes, factors by any attribute, transfers, targets, known actions.
RICH = {
    "workforce.termination": {
        "voluntary": {"factors": {"department": {"Sales": 1.4}, "level": {2: 0.8}}},
        "retirement": {"base": 0.2, "eligible": {"min_age": 58, "min_tenure": 5}, "mandatory_age": 67},
        "health": {"base": 0.02},
    },
    "workforce.promotion.factors": {"location": {"Denver": 1.5}},
    "workforce.transfer": {"base": 0.1, "by": "department", "factors": {"level": {1: 0.5}}},
    "compensation.enforce_minimum": True,
}
TARGETS = {
    "by": ["department"],
    "segments": [
        {"where": {"department": "Engineering"}, "growth": 0.1},
        {"where": {"department": "Sales"}, "growth": -0.3, "termination_rate": 0.18},
    ],
}
ACTIONS = """action_id,action,date,employee_id,count,level,salary,fte,cause,probability,department
goes,leave,2027-06-30,{0},,,,,voluntary,,
comes,hire,2027-09-01,,2,1,,,,,Sales
rises,promote,2027-04-01,{1},,2,70000,,,,
moves,transfer,2027-03-01,{2},,,,,,,Legal
before,transfer,2027-03-01,{2},,,,,,,Marketing
earns,raise,2027-05-01,{3},,,99000,,,,
rests,fte,2027-02-01,{4},,,,0.8,,,
never,raise,2027-05-01,{5},,,99000,,,0.000001,
ghost,leave,2027-05-01,X999,,,,,,,
past,raise,2020-05-01,{3},,,99000,,,,
beyond,raise,2031-05-01,{3},,,99000,,,,
"""


@pytest.fixture(scope="session")
def finished(awkward: Finished) -> Finished:
    return awkward


@pytest.fixture(scope="session")
def rich(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """Two years of a company of 600 in each mode, with every kind of event; for looking only."""
    folder = tmp_path_factory.mktemp("rich")
    census = sample_census(600, 7, date(2026, 12, 31))
    # whose actions can happen in 2027: not in Legal, to which one is to move, too young to retire
    others = census.filter(pl.col("termination_date").is_null(), pl.col("department") != "Legal", level=1)
    others = others.filter(pl.col("birth_date").dt.year() > 1980)
    ids = others["employee_id"].head(6).to_list()
    (folder / "actions.csv").write_text(ACTIONS.format(*ids), encoding="utf-8")
    scenarios = {
        "exact": {**RICH, "targets": TARGETS},
        "drawn": {**RICH, "targets": TARGETS, "simulation.mode": "expected"},
        "rates": {**RICH, "simulation.mode": "rates"},
    }
    return simulate(
        folder,
        census,
        years="2027-2028",
        scenarios=scenarios,
        sets=[f"plan.actions={folder / 'actions.csv'}"],
    )


@pytest.fixture(scope="session")
def uncertain(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """A stub and two whole fiscal years with uncertain assumptions: growth 0, shrinking, and drawn."""
    folder = tmp_path_factory.mktemp("drawn")
    (folder / "uncertainty.json").write_text(json.dumps(document()), encoding="utf-8")
    return simulate(
        folder,
        sample_census(120, 7, date(2026, 12, 31)),
        years="2027-2029",
        replicates=3,
        scenarios={
            "steady": {"simulation.target_growth_rate": 0},
            "shrinking": {"simulation.target_growth_rate": -0.08},
            "drawn": {"simulation.mode": "expected"},
        },
        sets=(
            "simulation.fiscal_year_start=07-01",
            "simulation.opening_date=2026-12-31",
            f"simulation.uncertainty={folder / 'uncertainty.json'}",
        ),
        close=False,
    )


@pytest.fixture
def results(finished: Finished) -> Iterator[duckdb.DuckDBPyConnection]:
    with published(finished.run.directory.results) as connection:
        yield connection


@pytest.fixture
def record(finished: Finished) -> RunRecord:
    return read_record(finished.run.directory)


@pytest.fixture
def rich_results(rich: Finished) -> Iterator[duckdb.DuckDBPyConnection]:
    with published(rich.run.directory.results) as connection:
        yield connection


@pytest.fixture(scope="session")
def dented(finished: Finished, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The published tables without Operations in the second replicate, with rows in another order."""
    results = tmp_path_factory.mktemp("dented") / "results"
    shutil.copytree(finished.run.directory.results, results)
    for file in results.glob("fct_month_summary/*/*/part.parquet"):
        rows = pl.read_parquet(file, hive_partitioning=False)
        lacking = (pl.col("replicate") == 2) & (pl.col("department") == "Operations")
        rows.filter(~lacking).sample(fraction=1, shuffle=True, seed=1).write_parquet(file)
    return results

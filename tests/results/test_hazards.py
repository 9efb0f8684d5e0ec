"""Recomputed hazards agree with the events; a contradiction raises an error."""

import re
from pathlib import Path
from shutil import copytree

import duckdb
import polars as pl
import pytest

from settings.models.workforce import WorkforceSettings
from tasks.results.hazards import (
    RecomputedOtherwise,
    compare_with_events,
    scaled_to_target,
    termination_hazards,
)
from tasks.results.report.figures import tables
from tasks.runs.record import read_record
from tasks.warehouse.published import published
from tests.simulate import Finished

SCALED = ["drawn"]  # the scenario of mode expected


def hazards_of(finished: Finished) -> pl.DataFrame:
    workforces: dict[str, WorkforceSettings] = {
        scenario.id: scenario.settings.workforce for scenario in finished.run.settings.scenarios
    }
    return termination_hazards(workforces, finished.years)


def of_first_leaver(finished: Finished, scenario: str) -> pl.Expr:
    """Return a filter for the hazard of the first experienced leaver of a scenario."""
    leaver = finished.events.filter(scenario_id=scenario, event_reason="experienced").row(0, named=True)
    key = {name: leaver[name] for name in ("scenario_id", "replicate", "simulation_year", "employee_id")}
    state = finished.snapshot.filter(**key).row(0, named=True)
    same = ("scenario_id", "simulation_year", "age_band", "tenure_band")
    return pl.all_horizontal(pl.col(name) == state[name] for name in same)


def test_hazards_of_the_settings_are_those_of_the_events(
    finished: Finished, results: duckdb.DuckDBPyConnection
) -> None:
    compare_with_events(results, hazards_of(finished), SCALED)


@pytest.mark.parametrize("scenario", ["base", "drawn"])
def test_a_different_hazard_is_refused(
    finished: Finished, results: duckdb.DuckDBPyConnection, scenario: str
) -> None:
    wrong = pl.when(of_first_leaver(finished, scenario)).then(0.99).otherwise(1.0)
    hazards = hazards_of(finished).with_columns(hazard=pl.col("hazard") * wrong)
    with pytest.raises(RecomputedOtherwise, match=f"scenario {scenario}, .* the settings give"):
        compare_with_events(results, hazards, SCALED)


def test_a_missing_hazard_is_refused(finished: Finished, results: duckdb.DuckDBPyConnection) -> None:
    hazards = hazards_of(finished).filter(~of_first_leaver(finished, "base"))
    with pytest.raises(RecomputedOtherwise, match="the settings give None"):
        compare_with_events(results, hazards, SCALED)


def test_scaled_hazards_pass_for_unscaled_in_no_scenario(
    finished: Finished, results: duckdb.DuckDBPyConnection
) -> None:
    with pytest.raises(RecomputedOtherwise, match=SCALED[0]):
        compare_with_events(results, hazards_of(finished), [])


def test_a_report_of_changed_settings_is_refused(
    finished: Finished, results: duckdb.DuckDBPyConnection
) -> None:
    record = read_record(finished.run.directory)
    ages = record.scenarios[0].settings["workforce"]["termination_hazard"]["age"]
    ages |= {band: str(2 * float(multiplier)) for band, multiplier in ages.items()}
    with pytest.raises(RecomputedOtherwise, match=f"scenario {record.scenarios[0].id}"):
        tables(results, record, ["turnover"])


def test_a_report_of_a_changed_event_is_refused(finished: Finished, tmp_path: Path) -> None:
    copytree(finished.run.directory.results, tmp_path / "results")
    event = finished.events.filter(scenario_id="drawn", event_reason="experienced").row(0, named=True)
    year = event["simulation_year"]
    part = tmp_path / f"results/fct_workforce_events/simulation_year={year}/scenario_id=drawn/part.parquet"
    rows = pl.read_parquet(part, hive_partitioning=False)
    key = {name: event[name] for name in ("replicate", "employee_id", "event_type")}
    changed = pl.when(**key).then(pl.col("hazard") / 2).otherwise(pl.col("hazard"))
    rows.with_columns(hazard=changed).write_parquet(part)
    with (
        published(tmp_path / "results") as connection,
        pytest.raises(RecomputedOtherwise, match=re.escape(event["employee_id"])),
    ):
        tables(connection, read_record(finished.run.directory), ["turnover"])


@pytest.mark.parametrize(
    ("rate", "scaled"),
    [
        (0.1, {0.2: 0.1 / 0.15 * 0.2, 0.1: 0.1 / 0.15 * 0.1}),
        (0.8, {0.2: 1.0, 0.1: 0.6}),  # 10 of 20 at 1, the rest shares 6
    ],
)
def test_hazards_scaled_to_a_target_sum_to_it(rate: float, scaled: dict[float, float]) -> None:
    cells = [(0.1, 10), (0.2, 10)]
    found = {hazard: scaled_to_target(hazard, cells, rate) for hazard, _ in cells}
    assert found == pytest.approx(scaled)
    assert sum(10 * value for value in found.values()) == pytest.approx(rate * 20)


def test_hazards_of_0_share_the_rest_if_all_others_are_1() -> None:
    cells = [(0.0, 10), (0.2, 10)]
    assert [scaled_to_target(hazard, cells, 0.75) for hazard, _ in cells] == pytest.approx([0.5, 1.0])

"""Recomputed hazards agree with the events; a contradiction raises an error."""

import re
from pathlib import Path
from shutil import copytree
from typing import Any

import duckdb
import polars as pl
import pytest

from tasks.results import hazards
from tasks.results.hazards import (
    RecomputedOtherwise,
    compare_with_events,
    compute_hazards,
    scaled_to_target,
)
from tasks.results.report.figures import tables
from tasks.runs.record import RunRecord, read_record
from tasks.warehouse.published import published
from tests.simulate import Finished


def record_with(finished: Finished, scenario: str, **settings: Any) -> RunRecord:
    """Return the run's record in which a scenario has other settings, by dotted key with `__` for `.`."""
    record = read_record(finished.run.directory)
    (changed,) = [one for one in record.scenarios if one.id == scenario]
    for key, value in settings.items():
        *groups, name = key.split("__")
        place: Any = changed.settings
        for group in groups:
            place = place[group]
        place[name] = value
    return record


@pytest.mark.slow
def test_hazards_of_the_settings_are_those_of_the_events(
    rich: Finished, rich_results: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared = []

    def compute(connection: duckdb.DuckDBPyConnection, of: str, parameters: dict[str, Any]) -> None:
        compute_hazards(connection, of, parameters)
        rows = connection.sql(
            "select event_id from fct_workforce_events as e join exposed as x using (scenario_id, replicate, "
            "simulation_year, employee_id) where e.hazard is not null"
        )
        compared.extend(rows.fetchall())

    monkeypatch.setattr(hazards, "compute_hazards", compute)
    compare_with_events(rich_results, read_record(rich.run.directory))
    with_hazard = rich.events.filter(
        pl.col("hazard").is_not_null(), ~pl.col("event_reason").eq_missing("new_hire")
    )
    assert len(compared) == len(set(compared)) == with_hazard.height
    assert {"termination", "promotion", "transfer"} == set(with_hazard["event_type"])
    assert with_hazard["cause"].drop_nulls().n_unique() == 4, "three causes and reductions"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("scenario", "settings", "event"),
    [
        ("exact", {"workforce__termination__voluntary__base": 0.0401}, "termination"),
        ("exact", {"workforce__promotion__level_damping": 0.1}, "promotion"),
        (
            "exact",
            {"workforce__termination__retirement__eligible": {"min_age": 30, "min_tenure": 0}},
            "termination",
        ),
        ("exact", {"workforce__termination__voluntary__factors": {"level": {"1": 0.9}}}, "termination"),
        ("exact", {"workforce__transfer__factors": {"department": {"Legal": 3}}}, "transfer"),
        ("drawn", {"workforce__termination__voluntary__factors__tenure__<2": 1.7}, "termination"),
        ("drawn", {"simulation__mode": "exact"}, "termination"),
        ("drawn", {"targets": None}, "termination"),  # the segment with a rate of its own is scaled apart
    ],
)
def test_other_settings_are_refused(
    rich: Finished,
    rich_results: duckdb.DuckDBPyConnection,
    scenario: str,
    settings: dict[str, Any],
    event: str,
) -> None:
    record = record_with(rich, scenario, **settings)
    with pytest.raises(
        RecomputedOtherwise, match=f"scenario {scenario}, .* type {event} has hazard .* the settings give"
    ):
        compare_with_events(rich_results, record)


@pytest.mark.slow
def test_settings_without_the_rate_of_an_event_are_refused(
    rich: Finished, rich_results: duckdb.DuckDBPyConnection
) -> None:
    with pytest.raises(RecomputedOtherwise, match=r"type transfer .* the settings give None"):
        compare_with_events(rich_results, record_with(rich, "exact", workforce__transfer=None))


def test_the_report_is_refused_if_an_event_contradicts_the_settings(
    finished: Finished, tmp_path: Path
) -> None:
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
    ("target", "scaled"),
    [
        (2, {0.2: 0.1 / 0.15 * 0.2, 0.1: 0.1 / 0.15 * 0.1}),
        (16, {0.2: 1.0, 0.1: 0.6}),  # 10 of 20 at 1, the rest shares 6
    ],
)
def test_hazards_scaled_to_a_target_sum_to_it(target: float, scaled: dict[float, float]) -> None:
    found = scaled_to_target({0.1: 10, 0.2: 10}, target)
    assert found == pytest.approx(scaled)
    assert sum(10 * value for value in found.values()) == pytest.approx(target)


def test_nobody_else_leaves_if_known_leavers_exceed_the_target() -> None:
    assert scaled_to_target({0.1: 10, 0.2: 10}, -1.5) == {0.1: 0, 0.2: 0}


def test_hazards_of_0_share_the_rest_if_all_others_are_1() -> None:
    assert scaled_to_target({0.0: 10, 0.2: 10}, 15) == pytest.approx({0.0: 0.5, 0.2: 1.0})

"""Shards: every path in exactly one, rows as in a single pass, and a failed one simulated again alone."""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from settings import InputError, load_settings
from tasks.ensembles import replicates, shards
from tasks.ensembles.shard_run import simulate_shard
from tasks.ensembles.shards import Shard, missing, split, write_plan
from tasks.ensembles.storage import Storage
from tasks.runs.directory import RunDirectory
from tasks.runs.request import RunRequest, accept
from tasks.simulation.opening import create_run
from tasks.simulation.run import Run
from tasks.warehouse import dbt
from tasks.warehouse.database import Database
from tests.simulate import Finished, finish


@given(
    scenarios=st.integers(1, 30),
    replicates=st.integers(1, 300),
    first=st.integers(1, 99),
    parts=st.integers(1, 50),
)
def test_every_path_is_in_one_shard(scenarios: int, replicates: int, first: int, parts: int) -> None:
    numbers = range(first, first + replicates)
    found = [
        (scenario, replicate)
        for shard in split(scenarios, numbers, parts)
        for scenario in range(shard.first_scenario, shard.last_scenario + 1)
        for replicate in range(shard.first_replicate, shard.last_replicate + 1)
    ]
    assert len(found) == len(set(found)) == scenarios * replicates
    assert {replicate for _, replicate in found} == set(numbers)


def test_the_number_of_shards_follows_memory() -> None:
    settings = load_settings(environ={}, sets=["simulation.replicates=100", "machine.memory_limit=3GB"])
    assert shards.shards_of(settings, 1000) == 1
    assert shards.shards_of(settings, 100_000) == 10  # 30 GB of rows in 3 GB
    assert shards.shards_of(settings, 1_000_000_000) == 100  # a path is not divided


@pytest.mark.parametrize(
    "override",
    [
        "",
        "workforce.transfer: {base: 0.1, by: location}",
        "targets: {by: [location], segments: [{where: {location: Austin}, growth: 0}]}",
        "plan.actions: actions.csv",
    ],
)
def test_scenarios_that_may_add_combinations_are_not_split(override: str, tmp_path: Path) -> None:
    """Combinations and moves are numbered over all scenarios of a shard: each shard must have the same."""
    for name, overrides in (("a", ""), ("b", override)):
        (tmp_path / f"{name}.yaml").write_text(f"id: {name}\noverrides: {{{overrides}}}\n")
    files = sorted(tmp_path.glob("*.yaml"))
    settings = load_settings(environ={}, scenarios=files, sets=["ensemble.shards=4"])
    found = shards.plan_shards(settings, 1000, range(1, 3))
    assert [(part.first_scenario, part.last_scenario) for part in found] == (
        [(0, 1)] * 2 if override else [(0, 0), (1, 1)] * 2
    )


def open_run(census: pl.DataFrame, scenarios: Path, output: Path) -> Run:
    census.write_parquet(output / "census.parquet")
    request = RunRequest(
        census=output / "census.parquet",
        scenarios=tuple(sorted(scenarios.glob("*.yaml"))),
        replicates=5,
        years="2025-2026",
        output=output,
        run_id="run",
    )
    return create_run(RunDirectory(output / "run"), accept(request))


def gather(run: Run, parts: list[Shard]) -> Finished:
    write_plan(run.directory, parts)
    return finish(run)


@pytest.mark.slow
def test_shards_give_the_rows_of_a_single_pass(
    finished: Finished, census: pl.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = open_run(census, finished.run.directory.path.parent, tmp_path)
    parts = split(3, range(1, 6), 2)
    # the second shard fails in its second year at the first attempt, as a killed worker leaves it
    builds = fail_build(monkeypatch, 6)  # each shard builds a baseline and two years
    simulate_shard(run.directory.path, parts[0], 1)
    with pytest.raises(MemoryError):
        simulate_shard(run.directory.path, parts[1], 1)
    assert missing(run.directory, parts) == [parts[1]]
    first = parts[0].rows(run.directory)
    written = {file: file.stat().st_mtime_ns for file in first.iterdir()}
    builds.clear()
    for part in parts:
        simulate_shard(run.directory.path, part, 1)
    assert not missing(run.directory, parts)
    assert builds.count(["tag:year"]) == 1  # its last year alone
    assert [] not in builds  # which is the baseline
    assert written == {file: file.stat().st_mtime_ns for file in first.iterdir()}  # it was left alone
    whole = gather(run, parts)
    assert whole.content_hashes == finished.content_hashes
    key = "scenario_id, replicate, simulation_year, employee_id"
    for table, order in (("fct_workforce_events", f"{key}, event_sequence"), ("fct_workforce_snapshot", key)):
        query = f"select * from {table} order by {order}"
        assert whole.query(query).equals(finished.query(query))
    # the checks are of all paths together, as in a single pass
    checks = "select * from mon_data_quality order by simulation_year, check_name"
    assert whole.query(checks).equals(finished.query(checks))
    assert not (run.directory.path / "shards").exists()


def fail_build(monkeypatch: pytest.MonkeyPatch, number: int) -> list[list[str]]:
    """Let the build of that number fail; returns the list in which builds are kept, by what they select."""
    builds: list[list[str]] = []
    build = dbt.build

    def failing(database: Database, select: list[str], **options: Any) -> list[dbt.NodeResult]:
        builds.append(select)
        if len(builds) == number:
            raise MemoryError("made to fail")
        return build(database, select, **options)

    monkeypatch.setattr(dbt, "build", failing)
    return builds


@pytest.mark.slow
def test_a_lost_shard_is_noticed(finished: Finished, census: pl.DataFrame, tmp_path: Path) -> None:
    """Rows of fewer paths than the run has are no complete year."""
    run = open_run(census, finished.run.directory.path.parent, tmp_path)
    part = Shard(1, 1, 0, 2)
    simulate_shard(run.directory.path, part, 1)
    with pytest.raises(shards.ShardsIncomplete, match="of 15 paths"):
        gather(run, [part])
    with pytest.raises(shards.ShardsIncomplete, match="1 shards are not simulated yet: replicates-2-5"):
        shards.gather_year(run, [part, Shard(2, 5, 0, 2)], 2025)


@pytest.mark.slow
def test_precision_adds_the_replicates_it_takes(census: pl.DataFrame, tmp_path: Path) -> None:
    """Replicates follow on, at most fourfold and up to the limit, until the precision is reached."""
    census.write_parquet(tmp_path / "census.parquet")
    request = RunRequest(
        census=tmp_path / "census.parquet",
        sets=("ensemble.precision={payroll: 0.000001}", "ensemble.shards=1"),
        years="2025-2025",
        output=tmp_path,
        run_id="run",
    )
    run = create_run(RunDirectory(tmp_path / "run"), accept(request))
    parts = replicates.plan(run)
    assert parts == [Shard(1, 10, 0, 0)]
    simulate_shard(run.directory.path, parts[0], 1)
    assert replicates.more_shards(run, parts) == [Shard(11, 40, 0, 0)]
    assert shards.read_plan(run.directory) == [*parts, Shard(11, 40, 0, 0)]
    assert replicates.more_shards(with_ensemble(run, max_replicates=25), parts) == [Shard(11, 25, 0, 0)]
    assert replicates.more_shards(with_ensemble(run, max_replicates=10), parts) == []
    # a fifth of the payroll is reached at once
    assert replicates.more_shards(with_ensemble(run, precision={"payroll": 0.2}), parts) == []
    replicates.widen(run, parts)
    assert run.settings.base.simulation.replicates == 10


def with_ensemble(run: Run, **changes: Any) -> Run:
    base = run.settings.base
    changed = base.model_copy(update={"ensemble": base.ensemble.model_copy(update=changes)})
    return replace(run, settings=replace(run.settings, base=changed))


@pytest.mark.slow
def test_a_shard_through_a_store(finished: Finished, census: pl.DataFrame, tmp_path: Path) -> None:
    """The worker has the store alone; its rows are got only when complete, and nothing stays behind."""
    run = open_run(census, finished.run.directory.path.parent, tmp_path)
    store = Storage(f"file://{tmp_path}/store", "run")
    part = Shard(2, 2, 1, 1)
    store.put_input(run.directory)
    assert not store.get_rows(part, run.directory)
    simulate_shard(Path("elsewhere/run"), part, 1, store)
    assert json.loads(store.get_status(part) or "{}")["pid"] == os.getpid()
    complete = tmp_path / "store" / "run" / "shards" / part.name / "complete"
    complete.rename(tmp_path / "aside")
    assert not store.get_rows(part, run.directory)
    (tmp_path / "aside").rename(complete)
    assert store.get_rows(part, run.directory)
    key = "scenario_id, replicate, simulation_year, employee_id, event_sequence"
    with duckdb.connect() as connection:
        file = str(part.rows(run.directory) / "int_workforce_events.parquet")
        rows = connection.read_parquet(file).order(key).pl()
    expected = finished.events.filter((pl.col("scenario_id") == "growth") & (pl.col("replicate") == 2))
    columns = [name for name in expected.columns if name in rows.columns]  # the view has dimensions too
    assert rows.select(columns).equals(expected.select(columns))
    store.remove()
    assert not (tmp_path / "store" / "run").exists()


@pytest.mark.parametrize(
    ("sets", "message"),
    [
        ({"storage": "nowhere://folder"}, r"ensemble\.storage: nowhere://folder cannot be written"),
        ({"storage": "file:///proc/nothing"}, r"ensemble\.storage: .* cannot be written \(\w+Error"),
    ],
)
def test_requirements_of_shards_are_checked_before_a_run_is_created(
    sets: dict[str, str], message: str
) -> None:
    settings = load_settings(
        environ={},
        sets=["ensemble.shards=2", *(f"ensemble.{key}={value}" for key, value in sets.items())],
    )
    with pytest.raises(InputError, match=message):
        replicates.check(settings, 100)

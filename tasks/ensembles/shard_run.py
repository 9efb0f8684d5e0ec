"""Simulates one shard as a separate run of its scenarios and replicates, and keeps only the rows."""

import os
import shutil
import tempfile
import threading
import time
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from settings import ResolvedSettings, load_settings
from tasks.ensembles.shards import QUOTAS, Shard, missing, stored_tables
from tasks.ensembles.storage import Storage
from tasks.runs.directory import RunDirectory
from tasks.runs.progress import Progress, peak_memory_mb
from tasks.runs.record import RunRecord, read_record
from tasks.runs.request import Accepted
from tasks.runs.resume import recorded_census, recorded_plans, recorded_uncertainty
from tasks.simulation.opening import create_run, reopen_run
from tasks.simulation.preparation import build_baseline
from tasks.simulation.run import Run
from tasks.simulation.year import build_year, close_year, open_year, simulate_years
from tasks.warehouse.database import Database, literal


def simulate_shard(
    run_path: Path, shard: Shard, workers: int, storage: Storage | None = None
) -> dict[str, Any]:
    """Simulate a shard in this process and store its rows, unless they exist.

    `workers` processes share the machine's threads and memory. With a store, input and rows are exchanged
    through it, and only the name of the run's path matters. Returns seconds and peak memory in MB.
    """
    started = time.perf_counter()
    if storage is None:
        _simulate(RunDirectory(run_path), shard, workers)
    else:
        with tempfile.TemporaryDirectory(prefix="workforce-shard-") as folder:
            run = RunDirectory(Path(folder) / storage.run_id)
            storage.get_input(run)
            with storage.status_of(shard, run):
                _simulate(run, shard, workers)
            storage.put_rows(shard, shard.rows(run))
    return {"seconds": time.perf_counter() - started, "peak_memory_mb": peak_memory_mb()}


def _simulate(parent: RunDirectory, shard: Shard, workers: int) -> None:
    if not missing(parent, [shard]):
        return
    run = _open(parent, shard, workers)
    with run.at_work():
        simulate_years(run, build_baseline(run), SHARD_YEAR)
        _store_rows(run, shard.rows(parent))
    run.database.remove()


@cache
def end_with(process: int) -> None:
    """End this worker process when the process that started it has ended, even if it was killed."""

    def watch() -> None:
        while os.getppid() == process:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, name="end-with-parent", daemon=True).start()


def _open(parent: RunDirectory, shard: Shard, workers: int) -> Run:
    directory = shard.directory(parent)
    settings = _settings(read_record(parent), shard, workers)
    if directory.record.exists():
        run = reopen_run(directory, settings)
    else:
        shutil.rmtree(directory.path, ignore_errors=True)  # left by an attempt that was killed at its start
        census = replace(recorded_census(parent), rejects=pl.DataFrame(schema={"row_number": pl.Int64}))
        # Findings of severity error stop the shard before hours of work; the whole run reports the others.
        severity = settings.base.checks.severities.model_dump()
        stopping = tuple(each for each in census.findings if severity[each.check] == "error")
        census = replace(census, findings=stopping)
        plans = recorded_plans(parent).of_scenarios([scenario.id for scenario in settings.scenarios])
        run = create_run(
            directory, Accepted(settings, census, parent.census, plans, recorded_uncertainty(parent))
        )
    return replace(run, progress=Progress(directory, run.years, shown=False))


def _settings(record: RunRecord, shard: Shard, workers: int) -> ResolvedSettings:
    """Return the recorded settings for the shard's paths; this process's environment has no effect."""
    own = record.of_scenarios(record.scenario_ids[shard.first_scenario : shard.last_scenario + 1])
    resolved = load_settings(recorded=own, environ={})
    database = Database.of(Path("unused"), resolved.base.machine)
    sets = [
        f"simulation.first_replicate={shard.first_replicate}",
        f"simulation.replicates={shard.last_replicate - shard.first_replicate + 1}",
        f"machine.threads={max(1, database.threads // workers)}",
        f"machine.memory_limit={database.memory_bytes // workers >> 20}MiB",
        "dbt.node_tasks=false",  # tasks of models need a flow in the same process
    ]
    return load_settings(recorded=own, environ={}, sets=sets)


def _keep_quotas(run: Run, year: int) -> None:
    """Save the year's quotas, which the next year replaces."""
    with run.database.connect() as connection:
        connection.table(QUOTAS).write_parquet(str(run.directory.path / f"quotas-{year}.parquet"))


#: Steps of a shard's year; checks and publication follow for the whole run.
SHARD_YEAR = (open_year, build_year, _keep_quotas, close_year)


def _store_rows(run: Run, rows: Path) -> None:
    """Write every table; the folder is renamed last, which marks the shard as complete."""
    writing = rows.with_name(".writing-rows")
    shutil.rmtree(writing, ignore_errors=True)
    writing.mkdir()
    with run.database.connect() as connection:
        for table in stored_tables():
            kept = (
                connection.read_parquet(f"{literal(run.directory.path)}/quotas-*.parquet")
                if table == QUOTAS
                else connection.table(table).filter(f"simulation_year >= {run.years.start}")
            )
            kept.write_parquet(str(writing / f"{table}.parquet"), compression="zstd")
    writing.rename(rows)

"""Monitoring over all runs of an output directory, from what they published."""

import os
import shutil
from pathlib import Path

import duckdb

from tasks.runs.directory import RunDirectory
from tasks.runs.request import RunRequest
from tasks.runs.resume import recorded_settings
from tasks.simulation.opening import reopen_run
from tasks.simulation.preparation import prepare
from tasks.warehouse.published import published


def sibling(run: RunDirectory, name: str) -> RunDirectory:
    shutil.copytree(run.path, run.path.with_name(name))
    return RunDirectory(run.path.with_name(name))


def test_every_run_is_in_the_history_without_reading_its_database(copy: RunDirectory) -> None:
    other, damaged = sibling(copy, "other"), sibling(copy, "damaged")
    other.database.unlink()
    os.truncate(next(damaged.results.glob("mon_data_quality/*/part.parquet")), 10)
    prepare(reopen_run(copy, recorded_settings(copy, RunRequest())))

    with duckdb.connect(copy.database, read_only=True) as connection:
        runs = connection.execute(
            "select run_id, status, employees, seconds > 0, is_within_limits, rows_written, "
            "rows_per_second > 0, peak_memory_mb > 50, database_mb > 1, checks_passed, checks_warned, "
            "checks_failed "
            "from history_runs order by run_id"
        ).fetchall()
        steps = "select count(*) from history_pipeline_performance where run_id = ?"
        of_this, of_other = (connection.execute(steps, [name]).fetchone() for name in ("run", "other"))
        checks = connection.execute(
            "select run_id, count(*) from history_data_quality group by run_id order by run_id"
        ).fetchall()
        written = connection.execute("select sum(rows_written) from year_ledger").fetchone()
    assert written
    assert [run[0] for run in runs] == ["other", "run"], "unreadable records are skipped"
    assert runs[0][1:] == ("complete", 50, True, True, written[0], True, True, True, checks[0][1], 0, 0)
    assert runs[1][1] == "running"
    assert checks[0][1] == checks[1][1] > 25
    assert of_this and of_other and of_this[0] >= of_other[0] > 100


def test_the_duration_of_each_step_is_published(copy: RunDirectory, tmp_path: Path) -> None:
    with published(copy.results) as connection:
        steps = connection.execute(
            "select simulation_year, list(step order by step) from mon_pipeline_performance "
            "where step not like 'model %' and step not like 'test %' group by all order by 1 nulls first"
        ).fetchall()
        models = connection.execute(
            "select count(*) from mon_pipeline_performance where step = 'model int_workforce_events' "
            "and simulation_year = 2026 and seconds >= 0"
        ).fetchone()
        build = connection.execute(
            "select rows, rows_per_second > 0 from mon_pipeline_performance "
            "where step = 'dbt build' and simulation_year = 2026"
        ).fetchone()
        growth = connection.execute("select simulation_year from growth_report order by 1").fetchall()
    assert steps == [
        (None, ["create views", "dbt build of input and baseline", "prepare", "report"]),
        (2024, ["checks"]),
        *((year, ["checks", "close year", "dbt build", "open year", "publish"]) for year in (2025, 2026)),
    ]
    assert models == (1,)
    assert build and build[0] > 100 and build[1]
    assert growth == [(2025,), (2026,)]

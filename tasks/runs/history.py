"""The history of all runs of an output directory, for monitoring.

It is read from run.json and published files, never from another run's database, so that it does not disturb
a running process. A run with unreadable files is skipped.
"""

import logging
from itertools import islice

import duckdb
import polars as pl

from tasks.runs.directory import RunDirectory
from tasks.runs.record import RunRecord, readable_records
from tasks.warehouse.publish import CHECKS, PERFORMANCE
from tasks.warehouse.published import published

log = logging.getLogger("workforce")

MOST_RUNS = 50

RUNS = pl.Schema(
    {
        "run_id": pl.String,
        "status": pl.String,
        "started_at": pl.String,
        "finished_at": pl.String,
        "first_year": pl.Int32,
        "last_year": pl.Int32,
        "scenarios": pl.Int32,
        "replicates": pl.Int32,
        "employees": pl.Int64,
        "settings_hash": pl.String,
        "run_limit_seconds": pl.Float64,
        "year_limit_seconds": pl.Float64,
    }
)
STEPS = pl.Schema(
    {
        "run_id": pl.String,
        "step": pl.String,
        "simulation_year": pl.Int32,
        "seconds": pl.Float64,
        "rows": pl.Int64,
        "peak_memory_mb": pl.Float64,
        "database_mb": pl.Float64,
    }
)
QUALITY = pl.Schema(
    {
        "run_id": pl.String,
        "check_name": pl.String,
        "simulation_year": pl.Int32,
        "status": pl.String,
        "severity": pl.String,
        "observed": pl.String,
        "expected": pl.String,
        "details": pl.String,
    }
)

#: Tables of schema `inputs`, each with the published table that it is read from.
HISTORY_TABLES = {"history_runs": RUNS, "history_steps": STEPS, "history_checks": QUALITY}
_PUBLISHED = {"history_steps": PERFORMANCE, "history_checks": CHECKS}


def run_history(directory: RunDirectory, status: str = "running") -> dict[str, pl.DataFrame]:
    """Return the newest runs of the output directory, one frame per table.

    Of `directory` itself it has run.json only, with `status`, which it is about to get: the rest is in its
    database.
    """
    found = {name: [schema.to_frame()] for name, schema in HISTORY_TABLES.items()}
    for run, record in islice(readable_records(directory.path.resolve().parent), MOST_RUNS):
        is_this = run.path.resolve() == directory.path.resolve()
        try:
            entry = _entry(run, record, status if is_this else record.status)
            tables = {} if is_this else _published_tables(run)
        except (KeyError, TypeError, OSError, duckdb.Error, pl.exceptions.PolarsError) as error:
            log.debug("%s is skipped in the history: %s", run.path, error)
            continue
        found["history_runs"].append(entry)
        for name, rows in tables.items():
            found[name].append(rows)
    return {name: pl.concat(frames) for name, frames in found.items()}


def _entry(run: RunDirectory, record: RunRecord, status: str) -> pl.DataFrame:
    sla = record.settings["sla"]
    return pl.DataFrame(
        {
            "run_id": run.run_id,
            "status": status,
            "started_at": record.started_at,
            "finished_at": record.finished_at,
            "first_year": record.years[0],
            "last_year": record.years[1],
            "scenarios": len(record.scenarios),
            "replicates": record.replicates,
            "employees": record.census.employees,
            "settings_hash": record.settings_hash,
            "run_limit_seconds": sla["run_seconds"],
            "year_limit_seconds": sla["year_seconds"],
        },
        schema=RUNS,
        strict=False,
    )


def _published_tables(run: RunDirectory) -> dict[str, pl.DataFrame]:
    tables = {}
    with published(run.results) as connection:
        views = {name for (name,) in connection.execute("select view_name from duckdb_views()").fetchall()}
        for name, table in _PUBLISHED.items():
            if table not in views:  # nothing is published yet
                continue
            rows = connection.table(table).pl().with_columns(run_id=pl.lit(run.run_id))
            tables[name] = rows.select(  # a run of an older version may lack a column
                (pl.col(column) if column in rows.columns else pl.lit(None, dtype)).cast(dtype).alias(column)
                for column, dtype in HISTORY_TABLES[name].items()
            )
    return tables

"""Reads the published results of earlier runs of an output directory."""

from itertools import islice
from typing import Any

import polars as pl

from settings.models.shaping import STAFF_SECTIONS, shapes_staff
from tasks.runs.directory import RunDirectory
from tasks.runs.record import RunRecord, read_record, readable_records
from tasks.warehouse.published import published

MOST_RUNS = 100

EARLIER_RUNS = pl.Schema(
    {
        "run_id": pl.String,
        "scenario_id": pl.String,
        "replicate": pl.Int32,
        "simulation_year": pl.Int32,
        "opening_headcount": pl.Int64,
        "hires": pl.Int64,
        "experienced_terminations": pl.Int64,
        "new_hire_terminations": pl.Int64,
        "reductions": pl.Int64,
        "promotions": pl.Int64,
        "cola_raises": pl.Int64,
        "merit_raises": pl.Int64,
        "ending_headcount": pl.Int64,
    }
)


def earlier_runs(directory: RunDirectory) -> pl.DataFrame:
    """Return year summaries of complete runs beside this one, with its input except seed and replicates."""
    own = comparable(read_record(directory))
    alike = (
        run
        for run, record in readable_records(directory.path.parent)
        if run.path != directory.path and record.status == "complete" and comparable(record) == own
    )
    return pl.concat([EARLIER_RUNS.to_frame(), *(_summary(run) for run in islice(alike, MOST_RUNS))])


def comparable(record: RunRecord) -> tuple[Any, ...]:
    """Return what runs to compare must have in common: the model of each scenario, census, actions, code."""
    models = [
        (
            scenario.id,
            {
                f"{section}.{key}": value
                for section in STAFF_SECTIONS
                for key, value in (scenario.settings.get(section) or {}).items()
                if shapes_staff(f"{section}.{key}")
            },
        )
        for scenario in record.scenarios
    ]
    own = record.inputs
    return models, own.census, own.actuals, own.actions, own.uncertainty, own.models


def _summary(run: RunDirectory) -> pl.DataFrame:
    with published(run.results) as connection:
        if not connection.execute("from duckdb_views() where view_name = 'fct_year_summary'").fetchall():
            return EARLIER_RUNS.to_frame()  # its results were removed
        rows = connection.table("fct_year_summary").pl()
    return rows.with_columns(pl.lit(run.run_id).alias("run_id")).select(
        pl.col(name).cast(dtype) for name, dtype in EARLIER_RUNS.items()
    )

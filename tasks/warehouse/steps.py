"""The step log: what each step and each dbt node took, behind mon_pipeline_performance."""

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass

import duckdb

from tasks.warehouse.database import insert_rows
from tasks.warehouse.dbt import NodeResult

STEP_LOG = """
create schema if not exists operations;
create table if not exists operations.step_log (
    step varchar not null,
    simulation_year integer,
    seconds double not null,
    rows bigint,
    peak_memory_mb double,
    database_mb double
)
"""


@dataclass
class Step:
    """One step of one year (None: of the run) and what it took."""

    name: str
    year: int | None
    seconds: float = 0.0
    rows: int | None = None
    peak_memory_mb: float | None = None
    database_mb: float | None = None  # size of the file when the step ended


def create_step_log(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the table behind mon_pipeline_performance."""
    connection.execute(STEP_LOG)


def log_steps(connection: duckdb.DuckDBPyConnection, steps: Iterable[Step]) -> None:
    """Add steps to the log."""
    insert_rows(connection, "operations.step_log", [astuple(step) for step in steps])


def steps_of(results: Sequence[NodeResult], year: int | None) -> list[Step]:
    """The models and tests of a build as steps of the log."""
    return [Step(f"{result.kind} {result.name}", year, result.seconds) for result in results]

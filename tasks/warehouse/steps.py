"""The step log, the source of mon_pipeline_performance: time, rows and memory of each step and dbt node."""

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass

import duckdb

from tasks.system.queries import read_query
from tasks.warehouse.database import insert_rows
from tasks.warehouse.dbt import NodeResult


@dataclass
class Step:
    """One step of a year (None: of the run) with its time, rows and memory."""

    name: str
    year: int | None
    seconds: float = 0.0
    rows: int | None = None
    peak_memory_mb: float | None = None
    database_mb: float | None = None  # size of the file when the step ended


def create_step_log(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the step log if it does not exist."""
    connection.execute("create schema if not exists operations")
    connection.execute(read_query(__package__, "create_step_log"))


def log_steps(connection: duckdb.DuckDBPyConnection, steps: Iterable[Step]) -> None:
    """Add steps to the log."""
    insert_rows(connection, "operations.step_log", [astuple(step) for step in steps])


def steps_of(results: Sequence[NodeResult], year: int | None) -> list[Step]:
    """Return the models and tests of a build as steps for the log."""
    return [Step(f"{result.kind} {result.name}", year, result.seconds) for result in results]

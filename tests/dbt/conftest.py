"""A small database with the opening state and one simulated year, built by dbt."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import polars as pl
import pytest

from settings import load_settings
from settings.loading.loader import default_settings
from tasks.census.read import Census
from tasks.runs.earlier_runs import EARLIER_RUNS
from tasks.runs.history import HISTORY_TABLES
from tasks.warehouse.database import Database
from tasks.warehouse.dbt import NodeResult, build
from tasks.warehouse.inputs import set_simulation_year, write_checks, write_history, write_inputs
from tasks.warehouse.ledger import create_ledger
from tasks.warehouse.steps import create_step_log

DIMENSIONS = ("department", "location")


@dataclass(frozen=True)
class Prepared:
    """A database in which 2025 is built, and what dbt did to build it."""

    database: Database
    first_build: list[NodeResult]
    year_build: list[NodeResult]


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prepared]:
    """Ten employees, one of whom left before the first year; one has no location."""
    path: Path = tmp_path_factory.mktemp("dbt") / "simulation.duckdb"
    database = Database.of(
        path, default_settings().machine.model_copy(update={"threads": 2, "memory_limit": "1GB"})
    )
    with database.connect() as connection:
        settings = load_settings(environ={})
        write_inputs(connection, settings.scenarios, range(1, 3), _census())
        write_checks(connection, settings.base, _census(), EARLIER_RUNS.to_frame())
        write_history(connection, {name: schema.to_frame() for name, schema in HISTORY_TABLES.items()}, "run")
        create_step_log(connection)
        create_ledger(connection)
    with database.connect():  # working rows are in memory, as long as a connection is open
        first = build(database)
        with database.connect() as connection:
            set_simulation_year(connection, 2025)
        yield Prepared(database, first, build(database, ["tag:year"]))


@pytest.fixture
def connection(prepared: Prepared) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the prepared database."""
    with prepared.database.connect() as opened:
        yield opened


def _census() -> Census:
    rows = [
        {
            "employee_id": f"{number:04}",
            "birth_date": date(1970 + 3 * number, 2, 28),
            "hire_date": date(2010 + number, 7, 1),
            "termination_date": date(2024, 5, 31) if number == 4 else None,
            "level": 1 + number % 5,
            "level_inferred": False,
            "salary": Decimal(60_000 + 40_000 * (number % 5)),
            "department": "Sales" if number % 2 else "Operations",
            "location": None if number == 7 else "Oslo",
        }
        for number in range(10)
    ]
    return Census(
        employees=pl.DataFrame(rows, schema_overrides={"termination_date": pl.Date}),
        rejects=pl.DataFrame(),
        rows_read=len(rows),
        skipped_terminated=0,
        dimensions=DIMENSIONS,
        dropped_columns=(),
        sha256="",
    )

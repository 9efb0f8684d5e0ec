"""Simulate in memory, for studies: the SQL of the dbt project without Prefect and without dbt's runner.

dbt compiles the models once. Then each year executes the statements that the wanted tables need. No checks
run and nothing is stored, so confirm the result of a study by a run. The figures equal those of a run.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import cache

import duckdb
import polars as pl

from settings import Scenario
from settings.models.uncertainty import Uncertainty
from tasks.census.read import Census
from tasks.simulation.year import simulate_years
from tasks.text.costs import COST_COLUMNS
from tasks.warehouse.changes import changes_in_use
from tasks.warehouse.compiled import (
    CompiledModel,
    compiled_models,
    in_order_of_creation,
    needed_for,
    share_views,
)
from tasks.warehouse.database import ATTACH_WORK, Database
from tasks.warehouse.inputs import set_simulation_year, write_inputs

#: What studies read.
YEAR_SUMMARY = ("fct_year_summary",)
#: The rows from which the year summary sums its cost: a sixth to a third of a year's time.
MONTHS = "int_month_summary"


@dataclass(frozen=True)
class Statements:
    """The SQL of the models that the wanted tables need: statements executed once, and for every year."""

    once: tuple[str, ...]
    yearly: tuple[str, ...]


@dataclass(frozen=True)
class InMemory:
    """A simulation in memory."""

    connection: duckdb.DuckDBPyConnection
    statements: Statements

    def year_at_work(self, _year: int) -> AbstractContextManager[None]:
        """Record nothing: a failed simulation in memory leaves no files."""
        return nullcontext()


def advance_year(study: InMemory, year: int) -> None:
    """Compute the rows of a year."""
    set_simulation_year(study.connection, year)
    for statement in study.statements.yearly:
        study.connection.execute(statement)


@contextmanager
def simulate(
    scenarios: Sequence[Scenario],
    census: Census,
    database: Database,
    plans: Mapping[str, pl.DataFrame] | None = None,
    wanted: tuple[str, ...] = YEAR_SUMMARY,
    uncertainty: Uncertainty | None = None,
    with_cost: bool = True,
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Simulate all years of the scenarios; yield a connection with the `wanted` tables and views.

    `plans` are the known actions by scenario id, `uncertainty` that of the assumptions. `database` gives the
    limits on threads and memory; its file is neither read nor written. Without cost, fct_year_summary lacks
    the columns COST_COLUMNS, and a year takes less time.
    """
    simulation = scenarios[0].settings.simulation
    connection = duckdb.connect(config=database.config)
    try:
        # relation names in the compiled SQL begin with the name of a run's database, `simulation`
        connection.execute("attach ':memory:' as simulation")
        connection.execute(ATTACH_WORK)
        connection.execute("use simulation")
        write_inputs(connection, scenarios, simulation.replicate_numbers, census, plans, uncertainty)
        left_out = () if with_cost else (MONTHS,)
        statements = compiled_statements(changes_in_use(scenarios, connection), wanted, left_out)
        for statement in statements.once:
            connection.execute(statement)
        study = InMemory(connection, statements)
        simulate_years(study, (simulation.start_year - 1, *simulation.years), (advance_year,))
        for column in () if with_cost else COST_COLUMNS:  # sums of no rows, which look like costs of 0
            connection.execute(f"alter table fct_year_summary drop column {column}")
        yield connection
    finally:
        connection.close()


def models_of(wanted: tuple[str, ...], changes: tuple[str, ...]) -> tuple[CompiledModel, ...]:
    """Return what a simulation in memory computes for the wanted tables, parents first. Raises DbtError."""
    return share_views(needed_for(wanted, compiled_models(changes)))


@cache
def compiled_statements(
    changes: tuple[str, ...], wanted: tuple[str, ...], left_out: tuple[str, ...] = ()
) -> Statements:
    """Compile the models that the wanted ones need, parents first. Raises DbtError.

    `changes` are the kinds of change in use (changes_in_use). Tables `left_out` are created, and stay empty.
    """
    models = models_of(wanted, changes)
    return Statements(
        tuple(model.creation for model in in_order_of_creation(models)),
        tuple(model.advance for model in models if model.advance and model.name not in left_out),
    )

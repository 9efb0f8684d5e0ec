"""A prepared simulation in memory: one census and plan, asked again and again with other settings.

`simulate` (in_memory.py) spends most of its time on planning: each statement expands dozens of views. Here
each statement is planned once (PREPARE) and executed for every year and every question, which takes a third
of the time. A question is a transaction that is rolled back, so one leaves no trace for the next.

The figures equal those of a run with the same settings: the statements are the same.
"""

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import cache

import duckdb
import polars as pl

from settings import Scenario
from settings.models.uncertainty import Uncertainty
from tasks.census.read import Census
from tasks.simulation.in_memory import YEAR_SUMMARY, models_of
from tasks.warehouse.changes import changes_in_use
from tasks.warehouse.compiled import SHARED, CompiledModel, in_order_of_creation, needed_for
from tasks.warehouse.database import Database
from tasks.warehouse.inputs import set_simulation_year, write_inputs

#: A plan outlives the rows that it was made for, and must not contain what was true of these only: ranges of
#: values, and filters that a join or the first rows of a sort leave in the scans (DuckDB 1.5 keeps both).
PLANS_OUTLIVE_ROWS = "statistics_propagation,join_filter_pushdown,top_n"
#: The only relation with rows of the year before the first: the census as opening state.
OPENING = "int_workforce_snapshot"
#: Input that depends on census and combinations only, which a prepared simulation keeps.
OF_CENSUS = ("census", "actual_spells")


class Cancelled(Exception):
    """The simulation was interrupted."""


class PreparedSimulation:
    """Statements planned for one census, one scenario's known actions and one uncertainty.

    Not for several threads at once, but for `interrupt`. Close it after use.
    """

    def __init__(
        self,
        census: Census,
        database: Database,
        plan: pl.DataFrame | None = None,
        uncertainty: Uncertainty | None = None,
    ) -> None:
        """Remember the input; statements are planned by the first question.

        `plan` are the known actions. `database` gives the limits on threads and memory; its file is neither
        read nor written.
        """
        self.census = census
        self.plan = plan
        self.uncertainty = uncertainty
        self._database = database
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._models: tuple[CompiledModel, ...] = ()
        self._planned: set[str] = set()
        self._combinations = pl.DataFrame()
        self._changes: tuple[str, ...] = ()
        self._interrupted = threading.Event()

    def ask(
        self,
        scenario: Scenario,
        replicates: range,
        on_year: Callable[[int], None] = lambda _year: None,
    ) -> pl.DataFrame:
        """Simulate all years of a scenario; return its rows of fct_year_summary, by replicate and year.

        `on_year` is called after each year. Other kinds of change or combinations of dimensions than the last
        question's are planned anew. Raises InputError if there are too many combinations, Cancelled if
        `interrupt` was called.
        """
        self._go_on()
        try:
            connection = self._ready_for(scenario, replicates)
        except BaseException as error:
            self._forget()  # what is there is incomplete
            if isinstance(error, duckdb.InterruptException):
                raise Cancelled from None
            raise
        connection.begin()
        try:
            self._give(connection, scenario)
            for year in scenario.settings.simulation.years:
                self._go_on()
                self._advance(connection, year)
                on_year(year)
            return connection.execute("from fct_year_summary order by replicate, simulation_year").pl()
        except duckdb.InterruptException:
            raise Cancelled from None
        finally:
            connection.rollback()

    def interrupt(self) -> None:
        """Stop the current question, from another thread; it raises Cancelled. Holds until `resume`."""
        self._interrupted.set()
        connection = self._connection
        if connection is not None:
            with suppress(duckdb.ConnectionException):  # closed meanwhile
                connection.interrupt()

    def resume(self) -> None:
        """Allow questions again after `interrupt`."""
        self._interrupted.clear()

    def close(self) -> None:
        """Free the memory."""
        self._forget()

    def _go_on(self) -> None:
        if self._interrupted.is_set():
            raise Cancelled

    def _forget(self) -> None:
        """Close the connection, and the plans with it."""
        connection, self._connection = self._connection, None
        self._planned.clear()
        if connection is not None:
            connection.close()

    def _ready_for(self, scenario: Scenario, replicates: range) -> duckdb.DuckDBPyConnection:
        """Write the scenario's input beside the current one; plan anew if the statements differ."""
        connection = self._connection
        if connection is not None:
            changes, combinations = self._write_aside(connection, scenario, replicates)
            if changes == self._changes and self._combinations.equals(combinations):
                return connection
            self._forget()
        connection = self._connection = duckdb.connect(config=self._database.config)
        connection.execute(f"set disabled_optimizers = '{PLANS_OUTLIVE_ROWS}'")
        connection.execute("attach ':memory:' as simulation")
        connection.execute("attach ':memory:' as aside")
        self._changes, self._combinations = self._write_aside(connection, scenario, replicates)
        connection.execute("create schema simulation.inputs")
        for table in _tables(connection):
            connection.execute(f"create table simulation.inputs.{table} as from aside.inputs.{table}")
        self._models = _models_within_one_database(self._changes)
        for model in in_order_of_creation(self._models):
            self._go_on()
            connection.execute(model.creation)
        return connection

    def _write_aside(
        self, connection: duckdb.DuckDBPyConnection, scenario: Scenario, replicates: range
    ) -> tuple[tuple[str, ...], pl.DataFrame]:
        """Write a scenario's input to database `aside`; return its kinds of change and its combinations."""
        connection.execute("use aside")
        plans = None if self.plan is None else {scenario.id: self.plan}
        write_inputs(connection, [scenario], replicates, self.census, plans, self.uncertainty)
        changes = changes_in_use([scenario], connection)
        combinations = connection.execute("from inputs.dimension_combinations").pl()
        connection.execute("use simulation")
        return changes, combinations

    def _give(self, connection: duckdb.DuckDBPyConnection, scenario: Scenario) -> None:
        """Replace the input by that of database `aside`, and what follows from it before the first year."""
        for table in _tables(connection):
            if table not in OF_CENSUS:
                connection.execute(f"delete from inputs.{table}")  # noqa: S608 - a constant name
                connection.execute(f"insert into inputs.{table} from aside.inputs.{table}")
        set_simulation_year(connection, scenario.settings.simulation.start_year - 1)
        early = _before_the_first_year(self._models)
        for model in self._models:
            if model.name in early:
                connection.execute(f"delete from {model.relation}")  # noqa: S608 - named by dbt
                self._execute(connection, model.name, model)
            if model.name == OPENING:  # by a plan of its own: the rows come from another source
                self._execute(connection, f"{OPENING}_of_the_census", model)

    def _advance(self, connection: duckdb.DuckDBPyConnection, year: int) -> None:
        set_simulation_year(connection, year)
        for model in self._models:
            if model.materialized in ("year_table", SHARED):
                connection.execute(f"delete from {model.relation}")  # noqa: S608 - named by dbt
            if model.advance:
                self._execute(connection, model.name, model)

    def _execute(self, connection: duckdb.DuckDBPyConnection, name: str, model: CompiledModel) -> None:
        """Insert a model's rows of the year, by a plan that is made the first time, when there are rows."""
        if name not in self._planned:
            connection.execute(f"prepare {name} as insert into {model.relation} by name {model.sql}")
            self._planned.add(name)
        connection.execute(f"execute {name}")


@cache
def _models_within_one_database(changes: tuple[str, ...]) -> tuple[CompiledModel, ...]:
    """Return the models of the year summary, parents first; Raises DbtError.

    A transaction writes to one database only, so the working tables of `work` are in that of the run.
    """

    def moved(sql: str) -> str:
        return sql.replace('"work"."main".', '"simulation"."main".')

    return tuple(
        replace(model, relation=moved(model.relation), sql=moved(model.sql))
        for model in models_of(YEAR_SUMMARY, changes)
    )


@cache
def _before_the_first_year(models: tuple[CompiledModel, ...]) -> frozenset[str]:
    """Return the tables that no year changes, and the shared views that these and the opening state read."""
    constant = {model.name for model in models if model.materialized == "table"}
    of_a_year = {model.name for model in models if model.materialized == "year_table"}
    [opening] = (model for model in models if model.name == OPENING)
    read = needed_for(constant | (set(opening.parents) - of_a_year), models)
    return frozenset(constant | {model.name for model in read if model.materialized == SHARED})


def _tables(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute(
        "select table_name from duckdb_tables() where database_name = 'aside' and schema_name = 'inputs'"
    ).fetchall()
    return sorted(name for (name,) in rows)

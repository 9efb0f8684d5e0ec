"""The project's own SQL as dbt compiles it, to be run on DuckDB without dbt."""

import os
import tempfile
from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

from dbt.cli.main import dbtRunner
from dbt.contracts.graph.nodes import ModelNode

from settings.loading.loader import default_settings
from tasks.system.project import DBT_PROJECT
from tasks.warehouse.database import Database
from tasks.warehouse.dbt import manifest

#: The relations in compiled SQL begin with this name of a database.
DATABASE = "simulation"


@dataclass(frozen=True)
class Model:
    """A model: how it is materialised, and the SQL that dbt made of it."""

    name: str
    materialized: str
    sql: str

    @property
    def statement(self) -> str:
        """The statement by which its materialisation builds a year."""
        match self.materialized:
            case "view":
                return f"create or replace view {self.name} as {self.sql}"
            case "year_table":
                return f"create or replace table {self.name} as {self.sql}"
            case "year_append":
                return f"insert into {self.name} by name {self.sql}"
        raise ValueError(f"model {self.name}: materialisation {self.materialized} is not known here")


@cache
def compiled_models() -> dict[str, Model]:
    """Every model by name, each after those that it reads."""
    with tempfile.TemporaryDirectory(prefix="compiled-") as folder:
        database = Database.of(
            Path(folder) / f"{DATABASE}.duckdb",
            default_settings().machine.model_copy(update={"threads": 1, "memory_limit": "1GB"}),
        )
        os.environ.update(
            database.environment
        )  # what dbt_project/profiles.yml reads, as in tasks/warehouse/dbt.py
        done = dbtRunner(manifest=manifest()).invoke(
            [
                *("--quiet", "--log-level", "none", "--log-level-file", "none", "--no-write-json"),
                *("--no-version-check", "--no-partial-parse", "--no-send-anonymous-usage-stats"),
                "compile",
                *("--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)),
                *("--target-path", f"{folder}/target", "--log-path", f"{folder}/logs"),
            ]
        )
    if not done.success:
        raise RuntimeError(f"the project does not compile: {done.exception}")
    nodes = {
        result.node.unique_id: result.node
        for result in done.result.results  # type: ignore[union-attr]  # `compile` has results
        if isinstance(result.node, ModelNode)
    }
    order = TopologicalSorter({key: node.depends_on.nodes for key, node in nodes.items()}).static_order()
    return {
        nodes[key].name: Model(nodes[key].name, nodes[key].config.materialized, str(nodes[key].compiled_code))
        for key in order
        if key in nodes
    }

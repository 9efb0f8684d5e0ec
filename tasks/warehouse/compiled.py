"""The models as dbt compiled them: statements that create and advance relations without dbt's runner.

Compiling takes dbt seconds, and gives the same statements until a file of the project changes. So the
statements are kept in the user's cache, one file for each set of kinds of change.
"""

import json
import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path

import duckdb

from tasks.system.files import replace_json
from tasks.system.project import DBT_PROJECT
from tasks.warehouse import dbt

log = logging.getLogger("workforce")

#: The materialisation of a view that is computed once a year, since many statements read it.
SHARED = "shared_view"
#: A view is shared if the statements of a year would expand it in so many places: DuckDB plans and sets up
#: each of them anew, which takes most of a year's time for up to 10,000 employees.
PLACES = 3


@dataclass(frozen=True)
class CompiledModel:
    """A model compiled by dbt."""

    name: str
    relation: str  # its name with database and schema, quoted
    materialized: str
    sql: str
    columns: str  # the columns of its contract with types, as SQL
    parents: tuple[str, ...]

    @property
    def creation(self) -> str:
        """The statement that creates the relation: a view, or a table without rows of a year.

        Raises ValueError if the materialisation is unknown.
        """
        match self.materialized:
            case "view":
                return f"create or replace view {self.relation} as {self.sql}"
            case "table" | "shared_view":
                return f"create or replace table {self.relation} as {self.sql}"
            case "year_table":
                return f"create or replace table {self.relation} as from ({self.sql}) limit 0"
            case "year_append":
                return f"create table if not exists {self.relation} ({self.columns})"
        raise ValueError(f"model {self.name}: materialisation {self.materialized} is not known here")

    @property
    def advance(self) -> str | None:
        """The statement that computes the rows of a year; None if no year changes the relation."""
        match self.materialized:
            case "year_table" | "shared_view":
                return f"create or replace table {self.relation} as {self.sql}"
            case "year_append":
                return f"insert into {self.relation} by name {self.sql}"
        return None


def compiled_models(changes: Sequence[str] = ()) -> tuple[CompiledModel, ...]:
    """Return all models, parents first, from the cache if the project is unchanged since they were compiled.

    `changes` are the kinds of change in use (changes_in_use); empty: all. Raises DbtError.
    """
    project = _project_hash()
    cached = dbt.cache_folder() / f"compiled-{'-'.join(changes) or 'all'}.json"
    models = _read(cached, project)
    if models is None:
        models = tuple(
            CompiledModel(
                node.name,
                node.relation_name or "",
                node.config.materialized,
                node.compiled_code or "",
                ", ".join(f"{column.name} {column.data_type}" for column in node.columns.values()),
                tuple(key.rsplit(".", 1)[-1] for key in node.depends_on.nodes if key.startswith("model.")),
            )
            for node in dbt.compile_models(changes)
        )
        _keep(cached, project, models)
    return models


def needed_for(wanted: Iterable[str], models: Sequence[CompiledModel]) -> list[CompiledModel]:
    """Return the wanted models and all that they are computed from, in the order of `models`."""
    by_name = {model.name: model for model in models}
    found: set[str] = set()
    left = list(wanted)
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left += by_name[name].parents
    return [model for model in models if model.name in found]


def share_views(models: Sequence[CompiledModel]) -> tuple[CompiledModel, ...]:
    """Return the models (parents first) with the views that a year expands in PLACES or more as SHARED.

    A run keeps them as views: to build a further table takes dbt longer than it saves.
    """
    places: Counter[str] = Counter()
    relations = {model.name: model.relation for model in models}
    found = []
    for model in reversed(models):
        is_view = model.materialized == "view"
        is_shared = is_view and places[model.name] >= PLACES
        found.append(replace(model, materialized=SHARED) if is_shared else model)
        times = places[model.name] if is_view and not is_shared else found[-1].advance is not None
        for parent in model.parents:
            places[parent] += times * model.sql.count(relations[parent])
    return tuple(reversed(found))


def create_views(connection: duckdb.DuckDBPyConnection, models: Sequence[CompiledModel]) -> None:
    """Create every view, and an empty table for each other model. Raises DbtError with the model's name."""
    for model in in_order_of_creation(models):
        empty = f"create or replace table {model.relation} as from ({model.sql}) limit 0"
        try:
            connection.execute(empty if model.materialized == "table" else model.creation)
        except duckdb.Error as error:
            raise dbt.DbtError(f"model {model.name}: {error}") from error


def in_order_of_creation(models: Sequence[CompiledModel]) -> list[CompiledModel]:
    """Return tables that are kept first: the view of the opening workforce reads last year's rows."""
    return sorted(models, key=lambda model: model.materialized != "year_append")


def _project_hash() -> str:
    """Return a hash of the names and contents of the files that shape a model."""
    found = sha256()
    for folder in ("macros", "models"):
        for path in sorted((DBT_PROJECT / folder).rglob("*.*")):
            found.update(f"{path.relative_to(DBT_PROJECT)}\0".encode() + path.read_bytes())
    found.update((DBT_PROJECT / "dbt_project.yml").read_bytes())
    return found.hexdigest()


def _read(cached: Path, project: str) -> tuple[CompiledModel, ...] | None:
    """Return what was kept; None if there is nothing, or of another state of the project."""
    try:
        document = json.loads(cached.read_bytes())
        if document["project"] != project:
            return None
        return tuple(
            CompiledModel(**{**model, "parents": tuple(model["parents"])}) for model in document["models"]
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _keep(cached: Path, project: str, models: Sequence[CompiledModel]) -> None:
    """Cache the models; without a writable cache, each run compiles its own."""
    try:
        cached.parent.mkdir(parents=True, exist_ok=True)
        replace_json(cached, {"project": project, "models": [asdict(model) for model in models]})
    except OSError as error:
        log.debug("%s cannot be written: %s", cached, error)

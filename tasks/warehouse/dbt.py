"""dbt in this process: the project is parsed once, each build reuses the manifest.

`dbtRunner` with a manifest costs tens of milliseconds per model; a dbt command or a second parse
costs seconds. What a build did comes back as a list of node results for the log and monitoring.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from platformdirs import user_cache_path

from tasks.system.files import scratch_folder
from tasks.system.project import DBT_PROJECT
from tasks.warehouse.database import Database

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest
    from dbt.contracts.graph.nodes import ModelNode

#: What the project is parsed for: always the same, since dbt parses anew what it parsed for another one.
NO_DATABASE = Database(Path("simulation.duckdb"), 1, "1GB", Path("spill"))


class DbtError(RuntimeError):
    """A model or test failed; the message names each with what dbt said."""


@dataclass(frozen=True)
class NodeResult:
    """What a build did with one model or test."""

    name: str
    kind: str  # model, test
    status: str  # success, pass, error, fail, warn, skipped
    seconds: float
    message: str | None


@dataclass(frozen=True)
class CompiledModel:
    """A model as dbt compiles it."""

    name: str
    materialized: str
    sql: str
    columns: str  # of its contract, with types


def parse_in_background() -> None:
    """Begin to parse the project, so that it is done when the first build asks for it."""
    _parsing()


def manifest() -> "Manifest":
    """Return the parsed project. Raises DbtError where it cannot be parsed."""
    return _parsing().result()


def models() -> "dict[str, ModelNode]":
    """Return the project's models by name. Raises DbtError where the project cannot be parsed."""
    from dbt.contracts.graph.nodes import ModelNode

    return {node.name: node for node in manifest().nodes.values() if isinstance(node, ModelNode)}


def year_tables() -> list[str]:
    """Names of the tables to which each year adds its rows."""
    return sorted(model.name for model in models().values() if model.config.materialized == "year_append")


def build(
    database: Database,
    select: Sequence[str] = (),
    *,
    threads: int = 2,
    node_tasks: bool = False,
    on_node: Callable[[str], None] = lambda _name: None,
) -> list[NodeResult]:
    """Build the selected models and run their data tests; all of the project where nothing is selected.

    With `node_tasks` each model and test is a task of its own on Prefect's timeline, through prefect-dbt,
    which parses the project again and takes about ten seconds more. `on_node` is called with the name of
    each model or test that is done, from dbt's threads; not with `node_tasks`, where Prefect shows them.
    Raises DbtError if one fails, after the rest that does not depend on it was built.
    """
    parsed = manifest()
    command = ["build", "--exclude-resource-type", "unit_test", "--threads", str(threads)]
    command += ["--select", " ".join(select)] if select else []
    invoke = _invoke_as_tasks if node_tasks else _invoke
    done = invoke(parsed, command, database, on_node)
    if done.exception is not None:
        if not isinstance(done.exception, Exception):  # somebody ends the run, which dbt catches as well
            raise done.exception
        raise DbtError(f"dbt did not run: {done.exception}") from done.exception
    results = [
        NodeResult(
            name=result.node.name,
            kind=str(result.node.resource_type),
            status=str(result.status),
            seconds=result.execution_time,
            message=result.message,
        )
        for result in done.result.results
    ]
    failed = [result for result in results if result.status in ("error", "fail", "runtime error")]
    if failed or not done.success:
        raise DbtError(
            "; ".join(f"{result.kind} {result.name}: {result.message}" for result in failed)
            or "dbt ended without success and without saying why"
        )
    return results


def compiled_models(select: str) -> list[CompiledModel]:
    """Compile the selected models and return them, parents first. Raises DbtError."""
    scratch = Database(_scratch() / "simulation.duckdb", 1, "1GB", _scratch() / "spill")
    done = _invoke(manifest(), ["compile", "--select", select, "--indirect-selection", "empty"], scratch)
    if not done.success:
        raise DbtError(f"dbt cannot compile {select}: {done.exception}")
    nodes = {result.node.unique_id: result.node for result in done.result.results}
    order = TopologicalSorter({key: node.depends_on.nodes for key, node in nodes.items()}).static_order()
    return [
        CompiledModel(
            node.name,
            node.config.materialized,
            node.compiled_code,
            ", ".join(f"{column.name} {column.data_type}" for column in node.columns.values()),
        )
        for node in (nodes[key] for key in order if key in nodes)
        if node.resource_type == "model"
    ]


def release() -> None:
    """Close the database that dbt keeps open between builds."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call] # dbt-duckdb has no type for it


@cache
def _scratch() -> Path:
    """A folder for dbt's own files; nothing of it is kept."""
    return scratch_folder("dbt")


def _cache() -> Path:
    """Where dbt keeps what it parsed of this copy of the project, by this version of dbt."""
    copy = f"{DBT_PROJECT} {version('dbt-core')} {version('dbt-duckdb')}"
    return user_cache_path("workforce") / "dbt" / sha256(copy.encode()).hexdigest()[:16]


@cache
def _parsing() -> "Future[Manifest]":
    return ThreadPoolExecutor(1, thread_name_prefix="dbt-parse").submit(_parse)


def _parse() -> "Manifest":
    """Parse the project; dbt keeps what it read in the user's cache, and later reads what changed since."""
    parsed = _invoke(None, ["parse"], NO_DATABASE, target=_cache())
    if isinstance(parsed.exception, OSError):  # a cache that cannot be written
        parsed = _invoke(None, ["parse"], NO_DATABASE)
    if not parsed.success:
        raise DbtError(f"the dbt project at {DBT_PROJECT} cannot be parsed: {parsed.exception}")
    result: Manifest = parsed.result
    return result


def _invoke(
    parsed: "Manifest | None",
    command: list[str],
    database: Database,
    on_node: Callable[[str], None] = lambda _name: None,
    target: Path | None = None,
) -> Any:
    """Call dbt; its profile reads from the environment which database to use."""
    _set_variables(database)
    # 2 s, and not every command needs dbt
    from dbt.cli.main import dbtRunner

    def finished(event: Any) -> None:
        if event.info.name == "NodeFinished":
            on_node(event.data.node_info.node_name)

    quiet = [
        "--quiet",
        "--log-level",
        "none",
        "--log-level-file",
        "none",
        "--no-write-json",
        "--no-use-colors",
    ]
    quiet += ["--no-send-anonymous-usage-stats", "--no-version-check"]
    places = ["--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)]
    places += ["--target-path", str(target or _scratch() / "target"), "--log-path", str(_scratch() / "logs")]
    return dbtRunner(manifest=parsed, callbacks=[finished]).invoke([*quiet, *command, *places])


def _invoke_as_tasks(
    parsed: "Manifest | None", command: list[str], database: Database, _on_node: Callable[[str], None]
) -> Any:
    """Call dbt through prefect-dbt, which shows each node as a task run."""
    _set_variables(database)
    from dbt_common.events.base_types import EventLevel
    from prefect_dbt import PrefectDbtRunner, PrefectDbtSettings

    settings = PrefectDbtSettings(
        project_dir=DBT_PROJECT,
        profiles_dir=DBT_PROJECT,
        target_path=_scratch() / "target",
        log_level=EventLevel.WARN,  # else it takes Prefect's own level, whose WARNING it does not know
    )
    runner = PrefectDbtRunner(parsed, settings, raise_on_failure=False, disable_assets=True)
    return runner.invoke(["--log-path", str(_scratch() / "logs"), *command])


def _set_variables(database: Database) -> None:
    """Give dbt our variables and none of another dbt project's: it takes every option from DBT_… too."""
    for name in [name for name in os.environ if name.startswith("DBT_")]:
        os.environ.pop(name, None)  # another thread of ours may be at it
    os.environ.update(database.environment, DO_NOT_TRACK="1")

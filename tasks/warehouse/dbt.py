"""Run dbt in this process: the project is parsed once, and each build reuses the manifest.

`dbtRunner` with a manifest takes tens of milliseconds per model; a dbt command or a second parse takes
seconds. A build returns a list of node results, for the log and monitoring.
"""

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
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

#: The database for which the project is parsed: always the same, since another one makes dbt parse again.
NO_DATABASE = Database(Path("simulation.duckdb"), 1, "1GB", Path("spill"))


#: Flags that select no test of a selected model.
ALONE = ("--indirect-selection", "empty")
#: Variable that dbt_project/macros/changes.sql reads.
CHANGES = "WORKFORCE_CHANGES"


class DbtError(RuntimeError):
    """A model or test failed; the message names each with dbt's error."""


@dataclass(frozen=True)
class NodeResult:
    """The result of one model or test in a build."""

    name: str
    kind: str  # model, test
    status: str  # success, pass, error, fail, warn, skipped
    seconds: float
    message: str | None


def parse_in_background() -> None:
    """Start to parse the project, so that the manifest is ready for the first build."""
    _parsing()


def manifest() -> "Manifest":
    """Return the parsed project. Raises DbtError if it cannot be parsed."""
    return _parsing().result()


def models() -> "dict[str, ModelNode]":
    """Return the project's models by name. Raises DbtError if the project cannot be parsed."""
    nodes = manifest().nodes.values()
    from dbt.contracts.graph.nodes import ModelNode

    return {node.name: node for node in nodes if isinstance(node, ModelNode)}


def year_tables() -> list[str]:
    """Return the names of the tables to which each year adds rows."""
    return sorted(model.name for model in models().values() if model.config.materialized == "year_append")


def build(
    database: Database,
    select: Sequence[str] = (),
    *,
    changes: Sequence[str] = (),
    threads: int = 2,
    node_tasks: bool = False,
    on_node: Callable[[str], None] = lambda _name: None,
) -> list[NodeResult]:
    """Build the selected models and run their data tests; without a selection, the full project.

    `changes` are the kinds of change that the run uses (changes_in_use); empty: all. With `node_tasks`, each
    model and test is a task run on Prefect's timeline, through prefect-dbt, which parses the project again
    and takes about ten seconds longer. `on_node` is called, in dbt's threads, with the name of each
    completed model or test; with `node_tasks` it is not called, since Prefect shows them.
    Raises DbtError if a model or test fails, after all others that do not depend on it were built.
    """
    parsed = manifest()
    command = ["build", "--exclude-resource-type", "unit_test", "--threads", str(threads)]
    command += ["--select", " ".join(select)] if select else []
    invoke = _invoke_as_tasks if node_tasks else _invoke
    with _uses(changes):
        done = invoke(parsed, command, database, on_node)
    if done.exception is not None:
        if not isinstance(done.exception, Exception):  # a cancellation, which dbt catches as well
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
            or "dbt failed without an error message"
        )
    return results


def compile_models(changes: Sequence[str] = ()) -> "list[ModelNode]":
    """Compile all models and return their nodes, parents first; `changes` as in `build`.

    Raises DbtError if compilation fails.
    """
    scratch = Database(_scratch() / "simulation.duckdb", 1, "1GB", _scratch() / "spill")
    parsed = manifest()
    with _uses(changes):
        done = _invoke(parsed, ["compile", "--select", "resource_type:model", *ALONE], scratch)
    if not done.success:
        raise DbtError(f"dbt cannot compile the project: {done.exception}")
    found = sorted((result.node for result in done.result.results), key=lambda node: node.unique_id)
    nodes = {node.unique_id: node for node in found}
    order = TopologicalSorter({key: node.depends_on.nodes for key, node in nodes.items()}).static_order()
    return [nodes[key] for key in order if key in nodes]


def release() -> None:
    """Close the database that dbt keeps open between builds."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call] # dbt-duckdb has no type for it


@cache
def _scratch() -> Path:
    """Return a folder for dbt's files, which is removed when the process ends."""
    return scratch_folder("dbt")


def cache_folder() -> Path:
    """Return the folder for what these versions of dbt parsed and compiled of this copy of the project."""
    copy = f"{DBT_PROJECT} {version('dbt-core')} {version('dbt-duckdb')}"
    return user_cache_path("workforce") / "dbt" / sha256(copy.encode()).hexdigest()[:16]


@cache
def _parsing() -> "Future[Manifest]":
    return ThreadPoolExecutor(1, thread_name_prefix="dbt-parse").submit(_parse)


def _parse() -> "Manifest":
    """Parse the project; dbt stores the result in the user's cache and later parses only changed files."""
    _keep_root_logger()
    parsed = _invoke(None, ["parse"], NO_DATABASE, target=cache_folder())
    if isinstance(parsed.exception, OSError):  # a cache that cannot be written
        parsed = _invoke(None, ["parse"], NO_DATABASE)
    if not parsed.success:
        raise DbtError(f"the dbt project at {DBT_PROJECT} cannot be parsed: {parsed.exception}")
    result: Manifest = parsed.result
    return result


def _keep_root_logger() -> None:
    """Make logging.basicConfig(), which a package of dbt's calls on import, do nothing.

    Its handler would print all of Prefect's log on standard error and keep Prefect from setting up its own.
    The handler set here prints as Python does without one: warnings and errors.
    """
    if logging.lastResort is not None:
        logging.basicConfig(handlers=[logging.lastResort], format="%(message)s")


def _invoke(
    parsed: "Manifest | None",
    command: list[str],
    database: Database,
    on_node: Callable[[str], None] = lambda _name: None,
    target: Path | None = None,
) -> Any:
    """Call dbt; its profile reads the database from the environment."""
    _set_variables(database)
    # imported here, since it takes 2 s and not every command needs dbt
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
        log_level=EventLevel.WARN,  # the default is Prefect's level, and prefect-dbt does not accept WARNING
    )
    runner = PrefectDbtRunner(parsed, settings, raise_on_failure=False, disable_assets=True)
    return runner.invoke(["--log-path", str(_scratch() / "logs"), *command])


@contextmanager
def _uses(changes: Sequence[str]) -> Iterator[None]:
    """Let the macros know the kinds of change in use, but not the parser, which would parse again."""
    if changes:
        os.environ[CHANGES] = " ".join(changes)
    try:
        yield
    finally:
        os.environ.pop(CHANGES, None)


def _set_variables(database: Database) -> None:
    """Set our environment variables, and remove DBT_… of other projects: dbt reads options from them."""
    for name in [name for name in os.environ if name.startswith("DBT_")]:
        os.environ.pop(name, None)  # another thread may have removed it
    os.environ.update(database.environment, DO_NOT_TRACK="1")

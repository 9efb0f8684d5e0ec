"""Versions of the code of a run: packages, the models' hash, the Git commit."""

import hashlib
import importlib.metadata
import logging
import os
import platform
import subprocess
import tempfile

from tasks.system.project import DBT_PROJECT, INSTALLED, ROOT

log = logging.getLogger("workforce")

RECORDED_PACKAGES = (
    "workforce-simulation",
    "duckdb",
    "dbt-core",
    "dbt-duckdb",
    "prefect",
    "polars",
    "pydantic",
)

GIT_SECONDS = 2.0
#: The modules of tasks/warehouse/ that write what the SQL reads.
INPUTS = ("inputs.py", "combinations.py", "scenario_tables.py", "segments.py")
# Variables that make git read another repository than that of the folder.
OTHER_REPOSITORY = {
    *("GIT_DIR", "GIT_COMMON_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"),
    *("GIT_OBJECT_DIRECTORY", "GIT_NAMESPACE"),
}


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that a run uses, by name."""
    found = {package: importlib.metadata.version(package) for package in RECORDED_PACKAGES}
    return {"python": platform.python_version(), **found}


def model_versions() -> dict[str, str]:
    """Return the versions of the code that affects results: of DuckDB, and a hash of SQL and its inputs."""
    digest = hashlib.sha256()
    sql = sorted((*DBT_PROJECT.glob("models/**/*.sql"), *DBT_PROJECT.glob("macros/**/*.sql")))
    inputs = (ROOT / "tasks" / "warehouse" / name for name in INPUTS)
    for file in (*sql, *inputs):
        digest.update(file.read_bytes())
    return {"duckdb": importlib.metadata.version("duckdb"), "models": digest.hexdigest()[:16]}


def git_commit() -> str | None:
    """Return the commit of the project's checkout, with suffix -dirty if files differ from it.

    None outside a checkout, and if git is missing or too slow, as on a network drive: the commit is only
    recorded.
    """
    if INSTALLED:  # a repository around site-packages belongs to another project
        return None
    command = ["git", "-C", str(ROOT), "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    environment = {name: value for name, value in os.environ.items() if name not in OTHER_REPOSITORY}
    # a file, since reading a pipe waits until the last process that inherited it ends
    with tempfile.TemporaryFile("w+") as output:
        try:
            subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.DEVNULL,
                env=environment,
                timeout=GIT_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:  # no git on this machine, or a slow one
            log.debug("the commit is not recorded: %s", error)
            return None
        output.seek(0)
        return output.read().strip() or None

"""run.json: what was run, so that it can be understood, repeated and resumed."""

import hashlib
import importlib.metadata
import json
import logging
import os
import platform
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from settings import InputError, ResolvedSettings, settings_document, settings_hash
from tasks.runs.directory import RunDirectory
from tasks.runs.request import Accepted
from tasks.system.files import replace_json
from tasks.system.project import DBT_PROJECT, ROOT

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
# Variables that would have git look at another repository than the folder's.
OTHER_REPOSITORY = {
    *("GIT_DIR", "GIT_COMMON_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"),
    *("GIT_OBJECT_DIRECTORY", "GIT_NAMESPACE"),
}

NEEDED = {
    *("run_id", "status", "started_at", "years", "replicates"),
    *("settings", "settings_hash", "scenarios", "census", "model_versions"),
}
RESTORE = "restore the file from a copy, or start a run of its own; results/ can still be read"


def write_record(directory: RunDirectory, run_id: str, accepted: Accepted, origin: Mapping[str, Any]) -> None:
    """Write run.json of a run that begins (status `running`); `origin` says in which flow run."""
    census = accepted.census
    replace_json(
        directory.record,
        {
            "run_id": run_id,
            "status": "running",
            "started_at": _now(),
            "finished_at": None,
            **_asked(accepted.settings),
            "census": {
                "file": accepted.census_path.name,
                "sha256": census.sha256,
                "rows_read": census.rows_read,
                "employees": census.employees.height,
                "at_opening": census.employees["termination_date"].null_count(),
                "dimensions": list(census.dimensions),
                "skipped_terminated": census.skipped_terminated,
                "currency": census.currency,
                "opening_date": accepted.settings.base.simulation.opening_date,
                "inferred": dict(census.inferred),
                "findings": [asdict(finding) for finding in census.findings],
                "rejected_rows": census.rejects["row_number"].n_unique(),
                "dropped_columns": list(census.dropped_columns),
                "validated_sha256": census_hash(census.employees),
                "history": census.history.to_dicts(),
            },
            "versions": versions(),
            "model_versions": model_versions(),
            "git_commit": git_commit(),
            **origin,
            "totals": None,
        },
    )


def at_opening(record: Mapping[str, Any]) -> int:
    """The employees when the first year opens; of a run of an older version, with the last year's leavers."""
    census = record["census"]
    return int(census.get("at_opening", census["employees"]))


def read_record(directory: RunDirectory) -> dict[str, Any]:
    """Return run.json. Raises FileNotFoundError, or InputError where it is not what a run writes."""
    try:
        record = json.loads(directory.record.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError(f"{directory.record} is damaged: it is no JSON ({error}); {RESTORE}") from None
    absent = NEEDED - (record.keys() if isinstance(record, dict) else set())
    if absent:
        raise InputError(
            f"{directory.record} lacks {', '.join(sorted(absent))}: it is damaged, or of another version of "
            f"the program; {RESTORE}"
        )
    return dict(record)


def readable_records(output: Path) -> Iterator[tuple[RunDirectory, dict[str, Any]]]:
    """The runs of an output directory with their run.json, newest first; what cannot be read is passed over.

    Other processes make and remove runs meanwhile, and older versions wrote other records.
    """
    found = []
    for file in output.glob("[!.]*/run.json"):
        try:
            if not file.parent.is_symlink():  # latest
                found.append((file.stat().st_mtime, RunDirectory(file.parent)))
        except FileNotFoundError:
            continue
    for _, directory in sorted(found, key=lambda entry: entry[0], reverse=True):
        try:
            yield directory, read_record(directory)
        except (OSError, InputError) as error:
            log.debug("%s is passed over: %s", directory.record, error)


def unreadable_records(output: Path) -> Iterator[tuple[RunDirectory, str]]:
    """The runs of an output directory whose run.json cannot be read, each with what is wrong."""
    for file in sorted(output.glob("[!.]*/run.json")):
        try:
            read_record(RunDirectory(file.parent))
        except FileNotFoundError:  # another process has removed it
            continue
        except (InputError, OSError) as error:
            yield RunDirectory(file.parent), str(error)


def reopen_record(directory: RunDirectory, settings: ResolvedSettings, origin: Mapping[str, Any]) -> None:
    """Call a run running again, with settings that may reach further than before, in this flow run."""
    record = read_record(directory)
    flow_runs = [one for one in record.get("flow_runs", ()) if one not in origin["flow_runs"]]
    replace_json(
        directory.record,
        {
            **record,
            **_asked(settings),
            **origin,
            "flow_runs": [*flow_runs, *origin["flow_runs"]],
            "status": "running",
            "resumed_at": _now(),
            "finished_at": None,
            "totals": None,
        },
    )


def finish_record(directory: RunDirectory, status: str, totals: dict[str, Any] | None = None) -> None:
    """Give run.json its final status, time and totals."""
    record = read_record(directory)
    replace_json(directory.record, {**record, "status": status, "finished_at": _now(), "totals": totals})


def versions() -> dict[str, str]:
    """The versions that the results depend on."""
    found = {package: importlib.metadata.version(package) for package in RECORDED_PACKAGES}
    return {"python": platform.python_version(), **found}


def git_commit() -> str | None:
    """The commit of the project's checkout, marked where files differ from it; None outside a checkout.

    None as well where git does not answer at once, on a network drive for instance: the commit is a nicety.
    """
    command = ["git", "-C", str(ROOT), "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    environment = {name: value for name, value in os.environ.items() if name not in OTHER_REPOSITORY}
    # a file, as a pipe is waited for until the last process that inherited it is gone
    with tempfile.TemporaryFile("w+") as said:
        try:
            subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.DEVNULL,
                env=environment,
                timeout=GIT_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:  # no git on this machine, or a slow one
            log.debug("the commit is not recorded: %s", error)
            return None
        said.seek(0)
        return said.read().strip() or None


def model_versions() -> dict[str, str]:
    """What the figures depend on beside the input: DuckDB, dbt's SQL, how input becomes tables."""
    digest = hashlib.sha256()
    sql = sorted((*DBT_PROJECT.glob("models/**/*.sql"), *DBT_PROJECT.glob("macros/**/*.sql")))
    for file in (*sql, ROOT / "tasks" / "warehouse" / "inputs.py"):
        digest.update(file.read_bytes())
    return {"duckdb": importlib.metadata.version("duckdb"), "models": digest.hexdigest()[:16]}


def census_hash(employees: pl.DataFrame) -> str:
    """SHA-256 of the validated employees, as text: what the simulation opens with, however it was read."""
    return hashlib.sha256(employees.write_csv().encode()).hexdigest()


def _asked(settings: ResolvedSettings) -> dict[str, Any]:
    """The part of run.json that says what is simulated."""
    simulation = settings.base.simulation
    return {
        "years": [simulation.start_year, simulation.end_year],
        "seed": simulation.random_seed,
        "replicates": simulation.replicates,
        "settings": settings_document(settings.base),
        "settings_hash": settings_hash(settings),
        "scenarios": [
            {
                "id": scenario.id,
                "description": scenario.description,
                "overrides": scenario.overrides,
                "settings": settings_document(scenario.settings),
            }
            for scenario in settings.scenarios
        ],
    }


def _now() -> str:
    return datetime.now().astimezone().isoformat(timespec="seconds")

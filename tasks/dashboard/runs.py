"""The runs of a directory and how each stands, as their files say.

Other processes make, write and remove runs meanwhile, and older versions wrote other files: what cannot be
read is reported in a sentence. No lock is taken, so that a run that begins never meets ours.
"""

import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import psutil

from settings.errors import InputError
from tasks.alerts.limits import heartbeat_limit
from tasks.runs.directory import RunDirectory
from tasks.text.money import Money

NEEDED = (
    *("run_id", "status", "started_at", "years", "replicates"),
    *("scenarios", "census", "settings", "model_versions"),
)
ALIVE = ("starting", "running")

Stamp = tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class SeenRun:
    """A run and how it stood when it was looked at."""

    directory: RunDirectory
    record: Mapping[str, Any]
    status: Mapping[str, Any]  # status.json; empty before there is one
    state: str  # starting, running, interrupted, complete, failed, or another that run.json names

    @property
    def run_id(self) -> str:
        """The name of its directory."""
        return self.directory.run_id

    @property
    def is_alive(self) -> bool:
        """Say whether a process is at work on it."""
        return self.state in ALIVE

    @property
    def scenarios(self) -> list[str]:
        """Ids of its scenarios."""
        return [scenario["id"] for scenario in self.record["scenarios"]]

    @property
    def complete_years(self) -> list[int]:
        """Years that are published, in order."""
        return published_years(self.directory)


@dataclass(frozen=True)
class Runs:
    """The runs of a directory, newest first, and a sentence on each that cannot be read."""

    found: tuple[SeenRun, ...]
    unreadable: tuple[str, ...]

    def named(self, run_id: str) -> SeenRun | None:
        """The run of an id, if it is there."""
        return next((run for run in self.found if run.run_id == run_id), None)


def read_runs(output: Path) -> Runs:
    """Look at every run of a directory; one that is removed meanwhile is not there."""
    found, unreadable = [], []
    for file in output.glob("[!.]*/run.json"):
        directory = RunDirectory(file.parent)
        if file.parent.is_symlink():  # latest
            continue
        try:
            found.append(_seen(directory))
        except FileNotFoundError:
            continue
        except (OSError, ValueError) as error:
            unreadable.append(f"Run {directory.run_id} is left out: {error}.")
    found.sort(key=lambda run: str(run.record["started_at"]), reverse=True)
    return Runs(tuple(found), tuple(sorted(unreadable)))


def newest(runs: Runs, finished: bool) -> SeenRun | None:
    """The newest of the finished runs, if there are such and they are asked for, else the newest of all."""
    complete = [run for run in runs.found if run.state == "complete"]
    return next(iter(complete if finished and complete else runs.found), None)


def published_years(directory: RunDirectory) -> list[int]:
    """The years whose summary is published, in order."""
    folders = (directory.results / "fct_year_summary").glob("simulation_year=*")
    return sorted(int(folder.name.removeprefix("simulation_year=")) for folder in folders)


def stamp_of(directory: RunDirectory) -> Stamp:
    """What changes when the run publishes something: the times of run.json and of the tables' folders."""
    folders = sorted(directory.results.iterdir()) if directory.results.is_dir() else []
    return tuple((path.name, path.stat().st_mtime_ns) for path in (directory.record, *folders))


def read_status(directory: RunDirectory) -> Mapping[str, Any]:
    """status.json; empty where there is none yet, or one that is no JSON object."""
    try:
        status = _json_of(directory.status)
    except (FileNotFoundError, ValueError):
        return {}
    return status


def _seen(directory: RunDirectory) -> SeenRun:
    """Raises FileNotFoundError where the run is gone, ValueError where run.json is not what we know."""
    record = _json_of(directory.record)
    _require_shape(record)
    # how a run ended is in run.json alone; its status.json is read where it is looked at
    status = read_status(directory) if record["status"] == "running" else {}
    return SeenRun(directory, record, status, _state(directory, record, status))


def _require_shape(record: Mapping[str, Any]) -> None:
    """Raise ValueError where the record lacks what every page shows."""
    absent = [key for key in NEEDED if key not in record]
    try:
        if not absent:
            datetime.fromisoformat(record["started_at"])
            first, last = record["years"]
            names = [scenario["id"] for scenario in record["scenarios"]]
            size = (last - first) * len(names) * record["replicates"] * record["census"]["employees"]
            absent = [] if isinstance(size, int) and names else ["scenarios"]
            Money.of(record)
    except (KeyError, TypeError, ValueError, InputError) as error:
        absent = [str(error)]
    if absent:
        raise ValueError(f"its run.json is of another version of the program or damaged: {', '.join(absent)}")


def _state(directory: RunDirectory, record: Mapping[str, Any], status: Mapping[str, Any]) -> str:
    if record["status"] != "running":
        return str(record["status"])
    if "heartbeat_at" not in status:
        age = datetime.now().timestamp() - directory.record.stat().st_mtime
        return "starting" if age < heartbeat_limit(record) else "interrupted"
    if status.get("status") in ("failed", "cancelled"):
        return str(status["status"])
    return "running" if _is_beating(record, status) else "interrupted"


def _is_beating(record: Mapping[str, Any], status: Mapping[str, Any]) -> bool:
    """Say whether the process is alive: by its heartbeat, and on this machine by its id."""
    if status.get("host") == socket.gethostname() and not psutil.pid_exists(int(status.get("pid", -1))):
        return False
    return seconds_since(status["heartbeat_at"]) < heartbeat_limit(record)


def seconds_since(moment: str) -> float:
    """Seconds from a moment, as our files write it, to now."""
    return (datetime.now().astimezone() - datetime.fromisoformat(moment)).total_seconds()


def _json_of(file: Path) -> dict[str, Any]:
    """A JSON object; raises ValueError, saying what is wrong, where it is none."""
    stat = file.stat()
    return _parsed(file, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=1000)
def _parsed(file: Path, _mtime: int, _size: int) -> dict[str, Any]:
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"its {file.name} is damaged ({error})") from None
    if not isinstance(document, dict):
        raise ValueError(f"its {file.name} is damaged (no JSON object)")
    return document

"""The runs of a directory and their states, read from their files.

Other processes may create, write and remove runs meanwhile, and other versions may have written the files: a
run that cannot be read is reported in a sentence. No lock is taken, so that the dashboard never blocks a run.
"""

import socket
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

import psutil

from settings.errors import InputError
from tasks.alerts.limits import heartbeat_limit
from tasks.runs import status as status_file
from tasks.runs.directory import RunDirectory
from tasks.runs.record import RunRecord, read_record
from tasks.runs.status import RunStatus
from tasks.text.money import Money

ALIVE = ("starting", "running")

Stamp = tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class SeenRun:
    """A run and its state when it was read."""

    directory: RunDirectory
    record: RunRecord
    status: RunStatus | None  # only if run.json says running, once the file exists
    state: str  # starting, running, interrupted, or a final status of run.json

    @property
    def run_id(self) -> str:
        """The name of its directory."""
        return self.directory.run_id

    @property
    def is_alive(self) -> bool:
        """Whether a process is simulating it."""
        return self.state in ALIVE

    @property
    def scenarios(self) -> list[str]:
        """The ids of its scenarios."""
        return self.record.scenario_ids

    @property
    def complete_years(self) -> list[int]:
        """The published years, in order."""
        return published_years(self.directory)


@dataclass(frozen=True)
class Runs:
    """The runs of a directory, newest first, and a sentence for each run that cannot be read."""

    found: tuple[SeenRun, ...]
    unreadable: tuple[str, ...]

    def named(self, run_id: str) -> SeenRun | None:
        """Return the run with an id, or None."""
        return next((run for run in self.found if run.run_id == run_id), None)


def read_runs(output: Path) -> Runs:
    """Read the runs of a directory; a run that is removed meanwhile is left out."""
    found, unreadable = [], []
    for file in output.glob("[!.]*/run.json"):
        directory = RunDirectory(file.parent)
        if file.parent.is_symlink():  # latest
            continue
        try:
            found.append(_seen(directory))
        except FileNotFoundError:
            continue
        except (OSError, InputError) as error:
            unreadable.append(f"Run {directory.run_id} is left out: {error}.")
    found.sort(key=lambda run: run.record.started_at, reverse=True)
    return Runs(tuple(found), tuple(sorted(unreadable)))


def newest(runs: Runs, finished: bool) -> SeenRun | None:
    """Return the newest run; with `finished`, the newest finished run if there is one. None without runs."""
    complete = [run for run in runs.found if run.state == "complete"]
    return next(iter(complete if finished and complete else runs.found), None)


def published_years(directory: RunDirectory) -> list[int]:
    """Return the years whose summary is published, in order."""
    folders = (directory.results / "fct_year_summary").glob("simulation_year=*")
    return sorted(int(folder.name.removeprefix("simulation_year=")) for folder in folders)


def stamp_of(directory: RunDirectory) -> Stamp:
    """Return a key that changes when the run publishes: times of run.json and of the tables' folders."""
    folders = sorted(directory.results.iterdir()) if directory.results.is_dir() else []
    return tuple((path.name, path.stat().st_mtime_ns) for path in (directory.record, *folders))


def read_status(directory: RunDirectory) -> RunStatus | None:
    """Read status.json; None if it is missing, damaged or of a newer version."""
    try:
        stat = directory.status.stat()
        return _status(directory, stat.st_mtime_ns, stat.st_size)
    except (FileNotFoundError, InputError):
        return None


def _seen(directory: RunDirectory) -> SeenRun:
    """Read a run. Raises FileNotFoundError if it was removed, InputError if run.json cannot be read."""
    stat = directory.record.stat()
    record = _record(directory, stat.st_mtime_ns, stat.st_size)
    Money.of(record)  # raises InputError here, as every page shows amounts
    # a run that ended has its final status in run.json; pages that need its status.json read it themselves
    status = read_status(directory) if record.status == "running" else None
    return SeenRun(directory, record, status, _state(directory, record, status))


def _state(directory: RunDirectory, record: RunRecord, status: RunStatus | None) -> str:
    if record.status != "running":
        return record.status
    if status is None:
        age = datetime.now().timestamp() - directory.record.stat().st_mtime
        return "starting" if age < heartbeat_limit(record) else "interrupted"
    if status.status in ("failed", "cancelled"):
        return status.status
    return "running" if _is_beating(record, status) else "interrupted"


def _is_beating(record: RunRecord, status: RunStatus) -> bool:
    """Return whether the run's process is alive: by its heartbeat, and on this machine also by its id."""
    if status.host == socket.gethostname() and not psutil.pid_exists(status.pid):
        return False
    return seconds_since(status.heartbeat_at) < heartbeat_limit(record)


def seconds_since(moment: str) -> float:
    """Return the seconds since a moment, given in ISO format with offset."""
    return (datetime.now().astimezone() - datetime.fromisoformat(moment)).total_seconds()


@lru_cache(maxsize=1000)
def _record(directory: RunDirectory, _mtime: int, _size: int) -> RunRecord:
    """Read run.json; cached until its time or size changes."""
    return read_record(directory)


@lru_cache(maxsize=1000)
def _status(directory: RunDirectory, _mtime: int, _size: int) -> RunStatus:
    """Read status.json; cached until its time or size changes."""
    return status_file.read_status(directory)

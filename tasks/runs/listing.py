"""Lists and removes the runs of a directory."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from settings.errors import InputError
from tasks.runs.directory import RunDirectory
from tasks.runs.lock import RunLocked, is_being_written, sole_writer
from tasks.runs.record import readable_records


@dataclass(frozen=True)
class RunEntry:
    """A run in the list."""

    run_id: str
    status: str  # complete, failed, cancelled, paused, running, interrupted, rolled back
    started_at: str
    finished_at: str | None
    years: tuple[int, int]
    scenarios: tuple[str, ...]
    replicates: int
    employees: int
    megabytes: float
    is_latest: bool


def list_runs(output: Path) -> list[RunEntry]:
    """Return the readable runs of the directory, newest first.

    A run with status running that no process writes is listed as interrupted.
    """
    latest = output / "latest"
    newest = latest.readlink().name if latest.is_symlink() else None
    entries = []
    for directory, record in readable_records(output):
        status = record.status
        if status == "running" and not is_being_written(directory):
            status = "interrupted"
        entries.append(
            RunEntry(
                run_id=directory.run_id,
                status=status,
                started_at=record.started_at,
                finished_at=record.finished_at,
                years=record.years,
                scenarios=tuple(record.scenario_ids),
                replicates=record.replicates,
                employees=record.census.at_opening,
                megabytes=_bytes(directory.path) / 1e6,
                is_latest=directory.run_id == newest,
            )
        )
    return sorted(entries, key=lambda entry: entry.started_at, reverse=True)


def remove_run(directory: RunDirectory) -> None:
    """Remove a run with all its files; `latest` then names the newest finished run that is left.

    Raises InputError if a process is writing it.
    """
    try:
        with sole_writer(directory):
            shutil.rmtree(directory.path)
    except RunLocked as error:
        raise InputError(f"{error}; it was not removed") from None
    latest = directory.path.parent / "latest"
    if latest.is_symlink() and latest.readlink().name == directory.run_id:
        latest.unlink()
        finished = [entry for entry in list_runs(directory.path.parent) if entry.status == "complete"]
        if finished:
            newest = max(finished, key=lambda entry: entry.finished_at or "")
            RunDirectory(directory.path.parent / newest.run_id).become_latest()


def _bytes(folder: Path) -> int:
    return sum(file.lstat().st_size for file in folder.rglob("*") if file.is_file())

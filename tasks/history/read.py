"""Read a history: a folder of lists of employees, or one file with every hire and exit.

The entry is `read_history`. Each step is a module: `files` (the lists and their dates), `table` (one file, by
the census's readers), `snapshots` and `events` (who was there at each date), `movements` (who left and
joined), `renames`, `findings`. The result is defined in `accepted`.
"""

import logging
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import polars as pl

from settings import Settings
from settings.errors import nearest
from settings.models.location import Url, location, shown
from tasks.census.errors import CensusError, abbreviated
from tasks.history.accepted import Finding, History, Kind
from tasks.history.errors import HistoryError
from tasks.history.events import read_events
from tasks.history.files import find_lists
from tasks.history.findings import find_doubts, hidden_leavers
from tasks.history.movements import joiners_of, leavers_of, people_of, shows_hire_year_leavers
from tasks.history.renames import find_renames
from tasks.history.snapshots import State, read_snapshots

__all__ = ["HistoryError", "read_history"]

log = logging.getLogger("workforce.history")

_COLUMNS = frozenset({"birth_date", "hire_date", "level", "salary", "fte", "reason"})


def read_history(settings: Settings, *, until: date | None = None) -> History:
    """Read and validate the history that `settings.history.path` names.

    `until` leaves out lists after that date; of an events file, the anniversaries of its start after it.
    Raises HistoryError, which names file and row.
    """
    where, kind = _kind_of(settings)
    try:
        if kind == "snapshots":
            states, rejects = read_snapshots(find_lists(Path(where), until), settings)
            doubts: tuple[Finding, ...] = ()
        else:
            events = read_events(where, Path(where.name).name, settings, until)
            states, rejects, doubts = events.states, events.rejects, events.findings
    except HistoryError:
        raise
    except CensusError as error:  # names of dimensions or columns
        raise HistoryError(str(error)) from None
    if until is None:  # an earlier origin cannot know which columns and reasons come later
        _check_names(states, settings)
    return _history(states, rejects, settings, kind, doubts)


def _kind_of(settings: Settings) -> tuple[Path | Url, Kind]:
    """Return the location of the history and what it holds."""
    path, kind = settings.history.path, settings.history.kind
    if path is None:
        raise HistoryError(
            "No history is named. Give --history DIR_OR_FILE or set history.path: a folder of lists of "
            "employees, each named by its date, or one file with every hire and exit."
        )
    where = location(path)
    if isinstance(where, Url):
        if kind == "snapshots":
            raise HistoryError(f"{shown(where)}: lists of employees are read from a folder of this machine.")
        return where, "events"
    try:
        is_folder = where.is_dir()
        exists = is_folder or where.exists()
    except (OSError, ValueError) as error:
        raise HistoryError(f"{where}: cannot be read: {getattr(error, 'strerror', None) or error}.") from None
    if not exists:
        raise HistoryError(
            f"{where}: no such file or folder. Name the history with --history or history.path."
        )
    if kind == "snapshots" and not is_folder:
        raise HistoryError(
            f"{where}: a file, but history.kind is snapshots. Lists of employees are a folder with a file "
            "per date; for one file with every hire and exit, set history.kind: events."
        )
    if kind == "events" and is_folder:
        raise HistoryError(
            f"{where}: a folder, but history.kind is events. Name the one file with every hire and exit; for "
            "a folder of lists, set history.kind: snapshots."
        )
    return where, "snapshots" if is_folder else "events"


def _check_names(states: Sequence[State], settings: Settings) -> None:
    """Raise HistoryError if a mapped column is in no file, or an excluded reason is no leaver's."""
    read = frozenset.union(*(state.columns for state in states))
    for ours, theirs in settings.history.columns.items():
        if ours not in read:
            raise HistoryError(f"history.columns.{ours}: no file has a column {theirs!r}.")
    if not settings.history.exclude_reasons:
        return
    found = sorted({reason for state in states for reason in state.gone["reason"].drop_nulls().unique()})
    for reason in settings.history.exclude_reasons:
        if reason not in found:
            raise HistoryError(
                f"history.exclude_reasons: {reason!r} is the reason of no leaver; "
                + (f"{nearest(reason, found)}." if found else "no leaver in the files has a reason.")
            )


def _history(
    states: list[State], rejects: pl.DataFrame, settings: Settings, kind: Kind, doubts: tuple[Finding, ...]
) -> History:
    read = frozenset.union(*(state.columns for state in states))
    dimensions = tuple(name for name in settings.census.dimensions if name in read)
    people = people_of(states, dimensions)
    leavers = leavers_of(people, states, settings.history.exclude_reasons)
    joiners = joiners_of(people, states, dimensions)
    shows = kind == "events" or shows_hire_year_leavers(leavers, states)
    renamed = tuple(find_renames(people, dimensions, len(states)))
    findings = (
        *doubts,
        *find_doubts(states, people, leavers, joiners, dimensions, renamed),
        *hidden_leavers(shows),
    )
    log.info(
        "history: %d %s from %s to %s, %d leavers; findings: %s",
        len(states), "lists" if kind == "snapshots" else "dates", states[0].date, states[-1].date,
        leavers.height, abbreviated([finding.code for finding in findings]) or "none",
    )  # fmt: skip
    return History(
        kind=kind,
        dates=tuple(state.date for state in states),
        people=people,
        leavers=leavers,
        joiners=joiners,
        dimensions=dimensions,
        columns=_COLUMNS & read,
        shows_hire_year_leavers=shows,
        renamed=renamed,
        files=tuple(dict.fromkeys(state.file for state in states)),
        rejects=rejects,
        findings=findings,
    )

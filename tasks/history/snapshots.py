"""Read lists of employees one by one: who was employed at the end of each list's day, and who had left."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from settings import InputError, Settings
from tasks.census.errors import TableError
from tasks.census.reading.header import cut
from tasks.history.accepted import HistoryFile
from tasks.history.errors import HISTORY_REJECTS, HistoryError
from tasks.history.files import ListFile
from tasks.history.table import SNAPSHOT_COLUMNS, FileRows, accepted_rows, read_rows, wanted_of

#: With fewer people in both lists, it is possible that everyone left.
ENOUGH_TO_SHARE = 5
#: The number of files whose errors are listed; the bad rows of all files are written.
MOST_FILES = 5


@dataclass(frozen=True)
class State:
    """The people at one date."""

    date: date
    present: pl.DataFrame  # employed at the end of the day: the columns of FileRows.rows
    gone: pl.DataFrame  # those who left since the state before, with termination_date and reason
    columns: frozenset[str]
    file: HistoryFile
    returned: pl.DataFrame  # rows of people who left and are employed again, in the same file
    unread: Mapping[str, str]  # as in FileRows


def read_snapshots(lists: Sequence[ListFile], settings: Settings) -> tuple[list[State], pl.DataFrame]:
    """Read all lists; return a state for each, and the bad rows.

    Raises HistoryError with what is wrong in all files.
    """
    wanted = wanted_of(settings, SNAPSHOT_COLUMNS)
    states: list[State] = []
    rejects: list[pl.DataFrame] = [pl.DataFrame(schema=HISTORY_REJECTS)]
    errors: list[InputError] = []
    currencies: dict[str, str] = {}  # currency → first file with it
    for each in lists:
        try:
            read = read_rows(each.path, settings, wanted, each.date)
            read = replace(read, rows=_without_future_exits(read.rows, each.date))
            is_old, again = _skipped(read.rows, states[-1] if states else None)
            late = f"is after the date of the list; allowed: up to {each.date}"
            found = accepted_rows(read, ~(is_old | again), settings, each.path.name, each.date, late=late)
        except InputError as error:
            errors.append(error)
            continue
        rejects.append(found.rejects)
        if found.currency:
            currencies.setdefault(found.currency, found.file.name)
        states.append(_state(each.date, found, read.rows.filter(again)))
    if errors:
        raise _together(errors)
    if len(currencies) > 1:
        named = ", ".join(f"{currency} in {file}" for currency, file in currencies.items())
        raise HistoryError(
            f"The salaries of the lists are in more than one currency: {named}. Nothing is converted: "
            "convert the amounts in the files."
        )
    for state in states:
        if state.present.is_empty():
            raise HistoryError(
                f"{state.file.name}: nobody is employed at the end of {state.date}, the date in its name. "
                "Check the filter of the export, or move the file out of the folder."
            )
    _check_shared_ids(states)
    return states, pl.concat(rejects)


def _without_future_exits(rows: pl.DataFrame, day: date) -> pl.DataFrame:
    """Return the rows without exits after the list's date: nobody could know them on that day."""
    is_future = (pl.col("termination_date") > day).fill_null(False)
    return rows.with_columns(
        pl.when(~is_future).then(name).alias(name) for name in ("termination_date", "termination_date_text")
    )


def _skipped(rows: pl.DataFrame, before: State | None) -> tuple[pl.Series, pl.Series]:
    """Return which rows are not read: of people who left before the list before, and of those who are back.

    Someone who was employed at the list before is read whatever the exit's date. A row whose hire date is
    after its exit is read, so that the contradiction is reported.
    """
    exit_date, hired = pl.col("termination_date"), pl.col("hire_date")
    has_left = exit_date.is_not_null()
    is_sound = (exit_date >= hired).fill_null(True)
    if before is None:
        is_old = has_left & is_sound
    else:
        was_there = pl.col("employee_id").is_in(before.present["employee_id"].implode()).fill_null(False)
        is_old = has_left & is_sound & (exit_date <= before.date) & ~was_there
    present = rows.filter(exit_date.is_null())["employee_id"].drop_nulls()
    is_back = has_left & pl.col("employee_id").is_in(present.implode()).fill_null(False)
    marked = rows.select(old=is_old.fill_null(False), back=(is_back & ~is_old).fill_null(False))
    return marked["old"], marked["back"]


def _state(day: date, found: FileRows, returned: pl.DataFrame) -> State:
    is_present = pl.col("termination_date").is_null()
    return State(
        date=day,
        present=found.rows.filter(is_present),
        gone=found.rows.filter(~is_present),
        columns=found.columns,
        file=found.file,
        returned=returned.select("row_number", "employee_id"),
        unread=found.unread,
    )


def _check_shared_ids(states: Sequence[State]) -> None:
    """Raise HistoryError if neighbouring lists have no id in common: everyone would be a leaver."""
    for before, after in itertools.pairwise(states):
        ids = before.present["employee_id"]
        later = pl.concat([after.present["employee_id"], after.gone["employee_id"]])
        if min(len(ids), len(later)) < ENOUGH_TO_SHARE or ids.is_in(later.implode()).any():
            continue
        bare = [series.str.strip_chars_start("0") for series in (ids, later)]
        advice = (
            " Without leading zeros they agree: export the ids as text in both."
            if bare[0].is_in(bare[1].implode()).any()
            else " If the ids changed, translate those of one of the files into the others."
        )
        raise HistoryError(
            f"{before.file.name} and {after.file.name} have no employee_id in common (for example "
            f"{cut(ids[0])!r} in row {before.present['row_number'][0]} and {cut(later[0])!r}), so that "
            f"everyone would count as a leaver.{advice}"
        )


def _together(errors: Sequence[InputError]) -> HistoryError:
    """Return one error for all files that cannot be used."""
    texts = [str(error) for error in errors]
    # the same fault in every list, such as a missing column, is stated once: "NAME: what is wrong"
    distinct = list({text.partition(":")[2]: text for text in reversed(texts)}.values())[::-1]
    shown = distinct[:MOST_FILES]
    if len(texts) > len(shown):
        shown.append(f"and so on in {len(texts) - len(shown):,} more files")
    bad = [error.rejects for error in errors if isinstance(error, TableError) and error.rejects.height]
    return HistoryError("\n".join(shown), pl.concat(bad) if bad else None)

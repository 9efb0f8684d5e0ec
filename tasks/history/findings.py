"""Find what may be wrong with a history. Nothing is changed: users decide whether to correct the files."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import polars as pl

from settings.errors import legible
from tasks.census.reading.header import cut
from tasks.history.accepted import Finding, Rename
from tasks.history.snapshots import State

#: Days between two lists that are taken for about a year.
SHORT, LONG = 300, 430
#: A change of headcount from list to list above this share is named.
JUMP = 0.3
OLD = 100  # years of age; a two-digit birth year in the wrong century gives more
SHOWN = 3

_OPTIONAL = ("birth_date", "salary", "level", "fte", "reason")


def find_doubts(
    states: Sequence[State],
    people: pl.DataFrame,
    leavers: pl.DataFrame,
    joiners: pl.DataFrame,
    dimensions: Sequence[str],
    renamed: Sequence[Rename],
) -> Iterator[Finding]:
    """Yield what may be wrong with the states at two and more dates, and with the movements between them."""
    yield from _unread(states)
    yield from _missing_columns(states, dimensions)
    yield from _intervals(states)
    yield from _jumps(states)
    yield from _returns(states, people, joiners)
    yield from _left_and_back(states)
    yield from _changed(states, people)
    new_ids = _new_ids(people, leavers, joiners, [state.date for state in states])
    yield from _ids(states, new_ids)
    yield from _late_entries(states, people, joiners, new_ids)
    yield from _old(states, people)
    yield from _renames(states, renamed)


def hidden_leavers(shown: bool) -> Iterator[Finding]:
    """Yield what lists without leavers cannot show."""
    if not shown:
        yield Finding(
            "hires_who_left_unseen",
            "people who were hired and left between two lists are in none of them: joiners are those who "
            "were still there at the next list. Include the leavers since the list before, with their "
            "termination_date, to see them",
            0,
        )


def _unread(states: Sequence[State]) -> Iterator[Finding]:
    found: dict[tuple[str, str], str] = {}  # (our column, the files' column) → the first such file
    for state in states:
        for pair in state.unread.items():
            found.setdefault(pair, state.file.name)
    if found:
        yield Finding(
            "column_not_read",
            "columns are not read whose names suggest what the history lacks: if so, map them, as in "
            "history.columns: {salary: Annual Pay}",
            len(found),
            tuple(f"{ours}: {cut(theirs)} in {legible(name)}" for (ours, theirs), name in found.items()),
        )


def _missing_columns(states: Sequence[State], dimensions: Sequence[str]) -> Iterator[Finding]:
    for name in (*_OPTIONAL, *dimensions):
        without = [state.file.name for state in states if name not in state.columns]
        if without and len(without) < len(states):
            yield Finding(
                "column_in_some_lists",
                f"lists lack the column {name}, which the others have: its values are empty there",
                len(without),
                tuple(map(legible, without[:SHOWN])),
            )


def _intervals(states: Sequence[State]) -> Iterator[Finding]:
    days = [
        (before.date, after.date, (after.date - before.date).days)
        for before, after in itertools.pairwise(states)
    ]
    unusual = [each for each in days if not SHORT <= each[2] <= LONG]
    if unusual:
        yield Finding(
            "interval_not_a_year",
            f"intervals between two lists are shorter than {SHORT} or longer than {LONG} days: rates are "
            "stated per year, but people who join and leave within a long interval are not seen",
            len(unusual),
            tuple(f"{start} to {end}: {length} days" for start, end, length in unusual[:SHOWN]),
        )


def _jumps(states: Sequence[State]) -> Iterator[Finding]:
    jumps = [
        f"{before.present.height:,} at {before.date}, {after.present.height:,} at {after.date}"
        for before, after in itertools.pairwise(states)
        if abs(after.present.height / before.present.height - 1) > JUMP
    ]
    if jumps:
        yield Finding(
            "headcount_jump",
            f"changes of headcount from one list to the next exceed {JUMP:.0%}: a takeover, a sold unit, or "
            "another filter of the export?".replace("%", " %"),
            len(jumps),
            tuple(jumps[:SHOWN]),
        )


def _returns(states: Sequence[State], people: pl.DataFrame, joiners: pl.DataFrame) -> Iterator[Finding]:
    back = joiners.filter("returns", ~pl.col("left"))
    yield from _found(
        "returns",
        "people are missing from a list, and are there again later: they counted as leavers at the time, and "
        "count as joiners when they return",
        _rows_of(states, people, back.with_columns(list=pl.col("window") + 1)),
    )


def _left_and_back(states: Sequence[State]) -> Iterator[Finding]:
    examples = [
        f"{legible(state.file.name)} row {row}"
        for state in states
        for row in state.returned["row_number"].head(SHOWN)
    ]
    if examples:
        yield Finding(
            "left_and_back",
            "rows of people who left and are employed again, in another row of the same list: the exit does "
            "not count",
            sum(state.returned.height for state in states),
            tuple(examples[:SHOWN]),
        )


def _changed(states: Sequence[State], people: pl.DataFrame) -> Iterator[Finding]:
    """Yield hire and birth dates that differ between a list and the one before it."""
    columns = people.select("list", "employee_id", "hire_date", "birth_date", "row_number")
    before = columns.with_columns(pl.col("list") + 1).drop("row_number")
    pairs = columns.join(before, on=("list", "employee_id"), suffix="_before")
    for column, what, meaning in (
        (
            "hire_date",
            "hire dates",
            "a rehire, a new contract or another kind of date; tenure changes with it",
        ),
        ("birth_date", "birth dates", "a correction, or an id that was given to somebody else"),
    ):
        changed = pairs.filter(pl.col(column) != pl.col(f"{column}_before"))
        yield from _found(
            f"{column}_changed",
            f"{what} differ from those of the same id in the list before: {meaning}",
            _rows_of(states, people, changed),
        )


def _new_ids(
    people: pl.DataFrame, leavers: pl.DataFrame, joiners: pl.DataFrame, dates: Sequence[date]
) -> pl.DataFrame:
    """Return the joiners who are probably leavers of the same window under another id.

    Hired before the window began, with a birth and hire date that one leaver has, and no other joiner.
    """
    starts = pl.DataFrame(
        {"window": range(len(dates)), "start": dates}, schema={"window": pl.Int32, "start": pl.Date}
    )
    key = ["window", "birth_date", "hire_date"]
    gone = leavers.join(
        people.rename({"list": "window"}).select("window", "employee_id", "birth_date", "hire_date"),
        on=("window", "employee_id"),
    ).drop_nulls(key)
    new = joiners.filter(~pl.col("returns"), ~pl.col("left")).join(starts, on="window")
    new = new.filter(pl.col("hire_date") <= pl.col("start")).drop_nulls(key)
    gone, new = (frame.filter(pl.struct(key).is_unique()) for frame in (gone, new))
    return new.join(gone.select(*key, pl.col("employee_id").alias("old_id")), on=key).select(
        "window", "employee_id", "old_id"
    )


def _ids(states: Sequence[State], new_ids: pl.DataFrame) -> Iterator[Finding]:
    if new_ids.height:
        examples = [
            f"{legible(old)} in {legible(states[window].file.name)}, {legible(new)} in "
            f"{legible(states[window + 1].file.name)}"
            for window, new, old in new_ids.sort("window", "employee_id").head(SHOWN).iter_rows()
        ]
        yield Finding(
            "id_changed",
            "people seem to have got another id: one is gone and another one new, with the same birth date "
            "and the same hire date before the window. They count as leavers and joiners until the ids agree",
            new_ids.height,
            tuple(examples),
        )


def _late_entries(
    states: Sequence[State], people: pl.DataFrame, joiners: pl.DataFrame, new_ids: pl.DataFrame
) -> Iterator[Finding]:
    starts = pl.DataFrame(
        {"window": range(len(states)), "start": [state.date for state in states]},
        schema={"window": pl.Int32, "start": pl.Date},
    )
    late = (
        joiners.filter(~pl.col("returns"), ~pl.col("left"))
        .join(starts, on="window")
        .filter(pl.col("hire_date") <= pl.col("start"))
        .join(new_ids, on=("window", "employee_id"), how="anti")
    )
    yield from _found(
        "joined_after_hire",
        "joiners were hired on or before the date of the list before, in which they are not: a transfer from "
        "another company, a takeover, or a list that was exported early",
        _rows_of(states, people, late.with_columns(list=pl.col("window") + 1)),
    )


def _old(states: Sequence[State], people: pl.DataFrame) -> Iterator[Finding]:
    days = pl.Series([state.date for state in states], dtype=pl.Date)
    old = people.with_columns(day=days.gather(people["list"])).filter(
        pl.col("birth_date").dt.offset_by(f"{OLD + 1}y") <= pl.col("day")
    )
    yield from _found(
        "implausible_age",
        f"birth dates make people older than {OLD}: a birth year of two digits in the wrong century, or a "
        "placeholder. They fall into the highest age band",
        _rows_of(states, people, old),
    )


def _renames(states: Sequence[State], renamed: Sequence[Rename]) -> Iterator[Finding]:
    if renamed:
        yield Finding(
            "renamed_value",
            "values of dimensions seem to have been renamed: one ends and another begins with the same "
            "people",
            len(renamed),
            tuple(
                f"{each.dimension}: {legible(each.before)} is {legible(each.after)} from "
                f"{legible(states[each.list].file.name)} on"
                for each in renamed
            ),
        )


def _rows_of(states: Sequence[State], people: pl.DataFrame, cases: pl.DataFrame) -> pl.DataFrame:
    """Return file and row of cases that have `list` and `employee_id`."""
    names: Mapping[int, str] = {number: state.file.name for number, state in enumerate(states)}
    return (
        cases.select(pl.col("list").cast(pl.Int32), "employee_id")
        .join(people.select("list", "employee_id", "row_number"), on=("list", "employee_id"))
        .sort("list", "row_number")
        .with_columns(file=pl.col("list").replace_strict(names, return_dtype=pl.String))
    )


def _found(code: str, text: str, rows: pl.DataFrame) -> Iterator[Finding]:
    if rows.height:
        examples = [
            f"{legible(file)} row {row}"
            for file, row in rows.select("file", "row_number").head(SHOWN).iter_rows()
        ]
        yield Finding(code, text, rows.height, tuple(examples))

"""Read one file with every hire and exit, and state who was employed at each anniversary of its start."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import polars as pl

from settings import InputError, Settings
from settings.models.location import Location
from tasks.census.errors import REJECTS_SCHEMA, TableError
from tasks.history.accepted import Finding
from tasks.history.errors import HistoryError
from tasks.history.snapshots import State
from tasks.history.table import EVENT_COLUMNS, accepted_rows, read_rows, wanted_of

#: Bounds, in days, of a gap between movements that does not mean that the file has ended.
SHORTEST, LONGEST = 7, 366
#: With fewer movements there is no gap between them.
FEWEST = 2


@dataclass(frozen=True)
class Events:
    """An events file as states, and what is doubtful about it."""

    states: list[State]
    rejects: pl.DataFrame
    findings: tuple[Finding, ...]


def read_events(source: Location, name: str, settings: Settings, until: date | None) -> Events:
    """Read an events file; raises HistoryError."""
    start = settings.history.start
    if start is None:
        raise HistoryError(
            f"{name}: history.start is missing. It is the first day from which the file has everyone who "
            "left: people who left before are not in the file, so that the years before would seem to have "
            "no exits, and nothing before this day counts as exposure. Set history.start: 2015-01-01, or "
            "give --set history.start=2015-01-01, with the date from which your file is complete."
        )
    # two-digit years are read as up to then; the file may be newer than the settings' opening date
    newest = date(settings.simulation.start_year + 1, 12, 31)
    try:
        read = read_rows(source, settings, wanted_of(settings, EVENT_COLUMNS), newest)
        left = pl.col("termination_date")
        is_old = read.rows.select(old=(left <= start) & (left >= pl.col("hire_date")).fill_null(True))["old"]
        kept = ~is_old.fill_null(False)
        found = accepted_rows(
            read,
            kept,
            settings,
            name,
            newest,
            late="",
            excused=(
                "employee_id_unique", "employee_id_unlike_others",
                "birth_by_opening", "hire_by_opening", "termination_by_opening",
            ),
            more_rejects=_overlaps(read.rows.filter(kept)),
        )  # fmt: skip
    except HistoryError:
        raise
    except TableError as error:
        raise HistoryError(str(error), error.rejects if error.rejects.height else None) from None
    except InputError as error:  # it cannot be fetched
        raise HistoryError(str(error)) from None
    last, slack, ahead = _coverage(found.rows, start)
    dates = _anniversaries(start, last + timedelta(days=slack), until)
    if len(dates) < 2:
        limit = f", and --until is {until}" if until else ""
        raise HistoryError(
            f"{name}: no complete year after history.start {start}: the last hire or exit in the file is on "
            f"{last}{limit}. At least one year is needed: set history.start to an earlier day from which the "
            "file is complete."
        )
    file = replace(found.file, date=last)
    empty = pl.DataFrame(schema={"row_number": pl.Int64, "employee_id": pl.String})
    states = [
        State(
            date=day,
            present=_present(found.rows, day),
            gone=_gone(found.rows, before, day),
            columns=found.columns,
            file=file,
            returned=empty,
            unread=found.unread,
        )
        for before, day in zip([None, *dates], dates, strict=False)
    ]
    for state in states:
        if state.present.is_empty():
            raise HistoryError(
                f"{name}: nobody is employed at the end of {state.date}. Check history.start ({start}) and "
                "the filter of the export: people who are employed have an empty termination_date."
            )
    return Events(states, found.rejects, tuple(_doubts(found.rows, found.columns, name, last, ahead)))


def _overlaps(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of an employee that begin before another of the employee's rows has ended."""
    ordered = rows.filter(pl.col("employee_id").is_not_null(), pl.col("hire_date").is_not_null()).sort(
        "employee_id", "hire_date", "row_number"
    )
    before = pl.col("row_number", "termination_date").shift(1).over("employee_id").name.prefix("before_")
    bad = ordered.with_columns(before).filter(
        pl.col("before_row_number").is_not_null(),
        (pl.col("hire_date") <= pl.col("before_termination_date")).fill_null(True),
    )
    reason = pl.format(
        "is also in row {}, whose employment has not ended before this one begins; allowed: one row per "
        "employment, one after the other",
        pl.col("before_row_number"),
    )
    return bad.select(
        "row_number", column=pl.lit("employee_id"), value=pl.col("employee_id"), reason=reason
    ).cast(REJECTS_SCHEMA)  # fmt: skip


def _coverage(rows: pl.DataFrame, start: date) -> tuple[date, int, pl.DataFrame]:
    """Return the last day that the file covers, the days that may pass without a movement, and later exits.

    A file may hold exits that were known in advance, such as ends of contracts. They are sparse: exits after
    the last hire count until a gap that is half as long again as the longest gap between earlier exits.
    """
    since = pl.col("day") > start
    hires = rows.select(day="hire_date").filter(since)["day"].drop_nulls()
    exits = rows.select(day="termination_date").filter(since)["day"].drop_nulls().unique().sort()
    if hires.is_empty() and exits.is_empty():
        return start, 0, rows.clear()
    newest = hires.max()
    last = newest if isinstance(newest, date) else start
    known, later = exits.filter(exits <= last), exits.filter(exits > last)
    gaps = pl.concat([pl.Series([last]), later]).diff().dt.total_days().drop_nulls()
    too_long = (gaps > _longest_gap(known)).arg_true()
    counted = int(too_long[0]) if len(too_long) else len(later)
    movements = pl.concat([hires, exits.filter(exits <= last)]).unique().sort()
    last = later[counted - 1] if counted else last
    return last, _longest_gap(movements), rows.filter(pl.col("termination_date") > last)


def _longest_gap(days: pl.Series) -> int:
    """Return 1.5 times the longest gap between successive days, within SHORTEST and LONGEST."""
    if len(days) < FEWEST:
        return SHORTEST
    longest = days.diff().dt.total_days().max()
    return min(max(3 * int(str(longest)) // 2, SHORTEST), LONGEST)


def _anniversaries(start: date, end: date, until: date | None) -> list[date]:
    """Return the start and its anniversaries up to the end, and not after `until`."""
    end = min(end, until) if until else end
    dates = [start]
    while (day := _years_after(start, len(dates))) <= end:
        dates.append(day)
    return dates if start <= end else []


def _years_after(start: date, years: int) -> date:
    try:
        return start.replace(year=start.year + years)
    except ValueError:  # 29 February
        return date(start.year + years, 2, 28)


def _present(rows: pl.DataFrame, day: date) -> pl.DataFrame:
    left = pl.col("termination_date")
    return rows.filter(pl.col("hire_date") <= day, (left > day).fill_null(True))


def _gone(rows: pl.DataFrame, before: date | None, day: date) -> pl.DataFrame:
    """Return those who left in a window and were not back at its end, each once: by the first exit."""
    if before is None:
        return rows.clear()
    present = _present(rows, day)["employee_id"]
    left = rows.filter(
        pl.col("termination_date") > before,
        pl.col("termination_date") <= day,
        ~pl.col("employee_id").is_in(present.implode()),
    )
    return left.sort("employee_id", "hire_date").unique("employee_id", keep="first", maintain_order=True)


def _doubts(
    rows: pl.DataFrame, columns: frozenset[str], name: str, last: date, ahead: pl.DataFrame
) -> Sequence[Finding]:
    findings = []
    if ahead.height:
        findings.append(
            Finding(
                "exits_known_in_advance",
                f"exits lie after {last}, on which the file is taken to end, since nobody was hired and "
                "hardly anybody left after it: they seem to have been known in advance, and are left out",
                ahead.height,
                tuple(f"{name} row {row}" for row in ahead["row_number"].sort().head(3)),
            )
        )
    if columns - {"employee_id", "birth_date", "hire_date", "termination_date", "reason"}:
        findings.append(
            Finding(
                "values_of_today",
                "values of dimensions are those of the file's day, or of the exit: people who moved count at "
                "their last place in earlier years too",
                rows.height,
            )
        )
    return findings

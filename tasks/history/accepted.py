"""A history that was read: who was employed at each date, who left and who joined between two dates.

Nothing of a list is ever taken from a later one: without the last lists, the earlier ones and the windows
between them are the same.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import polars as pl

Kind = Literal["snapshots", "events"]

#: Columns of `people` before and after the dimensions.
PEOPLE_START = pl.Schema(
    {
        "list": pl.Int32,
        "employee_id": pl.String,
        "birth_date": pl.Date,
        "hire_date": pl.Date,
        "level": pl.Int32,
        "salary": pl.Float64,
        "full_time_salary": pl.Float64,
        "fte": pl.Float64,
    }
)
LEAVERS = pl.Schema(
    {
        "window": pl.Int32,
        "employee_id": pl.String,
        "exit_date": pl.Date,
        "reason": pl.String,
        "excluded": pl.Boolean,
    }
)


def people_schema(dimensions: Sequence[str]) -> pl.Schema:
    """Return the columns of `History.people`."""
    return pl.Schema(
        [*PEOPLE_START.items(), *((name, pl.String) for name in dimensions), ("row_number", pl.Int64)]
    )


def joiners_schema(dimensions: Sequence[str]) -> pl.Schema:
    """Return the columns of `History.joiners`."""
    return pl.Schema(
        [
            *(("window" if name == "list" else name, kind) for name, kind in PEOPLE_START.items()),
            *((name, pl.String) for name in dimensions),
            ("left", pl.Boolean),
            ("exit_date", pl.Date),
            ("returns", pl.Boolean),
        ]
    )


@dataclass(frozen=True)
class HistoryFile:
    """A file that was read."""

    name: str
    date: date  # of a list; of an events file: the last date in it
    sha256: str
    rows_read: int  # rows that are not blank
    rejected: int  # … and bad


@dataclass(frozen=True)
class Rename:
    """A value of a dimension that ends with one list, while another begins with the next.

    At least 80 % of the stayers of each value moved to, or came from, the other.
    """

    list: int  # index of the first list with `after`
    dimension: str
    before: str
    after: str


@dataclass(frozen=True)
class Finding:
    """What may be wrong with the history: nothing was changed because of it."""

    code: str  # such as hire_date_changed
    text: str  # one sentence
    number: int  # of cases
    examples: tuple[str, ...] = ()  # the first cases, each with file and row


@dataclass(frozen=True)
class History:
    """The lists of employees, ascending by date, and the movements in the windows between them."""

    kind: Kind
    # dates of the lists; of an events file: history.start and each anniversary of it up to the last complete
    # year that the file covers
    dates: tuple[date, ...]
    # one row per list and person employed at the end of that day, with `people_schema`, sorted by list and
    # employee_id. level: only as the file says, never taken from pay. salary: actual pay a year; fte: 1 where
    # the file has none
    people: pl.DataFrame
    # one row per person of `people` at list w and not at list w + 1, with LEAVERS; window = w. Someone who
    # returns later is a leaver here. excluded: the reason is one of history.exclude_reasons; such a leaver is
    # exposed until the exit, which does not count
    leavers: pl.DataFrame
    # one row per person employed at list w + 1 and not at list w, or hired and gone within the window where
    # that is visible (`left`, with the exit_date), with `joiners_schema`. returns: was in an earlier list
    joiners: pl.DataFrame
    dimensions: tuple[str, ...]  # of census.dimensions, those that at least one file has
    columns: frozenset[str]  # which of birth_date, hire_date, level, salary, fte, reason the files have
    shows_hire_year_leavers: bool  # whether people who were hired and left in one window are visible
    renamed: tuple[Rename, ...]  # `people` keeps the names of each list
    files: tuple[HistoryFile, ...]
    rejects: pl.DataFrame  # the bad rows, with HISTORY_REJECTS
    findings: tuple[Finding, ...]

    @property
    def windows(self) -> int:
        """The number of windows between two lists."""
        return len(self.dates) - 1

    @property
    def sha256(self) -> str:
        """The hash of the files' hashes, in the order of their dates."""
        return hashlib.sha256("\n".join(file.sha256 for file in self.files).encode()).hexdigest()

"""Read one file of a history with the census's readers: text, values, rules and bad rows.

What differs from a census: the date that rows must not lie after is the list's, and pay, birth date and level
may be missing.
"""

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from settings import Settings
from settings.models.location import Location
from tasks.census.cells import CensusTable, read_table
from tasks.census.columns import DATES, wanted_columns
from tasks.census.currencies import find_currency
from tasks.census.errors import CensusError, abbreviated
from tasks.census.hints import hints
from tasks.census.mixed_dates import check_mixed_dates
from tasks.census.parse import Where, stripped, values_of_dimension, without_empty_values
from tasks.census.reading.header import Wanted
from tasks.census.reading.synonyms import likely
from tasks.census.rejects import check_share
from tasks.census.rows import currency_sources, dropped_columns, parse_rows
from tasks.census.rules import failures
from tasks.census.source_file import local_file
from tasks.history.accepted import HistoryFile
from tasks.history.errors import HISTORY_REJECTS
from tasks.system.guarded import Limits

log = logging.getLogger("workforce.history")

SNAPSHOT_COLUMNS = (
    ("employee_id", "hire_date"),
    ("birth_date", "salary", "termination_date", "level", "fte", "reason"),
)
EVENT_COLUMNS = ("employee_id", "hire_date", "termination_date"), ("birth_date", "reason")
#: Rules of a census that rows of a history may break.
EXCUSED = frozenset({"salary_present", "birth_date_present"})
_WORKING_AGE = "before the age of"


@dataclass(frozen=True)
class FileRows:
    """The rows of one file."""

    file: HistoryFile
    # valid rows: row_number, employee_id, the dates, reason, level, salary, full_time_salary, fte and
    # dimensions; columns that the file lacks are null, fte is then 1
    rows: pl.DataFrame
    columns: frozenset[str]  # which of the wanted columns the file has, dimensions included
    rejects: pl.DataFrame  # with HISTORY_REJECTS
    currency: str | None
    unread: Mapping[str, str]  # wanted column that the file lacks → column whose name suggests that it is it


@dataclass(frozen=True)
class TextRows:
    """The parsed rows of one file, not yet validated, and its table of text."""

    table: CensusTable
    wanted: Wanted
    rows: pl.DataFrame
    unread: Mapping[str, str]


def wanted_of(settings: Settings, kind_columns: tuple[Sequence[str], Sequence[str]]) -> Wanted:
    """Return the columns to read: names by history.columns, else by census.columns.

    A mapped column that a list lacks is no error here: only some of the lists may have it.
    """
    required, optional = kind_columns
    dimensions = settings.census.dimensions
    known = {*required, *optional, *dimensions}
    every = {*SNAPSHOT_COLUMNS[0], *SNAPSHOT_COLUMNS[1]}
    own = {
        ours: name for ours, name in settings.history.columns.items() if ours in known or ours not in every
    }
    inherited = {ours: name for ours, name in settings.census.columns.items() if ours in known}
    wanted = wanted_columns(
        {**inherited, **own}, dimensions, required=required, optional=optional, mapped_by="history"
    )
    return replace(wanted, mapped=frozenset())


def read_rows(source: Location, settings: Settings, wanted: Wanted, day: date) -> TextRows:
    """Read and parse one file. `day` is the date that the file shows. Raises CensusError or InputError."""
    census = settings.census
    limits = Limits(settings.machine.reader_memory, settings.machine.reader_seconds)
    with local_file(source, limits) as file:
        table = read_table(file, wanted, encoding=census.encoding, sheet=census.sheet, limits=limits)
    table = replace(table, cells=without_empty_values(table.cells, census.empty_values, DATES))
    check_mixed_dates(table, file.name, census.date_formats)
    rows, _ = parse_rows(table, file.name, census, list(settings.workforce.levels), day)
    cells = table.cells
    others = [name for name in ("reason", *census.dimensions) if name in wanted.columns]
    rows = rows.with_columns(
        # lists are compared by id, and blanks around it differ between exports
        stripped(rows["employee_id"]).alias("employee_id"),
        *(
            values_of_dimension(cells[name]).alias(name)
            if name in cells.columns
            else pl.lit(None, pl.String).alias(name)
            for name in others
        ),
    )
    if "reason" not in rows.columns:
        rows = rows.with_columns(reason=pl.lit(None, pl.String))
    dropped = dropped_columns(table, {wanted.columns[ours] for ours in cells.columns[1:]})
    if dropped:
        log.info("%s: columns that are not read: %s", file.name, abbreviated(list(dropped)))
    suggested = {ours: likely(ours, dropped) for ours in wanted.columns if ours not in cells.columns}
    return TextRows(table, wanted, rows, {ours: name for ours, name in suggested.items() if name})


def accepted_rows(
    read: TextRows,
    kept: pl.Series,
    settings: Settings,
    name: str,
    day: date,
    *,
    late: str,
    excused: Collection[str] = (),
    more_rejects: pl.DataFrame | None = None,
) -> FileRows:
    """Validate the rows that are `kept`, and return those without a fault.

    `late` says what is wrong with a date after `day`; `more_rejects` are faults that the caller found.
    Raises CensusError if too many rows are bad.
    """
    table, census = read.table, settings.census
    rows = read.rows.filter(kept)
    currency = None
    if "salary" in table.cells.columns:
        sources = currency_sources(table, read.wanted, census.currency, kept)
        currency, _ = find_currency(rows["salary_text"], Where(name, rows["row_number"]), sources)
    has = frozenset(table.cells.columns[1:])
    texts = rows.select(each for each in ("reason", *census.dimensions) if each in has)
    levels = list(settings.workforce.levels)
    faults = failures(rows, texts, str(day), levels, late=late, excused=EXCUSED | set(excused))
    parts = [table.problems, faults, *([] if more_rejects is None else [more_rejects])]
    rejects = pl.concat(parts).sort("row_number", maintain_order=True)
    rows_read = table.cells.height + table.problems["row_number"].n_unique()
    advice = [*hints(rejects, rows, None, census.empty_values), *_too_young(rejects)]
    try:
        check_share(rejects, rows_read, census.max_rejected_share, name, advice)
    except CensusError as error:
        raise CensusError(str(error), with_file(rejects, name)) from None
    valid = rows.filter(~pl.col("row_number").is_in(rejects["row_number"].implode()))
    file = HistoryFile(name, day, table.sha256, rows_read, rejects["row_number"].n_unique())
    return FileRows(
        file, _values(valid, census.dimensions), has, with_file(rejects, name), currency, read.unread
    )


def with_file(rejects: pl.DataFrame, name: str) -> pl.DataFrame:
    """Return bad rows with the name of their file."""
    return rejects.select(pl.lit(name).alias("file"), pl.all()).cast(HISTORY_REJECTS)


def _too_young(rejects: pl.DataFrame) -> list[str]:
    young = rejects.filter(pl.col("reason").str.contains(_WORKING_AGE))["row_number"].n_unique()
    if not young:
        return []
    return [
        f"{young:,} row{'' if young == 1 else 's'} with a hire that young: were birth years of two digits "
        "put into the wrong century (2058 for 1958) before this file was written? Correct them in the export."
    ]


def _values(rows: pl.DataFrame, dimensions: Sequence[str]) -> pl.DataFrame:
    amounts = (pl.col(name).cast(pl.Float64) for name in ("salary", "full_time_salary", "fte"))
    return rows.select("row_number", "employee_id", *DATES, "reason", "level", *amounts, *dimensions)

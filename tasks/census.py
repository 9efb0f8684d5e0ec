"""The census: from a payroll system's file to the employees with whom the simulation opens.

`read_census` is the whole of it: a pure function of the file and the settings. The steps are modules of their
own: `census_columns` (which columns), `census_read` (file to text), `census_mixed_dates` (dates that a
spreadsheet converted by halves), `census_parse` (text to dates and amounts), `census_rules` (what a good row
is).
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl

from settings.census import CensusSettings
from settings.location import Location
from tasks.census_columns import DATES, OPTIONAL, wanted_columns
from tasks.census_error import CensusError, abbreviated
from tasks.census_history import HISTORY, census_history
from tasks.census_mixed_dates import check_mixed_dates
from tasks.census_parse import Where, parse_amounts, parse_dates, parse_levels, stripped, values_of_dimension
from tasks.census_read import Table, read_table
from tasks.census_rules import failures
from tasks.files import private_files
from tasks.guarded import Limits
from tasks.reading.header import as_yaml, cut, plain
from tasks.reading.synonyms import likely
from tasks.source_file import local_file

__all__ = ["Census", "CensusError", "Levels", "census_summary", "read_census", "write_rejects"]

log = logging.getLogger("workforce.census")

#: Level id and the least salary of the level in the start year.
Levels = Sequence[tuple[int, Decimal]]

DEFAULT_LIMITS = Limits()


@dataclass(frozen=True)
class Census:
    """A census that passed validation."""

    employees: pl.DataFrame  # one row per accepted employee, in the order of the file
    rejects: pl.DataFrame  # one row per fault of a row that was left out: row_number, column, value, reason
    rows_read: int  # rows of the file that are not blank
    skipped_terminated: int  # those terminated before the opening year: neither accepted nor rejected
    dimensions: tuple[str, ...]  # those of the settings' dimensions that the file has
    dropped_columns: tuple[str, ...]  # names of the file's columns that were not read
    sha256: str  # of the file
    # the years before the opening, as the file's dates tell of them
    history: pl.DataFrame = field(default_factory=HISTORY.to_frame)


def read_census(
    source: Location,
    settings: CensusSettings,
    *,
    levels: Levels,
    start_year: int,
    limits: Limits = DEFAULT_LIMITS,
) -> Census:
    """Read and validate a census as of 31 December of the year before `start_year`.

    Raises CensusError where the file cannot be used, or where the share of its rows that are bad is above
    `settings.max_rejected_share`; the error then carries all rejects.
    """
    opening = date(start_year - 1, 12, 31)
    wanted = wanted_columns(settings.columns, settings.dimensions)
    with local_file(source, limits) as file:
        table = read_table(file, wanted, encoding=settings.encoding, sheet=settings.sheet, limits=limits)
    name = file.name
    dimensions = tuple(dimension for dimension in settings.dimensions if dimension in table.cells.columns)
    dropped = _dropped_columns(table, {wanted.columns[ours] for ours in table.cells.columns[1:]})
    _log_dropped(dropped, table, name)
    check_mixed_dates(table, name, settings.date_formats)

    rows = _understood(table, name, settings, levels, opening)
    history = census_history(rows, opening)
    former = _left_before(rows, date(opening.year, 1, 1))
    rows, cells = rows.filter(~former), table.cells.filter(~former)
    values = cells.select(values_of_dimension(cells[name]).alias(name) for name in dimensions)
    faults = failures(rows, values, opening, [level for level, _ in levels])
    rejects = pl.concat([table.problems, faults]).sort("row_number", maintain_order=True)
    rows_read = table.cells.height + table.problems["row_number"].n_unique()
    _check_share(rejects, rows_read, settings.max_rejected_share, name)

    inferred = pl.col("level_text").is_null()
    employees = (
        rows.with_columns(
            level=pl.when(inferred).then(_level_of_salary(levels)).otherwise(pl.col("level")).cast(pl.Int32),
            level_inferred=inferred,
        )
        .hstack(values)
        .filter(~pl.col("row_number").is_in(rejects["row_number"].implode()))
        .select("employee_id", *DATES, "level", "level_inferred", "salary", *dimensions)
    )
    skipped = int(former.sum())
    log.info(
        "%s: %d employees; %d who left before %d skipped; %d bad rows",
        name, employees.height, skipped, opening.year, rejects["row_number"].n_unique(),
    )  # fmt: skip
    return Census(
        employees=employees,
        rejects=rejects,
        rows_read=rows_read,
        skipped_terminated=skipped,
        dimensions=dimensions,
        dropped_columns=dropped,
        sha256=table.sha256,
        history=history,
    )


def census_summary(census: Census) -> dict[str, str]:
    """What a user wants to see of a census before running it: a label → a value ready to print."""
    employees = census.employees
    active = employees.filter(pl.col("termination_date").is_null())
    by_level = active.group_by("level").len().sort("level").iter_rows()
    summary = {
        "Rows read": f"{census.rows_read:,}",
        "Active at the opening": f"{active.height:,}",
        "Left in the opening year": f"{employees.height - active.height:,}",
        "Left earlier (skipped)": f"{census.skipped_terminated:,}",
        "Bad rows (left out)": f"{census.rejects['row_number'].n_unique():,}",
        "Annual payroll": f"{active['salary'].sum():,.2f}",
        "By level": ", ".join(f"{level}: {count:,}" for level, count in by_level) or "none",
        "Levels taken from the salary": f"{employees['level_inferred'].sum():,}",
    }
    for name in census.dimensions:
        summary[f"Values of {name}"] = abbreviated(
            [str(value) for value in active[name].unique().sort().to_list()]
        )
    summary["Columns not read"] = abbreviated(list(census.dropped_columns)) or "none"
    summary["SHA-256"] = census.sha256
    return summary


def write_rejects(rejects: pl.DataFrame, path: Path) -> None:
    """Write the rejects as CSV; cells that a spreadsheet would run are made text by an apostrophe."""
    path.parent.mkdir(parents=True, exist_ok=True)
    value = pl.col("value")
    runs = value.str.contains(r"^\s*[=+\-@\t\r]") & ~value.str.contains(r"^[+-]?[\d.,]+$")
    shown = rejects.with_columns(pl.when(runs).then("'" + value).otherwise(value).alias("value"))
    with private_files():
        path.unlink(missing_ok=True)  # an older one may be for everybody's eyes
        shown.write_csv(path)


def _dropped_columns(table: Table, read: set[str]) -> tuple[str, ...]:
    names = (plain(name) for name in table.header)
    return tuple(cut(name) or "(no name)" for name in names if name not in read)


def _log_dropped(dropped: Sequence[str], table: Table, file: str) -> None:
    """Say which columns are not read, and warn where one seems to be what the census lacks."""
    if dropped:
        log.info("%s: columns that are not read (%d): %s", file, len(dropped), abbreviated(list(dropped)))
    for ours in OPTIONAL:
        meant = likely(ours, dropped) if ours not in table.cells.columns else None
        if meant:
            log.warning(
                "%s: column %r is not read. If it is the %s, map it: census.columns: {%s: %s}",
                file, meant, ours.replace("_", " "), ours, as_yaml(meant),
            )  # fmt: skip


def _understood(
    table: Table, file: str, settings: CensusSettings, levels: Levels, opening: date
) -> pl.DataFrame:
    """The texts and their meaning, in the columns of CensusRow. A column that the file lacks is all null."""
    cells = table.cells
    where = Where(file, cells["row_number"])
    nothing = pl.Series([None], dtype=pl.String).new_from_index(0, cells.height)
    texts = {
        name: stripped(cells[name]) if name in cells.columns else nothing
        for name in (*DATES, "salary", "level")
    }
    decimal_comma = False if "salary" in table.numeric else settings.decimal_comma
    level = parse_levels(texts["level"])
    return pl.DataFrame(
        {
            "row_number": cells["row_number"],
            "employee_id": cells["employee_id"],
            **{f"{name}_text": text for name, text in texts.items()},
            **parse_dates({name: texts[name] for name in DATES}, where, settings.date_formats),
            "salary": parse_amounts(texts["salary"], where, decimal_comma),
            "level": level,
            "level_known": level.is_in([id_ for id_, _ in levels]).fill_null(False),
        }
    ).with_columns(opening_date=pl.lit(opening))


def _left_before(rows: pl.DataFrame, day: date) -> pl.Series:
    """Who left before a day: such a row plays no part, so it need not be right.

    Except where the hire date is later than the leaving date: someone hired again is no former employee, and
    to skip them quietly would lose them.
    """
    left, hired = pl.col("termination_date"), pl.col("hire_date")
    return rows.select(former=((left < day) & (left >= hired).fill_null(True)).fill_null(False))["former"]


def _level_of_salary(levels: Levels) -> pl.Expr:
    """The highest level whose minimum the salary reaches, else the lowest."""
    ordered = sorted(levels)
    level = pl.lit(ordered[0][0])
    for level_id, minimum in ordered:
        level = pl.when(pl.col("salary") >= pl.lit(minimum)).then(pl.lit(level_id)).otherwise(level)
    return level


def _check_share(rejects: pl.DataFrame, rows_read: int, max_share: Decimal, file: str) -> None:
    bad = rejects["row_number"].n_unique()
    if bad <= max_share * rows_read:
        return
    shown = [
        f"  row {row}{f', {column}' if column else ''}: {f'{value!r} ' if value else ''}{reason}"
        for row, column, value, reason in rejects.head(10).iter_rows()
    ]
    if rejects.height > len(shown):
        shown.append(f"  and {rejects.height - len(shown):,} more")
    raise CensusError(
        f"{file}: {bad:,} of {rows_read:,} rows are bad; allowed is a share of {max_share:f} "
        "(census.max_rejected_share).\n" + "\n".join(shown),
        rejects,
    )

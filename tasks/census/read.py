"""Read a census: from a payroll system's file to the employees of the opening date.

The entry is `read_census`, a pure function of the file and the settings. Each step is a module: `columns`
(which columns to read), `cells` (file to text), `mixed_dates` (partly converted dates), `parse`, `dates`,
`amounts`, `fte` and `currencies` (text to values, called by `rows`), `rules` (what a valid row is), `rejects`
(bad rows) and `plausibility` (unusual values). The result is defined in `accepted`.
"""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import polars as pl

from settings.models.census import CensusSettings
from settings.models.location import Location
from tasks.census.accepted import Census, census_summary, opening_line
from tasks.census.cells import CensusTable, read_table
from tasks.census.columns import DATES, OPTIONAL, wanted_columns
from tasks.census.currencies import find_currency
from tasks.census.errors import CensusError, abbreviated
from tasks.census.hints import hints
from tasks.census.history import census_history
from tasks.census.levels import Levels, level_of_salary
from tasks.census.mixed_dates import check_mixed_dates
from tasks.census.opening import Opening
from tasks.census.parse import Where, values_of_dimension, without_empty_values
from tasks.census.plausibility import Finding, find_implausible, newest_movement
from tasks.census.reading.header import as_yaml
from tasks.census.reading.synonyms import likely
from tasks.census.rejects import check_share, holds_rejects, write_rejects
from tasks.census.rows import currency_column, currency_sources, dropped_columns, parse_rows
from tasks.census.rules import failures
from tasks.census.source_file import local_file
from tasks.system.guarded import Limits
from tasks.text.money import Money

__all__ = [
    "Census",
    "CensusError",
    "Levels",
    "census_summary",
    "holds_rejects",
    "opening_line",
    "read_census",
    "write_rejects",
]

log = logging.getLogger("workforce.census")

DEFAULT_LIMITS = Limits()


def read_census(
    source: Location,
    settings: CensusSettings,
    *,
    levels: Levels,
    opening: Opening,
    limits: Limits = DEFAULT_LIMITS,
) -> Census:
    """Read and validate a census as of the opening date.

    Raises CensusError if the file cannot be used, or if the share of bad rows exceeds
    `settings.max_rejected_share`; the error then has all rejects.
    """
    wanted = wanted_columns(settings.columns, settings.dimensions)
    with local_file(source, limits) as file:
        table = read_table(file, wanted, encoding=settings.encoding, sheet=settings.sheet, limits=limits)
    table = replace(table, cells=without_empty_values(table.cells, settings.empty_values, DATES))
    name = file.name
    dimensions = tuple(dimension for dimension in settings.dimensions if dimension in table.cells.columns)
    read = {wanted.columns[ours] for ours in table.cells.columns[1:]}
    dropped = dropped_columns(table, {*read, currency_column(table, wanted)})
    _log_dropped(dropped, table, name, settings)
    check_mixed_dates(table, name, settings.date_formats)

    rows, inferred = parse_rows(table, name, settings, [level for level, *_ in levels], opening.day)
    history = census_history(rows, opening.calendar)
    movements = rows.select("row_number", "hire_date", "termination_date")
    newest = newest_movement(movements, opening.day)
    former = _left_before(rows, opening.calendar.first_day(opening.year))
    rows, cells = rows.filter(~former), table.cells.filter(~former)
    currency, inferred["Currency"] = find_currency(
        rows["salary_text"],
        Where(name, rows["row_number"]),
        currency_sources(table, wanted, settings.currency, ~former),
    )
    values = cells.select(values_of_dimension(cells[name]).alias(name) for name in dimensions)
    faults = failures(rows, values, opening.text, [level for level, *_ in levels])
    rejects = pl.concat([table.problems, faults]).sort("row_number", maintain_order=True)
    rows_read = table.cells.height + table.problems["row_number"].n_unique()
    advice = list(hints(rejects, rows, opening, settings.empty_values))
    check_share(rejects, rows_read, settings.max_rejected_share, name, advice)

    accepted = _accepted(rows.hstack(values), rejects, levels)
    employees = accepted.select(
        "employee_id", *DATES, "level", "level_inferred", "salary", "fte", *dimensions
    )
    active = accepted.filter(pl.col("termination_date").is_null())
    skipped = int(former.sum())
    log.info(
        "%s: %d employees at the opening, %d who left in %s; %d who left earlier skipped; %d bad rows",
        name, active.height, employees.height - active.height, opening.calendar.name(opening.year),
        skipped,
        rejects["row_number"].n_unique(),
    )  # fmt: skip
    census = Census(
        employees=employees,
        rejects=rejects,
        rows_read=rows_read,
        skipped_terminated=skipped,
        dimensions=dimensions,
        dropped_columns=dropped,
        sha256=table.sha256,
        history=history,
        currency=currency,
        inferred=inferred,
        newest_movement=newest and newest[1],
        findings=_findings(active, movements, opening, levels, Money(currency)),
    )
    if active.is_empty() and not settings.allow_empty:
        raise CensusError(_no_employee_message(census, name, opening), rejects)
    return census


def _log_dropped(dropped: Sequence[str], table: CensusTable, file: str, settings: CensusSettings) -> None:
    """Log which columns are not read, and warn if one looks like an optional column that is missing."""
    if settings.salary_basis == "full_time" and "fte" not in table.cells.columns:
        log.warning(
            "%s: no column fte is read, so that everybody counts as full-time and census.salary_basis: "
            "full_time changes nothing", file,
        )  # fmt: skip
    if dropped:
        log.info("%s: columns that are not read (%d): %s", file, len(dropped), abbreviated(list(dropped)))
    for ours in OPTIONAL:
        candidate = likely(ours, dropped) if ours not in table.cells.columns else None
        if candidate:
            log.warning(
                "%s: column %r is not read. If it is the %s, map it: census.columns: {%s: %s}",
                file, candidate, "FTE" if ours == "fte" else ours.replace("_", " "), ours, as_yaml(candidate),
            )  # fmt: skip


def _left_before(rows: pl.DataFrame, day: date) -> pl.Series:
    """Return which rows are of people who left before a day: they are skipped, and not validated.

    A row whose hire date is after its termination date is not skipped: it may be of a rehired employee, who
    must not be lost without a message.
    """
    left, hired = pl.col("termination_date"), pl.col("hire_date")
    return rows.select(former=((left < day) & (left >= hired).fill_null(True)).fill_null(False))["former"]


def _accepted(rows: pl.DataFrame, rejects: pl.DataFrame, levels: Levels) -> pl.DataFrame:
    """Return the valid rows, each with its level: from the file, else from the salary."""
    without_level = pl.col("level_text").is_null()
    level = pl.when(without_level).then(level_of_salary(levels)).otherwise(pl.col("level"))
    return rows.with_columns(level=level.cast(pl.Int32), level_inferred=without_level).filter(
        ~pl.col("row_number").is_in(rejects["row_number"].implode())
    )


def _findings(
    active: pl.DataFrame, movements: pl.DataFrame, opening: Opening, levels: Levels, money: Money
) -> tuple[Finding, ...]:
    """Check the plausibility of the active employees and of the dates of all rows."""
    return find_implausible(
        active,
        movements,
        opening=opening,
        minimum=min(minimum for _, minimum, _ in levels),
        maximum=max(maximum for _, _, maximum in levels),
        money=money,
    )


def _no_employee_message(census: Census, file: str, opening: Opening) -> str:
    """Return the error message for a census without an employee at the opening date."""
    rejected, year = census.rejects["row_number"].n_unique(), opening.calendar.name(opening.year)
    found = (
        f"of {census.rows_read:,} rows {census.skipped_terminated:,} describe people who left before "
        f"{year}, {census.employees.height:,} who left in {year}, {rejected:,} are bad"
        if census.rows_read
        else "the file has a header and no rows"
    )
    return (
        f"{file}: no employee at the opening date {opening.text}: {found}. Check the filter of the "
        "export. To simulate without opening employees, set census.allow_empty: true."
    )

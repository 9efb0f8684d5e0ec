"""A validated census, and the summary that users see before a run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from settings.errors import legible
from tasks.census.errors import abbreviated
from tasks.census.history import HISTORY
from tasks.census.opening import Opening
from tasks.census.plausibility import QUARTER, Finding
from tasks.text.facts import Fact
from tasks.text.money import Money


@dataclass(frozen=True)
class Census:
    """A census that passed validation."""

    employees: pl.DataFrame  # one row per accepted employee, in the order of the file
    rejects: pl.DataFrame  # one row per fault of a rejected row: row_number, column, value, reason
    rows_read: int  # rows of the file that are not blank
    skipped_terminated: (
        int  # those terminated before the fiscal year of the opening date: neither accepted nor rejected
    )
    dimensions: tuple[str, ...]  # those of the settings' dimensions that the file has
    dropped_columns: tuple[str, ...]  # names of the file's columns that were not read
    sha256: str  # of the file
    # headcount and movements of the years before the opening, by the dates in the file
    history: pl.DataFrame = field(default_factory=HISTORY.to_frame)
    currency: str | None = None  # of all amounts: census.currency, else the currency named in the salaries
    inferred: Mapping[str, str] = field(default_factory=dict)  # ambiguity in the file -> how it was resolved
    newest_movement: date | None = None  # newest hire or last day in the file that is not after the opening
    findings: tuple[Finding, ...] = ()  # one for each plausibility check
    # who was employed on which days of the fiscal year before the opening date (tasks/history/actuals.py)
    actual_spells: pl.DataFrame | None = None


def census_summary(census: Census, opening: Opening) -> dict[str, Fact]:
    """Return the summary of a census before a run: label → text and value."""
    employees = census.employees
    active = employees.filter(pl.col("termination_date").is_null())
    by_level = dict(active.group_by("level").len().sort("level").iter_rows())
    payroll = active["salary"].sum()
    summary = {
        "Opening date": Fact(opening.text, opening.day),
        "Newest hire or leave": Fact(_newest(census, opening) or "none", census.newest_movement),
        "Rows read": Fact.count(census.rows_read),
        "Active at the opening": Fact.count(active.height),
        "Left in the opening year": Fact.count(employees.height - active.height),
        "Left earlier (skipped)": Fact.count(census.skipped_terminated),
        "Bad rows (left out)": Fact.count(census.rejects["row_number"].n_unique()),
        "Annual payroll": Fact(Money(census.currency).to_the_cent(payroll), payroll),
        "By level": Fact(
            ", ".join(f"{level}: {count:,}" for level, count in by_level.items()) or "none", by_level
        ),
        "Levels taken from the salary": Fact.count(employees["level_inferred"].sum()),
    }
    if part_time := active.filter(pl.col("fte") < 1).height:
        full_time = active["fte"].sum()
        text = f"{part_time:,}; the active are {full_time:,.2f} full-time equivalents"
        summary["Part-time"] = Fact(text, {"employees": part_time, "active_fte": full_time})
    for name in census.dimensions:
        values = [str(value) for value in active[name].unique().sort().to_list()]
        summary[f"Values of {name}"] = Fact(abbreviated(values), values)
    columns = list(census.dropped_columns)
    summary["Columns not read"] = Fact(abbreviated(columns) or "none", len(columns))
    summary |= {label: Fact(text, text) for label, text in census.inferred.items()}
    summary["SHA-256"] = Fact(census.sha256, census.sha256)
    return summary


def opening_line(census: Census, file: str, opening: Opening) -> str:
    """Return the line about the census that every run prints first."""
    active = census.employees.filter(pl.col("termination_date").is_null())
    payroll = Money(census.currency).to_the_cent(active["salary"].sum())
    line = (
        f"Census {legible(file)}: {active.height:,} employees, annual payroll {payroll}. "
        f"Opening date {opening.text}."
    )
    newest = _newest(census, opening)
    return f"{line} Newest hire or leave: {newest}." if newest and _looks_old(census, opening) else line


def _newest(census: Census, opening: Opening) -> str | None:
    """Return the newest hire or leave, and what to set if the census is of that time rather."""
    newest = census.newest_movement
    if newest is None:
        return None
    days = (opening.day - newest).days
    before = f"{days:,} day{'s' if days > 1 else ''} before the opening date"
    gap = before if days else "on the opening date"
    advice = f"; for a census of that time set {opening.fitting(newest)}"
    return f"{newest}, {gap}{advice if _looks_old(census, opening) else ''}"


def _looks_old(census: Census, opening: Opening) -> bool:
    """Return whether nobody joined or left in the quarter before the opening, and no finding says so."""
    newest = census.newest_movement
    is_found = any(each.check == "census_newest_hire" and each.violations for each in census.findings)
    return newest is not None and not is_found and (opening.day - newest).days > QUARTER

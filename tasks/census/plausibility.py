"""Check whether a valid census is plausible: pay, ages, tenure, hire dates.

Each finding is a check of the opening state. Its severity is a setting (checks.severities); its row in
mon_data_quality has the year before the first.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

import polars as pl

from settings.models.checks import CheckSeverities
from tasks.census.opening import FORESEEABLE, Opening
from tasks.text.advice import ADVICE
from tasks.text.money import PLAIN, Money

#: With fewer employees, a shared hire date or the lack of a recent hire is not unusual.
SMALL = 10
#: With fewer employees than this, a quarter without a hire is not unusual.
STEADY_HIRING = 80
QUARTER = 92  # days

OLD, VERY_OLD = 80, 100  # years of age
LONG_TENURE = 50  # years

#: Maximum number of rows named that share a value.
NAMED = 5


@dataclass(frozen=True)
class Finding:
    """The result of one plausibility check."""

    check: str
    violations: int
    examined: int
    expected: str
    details: str | None = None  # the number of violations, an example and its row; None without violations

    @property
    def share(self) -> str:
        """The share of violations among the rows examined, as text."""
        return f"{self.violations / self.examined:.0%}".replace("%", " %") if self.examined else "–"


def find_implausible(
    employees: pl.DataFrame,
    movements: pl.DataFrame,
    *,
    opening: Opening,
    minimum: Decimal,
    maximum: Decimal,
    money: Money = PLAIN,
) -> tuple[Finding, ...]:
    """Check the employees of the opening date; return one finding per check, also without violations.

    Args:
        employees: Those employed at the opening: row_number, birth_date, hire_date, full_time_salary, fte.
        movements: row_number, hire_date and termination_date of all rows, also of bad and skipped ones.
        opening: The opening date, and where it comes from.
        minimum: The lowest level's minimum.
        maximum: The highest level's maximum.
        money: Formats the amounts.
    """
    people = employees.with_columns(
        age=_completed_years(pl.col("birth_date"), opening.day),
        tenure=_completed_years(pl.col("hire_date"), opening.day),
    )
    return (
        _low_pay(people, minimum, money),
        _high_pay(people, maximum, money),
        _old_age(people),
        _long_tenure(people),
        _same_hire_date(people),
        _newest_movement(movements, people.height, opening),
    )


def reported(findings: Sequence[Finding], severities: CheckSeverities) -> Iterator[str]:
    """Yield a message per finding with violations whose severity is not off, errors first."""
    for kind, finding in with_severity(findings, severities):
        yield (
            f"{kind}: {finding.check} ({finding.share}): {finding.details}\n"
            f"    what to do: {ADVICE[finding.check]}"
        )


def with_severity(
    findings: Sequence[Finding], severities: CheckSeverities
) -> list[tuple[Literal["error", "warning"], Finding]]:
    """Return the findings with violations whose severity is not off, with their severity, errors first."""
    severity = severities.model_dump()
    found = [each for each in findings if each.violations and severity[each.check] != "off"]
    errors = [each for each in found if severity[each.check] == "error"]
    warnings = [each for each in found if each not in errors]
    return [*(("error", each) for each in errors), *(("warning", each) for each in warnings)]


def _completed_years(since: pl.Expr, opening: date) -> pl.Expr:
    day_of_year = since.dt.month().cast(pl.Int32) * 100 + since.dt.day()
    is_still_to_come = day_of_year > opening.month * 100 + opening.day
    return opening.year - since.dt.year() - is_still_to_come.cast(pl.Int32)


def _low_pay(people: pl.DataFrame, minimum: Decimal, money: Money) -> Finding:
    low = people.filter(pl.col("full_time_salary") * 2 < minimum).sort("full_time_salary", "row_number")
    details = None
    if low.height:
        details = (
            f"{low.height:,} of {people.height:,} salaries lie below half of the lowest level's minimum "
            f"({_rounded(minimum, money)}), lowest {_full_time(low, money)}: hourly, monthly or in thousands?"
        )
    expected = "pay of at least half of the lowest level's minimum"
    return Finding("census_low_pay", low.height, people.height, expected, details)


def _high_pay(people: pl.DataFrame, maximum: Decimal, money: Money) -> Finding:
    high = people.filter(pl.col("full_time_salary") > 3 * maximum).sort(
        "full_time_salary", "row_number", descending=[True, False]
    )
    details = None
    if high.height:
        details = (
            f"{high.height:,} of {people.height:,} salaries lie above three times the highest level's "
            f"maximum ({_rounded(maximum, money)}), highest {_full_time(high, money)}: in cents, in "
            "another currency, or of several years?"
        )
    expected = "pay of at most three times the highest level's maximum"
    return Finding("census_high_pay", high.height, people.height, expected, details)


def _full_time(people: pl.DataFrame, money: Money) -> str:
    """Return the full-time pay of the first of these people and their row, as text."""
    first = people.row(0, named=True)
    part = f" for a full-time job (FTE {first['fte'].normalize():f})" if first["fte"] < 1 else ""
    return f"{money.to_the_cent(first['full_time_salary'])}{part} in row {first['row_number']}"


def _old_age(people: pl.DataFrame) -> Finding:
    old = people.filter(pl.col("age") > OLD).sort("age", "row_number", descending=[True, False])
    very_old = old.filter(pl.col("age") > VERY_OLD)
    count = f"{old.height:,} of {people.height:,} employees are"
    details = None
    if very_old.height:
        # Shown although birth dates are confidential: it is a placeholder, and users must know which.
        shared = (
            very_old.group_by("birth_date")
            .agg("row_number")
            .sort(pl.col("row_number").list.len(), "birth_date", descending=[True, False])
        )
        example = f"({shared['birth_date'][0]} in {_rows(shared['row_number'][0])})"
        of_them = f" {OLD} at the opening, {very_old.height:,} of them older than"
        of_them = "" if very_old.height == old.height else of_them
        details = (
            f"{count} older than{of_them} {VERY_OLD}{'' if of_them else ' at the opening'} {example}: a "
            "placeholder for a birth date that is not known?"
        )
    elif old.height:
        oldest = f"the oldest {old['age'][0]} in row {old['row_number'][0]}"
        details = f"{count} older than {OLD} at the opening, {oldest}"
    return Finding(
        "census_old_age", old.height, people.height, f"nobody older than {OLD} at the opening", details
    )


def _long_tenure(people: pl.DataFrame) -> Finding:
    long = people.filter(pl.col("tenure") > LONG_TENURE).sort(
        "tenure", "row_number", descending=[True, False]
    )
    details = None
    if long.height:
        details = (
            f"{long.height:,} of {people.height:,} employees have a tenure of more than {LONG_TENURE} years "
            f"at the opening, the longest {long['tenure'][0]} years in row {long['row_number'][0]}"
        )
    expected = f"no tenure of more than {LONG_TENURE} years at the opening"
    return Finding("census_long_tenure", long.height, people.height, expected, details)


def _same_hire_date(people: pl.DataFrame) -> Finding:
    expected = "fewer than half of the employees hired on one day"
    days = (
        people.group_by("hire_date")
        .agg("row_number")
        .sort(pl.col("row_number").list.len(), "hire_date", descending=[True, False])
    )
    shared = len(days["row_number"][0]) if days.height else 0
    if people.height < SMALL or 2 * shared < people.height:
        return Finding("census_same_hire_date", 0, people.height, expected)
    details = (
        f"{shared:,} of {people.height:,} employees have the hire date {days['hire_date'][0]} "
        f"({_rows(days['row_number'][0])}): the date of a takeover or of a new payroll system?"
    )
    return Finding("census_same_hire_date", shared, people.height, expected, details)


def _newest_movement(movements: pl.DataFrame, employees: int, opening: Opening) -> Finding:
    """Compare the newest hire or leave with the opening date: the file may be of another date."""
    expected = "the newest hire or leave by the opening date, and not long before it"
    name = "census_newest_hire"
    after = [
        each
        for column, what in (("hire_date", "a hire date"), ("termination_date", "a last day"))
        if (each := _after(movements, column, what, opening))
    ]
    if after:
        count = sum(rows for rows, _ in after)
        return Finding(name, count, movements.height, expected, "; ".join(text for _, text in after))
    newest = newest_movement(movements, opening.day)
    if newest is None:
        return Finding(name, 0, employees, expected)
    what, day, row = newest
    gap = (opening.day - day).days
    # With 15 hires a year per 100 employees, as in the default settings, a gap this long has a probability of
    # 5 %. With fewer than SMALL employees, no gap is unusual.
    allowed = max(QUARTER, 365 * STEADY_HIRING // (4 * employees)) if employees >= SMALL else gap
    if gap <= allowed:
        return Finding(name, 0, employees, expected)
    details = (
        f"the newest {what}, {day} in row {row}, is {gap} days before the opening date {opening.day}: a "
        f"census of an earlier date? Set {opening.fitting(day)}"
    )
    return Finding(name, 1, employees, expected, details)


def newest_movement(movements: pl.DataFrame, opening: date) -> tuple[str, date, int] | None:
    """Return the newest hire or leave by the opening date: which it is, date and row; None without any."""
    found = []
    for column, what in (("hire_date", "hire"), ("termination_date", "leave")):
        by_opening = movements.filter(pl.col(column) <= opening).select("row_number", column)
        newest = by_opening.sort(column, "row_number", descending=[True, False]).head(1)
        found += [(day, what, row) for row, day in newest.iter_rows()]
    if not found:
        return None
    day, what, row = max(found, key=lambda each: each[0])
    return what, day, row


def _after(movements: pl.DataFrame, column: str, what: str, opening: Opening) -> tuple[int, str] | None:
    """Return how many rows have a date after the opening date, and the words for it; None without any."""
    late = movements.filter(
        pl.col(column).is_between(opening.day, opening.day + FORESEEABLE, closed="right"),
        # those hired after the opening date are counted once, as hires
        pl.lit(column == "hire_date") | (pl.col("hire_date") <= opening.day),
    ).sort(column, "row_number", descending=[True, False])
    if late.is_empty():
        return None
    day, row = late[column][0], late["row_number"][0]
    return late.height, (
        f"{late.height:,} of {movements.height:,} rows have {what} after the opening date {opening.day} and "
        f"are left out, the newest {day} in row {row}: a census of a later date? Set {opening.fitting(day)}"
    )


def _rounded(limit: Decimal, money: Money) -> str:
    return money.without_cents(limit) if limit == int(limit) else money.to_the_cent(limit)


def _rows(numbers: pl.Series) -> str:
    named = ", ".join(map(str, numbers.sort().head(NAMED)))
    more = f" and {len(numbers) - NAMED:,} more" if len(numbers) > NAMED else ""
    return f"row{'s' if len(numbers) > 1 else ''} {named}{more}"

"""Censuses that are well formed but cannot be true, and those that only look odd because they are small."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from settings import load_settings
from settings.models.calendar import FiscalCalendar
from tasks.census.opening import Opening
from tasks.census.plausibility import Finding, find_implausible, reported
from tasks.census.read import Census
from tasks.census.sample import sample_census, write_sample
from tasks.runs.request import RunRequest, accept
from tasks.text.money import Money

OPENING = date(2024, 12, 31)
OPENS = Opening(FiscalCalendar.of("01-01", None, 2025))
CHECKS = (
    "census_low_pay", "census_high_pay", "census_old_age", "census_long_tenure", "census_same_hire_date",
    "census_newest_hire",
)  # fmt: skip


def found(
    *,
    pay: object = 60_000,
    born: object = date(1980, 1, 1),
    hired: object = None,
    left: Sequence[date | None] = (),
    people: int = 12,
) -> dict[str, Finding]:
    """The findings that are not empty, of so many people whose values are given: one for all, or a list.

    `left` are the last days of more people, hired long ago.
    """
    hired = [OPENING - timedelta(days=40 * number) for number in range(people)] if hired is None else hired
    columns = {"full_time_salary": pay, "fte": Decimal(1), "birth_date": born, "hire_date": hired}
    frame = pl.DataFrame(
        {name: pl.Series(v if isinstance(v, list) else [v] * people) for name, v in columns.items()}
    )
    frame = frame.with_row_index("row_number", offset=2).cast({"full_time_salary": pl.Decimal(22, 2)})
    employees = frame.filter(pl.col("hire_date") <= OPENING)
    movements = pl.concat(
        [
            frame.select("row_number", "hire_date", termination_date=pl.lit(None, pl.Date)),
            pl.DataFrame({"termination_date": left}, schema={"termination_date": pl.Date})
            .with_columns(row_number=pl.int_range(1000, 1000 + len(left)), hire_date=pl.date(2001, 1, 1))
            .select("row_number", "hire_date", "termination_date")
            .cast({"row_number": frame.schema["row_number"]}),
        ]
    )
    findings = find_implausible(
        employees, movements, opening=OPENS, minimum=Decimal(56_000), maximum=Decimal(400_000)
    )
    assert [finding.check for finding in findings] == list(CHECKS)
    assert all(bool(finding.details) == bool(finding.violations) for finding in findings)
    return {finding.check: finding for finding in findings if finding.violations}


def test_a_plausible_census_gives_no_finding() -> None:
    assert found() == {}


def test_low_and_high_pay_are_counted_with_the_extreme_and_its_row() -> None:
    low = found(pay=[27_999.0, 28_000.0, 25.5, 60_000.0] * 3)
    assert list(low) == ["census_low_pay"]
    assert (low["census_low_pay"].violations, low["census_low_pay"].examined) == (6, 12)
    assert low["census_low_pay"].details == (
        "6 of 12 salaries lie below half of the lowest level's minimum (56,000), lowest 25.50 in row 4: "
        "hourly, monthly or in thousands?"
    )
    high = found(pay=[1_200_000.0] * 11 + [1_200_000.01])
    assert list(high) == ["census_high_pay"]
    assert "1 of 12 salaries lie above three times" in str(high["census_high_pay"].details)
    assert "highest 1,200,000.01 in row 13" in str(high["census_high_pay"].details)


@pytest.mark.parametrize(
    ("born", "expected"),
    [
        ([date(1944, 1, 1)], None),  # 80
        ([date(1943, 12, 31)], "1 of 12 employees are older than 80 at the opening, the oldest 81 in row 2"),
        ([date(1924, 1, 1)], "older than 80 at the opening, the oldest 100 in row 2"),
        (
            [date(1900, 1, 1)] * 2,
            "2 of 12 employees are older than 100 at the opening (1900-01-01 in rows 2, 3)",
        ),
        (
            [date(1940, 5, 5), date(1901, 1, 1), date(1900, 1, 1), date(1900, 1, 1)],
            "4 of 12 employees are older than 80 at the opening, 3 of them older than 100 "
            "(1900-01-01 in rows 4, 5)",
        ),
    ],
)  # fmt: skip
def test_ages_over_80_are_found_and_placeholders_named_but_nobodys_birth_date(
    born: list[date], expected: str | None
) -> None:
    findings = found(born=born + [date(1980, 1, 1)] * (12 - len(born)))
    assert (expected in str(findings["census_old_age"].details)) if expected else findings == {}
    assert "1940" not in str(findings) and "1943" not in str(findings)


def test_a_tenure_over_50_years_is_found() -> None:
    assert found(hired=[OPENING, date(1974, 1, 1)], people=2) == {}
    long = found(hired=[OPENING, date(1973, 12, 31)], people=2)
    assert "the longest 51 years in row 3" in str(long["census_long_tenure"].details)


@pytest.mark.parametrize(
    ("people", "shared", "odd"), [(12, 6, True), (12, 5, False), (9, 9, False), (1, 1, False)]
)
def test_half_of_the_people_hired_on_one_day_is_odd_unless_they_are_few(
    people: int, shared: int, odd: bool
) -> None:
    day = date(2024, 11, 1)
    others = [day - timedelta(days=number) for number in range(1, people - shared + 1)]
    findings = found(hired=others + [day] * shared, people=people)
    assert list(findings) == (["census_same_hire_date"] if odd else [])
    if odd:
        details = str(findings["census_same_hire_date"].details)
        assert details.startswith(
            "6 of 12 employees have the hire date 2024-11-01 (rows 8, 9, 10, 11, 12 and 1 more)"
        )


@pytest.mark.parametrize(
    ("people", "days", "odd"),
    [
        (2000, 92, False), (2000, 93, True), (40, 182, False), (40, 183, True), (10, 730, False),
        (10, 731, True), (9, 4000, False),
    ],
)  # fmt: skip
def test_no_hire_for_long_is_odd_the_sooner_the_more_people_there_are(
    people: int, days: int, odd: bool
) -> None:
    hired = [OPENING - timedelta(days=days + number) for number in range(people)]
    findings = found(hired=hired, people=people)
    assert list(findings) == (["census_newest_hire"] if odd else [])
    if odd:
        details = str(findings["census_newest_hire"].details)
        assert (
            f"the newest hire, {hired[0]} in row 2, is {days} days before the opening date 2024-12-31"
            in details
        )
        exact = f"simulation.opening_date: {hired[0]} with simulation.start_year: {hired[0].year}"
        year = hired[0].year + 1
        assert (exact in details) == ((hired[0].month, hired[0].day) != (12, 31))
        assert (f"simulation.start_year: {year}, which opens on {year - 1}-12-31" in details) == (year < 2025)


def test_hires_after_the_opening_are_reported_with_the_year_that_fits() -> None:
    findings = found(hired=[OPENING, date(2026, 3, 2), date(2025, 5, 1)], people=3)
    assert findings["census_newest_hire"].details == (
        "2 of 3 rows have a hire date after the opening date 2024-12-31 and are left out, the newest "
        "2026-03-02 in row 3: a census of a later date? Set simulation.start_year: 2027, which opens on "
        "2026-12-31, or simulation.opening_date: 2026-03-02 with simulation.start_year: 2026"
    )


def test_a_leave_shows_the_date_of_a_census_as_a_hire_does() -> None:
    old = [date(2024, 1, 1)] * 100
    assert list(found(hired=old, people=100)) == ["census_same_hire_date", "census_newest_hire"]
    recent = found(hired=old, people=100, left=[date(2024, 11, 30), None])
    assert list(recent) == ["census_same_hire_date"]
    earlier = found(hired=[date(2022, 5, 1)] * 100, people=100, left=[date(2023, 6, 30)])
    assert "the newest leave, 2023-06-30 in row 1000, is 550 days before" in str(
        earlier["census_newest_hire"].details
    )
    late = found(left=[date(2025, 2, 28), date(9999, 12, 31)])["census_newest_hire"]
    assert late.violations == 1
    assert "1 of 14 rows have a last day after the opening date 2024-12-31" in str(late.details)
    assert "2025-02-28 with simulation.start_year: 2025" in str(late.details)


def test_what_fits_depends_on_the_calendar_and_on_where_the_opening_date_comes_from() -> None:
    fiscal = Opening(FiscalCalendar.of("07-01", None, 2027))
    assert fiscal.text == "2026-06-30, the day before simulation.start_year 2027 begins"
    assert fiscal.fitting(date(2025, 6, 30)) == "simulation.start_year: 2026, which opens on 2025-06-30"
    given = Opening(FiscalCalendar.of("07-01", date(2026, 9, 30), 2027), "company.yaml, line 3")
    assert given.text == "2026-09-30, simulation.opening_date (company.yaml, line 3)"
    assert given.fitting(date(2024, 9, 30)) == (
        "simulation.start_year: 2026 without simulation.opening_date, which opens on 2025-06-30, or "
        "simulation.opening_date: 2024-09-30 with simulation.start_year: 2025"
    )


def test_an_empty_census_has_no_findings() -> None:
    no_rows = pl.DataFrame(
        schema={
            "row_number": pl.Int64, "birth_date": pl.Date, "hire_date": pl.Date,
            "full_time_salary": pl.Decimal(22, 2), "fte": pl.Decimal(7, 6),
        }
    )  # fmt: skip
    findings = find_implausible(
        no_rows,
        no_rows.with_columns(termination_date=pl.lit(None, pl.Date)),
        opening=OPENS,
        minimum=Decimal(1),
        maximum=Decimal(1),
        money=Money("EUR"),
    )
    assert {(finding.violations, finding.examined, finding.share) for finding in findings} == {(0, 0, "–")}


def test_the_bundled_sample_is_plausible_and_that_of_a_year_before_is_not() -> None:
    assert [each for each in accept(RunRequest()).census.findings if each.violations] == []
    (old,) = [each for each in accept(RunRequest(years="2026-2027")).census.findings if each.violations]
    assert old.check == "census_newest_hire"
    assert "simulation.start_year: 2025, which opens on 2024-12-31" in str(old.details)


@pytest.mark.parametrize("employees", [1, 5, 9, 200, 2000])
def test_made_up_companies_of_every_size_are_plausible(
    tmp_path: Path, read: Callable[..., Census], employees: int
) -> None:
    for seed in range(5):
        write_sample(sample_census(employees, seed), tmp_path / "sample.csv")
        census = read(tmp_path / "sample.csv", allow_empty=True)
        assert [each for each in census.findings if each.violations] == [], seed


def test_findings_are_reported_by_severity_with_advice() -> None:
    findings = [
        Finding("census_low_pay", 8, 8, "", "eight"), Finding("census_old_age", 1, 8, "", "one"),
        Finding("census_high_pay", 1, 8, "", "high"), Finding("census_long_tenure", 0, 8, ""),
    ]  # fmt: skip
    sets = ["checks.severities.census_old_age=error", "checks.severities.census_high_pay=off"]
    severities = load_settings(environ={}, sets=sets).base.checks.severities
    messages = list(reported(findings, severities))
    assert messages[0].startswith(
        "error: census_old_age (12 %): one\n    what to do: correct the birth dates"
    )
    assert messages[1].startswith(
        "warning: census_low_pay (100 %): eight\n    what to do: the salary column must"
    )
    assert len(messages) == 2

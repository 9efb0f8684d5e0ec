"""The events of the bundled sample against those of commit b0c2849, before segments (golden.py)."""

from collections.abc import Mapping, Sequence

import pytest

from tests.simulation.golden import (
    CASES,
    DEFAULT_RATE,
    QUOTAS,
    YEARS,
    Fact,
    fact,
    fingerprint,
    known,
    without_leaving_hires,
)
from tests.simulation.in_memory import ALL_CHANGES, events_of

# forty years of two thousand employees
pytestmark = pytest.mark.slow

Facts = Mapping[str, Sequence[Fact]]


@pytest.fixture(scope="module")
def facts() -> Facts:
    """All cases in one run that has every kind of change, since one more scenario uses them all."""
    scenarios = {**CASES, DEFAULT_RATE: {}, "all": ALL_CHANGES}
    found = events_of(scenarios, years=f"{YEARS.start}-{YEARS.stop - 1}", planned=("all",))
    columns = ("simulation_year", "employee_id", "event_type", "event_reason", "event_date", "salary_after")
    return {
        scenario: [fact(*row) for row in rows.select(columns).iter_rows()] for scenario, rows in found.items()
    }


@pytest.mark.parametrize("case", CASES)
def test_the_events_are_those_of_before(facts: Facts, case: str) -> None:
    """Who, what, on which day, and pay to the cent."""
    assert fingerprint(facts[case]) == known()[case]


def test_the_first_year_differs_in_the_hires_who_leave_alone(facts: Facts) -> None:
    first = [one for one in facts[DEFAULT_RATE] if one.year == YEARS.start]
    assert fingerprint(without_leaving_hires(first)) == {str(YEARS.start): known()[DEFAULT_RATE]["first"]}


def test_as_many_leave_and_are_hired_as_before(facts: Facts) -> None:
    """In all years: quotas do not depend on who leaves."""
    counted = {
        year: {kind: found["types"][kind][0] for kind in QUOTAS}
        for year, found in fingerprint(facts[DEFAULT_RATE]).items()
    }
    assert counted == known()[DEFAULT_RATE]["counts"]

"""Actions that contradict each other, the census or a known hire are warnings of `actions check`."""

from pathlib import Path

import pytest

from tests.plan.conftest import Read, baseline, lines, scenarios_of

Row = dict[str, str]
LEAVE = {"date": "2026-06-30"}
HIRE = {"action": "hire", "employee_id": "new", "date": "2026-09-01", "level": "2", "department": "Sales"}
TO_ENGINEERING = {"action": "transfer", "department": "Engineering"}
TO_SALES = {"action": "transfer", "department": "Sales"}
RAISE = {"action": "raise", "salary": "70000"}
LESS = {"action": "fte", "fte": "0.5"}
MAYBE = {"probability": "0.9"}
NEXT = {"date": "2027-03-31"}

#: Rows, and what the only warning says; nothing: no warning. 0017 works full-time for 60,000 in Sales.
CASES: list[tuple[tuple[Row, ...], str | None]] = [
    # after a certain leave
    (
        (LEAVE, {**RAISE, **NEXT}),
        "1 action on or after the day on which the employee certainly leaves, such as "
        "raise on 2027-03-31 of '0017' in row 3, who leaves on 2026-06-30 (row 2): they do nothing",
    ),
    ((LEAVE, {**RAISE, "date": "2026-06-30"}), "raise on 2026-06-30 of '0017' in row 3"),
    ((LEAVE, {**RAISE, "date": "2026-06-29"}), None),
    ((LEAVE, {"date": "2026-06-30"}), "leave on 2026-06-30 of '0017' in row 3"),
    (
        (LEAVE, {"date": "2026-06-29"}),
        "leave on 2026-06-30 of '0017' in row 2, who leaves on 2026-06-29 (row 3)",
    ),
    (({**LEAVE, **MAYBE}, {**RAISE, **NEXT}), None),
    ((LEAVE, {**RAISE, **NEXT, **MAYBE}), "1 action on or after"),
    ((LEAVE, {**RAISE, **NEXT, "employee_id": "b"}), None),
    (({"date": "2024-06-30"}, RAISE), "1 action outside the simulated years"),
    # several changes of one thing on one day
    (
        (TO_ENGINEERING, TO_SALES),
        "2 actions that set one thing of an employee several times on one day, such as "
        "department of '0017' in row 2 on 2026-03-31 in rows 2, 3: they happen in the order of their "
        "ids, so that 'a1' holds",
    ),
    ((RAISE, {**RAISE, "salary": "80000"}), "such as salary of '0017'"),
    ((LESS, {**LESS, "fte": "0.6"}), "such as fte of '0017'"),
    ((RAISE, LESS, TO_ENGINEERING), None),
    ((RAISE, {**RAISE, **MAYBE}), None),
    ((RAISE, {**RAISE, **NEXT}), None),
    # what the employee has already
    (
        (TO_SALES,),
        "1 action without an effect, such as transfer of '0017' in row 2 to department Sales, which "
        "the employee has already in the census",
    ),
    ((TO_ENGINEERING, {**TO_SALES, **NEXT}), None),
    (({**TO_ENGINEERING, **MAYBE}, {**TO_SALES, **NEXT}), None),
    (({**LESS, "employee_id": "b"},), "such as fte of 'b' in row 2 to fte 0.5"),
    ((HIRE, {**TO_SALES, **NEXT, "employee_id": "new"}), "has already in the hire of row 2"),
    # pay
    (
        ({**RAISE, "salary": "59999"},),
        "1 action with pay that is no raise, such as 59,999.00 for '0017' in row 2, "
        "who has 60,000.00 in the census",
    ),
    (({**RAISE, "salary": "60000"},), "no raise"),
    (({**RAISE, "action": "promote", "salary": "59000"},), "no raise"),
    ((LESS, {**RAISE, "salary": "40000", **NEXT}), None),
    (({**RAISE, **MAYBE}, {**RAISE, "salary": "50000", **NEXT}), None),
    # before a known hire, and promotions in its year
    (
        (HIRE, {**RAISE, "employee_id": "new"}),
        "1 action before the employee's hire, such as 2026-03-31 of 'new' in "
        "row 3, whom row 2 hires on 2026-09-01: they do nothing",
    ),
    ((HIRE, {"employee_id": "new", "date": "2026-12-31"}), None),
    ((HIRE, {"employee_id": "new", **NEXT}), None),
    # ids
    (({"employee_id": "B "},), "'B' in row 2: did you mean 'b'?"),
    (({"employee_id": "00-17"},), "did you mean '0017'?"),
    ((HIRE, {"employee_id": "NEW", **NEXT}), "did you mean 'new'?"),
]


@pytest.mark.parametrize(("rows", "expected"), CASES)
def test_contradictions_are_warnings(read: Read, rows: tuple[Row, ...], expected: str | None) -> None:
    warnings = [one for one in read(lines(*rows)).warnings if "not in the census" not in one]
    if expected is None:
        assert warnings == []
    else:
        (warning,) = warnings
        assert expected in warning


def test_rows_of_other_scenarios_do_not_contradict(read: Read, tmp_path: Path) -> None:
    both = scenarios_of(tmp_path, "{}", "{}")
    for first, second in (
        (LEAVE, {**RAISE, **NEXT}),
        (TO_ENGINEERING, TO_SALES),
        (HIRE, {"employee_id": "new"}),
    ):
        apart = lines({**first, "scenario": "s0"}, {**second, "scenario": "s1"})
        assert not any("certainly" in one or "several" in one for one in read(apart, scenarios=both).warnings)
    (warning,) = read(lines({**LEAVE, "scenario": "s1"}, {**RAISE, **NEXT}), scenarios=both).warnings
    assert warning.startswith("1 action on or after"), "it applies to both scenarios, and counts once"


def test_the_mandatory_age_is_a_certain_leave_in_the_scenarios_that_have_it(
    read: Read, tmp_path: Path
) -> None:
    """0017 is born in February 1980 and b in January 1990."""
    both = scenarios_of(tmp_path, "{}", "{workforce.termination.voluntary.mandatory_age: 46}")
    found = read(lines(RAISE, {"date": "2026-02-28"}), scenarios=both).warnings
    assert any("of '0017' in row 2, who leaves on 2026-02-28 (row 3)" in one for one in found)
    (warning,) = read(lines({**RAISE, "employee_id": "b"}, RAISE), scenarios=both).warnings
    assert "raise on 2026-03-31 of '0017' in row 3, who leaves on 2026-02-28 (mandatory_age 46)" in warning
    assert read(lines({"date": "2026-02-28", "scenario": "s1"}), scenarios=both).warnings == ()


def test_somebody_may_be_back_where_transfers_are_drawn(read: Read) -> None:
    drawn = baseline(("workforce.transfer={base: 0.1, by: department}",))
    assert read(lines(TO_SALES), scenarios=drawn).warnings == ()
    (warning,) = read(lines({**TO_SALES, "date": "2025-03-31"}), scenarios=drawn).warnings
    assert "without an effect" in warning, "nothing is drawn before the first year"

"""Known actions in fiscal years, and in a first year of which a part lies before the opening date."""

import duckdb
import pytest

from tasks.plan.columns import CHANGES
from tasks.plan.errors import ActionsError
from tasks.system.queries import read_query
from tests.plan.conftest import Read, lines

FISCAL = ("simulation.fiscal_year_start=07-01", "simulation.start_year=2027", "simulation.end_year=2028")
STUB = (*FISCAL, "simulation.opening_date=2026-12-31")
PROMOTION = {"action": "promote", "level": ""}
RAISE = {"action": "raise", "salary": "70000"}


def warnings(read: Read, *rows: dict[str, str], sets: tuple[str, ...]) -> str:
    return "\n".join(read(lines(*rows), *sets).warnings)


def test_actions_outside_the_fiscal_years_do_nothing(read: Read) -> None:
    inside = [
        {**RAISE, "date": day, "salary": str(70_000 + i)}
        for i, day in enumerate(("2026-07-01", "2028-06-30"))
    ]
    assert read(lines(*inside), *FISCAL).warnings == ()
    for day in ("2026-06-30", "2028-07-01"):
        assert (
            "1 action outside the simulated years FY2027 to FY2028 (2026-07-01 to 2028-06-30), such as "
            f"{day} in row 2"
        ) in warnings(read, {"date": day}, sets=FISCAL)


def test_actions_on_or_before_the_opening_date_have_happened(read: Read) -> None:
    found = warnings(read, {**RAISE, "date": "2026-12-31"}, {**RAISE, "date": "2027-01-01"}, sets=STUB)
    assert "1 action outside the simulated years FY2027 to FY2028 (2027-01-01 to 2028-06-30)" in found
    assert "2026-12-31 in row 2" in found
    calendar_year = ("simulation.opening_date=2025-06-30",)
    found = warnings(read, {**RAISE, "date": "2025-06-30"}, sets=calendar_year)
    assert "outside the simulated years 2025 to 2029 (2025-07-01 to 2029-12-31)" in found


def test_limits_per_year_count_fiscal_years(read: Read) -> None:
    apart = {**PROMOTION, "date": "2027-06-30"}, {**PROMOTION, "date": "2027-07-01"}
    assert read(lines(*apart), *FISCAL).rows.height == 2
    with pytest.raises(ActionsError, match="second promotion of 0017 in 2027"):
        read(lines(*apart))
    with pytest.raises(ActionsError, match="second promotion of 0017 in FY2028"):
        read(lines(apart[1], {**PROMOTION, "date": "2028-01-31"}), *FISCAL)
    before = {**PROMOTION, "date": "2026-09-30"}, {**PROMOTION, "date": "2027-03-31"}
    assert read(lines(*before), *STUB).rows.height == 2


def test_a_year_of_hire_is_a_fiscal_year_and_names_the_ids(read: Read) -> None:
    hire = {"action": "hire", "employee_id": "", "date": "2027-03-01"}
    move = {**PROMOTION, "employee_id": "H2027-a0-1"}
    assert read(lines(hire, {**move, "date": "2027-07-01"}), *FISCAL).warnings == ()
    with pytest.raises(ActionsError, match="allowed: from 1 July 2027 on"):
        read(lines(hire, {**move, "date": "2027-06-30"}), *FISCAL)
    with pytest.raises(ActionsError, match="allowed: from 1 January 2028 on"):
        read(lines(hire, {**move, "date": "2027-07-01"}))


@pytest.mark.parametrize(
    ("month", "day", "opening", "dates", "slots"),
    [
        (7, 1, "2024-06-30", ("2025-06-30", "2025-07-01"), 1),
        (7, 1, "2024-06-30", ("2025-07-01", "2026-06-30"), 2),
        (3, 15, "2024-03-14", ("2025-03-14", "2025-03-15"), 1),
        (1, 1, "2023-12-31", ("2024-01-01", "2024-12-31", "2025-01-01"), 2),
        (1, 1, "2024-06-30", ("2024-06-30", "2024-07-01"), 1),
        (1, 1, "2023-12-31", (), 0),
    ],
)
def test_slots_of_changes_are_counted_by_fiscal_year(
    month: int, day: int, opening: str, dates: tuple[str, ...], slots: int
) -> None:
    connection = duckdb.connect()
    connection.execute(f"""
        create schema inputs;
        create table inputs.run_control as
            select {month} as fiscal_month, {day} as fiscal_day, date '{opening}' as opening_date;
        create table inputs.actions (scenario_id text, employee_id text, action text, action_date date);
    """)
    for each in dates:
        connection.execute("insert into inputs.actions values ('baseline', '1', 'raise', ?)", [each])
    found = connection.execute(
        read_query("tasks.warehouse", "known_change_slots"), {"kinds": list(CHANGES)}
    ).fetchone()
    assert found == (slots, 0)

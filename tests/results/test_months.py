"""fct_month_summary against the events, employee by employee, in plain Python."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from settings.models.calendar import FiscalCalendar
from settings.models.cost import CostSettings, RunningCost, SingleCost
from tasks.census.sample import sample_census
from tasks.text.costs import COST_COLUMNS
from tests.simulate import Finished, simulate
from tests.simulation.model import prorated

Row = dict[str, Any]
Key = tuple[Any, ...]


def simulated_months(calendar: FiscalCalendar, year: int) -> list[tuple[date, date, date]]:
    """The months with simulated days: the day that names each, its first simulated day and its last day."""
    starts, from_day = calendar.months(year), calendar.simulated_from(year)
    ends = [*(after - timedelta(1) for after in starts[1:]), calendar.last_day(year)]
    return [
        (start, max(start, from_day), end) for start, end in zip(starts, ends, strict=True) if end >= from_day
    ]


def paid_to(periods: list[tuple[date, Decimal]], day: date, days_in_year: int) -> Decimal:
    """Pay from the year's first day employed to a day, rounded once."""
    begun = [period for period in periods if period[0] <= day]
    return prorated(begun, day, days_in_year) if begun else Decimal(0)


def calendar_of(finished: Finished) -> FiscalCalendar:
    """The fiscal years of a run."""
    return finished.run.settings.base.simulation.calendar


@pytest.fixture(scope="module")
def expected(finished: Finished) -> dict[Key, Row]:
    return expected_rows(finished)


def expected_rows(finished: Finished) -> dict[Key, Row]:
    """The expected row of each month, level and combination of dimensions."""
    events: dict[Key, list[Row]] = defaultdict(list)
    for event in finished.events.iter_rows(named=True):
        events[
            event["scenario_id"], event["replicate"], event["simulation_year"], event["employee_id"]
        ].append(event)
    found: dict[Key, Row] = defaultdict(lambda: defaultdict(Decimal))
    for row in finished.snapshot.iter_rows(named=True):
        year = row["simulation_year"]
        if year not in finished.years:
            continue
        path = (row["scenario_id"], row["replicate"])
        own_events = events[*path, year, row["employee_id"]]
        for month, cells in months_of(calendar_of(finished), row, own_events).items():
            for cell in cells:
                total = found[*path, month, *cell.pop("state")]
                for name, value in cell.items():
                    total[name] += value
    return found


STATE = ("level", "department", "location")


def months_of(calendar: FiscalCalendar, row: Row, events: list[Row]) -> dict[date, list[Row]]:
    """The simulated months of one employee: in each, the states held in it; none if not employed."""
    year = row["simulation_year"]
    hired = row["hire_date"] >= calendar.simulated_from(year)
    first = max(row["hire_date"], calendar.simulated_from(year))
    last = row["termination_date"] or calendar.last_day(year)
    changes = [event for event in events if event["event_type"] not in ("hire", "termination")]
    side = "after" if hired else "before"
    names = (*STATE, "salary", "fte")
    opening = {name: events[0][f"{name}_{side}"] if events else row[name] for name in names}
    periods = [(first, opening["salary"]), *((e["event_date"], e["salary_after"]) for e in changes)]
    held = [(first, opening), *((e["event_date"], {n: e[f"{n}_after"] for n in names}) for e in changes)]
    # who has two changes on one day holds the first state on no day
    held = [one for one, after in zip(held, [*held[1:], (None, {})], strict=True) if one[0] != after[0]]
    ends = [*(after[0] - timedelta(1) for after in held[1:]), last]
    spells = [(start, end, state) for (start, state), end in zip(held, ends, strict=True)]
    reason = next((event["event_reason"] for event in events if event["event_type"] == "termination"), None)
    months: dict[date, list[Row]] = {}
    paid = Decimal(0)
    for month, month_start, month_end in simulated_months(calendar, year):
        cells: list[Row] = [
            # an employee may pass through a place on one day
            {"state": [event[f"{name}_{side}"] for name in STATE], counted: 1}
            for event in changes
            if event["event_type"] == "transfer" and month_start <= event["event_date"] <= month_end
            for side, counted in (("before", "transfers_out"), ("after", "transfers_in"))
        ]
        for number, (start, end, state) in enumerate(spells):
            from_day, to_day = max(start, month_start), min(end, month_end)
            if from_day > to_day:
                continue
            is_first = number == 0 and from_day == start
            is_last = number == len(spells) - 1 and to_day == last
            leaves = is_last and row["termination_date"] is not None
            to = paid_to(periods, to_day, calendar.days(year))
            cells.append(
                {
                    "state": [state[name] for name in STATE],
                    "headcount": int(to_day == month_end and not leaves),
                    "fte": state["fte"] if to_day == month_end and not leaves else 0,
                    "hires": int(hired and is_first),
                    "leavers": int(leaves),
                    "experienced_terminations": int(leaves and reason == "experienced"),
                    "new_hire_terminations": int(leaves and reason == "new_hire"),
                    "reductions": int(leaves and reason == "reduction_in_force"),
                    "employee_days": (to_day - from_day).days + 1,
                    "salary_cost": to - paid,
                    "hired_pay": opening["salary"] if hired and is_first else 0,
                    "reduced_pay": row["salary"] if leaves and reason == "reduction_in_force" else 0,
                }
            )
            paid = to
        months[month] = cells
    assert paid == row["prorated_compensation"]
    return months


COUNTED = (
    "headcount",
    "fte",
    "transfers_in",
    "transfers_out",
    "hires",
    "leavers",
    "experienced_terminations",
    "new_hire_terminations",
    "reductions",
    "employee_days",
    "salary_cost",
)


def test_counts_and_salary_cost_are_those_of_the_events(finished: Finished, expected: dict[Key, Row]) -> None:
    found = {key_of(row): row for row in rows_of(finished)}
    assert found.keys() == expected.keys()
    differences = [
        (key, name, found[key][name], expected[key][name])
        for key in expected
        for name in COUNTED
        if found[key][name] != expected[key][name]
    ]
    assert not differences


@pytest.mark.slow
def test_days_and_cost_follow_the_day_of_a_transfer(rich: Finished) -> None:
    assert rich.query("select sum(transfers_in) from fct_month_summary").item() > 0
    test_counts_and_salary_cost_are_those_of_the_events(rich, expected_rows(rich))


@pytest.mark.slow
def test_months_of_a_fiscal_year_and_its_stub(tmp_path: Path) -> None:
    """Years from 6 April, the first opened on 20 September: its months begin on 6 September, with 15 days."""
    opening = date(2026, 9, 20)
    found = simulate(
        tmp_path,
        sample_census(300, opening_date=opening),
        years="2027-2028",
        scenarios={"baseline": {"workforce.transfer": {"base": "0.4", "by": "department"}}},
        sets=["simulation.fiscal_year_start=04-06", f"simulation.opening_date={opening}"],
        close=False,
    )
    assert min(row["month"] for row in rows_of(found)) == date(2026, 9, 6)
    expected = expected_rows(found)
    test_counts_and_salary_cost_are_those_of_the_events(found, expected)
    test_loaded_cost_is_the_formula(found, expected)
    test_the_cost_of_a_year_is_that_of_its_months_by_the_events(found, expected)


def costs_of(cell: Row, cost: CostSettings, level: int, year: int, days_in_year: int) -> dict[str, Decimal]:
    """The parts of the cost of a month, level and combination of dimensions, and the loaded cost."""
    years = Fraction(int(cell["employee_days"]), days_in_year)

    def running(item: RunningCost, pay: Decimal) -> Fraction:
        return Fraction(pay) * Fraction(item.rate.at(year)) + years * Fraction(item.amount.at(year))

    def single(item: SingleCost, pay: Decimal, people: int) -> Fraction:
        return Fraction(pay) * Fraction(item.rate.at(year)) + people * Fraction(item.amount.at(year))

    salary = cell["salary_cost"]
    bonus = cents(Fraction(salary) * Fraction(cost.bonus_rates[level].at(year)))
    parts = {
        "bonus_cost": bonus,
        "benefits_cost": cents(running(cost.benefits, salary)),
        "payroll_tax_cost": cents(running(cost.payroll_tax, salary + bonus)),
        "recruiting_cost": cents(single(cost.recruiting, cell["hired_pay"], int(cell["hires"]))),
        "severance_cost": cents(single(cost.severance, cell["reduced_pay"], int(cell["reductions"]))),
    }
    return {**parts, "loaded_cost": salary + sum(parts.values())}


def test_loaded_cost_is_the_formula(finished: Finished, expected: dict[Key, Row]) -> None:
    calendar = calendar_of(finished)
    for row in rows_of(finished):
        cost, year = finished.settings(row["scenario_id"]).cost, row["simulation_year"]
        by_formula = costs_of(expected[key_of(row)], cost, row["level"], year, calendar.days(year))
        assert {name: row[name] for name in by_formula} == by_formula


def test_the_cost_of_a_year_is_that_of_its_months_by_the_events(
    finished: Finished, expected: dict[Key, Row]
) -> None:
    """Of the months of the independent model, which reads neither fct_month_summary nor its sums."""
    calendar = calendar_of(finished)
    years: dict[Key, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for (scenario, replicate, month, level, *_), cell in expected.items():
        year, cost = calendar.year_of(month), finished.settings(scenario).cost
        for name, value in costs_of(cell, cost, level, year, calendar.days(year)).items():
            years[scenario, replicate, year][name] += value
    found = {
        (row["scenario_id"], row["replicate"], row["simulation_year"]): {
            name: row[name] for name in COST_COLUMNS
        }
        for row in finished.summary.to_dicts()
    }
    assert found == years


def test_cost_settings_change_only_loaded_cost(finished: Finished) -> None:
    """Scenario `dear` is `base` with 10,000 more of benefits, and a bonus of 50 % (not 3 %) at level 1."""
    both = finished.query(
        """
        select base.* exclude (scenario_id), dear.loaded_cost - base.loaded_cost as more,
            dear.salary_cost - base.salary_cost as more_salary, dear.headcount - base.headcount as more_people
        from fct_month_summary as base
        full join fct_month_summary as dear
            on (base.replicate, base.month, base.level) = (dear.replicate, dear.month, dear.level)
            and (base.department, base.location) is not distinct from (dear.department, dear.location)
        where base.scenario_id = 'base' and dear.scenario_id = 'dear'
        """
    )
    assert both.height == sum(row["scenario_id"] == "base" for row in rows_of(finished))
    for row in both.to_dicts():
        days = (date(row["month"].year + 1, 1, 1) - date(row["month"].year, 1, 1)).days
        more = Decimal(10_000) * row["employee_days"] / days
        if row["level"] == 1:
            more += row["salary_cost"] * Decimal("0.47") * Decimal("1.0765")
        assert row["more_salary"] == row["more_people"] == 0
        assert abs(row["more"] - more) <= Decimal("0.04"), "four roundings to the cent"


def test_the_scenarios_exercise_every_cost(finished: Finished) -> None:
    totals = finished.query(
        "select sum(columns('.*_cost')) from fct_month_summary where scenario_id in ('base', 'cut')"
    )
    assert all(value > 0 for value in totals.row(0))
    assert finished.query("select count(*) from fct_month_summary where reductions > 0").item() > 0


def test_months_add_up_to_the_year(finished: Finished) -> None:
    assert finished.query(
        """
        select * from fct_year_summary
        inner join (
            select scenario_id, replicate, simulation_year, sum(salary_cost) as paid, sum(leavers) as leavers
            from fct_month_summary group by all
        ) using (scenario_id, replicate, simulation_year)
        where paid != prorated_payroll
            or leavers != experienced_terminations + new_hire_terminations + reductions
        """
    ).is_empty()
    status = finished.query("select distinct status from mon_data_quality where check_name = 'months_add_up'")
    assert status["status"].to_list() == ["pass"]


def rows_of(finished: Finished) -> list[Row]:
    return finished.query("select * from fct_month_summary").to_dicts()


def key_of(row: Row) -> Key:
    names = ("scenario_id", "replicate", "month", "level", "department", "location")
    return tuple(row[name] for name in names)


def cents(amount: Fraction) -> Decimal:
    """Round half up to the cent."""
    return Decimal((amount * 100 + Fraction(1, 2)).__floor__()) / 100

"""The bridge from a budget to a forecast: it adds up, and each effect is what its name says."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from tasks.studies.variance.bridge import BRIDGES, EFFECTS, Bridges, Step, bridge, effects_of
from tests.studies.bridged import (
    CLOSES,
    MONTHS,
    YEAR,
    Company,
    Person,
    State,
    bridged,
    cola,
    halved,
    random_company,
)

DEPARTMENT = pl.col("place").list.get(0)
BREAKDOWNS = {"level": pl.col("level"), "department": DEPARTMENT, "month": pl.col("month")}
CENT = Decimal("0.01")


def shown(bridges: Bridges) -> dict[str, dict[str, Decimal]]:
    """Return the effects that are not 0, without the residual, by bridge."""
    return {
        step.bridge: {name: cents for name, cents in step.effects.items() if cents and name != "residual"}
        for step in bridges.items()
    }


def only(bridges: Bridges, effect: str) -> None:
    """Check that this effect alone explains the difference, up to rounding."""
    for step in bridges.items():
        if effect not in effects_of(step.bridge):
            assert step.difference == 0, step
            continue
        assert {name for name, cents in step.effects.items() if cents} - {"residual"} == {effect}, step
        assert abs(step.effects["residual"]) < 2, step
        assert abs(step.difference) > 100, step


@pytest.fixture(scope="module")
def company() -> Company:
    """A company whose people have all starts and ends, the same raise on the same day, and full-time work."""
    people = []
    for number, level in enumerate([1, 1, 2, 2, 1, 2]):
        department = ("Sales", "Legal")[number % 2]
        start = State(level, department, 70_000 + 3_000 * number)
        raise_ = (cola(3, date(YEAR, 7, 1)),)
        people += [
            Person(start, changes=raise_),
            Person(start, left=date(YEAR, 3 + number, 10), changes=raise_),
            Person(start, hired=date(YEAR, 2 + number, 20), changes=raise_),
            Person(start, hired=date(YEAR, 1 + number, 5), left=date(YEAR, 11, 2), changes=raise_),
            Person(start, left=date(YEAR, 5, 31), is_reduction=True, changes=raise_),
        ]
    return Company(tuple(people))


@pytest.mark.parametrize("seed", [0, 1, *(pytest.param(n, marks=pytest.mark.slow) for n in range(2, 8))])
def test_the_effects_add_up_to_the_cent(seed: int) -> None:
    budget, forecast = random_company(seed), random_company(1000 + seed)
    found, back = bridged(budget, forecast), bridged(forecast, budget)
    totals = {step.bridge: step for step in found.items()}
    published = [company.months().sum() for company in (budget, forecast)]
    people = len(budget.people) + len(forecast.people)
    for name, column in (("payroll", "salary_cost"), ("cost", "loaded_cost")):
        step = totals[name]
        assert [step.budget, step.forecast] == [one[column][0] for one in published]
        assert sum(step.effects.values()) == step.difference
        # a cent of everybody in a month at most, and half a cent of each part of the cost and row
        rows = sum(len(one.months()) for one in (budget, forecast))
        assert abs(step.effects["residual"]) <= (people + 4 * rows * (name == "cost")) * CENT
    for step in back.items():
        assert step.difference == -totals[step.bridge].difference
    for of_breakdown in BREAKDOWNS.values():
        items = found.items(of_breakdown)
        for name in BRIDGES:
            parts = [step for step in items if step.bridge == name]
            assert all(sum(part.effects.values()) == part.difference for part in parts)
            for effect, amount in totals[name].effects.items():
                assert sum(part.effects[effect] for part in parts) == amount
            assert sum(part.budget for part in parts) == totals[name].budget


@pytest.mark.parametrize("breakdown", BREAKDOWNS)
def test_an_item_has_the_amounts_of_the_published_months(breakdown: str) -> None:
    budget, forecast = random_company(1), random_company(2)
    found = bridged(budget, forecast).items(BREAKDOWNS[breakdown])
    for company, side in ((budget, "budget"), (forecast, "forecast")):
        months = company.months().group_by(breakdown).agg(pl.col("salary_cost", "loaded_cost").sum())
        expected = {
            (bridge, row[breakdown]): row[column]
            for row in months.iter_rows(named=True)
            for bridge, column in (("payroll", "salary_cost"), ("cost", "loaded_cost"))
        }
        assert {
            (step.bridge, step.item): getattr(step, side) for step in found if getattr(step, side)
        } == expected


def test_a_dimension_may_have_any_name() -> None:
    budget, forecast = random_company(1), random_company(2)
    names = ("department", "place", "month_end", "replicates", "kind")
    found = [
        bridge(*(each.measured(dimension=name) for each in (budget, forecast))).items(DEPARTMENT)
        for name in names
    ]
    assert all(items == found[0] for items in found)


@pytest.mark.parametrize("seed", range(3))
def test_a_run_against_itself_differs_by_nothing(seed: int) -> None:
    company = random_company(seed)
    for step in bridged(company, company).items(DEPARTMENT):
        assert step.difference == 0 and not any(step.effects.values()), step
        assert "residual" in step.effects, "shown even when it is 0"


def test_more_of_everybody_is_headcount(company: Company) -> None:
    only(bridged(company, replace(company, people=company.people * 2)), "headcount")


def test_another_general_increase_is_raises(company: Company) -> None:
    for change in (cola(5, date(YEAR, 7, 1)), cola(3, date(YEAR, 10, 1)), cola(3, date(YEAR, 1, 1))):
        dearer = company.with_people(lambda person, change=change: replace(person, changes=(change,)))  # type: ignore[misc]
        only(bridged(company, dearer), "raises")


def test_a_promotion_is_raises_and_moves_cost_between_levels(company: Company) -> None:
    def promote(person: Person) -> Person:
        change = date(YEAR, 4, 1), "promotion", lambda state: replace(state, level=2, salary=90_000)
        return replace(person, changes=(change, *person.changes)) if person.start.level == 1 else person

    found = bridged(company, company.with_people(promote))
    only(found, "raises")
    by_level = {
        step.item: step.effects["mix"] for step in found.items(pl.col("level")) if step.bridge == "cost"
    }
    assert by_level[1] < 0 and by_level[1] + by_level[2] == 0


@pytest.mark.parametrize("name", ["benefits", "payroll_tax", "recruiting", "severance"])
def test_other_rates_of_cost_are_cost_rates(company: Company, name: str) -> None:
    rate, amount = getattr(company, name)
    only(bridged(company, replace(company, **{name: (rate + 0.02, amount)})), "cost_rates")
    only(bridged(company, replace(company, **{name: (rate, amount + 300)})), "cost_rates")


def test_later_hires_are_timing(company: Company) -> None:
    def later(person: Person) -> Person:
        return replace(person, hired=person.hired + timedelta(60)) if person.hired else person

    # after all hires: who is hired after an increase does not get it, which is an effect of raises
    december = company.with_people(lambda person: replace(person, changes=(cola(3, date(YEAR, 12, 1)),)))
    found = bridged(december, december.with_people(later))
    only(found, "timing")
    assert all(step.effects["timing"] < 0 for step in found.items())


def test_later_leavers_are_timing(company: Company) -> None:
    def later(person: Person) -> Person:
        return replace(person, left=min(CLOSES, person.left + timedelta(50))) if person.left else person

    only(bridged(company, company.with_people(later)), "timing")


def test_a_leaver_more_is_headcount_not_timing(company: Company) -> None:
    first, *others = company.people  # who stays
    leaving = next(person for person in others if person.left and not person.hired)
    gone = replace(company, people=(replace(first, left=leaving.left), *others))
    found = shown(bridged(company, gone))
    assert found["payroll"].keys() <= {"headcount", "mix", "timing", "starting_pay"}
    assert found["payroll"]["headcount"] < -20_000


@pytest.mark.parametrize("who", ["hires", "everybody"])
def test_other_pay_at_the_start_is_starting_pay(company: Company, who: str) -> None:
    def dearer(person: Person) -> Person:
        if who == "hires" and person.hired is None:
            return person
        return replace(person, start=replace(person.start, salary=person.start.salary * 11 // 10))

    only(bridged(company, company.with_people(dearer)), "starting_pay")


def test_other_working_time_is_fte(company: Company) -> None:
    def half(person: Person) -> Person:
        return replace(person, start=halved(person.start))

    found = bridged(company, company.with_people(half))
    only(found, "fte")
    assert found.items()[0].effects["fte"] == pytest.approx(-found.items()[0].budget / 2, abs=1)


def test_working_time_reduced_in_the_year_is_fte(company: Company) -> None:
    def half(person: Person) -> Person:
        return replace(person, changes=(*person.changes, (date(YEAR, 9, 1), "fte", halved)))

    only(bridged(company, company.with_people(half)), "fte")


def test_other_levels_are_mix() -> None:
    def hires(*levels: int) -> Company:
        """A company with hires of the same day at these levels; pay depends on the level."""
        starts = [State(level, salary=60_000 * level) for level in (1, 2, *levels)]
        dates = [None, None, *[date(YEAR, 3, 1)] * len(levels)]
        return Company(tuple(Person(start, hired) for start, hired in zip(starts, dates, strict=True)))

    only(bridged(hires(1, 1, 2), hires(1, 2, 2)), "mix")
    only(bridged(hires(1, 1), hires(1, 2)), "mix")


def test_a_transfer_to_a_department_of_the_same_pay_moves_cost_only() -> None:
    def two(transferred: date | None) -> Company:
        move = lambda state: replace(state, department="Legal")  # noqa: E731
        changes = ((transferred, "transfer", move),) if transferred else ()
        return Company((Person(State(), changes=changes), Person(State(department="Legal"))))

    found = bridged(two(None), two(date(YEAR, 7, 1)))
    assert all(abs(step.difference) < 1 for step in found.items()), "rounding by row"
    assert not any(shown(found).values())
    by_department = {step.item: step for step in found.items(DEPARTMENT) if step.bridge == "payroll"}
    assert by_department["Legal"].difference == -by_department["Sales"].difference > 0


def test_what_only_one_run_has_is_headcount_and_mix_in_a_row_of_its_own(company: Company) -> None:
    new = Person(State(3, "Research", 200_000))
    found = bridged(company, replace(company, people=(*company.people, new)))
    (row,) = (step for step in found.items(DEPARTMENT) if (step.item, step.bridge) == ("Research", "payroll"))
    assert (row.budget, row.forecast) == (0, 200_000)
    assert {name for name, amount in row.effects.items() if amount} == {"headcount", "mix"}


def test_a_part_of_the_year_begins_with_the_people_and_pay_of_its_first_day(company: Company) -> None:
    early = company.with_people(
        lambda person: replace(person, changes=(cola(9, date(YEAR, 2, 1)), *person.changes))
    )
    sides = [each.measured(MONTHS[8:]) for each in (company, early)]
    found = bridge(*sides)
    only(found, "starting_pay")
    for each, side in ((company, "budget"), (early, "forecast")):
        months = each.months().filter(pl.col("month") >= MONTHS[8])
        assert getattr(found.items()[0], side) == months["salary_cost"].sum()
    there = [person for person in company.people if person.last_day >= MONTHS[8]]
    hired = [person for person in there if person.hired and person.hired >= MONTHS[8]]
    counts = found.counts("forecast")
    assert (counts["opening"], counts["hires"]) == pytest.approx((len(there) - len(hired), len(hired)))
    assert counts["leavers"] == pytest.approx(sum(person.left is not None for person in there))


def hand_example() -> tuple[Company, Company]:
    """The example of docs/variance.md."""
    rates: Any = {
        "bonus": {},
        "payroll_tax": (0.0, 0),
        "recruiting": (0.0, 5_000),
        "severance": (0.0, 0),
    }
    july, october = ((cola(5, date(YEAR, month, 1)),) for month in (7, 10))
    budget = [
        Person(State(level, salary=salary), changes=july)
        for level, salary in ((1, 73_000), (1, 73_000), (2, 109_500))
    ]
    budget.append(Person(State(), hired=date(YEAR, 4, 1), changes=july))
    starts = [State(salary=36_500, fte=Decimal("0.5")), State(2, salary=109_500), State(2, salary=109_500)]
    forecast = [Person(start, changes=october) for start in starts]
    forecast += [Person(State(salary=76_650), hired=date(YEAR, 7, 1), changes=october)] * 2
    return (
        Company(tuple(budget), benefits=(0.2, 0), **rates),
        Company(tuple(forecast), benefits=(0.21, 0), **rates),
    )


def test_the_example_of_the_documents() -> None:
    payroll, cost = bridged(*hand_example()).items()
    expected = {
        "headcount": (56_840, 73_208),
        "mix": (37_420, 44_904),
        "timing": (-36_400, -43_680),
        "starting_pay": (3_864, "4636.80"),
        "raises": (-5_612, "-6734.40"),
        "fte": (-36_960, -44_352),
        "cost_rates": (None, "3379.32"),
        "residual": (0, 0),
    }
    assert list(expected) == list(EFFECTS)
    assert payroll == Step(
        "payroll",
        None,
        Decimal(318_780),
        Decimal(337_932),
        {name: Decimal(amount) for name, (amount, _) in expected.items() if amount is not None},
    )
    assert (cost.budget, cost.forecast) == (387_536, Decimal("418897.72"))
    assert cost.effects == {name: Decimal(amount) for name, (_, amount) in expected.items()}

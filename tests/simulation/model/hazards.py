"""Who is how likely to leave, to rise and to be moved in a year, and of what cause one leaves."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from settings import Settings
from tests.simulation.model.arithmetic import band, completed_years
from tests.simulation.model.people import Employee, Place, State
from tests.simulation.model.policy import Cause, Policy, Rate, policy


@dataclass(frozen=True)
class Hazards:
    """The year's probabilities of an employee, and the shares of the causes of leaving."""

    termination: float
    promotion: float
    transfer: float
    causes: tuple[float, ...]


def multiplied(rules: Policy, rate: Rate, level: int, ages: tuple[int, int], place: Place) -> list[float]:
    """Base and factors, in the order in which they are multiplied: base, age, tenure, level, dimensions."""
    age = band(ages[0], *rules.age_bands)
    tenure = band(ages[1], *rules.tenure_bands)
    values: dict[str, str | None] = {"age": age, "tenure": tenure, "level": str(level)}
    values |= zip(rules.dimensions, place, strict=True)
    return [
        float(rate.base),
        *(
            float(rate.factors.get(attribute, {}).get(value, 1))
            for attribute, value in values.items()
        ),
    ]  # fmt: skip


def hazard_of_cause(rules: Policy, cause: Cause, level: int, ages: tuple[int, int], place: Place) -> float:
    """The annual probability of leaving of a cause; 0 for those not eligible."""
    if ages[0] < cause.min_age or ages[1] < cause.min_tenure:
        return 0.0
    return min(1.0, math.prod(multiplied(rules, cause.rate, level, ages, place)))


def together(found: Sequence[float]) -> float:
    """The probability of leaving of any cause."""
    positive = [one for one in found if one > 0]
    return positive[0] if len(positive) == 1 else 1 - math.prod(1 - one for one in found)


def shares(found: Sequence[float]) -> tuple[float, ...]:
    """The probability of each cause, given that one leaves."""
    if certain := [one == 1 for one in found].count(True):
        return tuple(1 / certain if one == 1 else 0.0 for one in found)
    if not any(found):
        return (1.0, *(0.0 for _ in found[1:]))
    logarithms = [math.log(1 - one) for one in found]
    return tuple(one / math.fsum(logarithms) for one in logarithms)


def chosen_cause(rules: Policy, found: Sequence[float], uniform: float) -> str:
    """The first cause of which the cumulated share exceeds the draw."""
    reached = 0.0
    for cause, share in zip(rules.causes, found, strict=True):
        reached += share
        if reached > uniform:
            return cause.name
    return max(zip(found, rules.causes, strict=True), key=lambda pair: pair[0])[1].name


def hazards_of(rules: Policy, employee: Employee) -> Hazards:
    """Of an employee by their attributes at the start of the fiscal year.

    In a stub, leaving and moving have the probabilities of its days. Promotions keep that of the year, since
    only their dates decide whether they are still to come.
    """
    first_day, part = rules.period.first, rules.period
    ages = completed_years(employee.birth, first_day), completed_years(employee.hired, first_day)
    level, place = employee.state.level, employee.state.place
    leaving = [hazard_of_cause(rules, cause, level, ages, place) for cause in rules.causes]
    base, age, tenure, *others = multiplied(rules, rules.promotion, level, ages, place)
    damping = max(0.0, float(1 - rules.level_damping * (level - 1)))
    rising = math.prod((base, age, tenure, damping, *others))
    moving = rules.transfer and math.prod(multiplied(rules, rules.transfer.rate, level, ages, place))
    return Hazards(
        part.probability(together(leaving)),
        0.0 if level == rules.top_level else min(1.0, rising),
        part.probability(min(1.0, moving or 0.0)),
        shares(leaving),
    )


def hazards(settings: Settings, year: int, birth: date, hired: date, level: int) -> Hazards:
    """The same from settings, for tests that compare one employee of a company without dimensions."""
    one = Employee("", birth, hired, State(None, None, level, ()))  # type: ignore[arg-type]
    return hazards_of(policy(settings, year), one)

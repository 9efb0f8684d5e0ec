"""Who is hired: known hires, and the seats of the others by segment, level and place."""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from tests.simulation.model.arithmetic import (
    completed_years,
    first_above,
    largest_remainder,
    round_half_up,
    to_cents,
)
from tests.simulation.model.days import day_between
from tests.simulation.model.hazards import chosen_cause, hazard_of_cause, shares
from tests.simulation.model.leaving import Leave, last_day
from tests.simulation.model.moving import last_but_one, segment_of, segment_of_state, six_decimals
from tests.simulation.model.people import Action, Employee, Luck, Place, State, by_text, set_values
from tests.simulation.model.policy import Policy, Segment

Weights = dict[Place, Decimal | int]


@dataclass(frozen=True)
class Market:
    """What hires are drawn from: the opening workforce, and all combinations of dimensions in order."""

    rules: Policy
    luck: Luck
    opening: Sequence[Employee]
    places: Sequence[Place]


def place_weights(market: Market, members: Sequence[Employee] | None = None) -> Weights:
    """The mix of the settings, or the headcounts of some or all employees, by place in order."""
    mix = market.rules.dimension_mix
    weights: Mapping[Place, Decimal | int] = (
        mix
        if mix is not None and members is None
        else Counter(one.state.place for one in (market.opening if members is None else members))
    )
    return {place: weights.get(place, 0) for place in market.places}


def fte_of(market: Market, employee_id: str, level: int) -> Decimal:
    """Drawn from the mix, else as in the opening workforce's level, else as in the company, else 1."""
    at_level = Counter(one.state.fte for one in market.opening if one.state.level == level)
    company = Counter(one.state.fte for one in market.opening)
    weights: Mapping[Decimal, Decimal | int] = market.rules.fte_mix or at_level or company or {Decimal(1): 1}
    values = sorted(weights)
    return values[first_above([weights[one] for one in values], market.luck("hire_fte", employee_id))]


def hire(
    market: Market,
    employee_id: str,
    level: int,
    place: Place,
    *,
    day: date | None = None,
    fte: Decimal | None = None,
    salary: Decimal | None = None,
) -> Employee:
    """A new employee; what is not given is drawn."""
    rules, luck = market.rules, market.luck
    ages = sorted(rules.age_weights)
    age = ages[first_above([rules.age_weights[one] for one in ages], luck("hire_age", employee_id))]
    began = rules.period.first
    birth = began.replace(year=began.year - age) - timedelta(int(luck("hire_birthday", employee_id) * 365))
    if day is None:
        first, last = rules.period.start, last_but_one(rules)
        day = day_between(first, last, luck("hire_date", employee_id), rules.hire_months)
    if fte is None:
        fte = fte_of(market, employee_id, level)
    if salary is None:
        low, high = rules.levels[level]
        full_time = to_cents(low + (high - low) * six_decimals(Fraction(luck("hire_salary", employee_id))))
        salary = to_cents(full_time * fte)
    return Employee(employee_id, birth, day, State(salary, fte, level, place))


def known_hires(market: Market, actions: Sequence[Action]) -> list[Employee]:
    """The people of the known actions `hire`."""
    rules, luck, found = market.rules, market.luck, []
    for action in actions:
        if action.action != "hire":
            continue
        for number in range(1, action.count + 1):
            name = action.employee_id or f"H{rules.year}-{action.action_id}-{number}"
            levels = sorted(rules.level_mix)
            level = (
                action.level
                or levels[first_above([rules.level_mix[one] for one in levels], luck("hire_level", name))]
            )
            weights = list(place_weights(market).values())
            drawn = first_above(
                weights if any(weights) else [1] * len(weights), luck("hire_dimensions", name)
            )
            place = set_values(market.places[drawn], rules.dimensions, action.dimensions)
            found.append(
                hire(
                    market, name, level, place, day=action.day, fte=action.fte, salary=action.salary
                )
            )  # fmt: skip
    return found


def level_weights(market: Market, number: int) -> dict[int, Decimal | int]:
    """The mix at the levels of a segment; all 0: its opening workforce's proportions, else equal."""
    rules = market.rules
    levels = [
        level
        for level in rules.levels
        if any(segment_of(rules, level, place) == number for place in market.places)
    ]
    headcounts = Counter(
        one.state.level for one in market.opening if segment_of_state(rules, one.state) == number
    )
    for weights in (rules.level_mix, headcounts):
        if any(weights.get(level, 0) for level in levels):
            return {level: weights.get(level, 0) for level in levels}
    return dict.fromkeys(levels, 1)


def weights_within(market: Market, number: int, level: int | None) -> Weights:
    """Weights of the places of a segment, at a level if segments differ by level and a dimension.

    Mix or opening headcount; all 0: those of the company as if moved into the segment; all 0: equal.
    """
    rules, segment = market.rules, market.rules.segments[number]
    levels = rules.levels if level is None else (level,)
    within = [
        place for place in market.places if any(segment_of(rules, one, place) == number for one in levels)
    ]
    members = [
        one
        for one in market.opening
        if segment_of_state(rules, one.state) == number and level in (None, one.state.level)
    ]
    candidates = [place_weights(market, members)]
    if rules.dimension_mix is not None:
        candidates.insert(0, place_weights(market))
    candidates.append(moved_into(market, segment))
    for weights in candidates:
        if any(weights.get(place, 0) for place in within):
            return {place: weights.get(place, 0) for place in within}
    return dict.fromkeys(within, 1)


def moved_into(market: Market, segment: Segment) -> Weights:
    """The opening headcounts of the company, each place with the values that the segment names."""
    values = {name: value for name, value in segment.where.items() if name != "level"}
    found: Weights = defaultdict(int)
    for place, weight in place_weights(market, market.opening).items():
        found[set_values(place, market.rules.dimensions, values)] += weight
    return found


def drawn_hires(market: Market, seats: Sequence[int]) -> list[Employee]:
    """The hires that are not known: so many seats for each segment; numbered by segment, then level."""
    rules, luck = market.rules, market.luck
    by_level = [largest_remainder(count, level_weights(market, one)) for one, count in enumerate(seats)]
    rows = [
        (level, number)
        for number, levels in enumerate(by_level)
        for level in rules.levels
        for _ in range(levels.get(level, 0))
    ]
    names = {f"H{rules.year}-{place:07d}": row for place, row in enumerate(rows, start=1)}
    named = {name for segment in rules.segments for name in segment.where}
    within_levels = "level" in named and len(named) > 1
    groups: dict[tuple[int, int | None], list[str]] = defaultdict(list)
    for name, (level, number) in names.items():
        groups[number, level if within_levels else None].append(name)
    places: dict[str, Place] = {}
    for (number, within), group in groups.items():
        given = largest_remainder(len(group), weights_within(market, number, within))
        in_order = sorted(group, key=lambda name: (luck("hire_dimensions", name), name))
        places |= dict(zip(in_order, [place for place in given for _ in range(given[place])], strict=True))
    return [hire(market, name, level, places[name]) for name, (level, _) in names.items()]


def known_hire_leaves(
    market: Market, planned: Sequence[Employee], actions: Sequence[Action]
) -> dict[str, Leave]:
    """The leaves of known hires in the year of hire: an action from the day of hire on."""
    found = {}
    for one in planned:
        leaves = [
            action
            for action in actions
            if action.action == "leave" and action.employee_id == one.employee_id and one.hired <= action.day
        ]
        for action in sorted(leaves, key=lambda action: (action.day, action.action_id.encode()))[:1]:
            cause = action.cause or cause_of_hire(market, one)
            found[one.employee_id] = Leave(action.day, "new_hire", cause, None, None, action.action_id)
    return found


def cause_of_hire(market: Market, hired: Employee) -> str:
    """The cause that is drawn for a hire who leaves in the year."""
    rules, state = market.rules, hired.state
    ages = completed_years(hired.birth, rules.period.first), 0
    chances = [hazard_of_cause(rules, cause, state.level, ages, state.place) for cause in rules.causes]
    return chosen_cause(rules, shares(chances), market.luck("termination_cause", hired.employee_id))


def hires_who_leave(
    market: Market, hires: Sequence[Employee], known: Mapping[str, Leave]
) -> dict[str, Leave]:
    """Known leavers; of each segment others up to the quota, in the order of exposure, or those drawn."""
    rules, luck = market.rules, market.luck
    uniform = {one.employee_id: luck("new_hire_termination", one.employee_id) for one in hires}
    leaving: list[Employee] = []
    for number in range(len(rules.segments)):
        members = [one for one in hires if segment_of_state(rules, one.state) == number]
        others = [one for one in members if one.employee_id not in known]
        if rules.mode == "exact":
            others.sort(
                key=lambda one: (
                    exposure_time(rules, one, uniform[one.employee_id]),
                    one.employee_id.encode(),
                )
            )
            quota = round_half_up(len(members) * rules.new_hire_quota) - (len(members) - len(others))
            leaving += others[: max(0, quota)]
        else:
            leaving += [one for one in others if uniform[one.employee_id] < float(rules.new_hire_quota)]
    found = dict(known)
    for one in leaving:
        name = one.employee_id
        day = last_day(rules, name, one.hired + timedelta(1), luck)
        rate = float(rules.new_hire_quota)
        found[name] = Leave(day, "new_hire", cause_of_hire(market, one), rate, uniform[name])
    return found


def exposure_time(rules: Policy, employee: Employee, uniform: float) -> float:
    """When a hire would leave in a race of which the time runs by the days from hire to the year's end.

    Those hired on the last day come last.
    """
    days = (rules.period.last - employee.hired).days
    return -math.log(1 - uniform) / days if days else math.inf


def combinations(places: Sequence[Place], moved: Mapping[int, set[str | None]]) -> list[Place]:
    """Places, closed under moves: for each dimension that a move can set, the values it can have."""
    found = set(places)
    for dimension, values in moved.items():
        found = {(*place[:dimension], value, *place[dimension + 1 :]) for place in found for value in values}
    return sorted(found, key=by_text)

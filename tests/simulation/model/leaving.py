"""Who of the opening workforce leaves before reductions: known leaves, pools, the race, drawn leavers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tests.simulation.model.arithmetic import race_time, round_half_up, scale_to_target
from tests.simulation.model.days import day_between, month_end
from tests.simulation.model.hazards import Hazards, chosen_cause
from tests.simulation.model.people import Action, Employee, Luck
from tests.simulation.model.policy import Policy


@dataclass(frozen=True)
class Leave:
    """The end of an employment; hazard and draw are none if it was known."""

    day: date
    reason: str
    cause: str
    hazard: float | None
    draw: float | None
    action_id: str | None = None


@dataclass(frozen=True)
class Leaving:
    """The experienced leavers, and for reductions the race: time by employee, hazard as used."""

    leaves: Mapping[str, Leave]
    hazards: Mapping[str, float]
    race: Mapping[str, tuple[float, bytes]]


def mandatory_leave(rules: Policy, employee: Employee) -> tuple[date, str] | None:
    """The last day of those who reach a mandatory age in the year or have reached it, and the cause.

    The end of the month of the birthday, or of the first month with days to come.
    """
    part = rules.period
    found = []
    for cause in rules.causes:
        if cause.mandatory_age is None:
            continue
        born = employee.birth
        day = month_end(date(born.year + cause.mandatory_age, born.month, 1))
        if day < part.start:
            day = month_end(part.start)
        if day in part:
            found.append((day, cause.name))
    return min(found, key=lambda one: one[0], default=None)


def known_leave(
    rules: Policy, employee: Employee, hazards: Hazards, actions: Sequence[Action], luck: Luck
) -> Leave | None:
    """The earliest of the actions that are drawn and a mandatory leave; of the same day, the first."""
    drawn = chosen_cause(rules, hazards.causes, luck("termination_cause", employee.employee_id))
    found = [
        Leave(one.day, "experienced", one.cause or drawn, None, None, one.action_id)
        for one in sorted(actions, key=lambda one: one.action_id.encode())
        if one.action == "leave" and one.employee_id == employee.employee_id
    ]
    if mandatory := mandatory_leave(rules, employee):
        found.append(Leave(mandatory[0], "experienced", mandatory[1], None, None))
    return min(found, key=lambda one: one.day, default=None)


def scaled(found: Mapping[str, float], target: Decimal) -> dict[str, float]:
    """Mode expected: hazards of a pool without known leavers, scaled to add up to the target."""
    positive = [one for one in found.values() if one > 0]
    if target <= 0:
        return dict.fromkeys(found, 0.0)
    if target > len(positive):
        shared = float((target - len(positive)) / (len(found) - len(positive)))
        return {name: 1.0 if one > 0 else shared for name, one in found.items()}
    numbers = scale_to_target(positive, float(target))
    return {name: numbers.pop(0) if one > 0 else 0.0 for name, one in found.items()}


def experienced(
    rules: Policy,
    pools: Sequence[tuple[Decimal, Sequence[Employee]]],
    hazards: Mapping[str, Hazards],
    known: Mapping[str, Leave],
    luck: Luck,
) -> Leaving:
    """Decide who leaves, pool by pool: an annual termination rate and the employees who share it."""
    leaves = dict(known)
    used: dict[str, float] = {}
    race: dict[str, tuple[float, bytes]] = {}
    for annual, members in pools:
        rate = rules.period.rate(annual)
        found = {one.employee_id: hazards[one.employee_id].termination for one in members}
        if rules.mode == "expected":
            able = {name: hazard for name, hazard in found.items() if name not in known}
            # who is known to leave counts in the target, and is not drawn
            found |= scaled(able, len(found) * rate - (len(found) - len(able)))
        used |= found
        uniform = {name: luck("termination", name) for name in found}
        race |= {name: (race_time(uniform[name], found[name]), name.encode()) for name in found}
        others = sorted((name for name in found if name not in known), key=lambda name: race[name])
        if rules.mode == "exact":
            quota = round_half_up(len(members) * rate) - (len(members) - len(others))
            leaving = others[: max(0, quota)]
        else:
            leaving = [name for name in others if uniform[name] < found[name]]
        for name in leaving:
            cause = chosen_cause(rules, hazards[name].causes, luck("termination_cause", name))
            day = last_day(rules, name, rules.period.start, luck)
            leaves[name] = Leave(day, "experienced", cause, found[name], uniform[name])
    return Leaving(leaves, used, race)


def last_day(rules: Policy, employee_id: str, first: date, luck: Luck) -> date:
    """The last day of a leaver, who can leave from a day on; the year's last day if that is too late."""
    uniform, year_end = luck("termination_date", employee_id), rules.period.last
    return day_between(min(first, year_end), year_end, uniform, rules.termination_months)

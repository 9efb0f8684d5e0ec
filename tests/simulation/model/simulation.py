"""A year and the years of a path: the steps of docs/models.md in their order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction

from settings import Settings
from settings.models.uncertainty import Uncertainty
from tests.simulation.model.arithmetic import prorated
from tests.simulation.model.fiscal import period
from tests.simulation.model.hazards import hazards_of
from tests.simulation.model.hiring import (
    Market,
    drawn_hires,
    hires_who_leave,
    known_hire_leaves,
    known_hires,
)
from tests.simulation.model.leaving import Leave, experienced, known_leave
from tests.simulation.model.moving import Destinations, changes_of, known_changes, path_of
from tests.simulation.model.newcomers import newcomers_who_leave
from tests.simulation.model.pay import Applied, Life, raises
from tests.simulation.model.people import Action, Change, Closing, Employee, Event, Luck, Place
from tests.simulation.model.policy import Policy, policy
from tests.simulation.model.segments import Quota, balances, pools, quotas_of, reductions
from tests.simulation.model.turnover import Turnover, turnover
from tests.simulation.model.uncertainty import Drawn, drawn_policy


@dataclass(frozen=True)
class Company:
    """The workforce when the first year opens.

    `places` are all combinations of dimensions in order, `census` those of everyone whom the census has.
    """

    dimensions: tuple[str, ...]
    employees: tuple[Employee, ...]
    places: tuple[Place, ...]
    census: tuple[Place, ...]


@dataclass(frozen=True)
class Year:
    """What a year of a path results in."""

    events: Mapping[str, list[Event]]
    closing: Mapping[str, Closing]
    segments: Sequence[Quota]
    turnover: Sequence[Turnover]
    outcomes: Mapping[str, str]

    @property
    def workforce(self) -> list[Employee]:
        """Those with whom the next year opens."""
        return [one.employee for one in self.closing.values() if one.last_day is None]


def simulate_path(
    company: Company,
    settings: Settings,
    replicate: int,
    actions: Sequence[Action] = (),
    uncertainty: Uncertainty | None = None,
) -> dict[int, Year]:
    """Simulate the years of a path; `actions` are those that apply to the scenario."""
    opening, years = list(company.employees), {}
    drawn = Drawn(uncertainty, settings, replicate)
    for year in settings.simulation.years:
        rules = drawn_policy(policy(settings, year, company.dimensions), drawn)
        years[year] = simulate_year(rules, company, opening, drawn.luck_replicate, actions)
        opening = years[year].workforce
    return years


def outcomes_outside(settings: Settings, actions: Sequence[Action]) -> dict[str, str]:
    """The outcome of actions before or after the years of the run."""
    periods = [period(settings.simulation, year) for year in settings.simulation.years]
    return {one.action_id: "outside_years" for one in actions if not any(one.day in part for part in periods)}


def simulate_year(
    rules: Policy, company: Company, workforce: Sequence[Employee], replicate: int, actions: Sequence[Action]
) -> Year:
    """One year of a path, from the workforce with which it opens."""
    luck = Luck(rules.seed, rules.year, replicate)
    opening = sorted(workforce, key=lambda one: one.employee_id.encode())
    due = sorted((one for one in actions if one.day in rules.period), key=lambda one: one.action_id.encode())
    drawn = [one for one in due if luck("action", one.action_id) < float(one.probability)]
    hazards = {one.employee_id: hazards_of(rules, one) for one in opening}

    known = {
        one.employee_id: leave
        for one in opening
        if (leave := known_leave(rules, one, hazards[one.employee_id], drawn, luck))
    }
    as_experienced = experienced(rules, pools(rules, opening), hazards, known, luck)
    newcomers = newcomers_who_leave(rules, opening, hazards, as_experienced, luck)
    leaving = replace(as_experienced, leaves={**as_experienced.leaves, **newcomers})
    destinations = Destinations(company.census, opening)
    changes = {
        one.employee_id: changes_of(rules, one, destinations, hazards[one.employee_id], drawn, luck)
        for one in opening
    }
    paths = {
        one.employee_id: path_of(rules, one, changes[one.employee_id], day_of(leaving.leaves, one))
        for one in opening
    }

    market = Market(rules, luck, opening, company.places)
    planned = known_hires(market, drawn)
    leaving_again = known_hire_leaves(market, planned, drawn)
    balance = balances(rules, opening, paths, leaving, planned, leaving_again)
    reduced = reductions(rules, opening, paths, leaving, [one.reductions for one in balance], luck)
    hires = [
        *drawn_hires(market, [one.hires - one.known_hires for one in balance]),
        *planned,
    ]  # fmt: skip
    leaves = {**leaving.leaves, **reduced, **hires_who_leave(market, hires, leaving_again)}
    happened = {
        one.employee_id: path_of(
            rules,
            one,
            changes[one.employee_id],
            day_of(leaves, one),
            is_reduced=one.employee_id in reduced,
        )
        for one in opening
    }

    changes |= {one.employee_id: known_changes(rules, one, drawn, luck) for one in planned}
    lives = [
        Life(one, changes.get(one.employee_id, []), day_of(leaves, one), one.employee_id in reduced)
        for one in [*opening, *hires]
    ]
    applied = raises(rules, lives, luck)
    hired = {one.employee_id for one in hires}
    events = {
        life.employee.employee_id: events_of(
            life, applied[life.employee.employee_id], leaves, life.employee.employee_id in hired
        )
        for life in lives
    }
    closing = {
        life.employee.employee_id: closing_of(rules, life, applied[life.employee.employee_id])
        for life in lives
    }
    return Year(
        events,
        closing,
        quotas_of(rules, balance, happened, leaves, hires, closing),
        turnover(rules, opening, hazards, known, as_experienced),
        outcomes(due, drawn, {one.employee_id: one for one in [*opening, *planned]}, changes, leaves),
    )


def day_of(leaves: Mapping[str, Leave], employee: Employee) -> date | None:
    """The last day of an employee who leaves."""
    leave = leaves.get(employee.employee_id)
    return None if leave is None else leave.day


def events_of(
    life: Life, applied: Sequence[Applied], leaves: Mapping[str, Leave], is_hire: bool
) -> list[Event]:
    """The events of an employee in the order of their sequence."""
    employee = life.employee
    name, state = employee.employee_id, employee.state
    found = []
    if is_hire:
        found.append(Event(name, "hire", None, None, employee.hired, 0, None, state, None, None))
    for change, before, after in applied:
        found.append(
            Event(name, change.kind, None, None, change.day, 0, before, after, change.hazard, change.draw)
        )
        state = after
    if leave := leaves.get(name):
        found.append(
            Event(
                name, "termination", leave.reason, leave.cause, leave.day, 0, state, None,
                leave.hazard, leave.draw,
            )
        )  # fmt: skip
    return [replace(one, sequence=place) for place, one in enumerate(found, start=1)]


def closing_of(rules: Policy, life: Life, applied: Sequence[Applied]) -> Closing:
    """The snapshot's row of an employee."""
    first, year_end = rules.period.start, rules.period.last
    spells = [(max(life.employee.hired, first), life.employee.state)]
    spells += [(change.day, after) for change, _, after in applied]
    last = life.last_day or year_end
    ends = [day for day, _ in spells[1:]] + [last + timedelta(1)]
    worked = sum(
        (Fraction(state.fte) * (end - day).days for (day, state), end in zip(spells, ends, strict=True)),
        Fraction(),
    )
    return Closing(
        replace(life.employee, state=spells[-1][1]),
        life.last_day,
        prorated([(day, state.pay) for day, state in spells], last, rules.period.days),
        worked / ((year_end - first).days + 1),
    )


def outcomes(
    due: Sequence[Action],
    drawn: Sequence[Action],
    employed: Mapping[str, Employee],
    changes: Mapping[str, Sequence[Change]],
    leaves: Mapping[str, Leave],
) -> dict[str, str]:
    """What became of the actions of the year; `employed` are the opening workforce and the known hires."""
    found = {}
    for action in due:
        if action not in drawn:
            found[action.action_id] = "not_drawn"
        elif action.action == "hire":
            found[action.action_id] = "done"
        elif action.employee_id not in employed or action.day < employed[action.employee_id].hired:
            found[action.action_id] = "not_employed"
        else:
            leave = leaves.get(str(action.employee_id))
            if action.action == "leave":
                done = leave is not None and leave.action_id == action.action_id
            else:
                done = leave is None or action.day < leave.day
                if leave is not None and leave.reason == "reduction_in_force":  # comes after the changes
                    done = action.day <= leave.day
            found[action.action_id] = "done" if done else "not_employed"
            happens = action.action == "leave" or any(
                one.action_id == action.action_id for one in changes[action.employee_id]
            )
            if done and not happens:
                found[action.action_id] = "no_effect"
    return found

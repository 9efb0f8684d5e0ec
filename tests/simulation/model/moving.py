"""Random transfers, promotions and known actions as changes of a day; segments, and moves between them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from tests.simulation.model.arithmetic import first_above, round_half_up, to_cents
from tests.simulation.model.days import day_between, effective_date
from tests.simulation.model.hazards import Hazards
from tests.simulation.model.people import (
    Action,
    Change,
    Employee,
    Luck,
    Place,
    State,
    by_text,
    in_order,
    set_values,
)
from tests.simulation.model.policy import Policy


def segment_of(rules: Policy, level: int, values: Sequence[str | None]) -> int:
    """The number of the segment that a level and a place are in, from 0."""
    attributes = dict(zip(rules.dimensions, values, strict=True)) | {"level": str(level)}
    for number, segment in enumerate(rules.segments[:-1]):
        if all(attributes[name] == value for name, value in segment.where.items()):
            return number
    return len(rules.segments) - 1


def segment_of_state(rules: Policy, state: State) -> int:
    """The number of the segment of an employee."""
    return segment_of(rules, state.level, state.place)


def six_decimals(number: Fraction) -> Decimal:
    """A draw that chooses an amount of money, and the share of pay that it chooses."""
    return Decimal(round_half_up(number * 1_000_000)) / 1_000_000


@dataclass(frozen=True)
class Destinations:
    """What a transfer leads to where settings give no shares: values of the census, by opening headcount."""

    census: Sequence[Place]
    opening: Sequence[Employee]

    def headcounts(self, dimension: int) -> dict[str | None, int]:
        """How many of the opening workforce have each value that the census has."""
        found = Counter(one.state.place[dimension] for one in self.opening)
        return {value: found[value] for value in {place[dimension] for place in self.census}}


def transfer(
    rules: Policy, employee: Employee, destinations: Destinations, hazard: float, luck: Luck
) -> Change | None:
    """The random transfer of an employee, if drawn: on a day that is not the year's last."""
    name, uniform = employee.employee_id, luck("transfer", employee.employee_id)
    if rules.transfer is None or uniform >= hazard:
        return None
    by = rules.dimensions.index(rules.transfer.by)
    weights: Mapping[str | None, Decimal | int] = (
        rules.transfer.to if rules.transfer.to is not None else destinations.headcounts(by)
    )
    others = sorted(
        (value for value in weights if value != employee.state.place[by]), key=lambda v: by_text((v,))
    )
    if not any(weights[value] for value in others):
        return None
    to = others[first_above([weights[value] for value in others], luck("transfer_to", name))]
    day = day_between(rules.period.start, last_but_one(rules), luck("transfer_date", name))
    values = {rules.transfer.by: to}
    return Change(
        day, "transfer", lambda state: moved(rules, state, values), hazard=hazard, draw=uniform
    )  # fmt: skip


def last_but_one(rules: Policy) -> date:
    """The last day of hires and random transfers: the last but one, unless a single day is simulated."""
    return max(rules.period.start, rules.period.last - timedelta(1))


def moved(rules: Policy, state: State, values: Mapping[str, str | None]) -> State:
    """The state in another place."""
    return replace(state, place=set_values(state.place, rules.dimensions, values))


def promoted(rules: Policy, state: State, to: int, salary: Decimal | None, uniform: float) -> State:
    """The state after a promotion: the pay given, or raised by the share drawn, at least the minimum."""
    low, high = Fraction(rules.raise_min), Fraction(rules.raise_max)
    share = six_decimals(low + (high - low) * Fraction(six_decimals(Fraction(uniform))))
    minimum = to_cents(rules.levels[to][0] * state.fte)
    pay = max(to_cents(state.pay * (1 + share)), minimum) if salary is None else salary
    return replace(state, level=to, pay=pay)


def promotion(rules: Policy, employee: Employee, hazard: float, luck: Luck) -> Change | None:
    """The random promotion of an employee, if drawn."""
    name, uniform = employee.employee_id, luck("promotion", employee.employee_id)
    if uniform >= hazard:
        return None
    size = luck("promotion_raise", name)
    day = effective_date(rules.dates["promotion"], luck("promotion_date", name))
    if day not in rules.period:  # it has happened before the opening
        return None
    return Change(
        day,
        "promotion",
        lambda state: promoted(rules, state, state.level + 1, None, size),
        hazard=hazard,
        draw=uniform,
    )


def given_pay(action: Action, state: State) -> Decimal | None:
    """The pay that an action gives: of a full-time job, it is multiplied by the FTE of the moment."""
    if action.salary is None or not action.is_full_time_salary:
        return action.salary
    return to_cents(action.salary * state.fte)


def known_change(rules: Policy, action: Action, luck: Luck) -> Change | None:
    """What a known action does to an employee; nothing if it is a leave or a hire."""
    assert action.employee_id is not None or action.action == "hire"

    def apply(state: State) -> State:
        match action.action:
            case "transfer":
                return moved(rules, state, action.dimensions)
            case "raise":
                pay = given_pay(action, state)
                assert pay is not None
                return replace(state, pay=pay)
            case "fte":
                assert action.fte is not None
                return replace(state, pay=to_cents(state.pay * action.fte / state.fte), fte=action.fte)
        to = action.level or state.level + 1
        size = luck("promotion_raise", str(action.employee_id))
        return promoted(rules, state, to, given_pay(action, state), size)

    kinds = {"transfer": "transfer", "raise": "raise", "fte": "fte", "promote": "promotion"}
    kind = kinds.get(action.action)
    return None if kind is None else Change(action.day, kind, apply, action.action_id)


def known_changes(rules: Policy, employee: Employee, actions: Sequence[Action], luck: Luck) -> list[Change]:
    """What known actions do to an employee, in order.

    A promotion that does not rise and a transfer to the same place do nothing.
    """
    mine = [
        one
        for one in actions
        if one.employee_id == employee.employee_id and one.action != "hire" and employee.hired <= one.day
    ]
    rising = [
        one
        for one in mine
        if one.action != "promote"
        or employee.state.level < (one.level or employee.state.level + 1) <= rules.top_level
    ]
    found = [known_change(rules, one, luck) for one in rising]
    effective, state = [], employee.state
    for change in in_order([one for one in found if one is not None]):
        if change.kind == "transfer":
            before, state = state, change.apply(state)
            if state.place == before.place:
                continue
        effective.append(change)
    return effective


def changes_of(
    rules: Policy,
    employee: Employee,
    destinations: Destinations,
    hazards: Hazards,
    actions: Sequence[Action],
    luck: Luck,
) -> list[Change]:
    """Transfers, promotions, raises and changes of FTE of an employee of the opening workforce, in order."""
    found: list[Change | None] = list(known_changes(rules, employee, actions, luck))
    kinds = {one.action for one in actions if one.employee_id == employee.employee_id}
    if "transfer" not in kinds:
        found.append(transfer(rules, employee, destinations, hazards.transfer, luck))
    if "promote" not in kinds:
        found.append(promotion(rules, employee, hazards.promotion, luck))
    return in_order([one for one in found if one is not None])


@dataclass(frozen=True)
class Path:
    """The segments in which an employee is first and last employed, and what a reduction has to come after.

    That is the last promotion, transfer or known change of those who end in another segment (who returns
    can leave before) or have a known change.
    """

    first: int
    last: int
    settled: date | None


def path_of(
    rules: Policy,
    employee: Employee,
    changes: Sequence[Change],
    last_day: date | None,
    *,
    is_reduced: bool = False,
) -> Path:
    """Follow an employee until the last day employed; who is reduced on a day leaves after its changes."""
    state = employee.state
    first = segment_of_state(rules, state)
    happened = [
        one
        for one in changes
        if last_day is None or one.day < last_day or (is_reduced and one.day == last_day)
    ]
    bound = False
    for change in happened:
        state = change.apply(state)
        bound |= bool(change.action_id)
    last = segment_of_state(rules, state)
    return Path(first, last, happened[-1].day if bound or first != last else None)

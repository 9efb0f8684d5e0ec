"""Pay: each employee's changes applied in order, with the raises of the year and the merit budget."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from tests.simulation.model.arithmetic import round_half_up, to_cents
from tests.simulation.model.days import effective_date
from tests.simulation.model.people import Change, Employee, Luck, State, in_order
from tests.simulation.model.policy import Policy


@dataclass(frozen=True)
class Life:
    """An employee's year: who they are when it opens or on hire, what is planned, and the last day."""

    employee: Employee
    changes: Sequence[Change]
    last_day: date | None
    is_reduced: bool = False


Applied = tuple[Change, State, State]


def with_raises(rules: Policy, life: Life, luck: Luck, merit_factor: Fraction) -> list[Change]:
    """The changes of a life with adjustment, COLA and merit.

    Those of before the opening have happened.
    """
    name, hired = life.employee.employee_id, life.employee.hired
    cola_day = effective_date(rules.dates["cola"], luck("cola_date", name))
    found = list(life.changes)
    if rules.enforce_minimum:
        found.append(Change(cola_day, "adjustment", lambda state: adjusted(rules, state)))
    if hired < rules.cutoff:
        merit_day = effective_date(rules.dates["merit"], luck("merit_date", name))
        found.append(
            Change(cola_day, "cola", lambda s: replace(s, pay=to_cents(s.pay * (1 + rules.cola_rate))))
        )
        uniform = luck("merit", name)
        found.append(
            Change(merit_day, "merit", lambda state: merited(rules, state, uniform, merit_factor))
        )  # fmt: skip
    return in_order([one for one in found if one.day in rules.period])


def adjusted(rules: Policy, state: State) -> State:
    """Lifted to the minimum of the level."""
    return replace(state, pay=max(state.pay, to_cents(rules.levels[state.level][0] * state.fte)))


def merit_weight(rules: Policy, state: State, uniform: float) -> Decimal:
    """The weight of an employee's merit raise, to six decimals."""
    spread = 1 + Fraction(rules.merit_spread) * (2 * Fraction(uniform) - 1)
    exact = Fraction(rules.merit_multipliers[state.level]) * spread
    return Decimal(round_half_up(exact * 1_000_000)) / 1_000_000


def merited(rules: Policy, state: State, uniform: float, factor: Fraction) -> State:
    """After the merit raise."""
    pay = Fraction(state.pay) * (1 + Fraction(merit_weight(rules, state, uniform)) * factor)
    return replace(state, pay=Decimal(round_half_up(pay * 100)) / 100)


def applied(life: Life, changes: Sequence[Change]) -> list[Applied]:
    """What takes effect: while employed, and an adjustment only if it lifts pay."""
    state, found = life.employee.state, []
    for change in changes:
        settled = life.is_reduced and change.kind in ("transfer", "fte", "promotion", "raise")
        until = life.last_day or change.day
        if life.employee.hired <= change.day and (
            life.last_day is None or change.day < until or (settled and change.day == until)
        ):
            after = change.apply(state)
            if change.kind != "adjustment" or after != state:
                found.append((change, state, after))
            state = after
    return found


def raises(rules: Policy, lives: Sequence[Life], luck: Luck) -> dict[str, list[Applied]]:
    """What takes effect for each employee; merit's budget is settled on the pay before each merit raise."""
    pay = weighted = Fraction(0)
    for life in lives:
        for change, before, _ in applied(life, with_raises(rules, life, luck, Fraction(0))):
            if change.kind == "merit":
                weight = merit_weight(rules, before, luck("merit", life.employee.employee_id))
                pay += Fraction(before.pay)
                weighted += Fraction(before.pay) * Fraction(weight)
    factor = Fraction(rules.merit_budget) * pay / weighted if weighted else Fraction(0)
    return {
        life.employee.employee_id: applied(life, with_raises(rules, life, luck, factor)) for life in lives
    }

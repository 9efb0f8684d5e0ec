"""Of a stub: who was hired in the elapsed part of the fiscal year, and leaves before it ends."""

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction

from tests.simulation.model.arithmetic import round_half_up
from tests.simulation.model.hazards import Hazards, chosen_cause
from tests.simulation.model.leaving import Leave, Leaving, last_day
from tests.simulation.model.moving import segment_of_state
from tests.simulation.model.people import Employee, Luck
from tests.simulation.model.policy import Policy


def further(rules: Policy, staying: float) -> float:
    """The probability of leaving beyond that as experienced, of which `staying` is the complement.

    Together they are that of a hire. Of a year's hires, a hire is exposed to it for half a year on average,
    who was hired before the stub for all of the stub: hence twice its share of the year. To nine decimals.
    """
    stays_as_hire = (1 - float(rules.new_hire_rate)) ** (2 * float(rules.period.share))
    return round(max(0.0, 1 - stays_as_hire / staying), 9) if staying > 0 else 0.0


def newcomers_who_leave(
    rules: Policy,
    opening: Sequence[Employee],
    hazards: Mapping[str, Hazards],
    leaving: Leaving,
    luck: Luck,
) -> dict[str, Leave]:
    """Of those hired in the elapsed part who are not among the experienced leavers."""
    found: dict[str, Leave] = {}
    if not rules.period.is_stub:
        return found
    share = float(rules.period.share)
    for number, segment in enumerate(rules.segments):
        annual = rules.termination_rate if segment.termination_rate is None else segment.termination_rate
        of_pool = further(rules, (1 - float(annual)) ** share)
        uniform = {
            one.employee_id: luck("new_hire_termination", one.employee_id)
            for one in opening
            if one.hired >= rules.period.first
            and segment_of_state(rules, one.state) == number
            and one.employee_id not in leaving.leaves
        }
        if rules.mode == "exact":
            in_order = sorted(
                uniform, key=lambda name: (-math.log(1 - uniform[name]), name.encode())
            )  # fmt: skip
            chances = dict.fromkeys(in_order[: round_half_up(len(uniform) * Fraction(of_pool))], of_pool)
        else:
            chances = {name: further(rules, 1 - leaving.hazards[name]) for name in uniform}
            chances = {name: chance for name, chance in chances.items() if uniform[name] < chance}
        for name, chance in chances.items():
            found[name] = Leave(
                last_day(rules, name, rules.period.start, luck),
                "new_hire",
                chosen_cause(rules, hazards[name].causes, luck("termination_cause", name)),
                chance,
                uniform[name],
            )
    return found

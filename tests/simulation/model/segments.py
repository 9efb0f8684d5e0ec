"""Segments: pools of termination, what each segment needs, who is reduced, and what became of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from tests.simulation.model.arithmetic import hires_for, largest_remainder, round_half_up
from tests.simulation.model.leaving import Leave, Leaving, last_day
from tests.simulation.model.moving import Path, segment_of_state
from tests.simulation.model.people import Closing, Employee, Luck
from tests.simulation.model.policy import Policy


@dataclass(frozen=True)
class Quota:
    """The year of a segment: a row of fct_segment_summary."""

    segment: str
    opening_headcount: int
    transfers_in: int
    transfers_out: int
    hires: int
    experienced_terminations: int
    new_hire_terminations: int
    reductions: int
    ending_headcount: int
    target_headcount: int | None


def pools(rules: Policy, opening: Sequence[Employee]) -> list[tuple[Decimal, list[Employee]]]:
    """Annual termination rates and who shares each: the segments with a rate of their own, and the rest."""
    found, rest = [], list(opening)
    for number, segment in enumerate(rules.segments):
        if segment.termination_rate is not None:
            members = [one for one in opening if segment_of_state(rules, one.state) == number]
            rest = [one for one in rest if segment_of_state(rules, one.state) != number]
            found.append((segment.termination_rate, members))
    return [*found, (rules.termination_rate, rest)]


@dataclass(frozen=True)
class Balance:
    """The arithmetic of a segment."""

    opening: int
    target: int
    known_hires: int
    hires: int
    reductions: int


def balances(
    rules: Policy,
    opening: Sequence[Employee],
    paths: Mapping[str, Path],
    leaving: Leaving,
    planned: Sequence[Employee],
    leaving_again: Mapping[str, Leave],
) -> list[Balance]:
    """How many each segment hires or reduces."""
    numbers = range(len(rules.segments))
    headcounts = [sum(path.first == number for path in paths.values()) for number in numbers]
    known = [sum(segment_of_state(rules, one.state) == number for one in planned) for number in numbers]
    leavers = [one for one in planned if one.employee_id in leaving_again]
    again = [sum(segment_of_state(rules, one.state) == number for one in leavers) for number in numbers]
    targets = targets_of(rules, headcounts, len(opening))
    seats = apportioned(rules, headcounts, known)
    found = []
    for number in numbers:
        stay = sum(path.last == number and name not in leaving.leaves for name, path in paths.items())
        needed = targets[number] - stay
        if seats is not None:
            hires = seats[number]
        elif needed > 0:  # whichever are more: leavers of the rate, or the known ones
            hires = max(hires_for(needed, rules.new_hire_quota), needed + again[number])
        else:
            hires = 0
        reduced = max(0, -needed) if seats is None else 0
        found.append(
            Balance(headcounts[number], targets[number], known[number], max(hires, known[number]), reduced)
        )
    return found


def targets_of(rules: Policy, headcounts: Sequence[int], total: int) -> list[int]:
    """The headcount with which each segment is to close."""
    found = [
        segment.headcount
        if segment.headcount is not None
        else round_half_up(headcount * (1 + rules.period.growth(segment.growth)))
        for segment, headcount in zip(rules.segments, headcounts, strict=True)
    ]
    if rules.segments[-1].closes_gap:
        found[-1] = round_half_up(total * (1 + rules.period.growth(rules.growth))) - sum(found[:-1])
    return found


def apportioned(rules: Policy, headcounts: Sequence[int], known: Sequence[int]) -> dict[int, int] | None:
    """The hires that the settings give, by segment; none if they follow from the targets.

    Known hires are among them. A company without employees hires the others into the rest.
    """
    if rules.hires is None:
        return None
    total = rules.period.hires(rules.hires)
    if sum(known) > total:
        return dict(enumerate(known))
    weights = dict(enumerate(headcounts))
    others = largest_remainder(
        total - sum(known), weights if any(headcounts) else {**weights, len(weights) - 1: 1}
    )
    return {number: others[number] + known[number] for number in weights}


def reductions(
    rules: Policy,
    opening: Sequence[Employee],
    paths: Mapping[str, Path],
    leaving: Leaving,
    wanted: Sequence[int],
    luck: Luck,
) -> dict[str, Leave]:
    """The next in the race among those who end in the segment, after what is settled of their year."""
    found = {}
    for number, count in enumerate(wanted):
        able = [
            one.employee_id
            for one in opening
            if one.employee_id not in leaving.leaves and paths[one.employee_id].last == number
        ]
        for name in sorted(able, key=lambda name: leaving.race[name])[:count]:
            settled = paths[name].settled
            first = rules.period.start if settled is None else settled + timedelta(1)
            found[name] = Leave(
                last_day(rules, name, first, luck),
                "reduction_in_force",
                "reduction_in_force",
                leaving.hazards[name],
                luck("termination", name),
            )
    return found


def quotas_of(
    rules: Policy,
    balance: Sequence[Balance],
    paths: Mapping[str, Path],
    leaves: Mapping[str, Leave],
    hires: Sequence[Employee],
    closing: Mapping[str, Closing],
) -> list[Quota]:
    """What became of each segment."""
    numbers = {one.employee_id: segment_of_state(rules, one.state) for one in hires}
    numbers |= {name: path.last for name, path in paths.items()}
    found = []
    for number, (segment, one) in enumerate(zip(rules.segments, balance, strict=True)):

        def left(reason: str, number: int = number) -> int:
            return sum(leave.reason == reason and numbers[name] == number for name, leave in leaves.items())

        found.append(
            Quota(
                segment.name,
                one.opening,
                sum(path.first != number and path.last == number for path in paths.values()),
                sum(path.first == number and path.last != number for path in paths.values()),
                sum(numbers[hired.employee_id] == number for hired in hires),
                left("experienced"),
                left("new_hire"),
                left("reduction_in_force"),
                sum(numbers[name] == number and name not in leaves for name in closing),
                one.target if rules.hires is None else None,
            )
        )
    return found

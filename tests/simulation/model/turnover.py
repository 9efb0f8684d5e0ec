"""Experienced turnover of a year beside its assumption, by cause."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.simulation.model.hazards import Hazards
from tests.simulation.model.leaving import Leaving
from tests.simulation.model.people import Employee
from tests.simulation.model.policy import Policy


@dataclass(frozen=True)
class Turnover:
    """A row of fct_turnover_summary for attribute `total`."""

    cause: str
    opening_headcount: int
    known_terminations: int
    expected_terminations: float
    terminations: int


def turnover(
    rules: Policy,
    opening: Sequence[Employee],
    hazards: Mapping[str, Hazards],
    known: Mapping[str, object],
    leaving: Leaving,
) -> list[Turnover]:
    """Known leavers count as 1 in their cause, others with the hazard in use times the cause's share."""
    found = []
    for number, cause in enumerate(rules.causes if opening else ()):
        leavers = [name for name, leave in leaving.leaves.items() if leave.cause == cause.name]
        certain = sum(name in known for name in leavers)
        drawn = [name for name in hazards if name not in known]
        expected = sum(leaving.hazards[name] * hazards[name].causes[number] for name in drawn)
        found.append(Turnover(cause.name, len(opening), certain, certain + expected, len(leavers)))
    return found

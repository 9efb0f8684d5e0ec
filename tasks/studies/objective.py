"""What an optimisation wants: a small or large figure, while goals hold with a probability."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from settings.errors import InputError
from settings.models.calendar import FiscalCalendar
from settings.models.goals import part_problem, subject_of
from tasks.studies.goal import Goal, Measure
from tasks.text.calendar import CALENDAR_YEARS

#: Values of a goal's figure by replicate; None where it has none.
ByReplicate = Sequence[float | None]


@dataclass(frozen=True)
class Objective(Measure):
    """A figure's mean over replicates, and over the years if no year is named, to be small or large."""

    maximise: bool

    of_all_years: ClassVar[str] = "on average over the years"

    def __str__(self) -> str:
        return f"{'Largest' if self.maximise else 'Smallest'} {self.subject}"

    def cost_of(self, value: float) -> float:
        """Return what an optimiser makes small."""
        return -value if self.maximise else value


@dataclass(frozen=True)
class Demand:
    """A goal that must hold with a probability, above 0 and at most 1."""

    goal: Goal
    probability: Decimal

    def __str__(self) -> str:
        return f"{self.goal} with {self.percent}"

    @property
    def percent(self) -> str:
        """The probability in per cent."""
        return f"{(100 * self.probability).normalize():f} %"

    def judge(self, values: ByReplicate, inside: float = 0.0) -> "Judged":
        """Judge a goal by the values of its figure.

        With k replicates of n needed, the goal holds with the probability if and only if its figure is on the
        right side of the amount in the k-th best replicate. How far that replicate is off changes steadily
        with the settings, where the share of replicates moves in steps and is flat far off.

        Args:
            values: The value of each replicate; without one, the goal does not hold there.
            inside: How far inside the amount the figure must be, as a margin of safety.
        """
        needed = math.ceil(self.probability * len(values))
        worst = math.inf if self.goal.sign == "<=" else -math.inf
        ordered = sorted(
            (worst if value is None else value for value in values), reverse=self.goal.sign == ">="
        )
        at, amount = ordered[needed - 1], float(self.goal.amount)
        beyond = at - (amount - inside) if self.goal.sign == "<=" else amount + inside - at
        holds = sum(value is not None and self.goal.is_met_by(value) for value in values)
        return Judged(holds, len(values), at, beyond)


@dataclass(frozen=True)
class Judged:
    """How a trial does by a demand.

    Attributes:
        holds: Replicates in which the goal holds.
        replicates: All of them.
        at: The figure in the k-th best replicate, k being the replicates in which the goal must hold.
        beyond: How far that is beyond the amount, less the margin of safety; at most 0 if the demand is met.
    """

    holds: int
    replicates: int
    at: float
    beyond: float

    @property
    def share(self) -> float:
        """The share of replicates in which the goal holds."""
        return self.holds / self.replicates

    @property
    def is_met(self) -> bool:
        """Whether the goal holds in as many replicates as needed, with the margin."""
        return self.beyond <= 0

    @property
    def off(self) -> float:
        """How far the figure is off; 0 if the demand is met."""
        return max(0.0, self.beyond)


def parse_objective(
    minimise: str | None,
    maximise: str | None,
    years: range,
    dimensions: Sequence[str],
    calendar: FiscalCalendar = CALENDAR_YEARS,
) -> Objective:
    """Read FIGURE[@YEAR] of --minimise or --maximise. Raises InputError that says what is allowed."""
    if (minimise is None) == (maximise is None):
        raise InputError(
            "--minimise, --maximise: one of them is expected, with the figure to make small or large, as in "
            "--minimise payroll@2029"
        )
    flag, text = ("--minimise", minimise) if minimise is not None else ("--maximise", maximise)
    try:
        found = subject_of(str(text))
    except ValueError as error:
        raise InputError(f"{flag} {text!r}: {error}") from None
    if found.year is not None and found.year not in years:
        raise InputError(
            f"{flag} {text!r}: a year from {years[0]} to {years[-1]} is allowed, since {found.year} is not "
            "simulated"
        )
    if problem := part_problem(found, dimensions):
        raise InputError(f"{flag} {text!r}: {problem}")
    return Objective(found.figure, found.year, maximise is not None, part=found.part, calendar=calendar)


def parse_probabilities(texts: Sequence[str], goals: int) -> list[Decimal]:
    """Read the probabilities of --with, one for all goals or one for each. Raises InputError."""
    found = [_probability(text) for text in texts] or [Decimal("0.9")]
    if len(found) not in (1, goals):
        raise InputError(
            f"--with: one probability for all goals, or one for each of the {goals} goals is expected; "
            f"{len(found)} were given"
        )
    return found * goals if len(found) == 1 else found


def _probability(text: str) -> Decimal:
    try:
        value = Decimal(text.removesuffix("%").strip()) / (100 if text.endswith("%") else 1)
    except ArithmeticError:
        value = Decimal("nan")
    if not 0 < value <= 1:
        raise InputError(
            f"--with {text!r}: a probability above 0 and at most 1 is expected, as in 0.9 or 90%"
        )
    return value

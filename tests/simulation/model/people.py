"""What the model is about: employees, known actions, and what happens to them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction

from tests.simulation.model.arithmetic import draw

#: The values of the dimensions of the census, in its order.
Place = tuple[str | None, ...]


@dataclass(frozen=True)
class State:
    """What a change changes."""

    pay: Decimal
    fte: Decimal
    level: int
    place: Place


@dataclass(frozen=True)
class Employee:
    """Somebody employed."""

    employee_id: str
    birth: date
    hired: date
    state: State


@dataclass(frozen=True)
class Action:
    """A known action: a row of the plan that applies to the scenario."""

    action_id: str
    action: str
    day: date
    employee_id: str | None = None
    count: int = 1
    level: int | None = None
    salary: Decimal | None = None
    is_full_time_salary: bool = False
    fte: Decimal | None = None
    cause: str | None = None
    probability: Decimal = Decimal(1)
    dimensions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Event:
    """A row of fct_workforce_events; before and after are none where there is none."""

    employee_id: str
    kind: str
    reason: str | None
    cause: str | None
    day: date
    sequence: int
    before: State | None
    after: State | None
    hazard: float | None
    draw: float | None


@dataclass(frozen=True)
class Closing:
    """A row of the snapshot: somebody who was employed in the year, and the last day of a leaver.

    FTE is the mean over the days of the year, 0 on days when not employed.
    """

    employee: Employee
    last_day: date | None
    prorated: Decimal
    average_fte: Fraction


@dataclass(frozen=True)
class Luck:
    """The draws of a path in a year."""

    seed: int
    year: int
    replicate: int

    def __call__(self, stream: str, key: str) -> float:
        """The draw of an employee, or of an action, in a stream."""
        return draw(self.seed, self.year, self.replicate, stream, key)


@dataclass(frozen=True)
class Change:
    """What a day changes for an employee, if they are employed on it and not for the last time."""

    day: date
    kind: str
    apply: Callable[[State], State]
    action_id: str = ""
    hazard: float | None = None
    draw: float | None = None


#: The kinds of change in the order in which they take effect on the same day.
KINDS = ("transfer", "fte", "adjustment", "cola", "promotion", "merit", "raise")


def in_order(changes: list[Change]) -> list[Change]:
    """By day, then kind, then action."""
    return sorted(changes, key=lambda one: (one.day, KINDS.index(one.kind), one.action_id.encode()))


def by_text(place: Place) -> tuple[tuple[bool, bytes], ...]:
    """The order of texts: by their bytes, null last."""
    return tuple((value is None, (value or "").encode()) for value in place)


def set_values(place: Place, dimensions: tuple[str, ...], values: Mapping[str, str | None]) -> Place:
    """The place with other values of some dimensions."""
    return tuple(values.get(name, value) for name, value in zip(dimensions, place, strict=True))

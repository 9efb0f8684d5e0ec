"""A goal and the range in which a setting is searched for it, as given on the command line."""

import operator
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from decimal import Decimal, InvalidOperation
from math import ceil
from typing import ClassVar

from settings.errors import InputError
from settings.loading.catalog import key_path, schema_at
from settings.loading.layers import leaf_of
from settings.loading.problems import kind_of, unknown_key
from settings.models.calendar import FiscalCalendar
from settings.models.goals import Sign, goal_terms, year_problem
from settings.models.shaping import RUN_KEYS
from tasks.studies.figures import BY_NAME
from tasks.text.calendar import CALENDAR_YEARS, year_label
from tasks.text.money import PLAIN, Money
from tasks.text.numbers import written

Response = float

SIGNS = {"<=": operator.le, ">=": operator.ge, "=": operator.eq}


@dataclass(frozen=True)
class Measure:
    """A figure of everybody or of a part, in a year or (None) in all years."""

    figure: str
    year: int | None
    _: KW_ONLY
    part: tuple[str, str] | None = None  # breakdown and item; None: everybody
    money: Money = PLAIN
    calendar: FiscalCalendar = CALENDAR_YEARS

    of_all_years: ClassVar[str] = "in every year"

    @property
    def subject(self) -> str:
        """Whose figure it is in which year: payroll of department Sales in 2027."""
        of_part = f" of {self.part[0]} {self.part[1]}" if self.part else ""
        where = f"in {year_label(self.calendar, self.year)}" if self.year else self.of_all_years
        return f"{BY_NAME[self.figure].title.lower()}{of_part} {where}"

    @property
    def breakdown(self) -> str:
        """The breakdown of `create_figures` that has the figure."""
        return self.part[0] if self.part else "total"

    @property
    def item(self) -> str | None:
        """The item of the breakdown; None: everybody."""
        return self.part[1] if self.part else None

    def text_of(self, response: Response) -> str:
        """Return a response in the unit of the figure, with all digits."""
        if self.figure == "turnover":
            return self._with_unit(written(100 * response, ".3f"))
        text = f"{response:,.2f}"
        return self._with_unit(written(response, ",.0f" if text.endswith(".00") else ",.2f"))

    def _with_unit(self, number: str) -> str:
        if self.figure == "turnover":
            return f"{number}%"
        return self.money.beside(number) if BY_NAME[self.figure].is_amount else number


@dataclass(frozen=True)
class Goal(Measure):
    """A figure of a year (None: of every year) at most, at least or equal to an amount."""

    sign: Sign
    amount: Decimal

    def __str__(self) -> str:
        amount = 100 * self.amount if self.figure == "turnover" else self.amount
        return f"{self.subject} {self.sign} {self._with_unit(written(amount.normalize(), ',f'))}"

    def is_met_by(self, response: Response) -> bool:
        """Return whether a response meets the goal."""
        return bool(SIGNS[self.sign](response, float(self.amount)))

    def is_within(self, response: Response) -> bool:
        """Return whether a response is on the goal's side of the amount; for `=`, at or below it."""
        return response >= float(self.amount) if self.sign == ">=" else response <= float(self.amount)


@dataclass(frozen=True)
class Search:
    """The range and grid on which a setting is searched."""

    key: str
    lower: Decimal
    upper: Decimal
    step: Decimal
    points: int = 9  # values simulated together in a pass

    @property
    def intervals(self) -> int:
        """Number of steps from the lower to the upper bound; the last may be shorter."""
        return ceil((self.upper - self.lower) / self.step)

    def value(self, index: int) -> Decimal:
        """Return the value at an index of the grid."""
        return min(self.lower + index * self.step, self.upper).normalize()


def parse_goal(
    text: str, years: range, calendar: FiscalCalendar = CALENDAR_YEARS, source: str = "--goal"
) -> Goal:
    """Read a goal as settings/models/goals.py defines it.

    `source` is where it was given. Raises InputError that says what is allowed.
    """
    try:
        terms = goal_terms(text)
    except ValueError as error:
        raise InputError(f"{source} {text!r}: {error}") from None
    if problem := year_problem(terms, years[0], years[-1]):
        raise InputError(f"{source} {text!r}: {problem}")
    subject = terms.subject
    return Goal(subject.figure, subject.year, terms.sign, terms.amount, part=subject.part, calendar=calendar)


def parse_search(key: str, between: str, step: str | None) -> Search:
    """Read the setting to vary and its bounds (`LOW,HIGH`). Raises InputError that says what is allowed.

    The default step is the power of ten that divides the distance of the bounds into 1,000 to 10,000 steps,
    so that answers have few digits; it is at least 1 for a setting that is a whole number.
    """
    flags = f"--between {between!r}" + (f", --step {step!r}" if step else "")
    return _search(key, between.split(","), step, flags, steps=1000, example="0,0.1 and 0.001")


def parse_range(text: str) -> Search:
    """Read KEY=LOW..HIGH or KEY=LOW..HIGH/STEP. Raises InputError that says what is allowed.

    The default step divides the distance into 100 to 1,000 steps, otherwise as in `parse_search`.
    """
    key, _, bounds = text.partition("=")
    bounds, _, step = bounds.partition("/")
    example = "compensation.merit_budget=0.02..0.05, or with a step 0.02..0.05/0.001"
    if not bounds:
        raise InputError(f"--by {text!r}: KEY=LOW..HIGH is expected, as in {example}")
    return _search(key.strip(), bounds.split(".."), step, f"--by {text!r}", steps=100, example=example)


def _search(
    key: str, bounds: Sequence[str], given: str | None, flags: str, *, steps: int, example: str
) -> Search:
    smallest = _smallest_step(key)
    try:
        lower, upper = (Decimal(part.strip()) for part in bounds)
        step = Decimal(given.strip()) if given else None
    except (ValueError, InvalidOperation):
        raise InputError(f"{flags}: numbers are expected, as in {example}") from None
    if not (lower.is_finite() and upper.is_finite() and lower < upper):
        raise InputError(f"{flags}: the first number must be below the second")
    width = upper - lower
    chosen = max(smallest, Decimal(1).scaleb((width / steps).adjusted())) if step is None else step
    if not (chosen.is_finite() and 0 < chosen <= width):
        raise InputError(
            f"{flags}: a step above 0 and at most {width}, the distance of the bounds, is allowed"
        )
    if smallest and any(number != int(number) for number in (lower, upper, chosen)):
        raise InputError(f"--by {key}: bounds and step of this setting are whole numbers")
    return Search(key, lower, upper, chosen)


def _smallest_step(key: str) -> Decimal:
    """Return 1 for a setting that is a whole number, 0 for another number. Raises InputError otherwise."""
    path = key_path(key)
    if any(f"{key}.".startswith(f"{own}.") for own in (*RUN_KEYS, "workforce.levels")):
        raise InputError(
            f"--by {key}: this belongs to the run or to the census, and is the same for all values; "
            "allowed are rates and other numbers of simulation, workforce, compensation, hiring and cost"
        )
    schema = schema_at(path)
    if schema is None:
        raise InputError(f"--by {key}: {unknown_key(path)}")
    mapping = leaf_of(path)
    if mapping != path:
        raise InputError(
            f"--by {key}: entries of {'.'.join(mapping)} depend on each other and cannot vary one by one"
        )
    kinds = [schema.get("type"), *(option.get("type") for option in schema.get("oneOf", [])[:1])]
    if "integer" in kinds:
        return Decimal(1)
    if "number" not in kinds:
        raise InputError(f"--by {key}: a setting that is a number is expected, this is {kind_of(schema)}")
    return Decimal(0)

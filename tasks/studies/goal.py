"""A goal and the range in which a setting is searched for it, as given on the command line."""

import operator
import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from math import ceil

from settings.errors import InputError, nearest
from settings.loading.catalog import key_path, schema_at
from settings.loading.layers import leaf_of
from settings.loading.problems import kind_of, unknown_key
from settings.models.calendar import FiscalCalendar
from settings.models.shaping import RUN_KEYS
from tasks.studies.figures import BY_NAME
from tasks.text.calendar import CALENDAR_YEARS, year_label
from tasks.text.money import PLAIN, Money
from tasks.text.terms import TOTAL

Response = float

GOAL = re.compile(
    r"\s*(?P<figure>[a-z_]+)\s*(@\s*(FY)?(?P<year>\d{4}))?\s*(?P<sign><=|>=|=)\s*(?P<amount>[^\s<>=]+)\s*"
)
UNITS = {"%": Decimal("0.01"), "k": Decimal(10**3), "M": Decimal(10**6), "bn": Decimal(10**9)}
LARGEST = Decimal(10**15)
SIGNS = {"<=": operator.le, ">=": operator.ge, "=": operator.eq}
GOAL_ALLOWED = (
    "FIGURE[@YEAR] SIGN AMOUNT is expected, such as 'payroll@2029<=260M', 'hires<=150' or "
    f"'turnover@2027=14%'; signs are <=, >= and =, figures {', '.join(BY_NAME)}"
)


@dataclass(frozen=True)
class Goal:
    """A figure of a year (None: of every year) at most, at least or equal to an amount."""

    figure: str
    year: int | None
    sign: str
    amount: Decimal
    money: Money = PLAIN
    calendar: FiscalCalendar = CALENDAR_YEARS

    def __str__(self) -> str:
        where = f" in {year_label(self.calendar, self.year)}" if self.year else " in every year"
        amount = 100 * self.amount if self.figure == "turnover" else self.amount
        shown = self._with_unit(f"{amount.normalize():,f}")
        return f"{BY_NAME[self.figure].title.lower()}{where} {self.sign} {shown}"

    def text_of(self, response: Response) -> str:
        """Return a response in the unit of the goal, with all digits."""
        if self.figure == "turnover":
            return self._with_unit(f"{100 * response:.3f}")
        return self._with_unit(f"{response:,.2f}".removesuffix(".00"))

    def _with_unit(self, number: str) -> str:
        if self.figure == "turnover":
            return f"{number}%"
        return self.money.beside(number) if BY_NAME[self.figure].is_amount else number

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


def parse_goal(text: str, years: range, calendar: FiscalCalendar = CALENDAR_YEARS) -> Goal:
    """Read a goal from the command line. Raises InputError that says what is allowed."""
    found = GOAL.fullmatch(text)
    if found is None:
        raise InputError(f"--goal {text!r}: {GOAL_ALLOWED}")
    if found["figure"] not in BY_NAME:
        raise InputError(
            f"--goal {text!r}: no figure {found['figure']!r}; {nearest(found['figure'], BY_NAME)}"
        )
    year = int(found["year"]) if found["year"] else None
    if year is not None and year not in years:
        raise InputError(f"--goal {text!r}: {year} is not simulated; years are {years[0]} to {years[-1]}")
    if found["sign"] == "=" and year is None and len(years) > 1:
        raise InputError(
            f"--goal {text!r}: = needs a year, as in {found['figure']}@{years[-1]}={found['amount']}"
        )
    amount = _amount(text, found["figure"], found["amount"])
    return Goal(found["figure"], year, found["sign"], amount, calendar=calendar)


def parse_search(key: str, between: str, step: str | None) -> Search:
    """Read the setting to vary and its bounds (`LOW,HIGH`). Raises InputError that says what is allowed.

    The default step is the power of ten that divides the distance of the bounds into 1,000 to 10,000 steps,
    so that answers have few digits; it is at least 1 for a setting that is a whole number.
    """
    smallest = _smallest_step(key)
    try:
        lower, upper = (Decimal(part.strip()) for part in between.split(","))
        given = Decimal(step) if step else None
    except (ValueError, InvalidOperation):
        shown = f"--between {between!r}" + (f", --step {step!r}" if step else "")
        raise InputError(f"{shown}: numbers are expected, as in 0,0.1 and 0.001") from None
    if not (lower.is_finite() and upper.is_finite() and lower < upper):
        raise InputError(f"--between {between!r}: the first number must be below the second")
    width = upper - lower
    chosen = max(smallest, Decimal(1).scaleb((width / 1000).adjusted())) if given is None else given
    if not (chosen.is_finite() and 0 < chosen <= width):
        raise InputError(
            f"--step {step or chosen}: above 0 and at most {width}, the distance of the bounds, is allowed"
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


def _amount(text: str, figure: str, amount: str) -> Decimal:
    unit = next((unit for unit in UNITS if amount.endswith(unit)), "")
    try:
        value = Decimal(amount.removesuffix(unit).replace(",", "")) * UNITS.get(unit, Decimal(1))
    except InvalidOperation:
        value = Decimal("nan")
    if not value.is_finite() or abs(value) > LARGEST:
        raise InputError(
            f"--goal {text!r}: {amount!r} is not an amount; a number up to 10^15 is expected, "
            f"also with {', '.join(UNITS)}"
        )
    if figure == "turnover" and value > 1 and unit != "%":
        raise InputError(
            f"--goal {text!r}: {TOTAL.lower()} is a share, and this would be {100 * value.normalize():,f} %; "
            f"for per cent write {amount}%"
        )
    return value

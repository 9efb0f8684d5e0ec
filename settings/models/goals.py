"""Goals: what a planner wants a figure to be, and the syntax in which settings and commands state it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, Field

from settings.errors import nearest
from settings.models.base import SettingsGroup
from settings.models.ensemble import FigureName

Sign = Literal["<=", ">=", "="]

#: A figure, of everybody or of a part such as department=Sales, in a year or in every year.
_SUBJECT = r"(?P<figure>[a-z_]+)\s*(\[\s*(?P<by>[^=\[\]]+?)\s*=\s*(?P<item>[^\[\]]*?)\s*\])?"
_YEAR = r"\s*(@\s*(FY)?(?P<year>\d{4}))?"
_FIGURE = re.compile(rf"\s*{_SUBJECT}{_YEAR}\s*")
_GOAL = re.compile(rf"\s*{_SUBJECT}{_YEAR}\s*(?P<sign><=|>=|=)\s*(?P<amount>[^\s<>=]+)\s*")
_UNITS = {"%": Decimal("0.01"), "k": Decimal(10**3), "M": Decimal(10**6), "bn": Decimal(10**9)}
_LARGEST = Decimal(10**15)
#: Commas stand between thousands only: without this, 36,5 would be read as 365.
_WITH_COMMAS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")
_ALLOWED = (
    "FIGURE[@YEAR] SIGN AMOUNT is expected, such as 'payroll@2029<=260M', 'hires<=150', 'turnover@2027=14%' "
    "or, of a part, 'headcount[department=Sales]@2027>=40'; signs are <=, >= and =, figures "
    f"{', '.join(get_args(FigureName))}"
)


@dataclass(frozen=True)
class Subject:
    """A figure, of everybody or of a part (breakdown and item), in a year; None: in every year."""

    figure: str
    part: tuple[str, str] | None
    year: int | None


@dataclass(frozen=True)
class GoalTerms:
    """What a goal says: its subject is at most, at least or equal to an amount."""

    subject: Subject
    sign: Sign
    amount: Decimal


def goal_terms(text: str) -> GoalTerms:
    """Read a goal. Raises ValueError that says what is allowed."""
    found = _GOAL.fullmatch(text)
    if found is None:
        raise ValueError(_ALLOWED)
    subject = _subject(found)
    sign: Sign = next(sign for sign in get_args(Sign) if sign == found["sign"])
    return GoalTerms(subject, sign, _amount(subject.figure, found["amount"]))


def subject_of(text: str) -> Subject:
    """Read FIGURE[@YEAR], such as payroll@2027. Raises ValueError that says what is allowed."""
    found = _FIGURE.fullmatch(text)
    if found is None:
        raise ValueError(
            "FIGURE[@YEAR] is expected, such as payroll@2029 or headcount[department=Sales]@2027; figures "
            f"are {', '.join(get_args(FigureName))}"
        )
    return _subject(found)


def year_problem(terms: GoalTerms, first: int, last: int) -> str | None:
    """Return what is wrong with the year of a goal in a run of these years; None if nothing is."""
    subject = terms.subject
    if subject.year is not None and not first <= subject.year <= last:
        return f"a year from {first} to {last} is allowed, since {subject.year} is not simulated"
    if terms.sign == "=" and subject.year is None and first < last:
        return f"a year is expected with =, as in {subject.figure}@{last}={terms.amount.normalize():f}"
    return None


def part_problem(subject: Subject, dimensions: Iterable[str]) -> str | None:
    """Return what is wrong with the part of a subject, by the dimensions there are; None if nothing is."""
    known = ("level", "segment", *dimensions)
    if subject.part is None or subject.part[0] in known:
        return None
    return f"a part by level, segment or dimension is expected; {nearest(subject.part[0], known)}"


def _subject(found: re.Match[str]) -> Subject:
    figure = found["figure"]
    if figure not in get_args(FigureName):
        raise ValueError(f"no figure {figure!r}; {nearest(figure, get_args(FigureName))}")
    part = (found["by"], found["item"]) if found["by"] else None
    return Subject(figure, part, int(found["year"]) if found["year"] else None)


def _amount(figure: str, amount: str) -> Decimal:
    unit = next((unit for unit in _UNITS if amount.endswith(unit)), "")
    number = amount.removesuffix(unit)
    if "," in number and not _WITH_COMMAS.fullmatch(number):
        raise ValueError(
            f"{amount!r} is not an amount; a comma stands between thousands, as in 1,500, and a point before "
            "decimals, as in 16.5"
        )
    try:
        value = Decimal(number.replace(",", "")) * _UNITS.get(unit, Decimal(1))
    except InvalidOperation:
        value = Decimal("nan")
    if not value.is_finite() or abs(value) > _LARGEST:
        raise ValueError(
            f"{amount!r} is not an amount; a number up to 10^15 is expected, also with {', '.join(_UNITS)}"
        )
    if figure != "turnover" and unit == "%":
        raise ValueError(f"{amount!r}: only total turnover is a share, and may be given in per cent")
    if figure == "turnover" and value > 1 and unit != "%":
        raise ValueError(
            f"total turnover is a share, and this would be {100 * value.normalize():,f} %; for per cent "
            f"write {amount}%"
        )
    return value


def _can_be_read(text: str) -> str:
    goal_terms(text)
    return text


class GoalSetting(SettingsGroup):
    """A goal of the plan: its chance is in the report."""

    goal: Annotated[str, Field(max_length=200), AfterValidator(_can_be_read)] = Field(
        description="FIGURE[@YEAR] SIGN AMOUNT, such as payroll@2027<=300M; without a year, in every year"
    )
    name: Annotated[str, Field(min_length=1, max_length=80)] | None = Field(
        default=None, description="What the report calls it; null: the goal in words"
    )

    @property
    def terms(self) -> GoalTerms:
        """What the goal says."""
        return goal_terms(self.goal)

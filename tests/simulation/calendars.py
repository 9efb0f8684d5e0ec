"""Calendars of examples: fiscal years from several days, opening dates anywhere, and the days that matter."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from hypothesis import strategies as st

from settings.models.calendar import FiscalCalendar
from tests.simulation.example import YEARS

STARTS = ("01-01", "07-01", "04-06", "10-01", "02-28", "12-01")
MANDATORY_AGES = (60, 65, 67)
ONE_DAY = timedelta(1)


@dataclass(frozen=True)
class Calendar:
    """The settings of a run's fiscal years; without an opening date the first year is a whole one."""

    fiscal_year_start: str = "01-01"
    opening_date: date | None = None
    start_year: int = YEARS.start

    @property
    def settings(self) -> dict[str, Any]:
        """Settings by dotted key."""
        return {
            "simulation.fiscal_year_start": self.fiscal_year_start,
            "simulation.opening_date": self.opening_date,
            "simulation.start_year": self.start_year,
        }

    @cached_property
    def fiscal(self) -> FiscalCalendar:
        """The fiscal years of these settings."""
        return FiscalCalendar.of(self.fiscal_year_start, self.opening_date, self.start_year)

    @property
    def opening(self) -> date:
        """The date of the census."""
        return self.fiscal.opening_date

    @property
    def first_day(self) -> date:
        """The first day of the first fiscal year, which may lie before the opening."""
        return self.fiscal.first_day(self.start_year)

    @property
    def years(self) -> range:
        """The simulated years."""
        return range(self.start_year, YEARS.stop)

    @property
    def odd_days(self) -> list[date]:
        """The first and last simulated days of years, a month's end, and one in February."""
        found = []
        for year in self.years:
            first, last = self.fiscal.simulated_from(year), self.fiscal.last_day(year)
            found += [first, min(first + 30 * ONE_DAY, last), self.fiscal.date_in(year, 2, 28), last]
        return found

    @property
    def odd_month_days(self) -> list[str]:
        """The days around the opening and the turn of the fiscal year, as MM-DD."""
        days = (self.opening, self.opening + ONE_DAY, self.first_day, self.first_day - ONE_DAY)
        return sorted({f"{day:%m-%d}" for day in days} - {"02-29"})

    @property
    def odd_births(self) -> Sequence[date]:
        """Birth dates of those who reach a mandatory age around the opening and the fiscal year's turn."""
        days = (
            *(self.first_day, self.opening, self.opening + ONE_DAY, self.opening - 31 * ONE_DAY),
            *(self.fiscal.last_day(self.start_year), self.fiscal.last_day(self.start_year) + ONE_DAY),
        )
        return [date(day.year - age, day.month, min(day.day, 28)) for day in days for age in MANDATORY_AGES]

    @property
    def odd_hires(self) -> Sequence[date]:
        """Hire dates at the turn of the first fiscal year and at its anniversaries, and the opening's."""
        turn = min(self.first_day, self.opening)
        return (
            *(self.opening, self.opening, turn, turn - ONE_DAY, turn.replace(year=turn.year - 1, day=1)),
            *(turn.replace(year=turn.year - 3, day=min(turn.day, 28)), date(2020, 2, 29)),
        )


DEFAULT = Calendar()


LEAP_DAY = date(2028, 2, 29)


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    """A calendar other than the default: most open within the first year, from its first to last day."""
    start = draw(st.sampled_from(STARTS))
    if draw(st.integers(0, 4)) == 0:
        return Calendar(start, LEAP_DAY, Calendar(start).fiscal.year_of(LEAP_DAY))
    start_year = draw(st.sampled_from((YEARS.start, YEARS.start + 1)))
    whole = Calendar(start, None, start_year)
    first, last = whole.first_day, whole.fiscal.last_day(start_year)
    odd = (first - ONE_DAY, first, last - ONE_DAY, first + (last - first) // 2)
    anywhere = st.dates(first, last - ONE_DAY)
    return Calendar(start, draw(st.one_of(anywhere, anywhere, st.sampled_from(odd))), start_year)


ANY_CALENDAR = st.one_of(calendars(), calendars(), st.just(DEFAULT))

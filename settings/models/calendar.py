"""The fiscal calendar: which days a simulated year has, and what it is called."""

from dataclasses import dataclass
from datetime import date, timedelta

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class FiscalCalendar:
    """The fiscal years of a run that opens at the end of `opening_date`.

    A fiscal year begins on `start_month`-`start_day` (a day that every month has, 1 to 28) and is named by
    the calendar year in which it ends: with 07-01, 2027 is 1 July 2026 to 30 June 2027. If the opening date
    lies within a fiscal year, that year is a stub: the days after the opening date are simulated.
    """

    start_month: int
    start_day: int
    opening_date: date

    @classmethod
    def of(cls, fiscal_year_start: str, opening_date: date | None, start_year: int) -> "FiscalCalendar":
        """Return the calendar of settings; without an opening date, the first year is a whole one."""
        month, day = int(fiscal_year_start[:2]), int(fiscal_year_start[3:])
        calendar = cls(month, day, date.max)
        return cls(month, day, opening_date or calendar.first_day(start_year) - ONE_DAY)

    @property
    def is_calendar_year(self) -> bool:
        """Whether fiscal years are calendar years."""
        return (self.start_month, self.start_day) == (1, 1)

    @property
    def first_year(self) -> int:
        """The fiscal year of the day after the opening date."""
        return self.year_of(self.opening_date + ONE_DAY)

    @property
    def has_stub(self) -> bool:
        """Whether a part of the first year lies before the opening date."""
        return self.opening_date >= self.first_day(self.first_year)

    @property
    def first_year_share(self) -> float:
        """The share of the first year's days that is simulated: 1 unless it is a stub."""
        year = self.first_year
        return (self.last_day(year) - self.opening_date).days / self.days(year)

    def year_of(self, day: date) -> int:
        """Return the fiscal year that has a day."""
        is_later = (day.month, day.day) >= (self.start_month, self.start_day)
        return day.year + (is_later and not self.is_calendar_year)

    def first_day(self, year: int) -> date:
        """Return the first day of a fiscal year."""
        return date(year - (not self.is_calendar_year), self.start_month, self.start_day)

    def last_day(self, year: int) -> date:
        """Return the last day of a fiscal year."""
        return self.first_day(year + 1) - ONE_DAY

    def days(self, year: int) -> int:
        """Return how many days a fiscal year has: 365 or 366."""
        return (self.first_day(year + 1) - self.first_day(year)).days

    def simulated_from(self, year: int) -> date:
        """Return the first simulated day of a fiscal year: of a stub the day after the opening date."""
        return max(self.first_day(year), self.opening_date + ONE_DAY)

    def is_stub(self, year: int) -> bool:
        """Return whether a part of the year lies before the opening date."""
        return self.simulated_from(year) > self.first_day(year)

    def months(self, year: int) -> tuple[date, ...]:
        """Return the first days of the twelve months of a fiscal year."""
        numbers = range(self.start_month - 1, self.start_month + 11)
        begins_in = self.first_day(year).year
        return tuple(date(begins_in + number // 12, number % 12 + 1, self.start_day) for number in numbers)

    def date_in(self, year: int, month: int, day: int) -> date:
        """Return the date MM-DD of a fiscal year; `month` and `day` are of a date that every year has."""
        first = self.first_day(year)
        return date(first.year + ((month, day) < (first.month, first.day)), month, day)

    @property
    def prefix(self) -> str:
        """What the name of a year begins with, before its number: FY where it is not the calendar year."""
        return "" if self.is_calendar_year else "FY"

    def name(self, year: int) -> str:
        """Return what a year is called: 2027, or FY2027 where it is not the calendar year."""
        return f"{self.prefix}{year}"

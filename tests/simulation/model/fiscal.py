"""Fiscal years and their stubs: which days are simulated, and what a part of a year makes of annual rates."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from settings.models.simulation import SimulationSettings
from tests.simulation.model.arithmetic import round_half_up

Rate = Decimal | float


@dataclass(frozen=True)
class Period:
    """A fiscal year: `first` to `last`, of which the days from `start` on are simulated."""

    first: date
    last: date
    start: date

    @property
    def days(self) -> int:
        """Days of the fiscal year: 365 or 366."""
        return (self.last - self.first).days + 1

    @property
    def share(self) -> Fraction:
        """The share of the days that is simulated; 1 unless the year is a stub."""
        return Fraction((self.last - self.start).days + 1, self.days)

    @property
    def is_stub(self) -> bool:
        """Whether a part of the year lies before the opening date."""
        return self.start > self.first

    def __contains__(self, day: date) -> bool:
        """Whether a day is simulated."""
        return self.start <= day <= self.last

    def date_of(self, month: int, day: int) -> date:
        """The date of the fiscal year with this month and day."""
        return next(
            found
            for year in (self.first.year, self.last.year)
            if self.first <= (found := date(year, month, day)) <= self.last
        )

    def probability(self, annual: Rate) -> float:
        """The probability in the simulated part of what has an annual probability."""
        return float(annual) if not self.is_stub else 1 - (1 - float(annual)) ** float(self.share)

    def rate(self, annual: Decimal) -> Decimal:
        """The share of people who leave in the simulated part, of an annual one; twelve decimals."""
        return twelve_decimals(self.probability(annual)) if self.is_stub else annual

    def growth(self, annual: Decimal) -> Decimal:
        """The growth in the simulated part, of an annual one; twelve decimals."""
        if not self.is_stub:
            return annual
        return twelve_decimals((1 + float(annual)) ** float(self.share) - 1)

    def hires(self, annual: int) -> int:
        """The hires of the simulated part, of given ones of a whole year."""
        return round_half_up(annual * self.share)


def twelve_decimals(number: float) -> Decimal:
    """Half away from zero."""
    nearest = round_half_up(Fraction(abs(number)) * 10**12)
    return Decimal(nearest if number >= 0 else -nearest).scaleb(-12)


def period(simulation: SimulationSettings, year: int) -> Period:
    """The fiscal year that ends in a calendar year, or on its last day."""
    month, day = map(int, simulation.fiscal_year_start.split("-"))
    begins = [date(number, month, day) for number in (year - 1, year, year + 1)]
    first, after = next(
        (first, after) for first, after in pairwise(begins) if (after - timedelta(1)).year == year
    )
    start = first if simulation.opening_date is None else simulation.opening_date + timedelta(1)
    return Period(first, after - timedelta(1), max(first, start))

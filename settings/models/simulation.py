"""Settings of the run as a whole: years, seed, replicates, growth target."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from settings.models.base import NOT_BOOLEAN, FilePath, MonthDay, SettingsGroup, Year, Yearly, unique
from settings.models.calendar import FiscalCalendar

LOWEST_GROWTH, HIGHEST_GROWTH = -1, 10
GrowthLimit = Annotated[Decimal, Field(ge=LOWEST_GROWTH, le=HIGHEST_GROWTH, decimal_places=12)]
#: What may differ between replicates: each person's chance, the parameters, and the years.
Source = Literal["chance", "parameters", "years"]
# No bounds here: the rule on simulation.limits reports all of them in one message.
Growth = Annotated[Decimal, Field(decimal_places=12)]


def _day_of_every_month(text: str) -> str:
    if int(text[3:]) > 28:
        raise ValueError("a day from 1 to 28 is allowed, which every month has, such as 07-01")
    return text


FiscalYearStart = Annotated[MonthDay, AfterValidator(_day_of_every_month)]


class Limits(SettingsGroup):
    """Guards against typing errors; widen them if a study needs more."""

    min_growth: GrowthLimit = Field(
        description="Lowest target_growth_rate accepted (share of headcount per year)"
    )
    max_growth: GrowthLimit = Field(
        description="Highest target_growth_rate accepted (share of headcount per year)"
    )
    max_years: Annotated[int, Field(ge=1, le=100), NOT_BOOLEAN] = Field(
        description="Longest run accepted (years)"
    )


class SimulationSettings(SettingsGroup):
    """Years, seed, replicates and the growth target."""

    start_year: Year = Field(
        description="First simulated year (fiscal year, named by the calendar year in which it ends)"
    )
    end_year: Year = Field(description="Last simulated year (fiscal year), start_year or later")
    fiscal_year_start: FiscalYearStart = Field(
        description="First day of the fiscal year (MM-DD, day 1 to 28); with 07-01, 2027 is 1 July 2026 to "
        "30 June 2027"
    )
    opening_date: date | None = Field(
        description="Date of the census (YYYY-MM-DD): the day before start_year begins, or a day within "
        "it, of which the days after the opening date are then simulated; null: the day before start_year"
    )
    random_seed: Annotated[int, Field(ge=0, le=2**63 - 1), NOT_BOOLEAN] = Field(
        description="Seed of every draw (whole number): the same seed gives the same results"
    )
    target_growth_rate: Yearly[Growth] = Field(
        description="Growth of the headcount in a year (share of the opening headcount), "
        "within simulation.limits"
    )
    mode: Literal["exact", "expected", "rates"] = Field(
        description="exact: targets are quotas, met to the person; "
        "expected: hazards are scaled to the targets and each termination is drawn by chance; "
        "rates: hazards are used as they are, and experienced turnover is an outcome"
    )
    replicates: Annotated[int, Field(ge=1, le=100_000), NOT_BOOLEAN] = Field(
        description="Monte Carlo replicates of each scenario (number), numbered from 1"
    )
    first_replicate: Annotated[int, Field(ge=1, le=2**31 - 100_001), NOT_BOOLEAN] = Field(
        description="Number of the first replicate; replicate r is the same in every run that has it"
    )
    uncertainty: FilePath | None = Field(
        description="File uncertainty.json of `workforce fit`: how uncertain the assumptions are. With it, "
        "each replicate draws its own parameters and year effects, the same in all scenarios. A relative "
        "path in a settings file starts at that file's folder; null: assumptions are certain"
    )
    vary: Annotated[list[Source], AfterValidator(unique("source of variation"))] = Field(
        description="What differs between replicates: chance (each person's draws), parameters and years "
        "(both from simulation.uncertainty). A source that is left out is the same in all replicates: people "
        "have the draws of replicate 1, parameters are as set, year effects at their mean"
    )
    limits: Limits = Field(description="Limits of growth and years, which guard against typing errors")

    @property
    def years(self) -> range:
        """The simulated years."""
        return range(self.start_year, self.end_year + 1)

    @property
    def calendar(self) -> FiscalCalendar:
        """The fiscal years of the run, and the date of the census."""
        return FiscalCalendar.of(self.fiscal_year_start, self.opening_date, self.start_year)

    @property
    def replicate_numbers(self) -> range:
        """The numbers of the replicates."""
        return range(self.first_replicate, self.first_replicate + self.replicates)

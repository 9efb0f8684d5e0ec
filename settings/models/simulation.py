"""Settings of the run as a whole: years, seed, replicates, growth target."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from settings.models.base import NOT_BOOLEAN, FilePath, SettingsGroup, Year, Yearly, unique

LOWEST_GROWTH, HIGHEST_GROWTH = -1, 10
GrowthLimit = Annotated[Decimal, Field(ge=LOWEST_GROWTH, le=HIGHEST_GROWTH, decimal_places=12)]
#: What may differ between replicates: each person's chance, the parameters, and the years.
Source = Literal["chance", "parameters", "years"]
# No bounds here: the rule on simulation.limits reports all of them in one message.
Growth = Annotated[Decimal, Field(decimal_places=12)]


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
        description="First simulated year (calendar year); the census shows the workforce "
        "on 31 December of the year before"
    )
    end_year: Year = Field(description="Last simulated year (calendar year), start_year or later")
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
    def opening_date(self) -> date:
        """The date of the census: the day before the first simulated year."""
        return date(self.start_year - 1, 12, 31)

    @property
    def replicate_numbers(self) -> range:
        """The numbers of the replicates."""
        return range(self.first_replicate, self.first_replicate + self.replicates)

"""Settings of pay: cost-of-living adjustment, merit, effective dates of raises."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field, model_validator

from settings.models.base import MERGED, NOT_BOOLEAN, DateShares, LevelId, SettingsGroup, Yearly, month_day

# Rates that multiply pay have six decimals: amounts below 10^10 times such a rate are exact in
# 18 digits, the precision in which DuckDB computes fast.
ColaRate = Annotated[Decimal, Field(ge=Decimal("-0.5"), le=1, decimal_places=6)]
PayShare = Annotated[Decimal, Field(ge=0, le=1, decimal_places=6)]
# Above 0: if every eligible weight were 0, the merit budget could not be spent.
MeritMultiplier = Annotated[Decimal, Field(gt=0, le=20, decimal_places=6)]


class EligibilityCutoff(SettingsGroup):
    """Employees hired before this date are eligible for COLA and merit raises in a year."""

    month: Annotated[int, Field(ge=1, le=12), NOT_BOOLEAN] = Field(
        description="Month of the cut-off (1 to 12)"
    )
    day: Annotated[int, Field(ge=1, le=31), NOT_BOOLEAN] = Field(
        description="Day of the cut-off (day of the month)"
    )
    year_offset: Annotated[int, Field(ge=-1, le=0), NOT_BOOLEAN] = Field(
        description="-1: in the year before the raise; 0: in the year of the raise"
    )

    @model_validator(mode="after")
    def _is_a_date(self) -> "EligibilityCutoff":
        month_day(f"{self.month:02}-{self.day:02}")
        return self


class EffectiveDates(SettingsGroup):
    """Effective dates of raises: date -> share of the employees whose raise takes effect then."""

    cola: DateShares = Field(description="Dates of the COLA (MM-DD -> share, adding up to 1)")
    promotion: DateShares = Field(description="Dates of promotions (MM-DD -> share, adding up to 1)")
    merit: DateShares = Field(description="Dates of merit raises (MM-DD -> share, adding up to 1)")


class CompensationSettings(SettingsGroup):
    """Raises: how much, for whom and when."""

    cola_rate: Yearly[ColaRate] = Field(description="Cost-of-living adjustment (share of salary per year)")
    merit_budget: Yearly[PayShare] = Field(
        description="Sum of merit raises (share of the eligible payroll per year)"
    )
    merit_multipliers: Annotated[dict[LevelId, MeritMultiplier], Field(json_schema_extra={MERGED: True})] = (
        Field(description="Weight of a level's merit raise relative to the budget (no unit); one per level")
    )
    merit_spread: PayShare = Field(
        description="Individual variation of merit (no unit): "
        "weight x (1 + merit_spread x (2u - 1)), u drawn from [0, 1)"
    )
    eligibility_cutoff: EligibilityCutoff = Field(
        description="Date before which employees must be hired to be eligible for COLA and merit"
    )
    effective_dates: EffectiveDates = Field(description="Dates on which raises take effect")
    enforce_minimum: bool = Field(
        description="Whether full-time pay below the minimum of the level is raised to it, on the COLA's date"
    )

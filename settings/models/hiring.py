"""Settings of hiring: number, dates, levels, ages, working time and dimensions of new hires."""

from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, Field

from settings.models.base import (
    NOT_BOOLEAN,
    LevelId,
    MonthWeights,
    SettingsGroup,
    Share,
    Yearly,
    sums_to_one,
)

#: Nobody is hired at a lower age (completed years), in a census or in the simulation.
MIN_AGE_AT_HIRE = 14
HireAge = Annotated[int, Field(ge=MIN_AGE_AT_HIRE, le=80), NOT_BOOLEAN]
Headcount = Annotated[int, Field(ge=0, le=10_000_000), NOT_BOOLEAN]
Fte = Annotated[Decimal, Field(gt=0, le=1, decimal_places=6)]


class DimensionShare(SettingsGroup):
    """A combination of dimension values and its share of the hires."""

    values: Annotated[dict[str, str | None], Field(min_length=1)] = Field(
        description="Dimension -> value, as in {department: Sales, location: Oslo}; null is a value"
    )
    share: Share = Field(description="Share of the hires (0 to 1)")


def _complete_mix(mix: list[DimensionShare]) -> list[DimensionShare]:
    sums_to_one({number: entry.share for number, entry in enumerate(mix)})
    if len({frozenset(entry.values) for entry in mix}) > 1:
        raise ValueError("every entry must name the same dimensions")
    if len({frozenset(entry.values.items()) for entry in mix}) < len(mix):
        raise ValueError("each combination of values may occur once")
    return mix


DimensionMix = Annotated[list[DimensionShare], Field(min_length=1), AfterValidator(_complete_mix)]


class HiringSettings(SettingsGroup):
    """Number, dates, levels, ages, working time and dimensions of new hires."""

    hires: Yearly[Headcount] | None = Field(
        description="Hires of a year (number of people): growth is then an outcome; "
        "null: as many as the growth target needs"
    )
    months: MonthWeights | None = Field(
        description="Twelve weights, January first (no unit): how likely a hire starts on a day of the month "
        "relative to a day of another; null: all days alike"
    )
    level_mix: Annotated[dict[LevelId, Share], AfterValidator(sums_to_one)] = Field(
        description="Level -> share of the hires, adding up to 1; a level not listed gets none"
    )
    age_weights: Annotated[dict[HireAge, Share], AfterValidator(sums_to_one)] = Field(
        description="Age on the first day of the year of hire (years) -> share of the hires, adding up to 1"
    )
    dimension_mix: DimensionMix | None = Field(
        description="Shares of the hires by combination of dimensions, adding up to 1; "
        "null: the proportions of the opening workforce. A dimension not listed is null for hires"
    )
    fte_mix: Annotated[dict[Fte, Share], AfterValidator(sums_to_one)] | None = Field(
        description="Working time as a share of full time -> share of the hires, adding up to 1, as in "
        "{1: 0.8, 0.5: 0.2}; null: the distribution in the opening workforce, by level"
    )

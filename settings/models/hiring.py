"""Settings of hiring: levels, ages and dimensions of new hires."""

from typing import Annotated

from pydantic import AfterValidator, Field

from settings.models.base import NOT_BOOLEAN, LevelId, SettingsGroup, Share, sums_to_one

HireAge = Annotated[int, Field(ge=14, le=80), NOT_BOOLEAN]


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
    """Levels, ages and dimensions of new hires."""

    level_mix: Annotated[dict[LevelId, Share], AfterValidator(sums_to_one)] = Field(
        description="Level -> share of the hires, adding up to 1; a level not listed gets none"
    )
    age_weights: Annotated[dict[HireAge, Share], AfterValidator(sums_to_one)] = Field(
        description="Age on 1 January of the hire year (years) -> share of the hires, adding up to 1"
    )
    dimension_mix: DimensionMix | None = Field(
        description="Shares of the hires by combination of dimensions, adding up to 1; "
        "null: the proportions of the opening workforce. A dimension not listed is null for hires"
    )

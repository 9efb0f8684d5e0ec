"""Settings of the workforce: termination rates, levels, age and tenure bands, hazards, promotion."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Annotated

from pydantic import AfterValidator, Field

from settings.models.base import MERGED, NOT_BOOLEAN, LevelId, Money, Multiplier, SettingsGroup, Share, Yearly


def band_labels(lower_bounds: Sequence[int]) -> tuple[str, ...]:
    """Return the labels of the bands [lo, hi) that start at the given bounds.

    >>> band_labels([0, 25, 35, 65])
    ('<25', '25-34', '35-64', '65+')
    """
    labels = []
    for low, high in pairwise(lower_bounds):
        if low == 0:
            labels.append(f"<{high}")
        else:
            labels.append(f"{low}-{high - 1}" if high - low > 1 else f"{low}")
    return (*labels, f"{lower_bounds[-1]}+")


def band_start(label: str) -> int:
    """Return the lower bound of a band from its label, for sorting.

    >>> [band_start(label) for label in ("<25", "25-34", "5", "65+")]
    [0, 25, 5, 65]
    """
    return 0 if label.startswith("<") else int(label.removesuffix("+").partition("-")[0])


def _from_zero_upwards(bounds: list[int]) -> list[int]:
    if bounds[0] != 0 or any(high <= low for low, high in pairwise(bounds)):
        raise ValueError("the lower bounds of the bands are expected: 0 first, then strictly increasing")
    return bounds


Bands = Annotated[
    list[Annotated[int, Field(ge=0, le=150), NOT_BOOLEAN]],
    Field(min_length=1, max_length=100),
    AfterValidator(_from_zero_upwards),
]
BandMultipliers = Annotated[dict[str, Multiplier], Field(json_schema_extra={MERGED: True})]
RaiseShare = Annotated[Decimal, Field(ge=0, le=10, decimal_places=6)]
NewHireRate = Annotated[Decimal, Field(ge=0, lt=1, decimal_places=12)]


class Level(SettingsGroup):
    """A job level."""

    name: str = Field(min_length=1, max_length=60, description="Name of the level, shown in reports")
    min_salary: Yearly[Money] = Field(description="Lowest pay of the level (currency units per year)")
    max_salary: Yearly[Money] = Field(description="Highest pay of the level (currency units per year)")


class TerminationHazard(SettingsGroup):
    """Hazard of termination: base x age multiplier x tenure multiplier."""

    base: Yearly[Share] = Field(
        description="Hazard before multipliers (probability per year); in mode exact only ratios "
        "between employees matter, as long as no hazard reaches 1"
    )
    age: BandMultipliers = Field(description="Multiplier by age band (no unit); one per band of age_bands")
    tenure: BandMultipliers = Field(
        description="Multiplier by tenure band (no unit); one per band of tenure_bands"
    )


class PromotionHazard(SettingsGroup):
    """Hazard of promotion: base x age x tenure x max(0, 1 - level_damping x (level - 1))."""

    base: Yearly[Share] = Field(description="Hazard before multipliers (probability per year)")
    age: BandMultipliers = Field(description="Multiplier by age band (no unit); one per band of age_bands")
    tenure: BandMultipliers = Field(
        description="Multiplier by tenure band (no unit); one per band of tenure_bands"
    )
    level_damping: Share = Field(description="Reduction of the hazard per level above the first (share)")


class PromotionRaise(SettingsGroup):
    """Range from which the raise on promotion is drawn."""

    min: RaiseShare = Field(description="Smallest raise on promotion (share of salary)")
    max: RaiseShare = Field(description="Largest raise on promotion (share of salary)")


class WorkforceSettings(SettingsGroup):
    """Termination rates, levels, bands, hazards and promotion."""

    total_termination_rate: Yearly[Share] = Field(
        description="Experienced turnover of a year (share of the opening headcount): leavers of the opening "
        "workforce, without reductions in force. Reports also show total turnover: all leavers / "
        "average headcount"
    )
    new_hire_termination_rate: Yearly[NewHireRate] = Field(
        description="Hires who leave in their hire year (share of the year's hires); they count in total "
        "turnover only"
    )
    levels: Annotated[dict[LevelId, Level], Field(min_length=1, json_schema_extra={MERGED: True})] = Field(
        description="Job levels by number, 1 is the lowest; null removes a level"
    )
    age_bands: Bands = Field(description="Lower bounds of the age bands (completed years)")
    tenure_bands: Bands = Field(description="Lower bounds of the tenure bands (completed years)")
    termination_hazard: TerminationHazard = Field(description="Relative likelihood of leaving")
    promotion_hazard: PromotionHazard = Field(description="Probability of promotion in a year")
    promotion_raise: PromotionRaise = Field(description="Raise on promotion")

    @property
    def age_band_labels(self) -> tuple[str, ...]:
        """Labels of the age bands, youngest first."""
        return band_labels(self.age_bands)

    @property
    def tenure_band_labels(self) -> tuple[str, ...]:
        """Labels of the tenure bands, shortest first."""
        return band_labels(self.tenure_bands)

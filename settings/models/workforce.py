"""Settings of the workforce: levels, age and tenure bands, and who leaves, rises or changes place."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Annotated

from pydantic import AfterValidator, Field

from settings.models.base import (
    MERGED,
    NOT_BOOLEAN,
    LevelId,
    Money,
    MonthWeights,
    Multiplier,
    SettingsGroup,
    Share,
    Yearly,
    sums_to_one,
)


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
CompletedYears = Annotated[int, Field(ge=0, le=150), NOT_BOOLEAN]

#: Attributes of an employee that a factor may name, besides the dimensions of the census.
ATTRIBUTES = ("age", "tenure", "level")
#: A cause that the model itself gives: leavers by a reduction in force.
REDUCTION = "reduction_in_force"
#: The name of a dimension's empty value where values are keys, as in `factors: {location: {null: 1.5}}`.
NO_VALUE = "null"


def value_of(key: str) -> str | None:
    """Return the value of a dimension that a key names; None for `null`."""
    return None if key == NO_VALUE else key


def _not_the_models_own(cause: str) -> str:
    if cause == REDUCTION:
        raise ValueError(f"{cause} is the model's own cause; give this one another name")
    return cause


FactorsOfValues = Annotated[dict[str, Multiplier], Field(json_schema_extra={MERGED: True})]
Factors = Annotated[dict[str, FactorsOfValues], Field(json_schema_extra={MERGED: True})]
CauseName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,40}$"), AfterValidator(_not_the_models_own)]
RaiseShare = Annotated[Decimal, Field(ge=0, le=10, decimal_places=6)]
NewHireRate = Annotated[Decimal, Field(ge=0, lt=1, decimal_places=12)]


class Level(SettingsGroup):
    """A job level."""

    name: str = Field(min_length=1, max_length=60, description="Name of the level, shown in reports")
    min_salary: Yearly[Money] = Field(description="Lowest pay of the level (currency units per year)")
    max_salary: Yearly[Money] = Field(description="Highest pay of the level (currency units per year)")


_FACTORS = (
    "Multiplier of the base by attribute and value (no unit), as in {tenure: {<2: 1.8}, "
    "department: {Sales: 1.4}}. Attributes: age, tenure (labels of the bands), level, dimensions of the "
    "census. A value that is not named has 1; null removes an entry"
)


class Eligibility(SettingsGroup):
    """Who can leave of a cause at all."""

    min_age: CompletedYears = Field(
        default=0, description="Lowest age on the first day of the year (completed years)"
    )
    min_tenure: CompletedYears = Field(
        default=0, description="Shortest tenure on the first day of the year (completed years)"
    )


class Cause(SettingsGroup):
    """A cause of termination: its probability in a year is base x factors, at most 1."""

    base: Yearly[Share] = Field(
        description="Probability before factors (per year); in mode exact only ratios between employees "
        "matter, as long as no hazard reaches 1"
    )
    factors: Factors = Field(default={}, description=_FACTORS)
    eligible: Eligibility | None = Field(
        default=None, description="Lowest age and tenure at which employees leave of this cause; null: any"
    )
    mandatory_age: Annotated[int, Field(ge=15, le=150), NOT_BOOLEAN] | None = Field(
        default=None,
        description="Age at which everyone leaves of this cause (completed years), on the last day of the "
        "month of that birthday; null: none",
    )


class PromotionSettings(SettingsGroup):
    """Promotion: base x factors x max(0, 1 - level_damping x (level - 1))."""

    base: Yearly[Share] = Field(description="Probability before factors (per year)")
    factors: Factors = Field(description=_FACTORS)
    level_damping: Share = Field(description="Reduction of the hazard per level above the first (share)")


class TransferSettings(SettingsGroup):
    """Transfer to another value of a dimension: base x factors."""

    base: Yearly[Share] = Field(description="Probability before factors (per year)")
    factors: Factors = Field(default={}, description=_FACTORS)
    by: str = Field(description="Dimension that changes, such as department")
    to: Annotated[dict[str, Share], Field(min_length=1), AfterValidator(sums_to_one)] | None = Field(
        default=None,
        description="Value -> share of the transfers, adding up to 1; an employee's own value is left out. "
        "null: in proportion to the opening headcount of the other values",
    )


class PromotionRaise(SettingsGroup):
    """Range from which the raise on promotion is drawn."""

    min: RaiseShare = Field(description="Smallest raise on promotion (share of salary)")
    max: RaiseShare = Field(description="Largest raise on promotion (share of salary)")


class WorkforceSettings(SettingsGroup):
    """Termination rates, levels, bands, and the hazards of leaving, promotion and transfer."""

    total_termination_rate: Yearly[Share] = Field(
        description="Experienced turnover of a year (share of the opening headcount): leavers of the opening "
        "workforce, without reductions in force; not used in mode rates. Reports also show total turnover: "
        "all leavers / average headcount"
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
    termination: Annotated[dict[CauseName, Cause], Field(min_length=1, json_schema_extra={MERGED: True})] = (
        Field(description="Causes of termination by name, such as voluntary; null removes a cause")
    )
    termination_months: MonthWeights | None = Field(
        description="Twelve weights, January first (no unit): how likely a leaver's last day is a day of the "
        "month relative to a day of another; null: all days alike"
    )
    promotion: PromotionSettings = Field(description="Probability of promotion in a year")
    transfer: TransferSettings | None = Field(
        description="Probability of a transfer in a year, {base, factors, by, to}; null: no transfers"
    )
    promotion_raise: PromotionRaise = Field(description="Raise on promotion")

    @property
    def age_band_labels(self) -> tuple[str, ...]:
        """Labels of the age bands, youngest first."""
        return band_labels(self.age_bands)

    @property
    def tenure_band_labels(self) -> tuple[str, ...]:
        """Labels of the tenure bands, shortest first."""
        return band_labels(self.tenure_bands)

    @property
    def factors_by_rate(self) -> dict[str, dict[str, dict[str, Decimal]]]:
        """The key of each hazard below `workforce`, as in `termination.voluntary`, and its factors."""
        found = {f"termination.{name}": cause.factors for name, cause in self.termination.items()}
        found["promotion"] = self.promotion.factors
        if self.transfer:
            found["transfer"] = self.transfer.factors
        return found

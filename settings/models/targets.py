"""Settings of targets by segment: growth, headcount and turnover of parts of the workforce."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from settings.models.base import SettingsGroup, Share, Yearly, unique
from settings.models.hiring import Headcount
from settings.models.workforce import NO_VALUE

# Bounds of its own, wider than simulation.limits: a small part may double.
SegmentGrowth = Annotated[Decimal, Field(ge=-1, le=3, decimal_places=12)]

#: The segment of all employees, without targets; and that of everyone whom no segment names.
ALL, OTHERS = "all", "others"


class Segment(SettingsGroup):
    """A part of the workforce with targets of its own."""

    where: Annotated[dict[str, str | None], Field(min_length=1)] = Field(
        description="Attribute -> value, as in {department: Sales, level: 2}; null is a value of a dimension"
    )
    growth: Yearly[SegmentGrowth] | None = Field(
        default=None,
        description="Growth of the segment in a year (share of its opening headcount); null: as the total",
    )
    headcount: Yearly[Headcount] | None = Field(
        default=None, description="Headcount of the segment at the end of a year (number of people)"
    )
    termination_rate: Yearly[Share] | None = Field(
        default=None,
        description="Experienced turnover of the segment in a year (share of its opening headcount); "
        "null: its leavers are part of the experienced turnover of all other segments",
    )

    @model_validator(mode="after")
    def _has_one_target(self) -> "Segment":
        if self.growth is not None and self.headcount is not None:
            raise ValueError("growth or headcount is allowed, not both")
        if self.growth is None and self.headcount is None and self.termination_rate is None:
            raise ValueError("at least one of growth, headcount and termination_rate is expected")
        return self

    def name(self, by: list[str]) -> str:
        """Return the segment's name in tables, as in `department=Sales, level=2`; `by` gives the order.

        A value that is the text `null` is quoted, since null without quotes is the empty cell.
        """
        texts = {NO_VALUE: f'"{NO_VALUE}"', None: NO_VALUE}
        values = {name: self.where[name] for name in by if name in self.where}
        return ", ".join(f"{name}={texts.get(value, value)}" for name, value in values.items())

    @property
    def dimensions(self) -> dict[str, str | None]:
        """The dimensions that the segment names, with their values."""
        return {name: value for name, value in self.where.items() if name != "level"}


class TargetSettings(SettingsGroup):
    """Targets by segment; everyone whom no segment names is in the segment `others`."""

    by: Annotated[list[str], Field(min_length=1, max_length=20), AfterValidator(unique("attribute"))] = Field(
        description="Attributes that tell segments apart: dimensions of the census, level"
    )
    segments: Annotated[list[Segment], Field(min_length=1, max_length=1000)] = Field(
        description="Segments, each {where, growth or headcount, termination_rate}; none may overlap another"
    )
    others: Literal["same", "balance"] = Field(
        default="same",
        description="Target of the rest. same: simulation.target_growth_rate; balance: the rest closes the "
        "gap to the total target",
    )

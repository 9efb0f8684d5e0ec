"""Settings of cost: what an employee costs beyond pay. They change neither terminations nor hires."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from settings.models.base import MERGED, LevelId, Money, SettingsGroup, Yearly

CostRate = Annotated[Decimal, Field(ge=0, le=10, decimal_places=6)]


class RunningCost(SettingsGroup):
    """A cost of each employee, accrued by day."""

    rate: Yearly[CostRate] = Field(description="Cost in proportion to pay (share of pay)")
    amount: Yearly[Money] = Field(
        description="Cost independent of pay (currency units per employee and year, by days employed)"
    )


class SingleCost(SettingsGroup):
    """A one-time cost, in the month of the hire or termination."""

    rate: Yearly[CostRate] = Field(
        description="Cost in proportion to pay at that time (share of annual salary)"
    )
    amount: Yearly[Money] = Field(description="Cost independent of pay (currency units per person)")


class CostSettings(SettingsGroup):
    """Costs beyond salary: salary cost plus these is loaded cost."""

    benefits: RunningCost = Field(description="Insurance, retirement and other benefits; rate on salary")
    payroll_tax: RunningCost = Field(
        description="Employer's taxes and contributions; rate on salary and bonus"
    )
    bonus_rates: Annotated[dict[LevelId, Yearly[CostRate]], Field(json_schema_extra={MERGED: True})] = Field(
        description="Bonus by level (share of salary, accrued by day); a level not listed gets none"
    )
    recruiting: SingleCost = Field(description="Cost of each hire, in the month of hire")
    severance: SingleCost = Field(
        description="Cost of each termination by reduction in force, in the month of termination"
    )

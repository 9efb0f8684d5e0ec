"""Settings of the checks: how severe each is, and what it tolerates. None changes a result."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from settings.models.base import NOT_BOOLEAN, SettingsGroup, Share

Severity = Literal["error", "warn", "off"]


class CheckSeverities(SettingsGroup):
    """What a violation does: error stops the run, warn is reported, off is not looked at."""

    census_data_validation: Severity = Field(description="Rows of the census that were left out")
    census_low_pay: Severity = Field(description="Pay below half of the lowest level's minimum")
    census_high_pay: Severity = Field(description="Pay above three times the highest level's maximum")
    census_old_age: Severity = Field(description="Ages over 80 at the opening date")
    census_long_tenure: Severity = Field(description="Tenure over 50 years at the opening date")
    census_same_hire_date: Severity = Field(
        description="Half of the employees or more hired on the same day (fewer than 10: not judged)"
    )
    census_newest_hire: Severity = Field(
        description="Newest hire after the opening date, or more than three months before it (fewer than 80 "
        "employees: 20 years divided by their number; fewer than 10: not judged)"
    )
    baseline_workforce_validated: Severity = Field(description="Opening state against census")
    assert_year_complete: Severity = Field(
        description="Rows of each scenario and replicate in every table, each once"
    )
    headcount_identity: Severity = Field(description="Opening + hires - terminations = ending")
    opening_equals_closing: Severity = Field(description="A year opens as the year before closed")
    quotas_met: Severity = Field(description="Hires, terminations and headcount as the targets ask")
    replay_identity: Severity = Field(description="Events replayed over the opening give the closing state")
    event_counts: Severity = Field(description="As many events as the summary counts")
    payroll_identity: Severity = Field(description="Opening payroll + events = ending payroll")
    merit_budget_spent: Severity = Field(description="Merit raises = budget")
    months_add_up: Severity = Field(description="Months add up to the year")
    validate_growth_rates: Severity = Field(description="Achieved growth within simulation.limits")
    growth_on_target: Severity = Field(description="Achieved growth against the target")
    growth_against_history: Severity = Field(
        description="Target growth against the census's own years before"
    )
    anomaly_over_years: Severity = Field(description="Rates of events against the years before")
    anomaly_over_replicates: Severity = Field(description="Rates of events against the other replicates")
    anomaly_over_runs: Severity = Field(description="Rates of events against earlier runs of other seeds")


class CheckTolerances(SettingsGroup):
    """What the checks tolerate."""

    merit_cents_per_employee: Annotated[Decimal, Field(ge=0, le=1000, decimal_places=4)] = Field(
        description="Merit raises against budget (cents per eligible employee)"
    )
    growth: Share = Field(description="Achieved against target growth, beyond rounding (share of headcount)")
    growth_history: Share = Field(
        description="Target against the median growth of the census's own years (share of headcount)"
    )
    anomaly_z: Annotated[Decimal, Field(ge=1, le=1000, decimal_places=4)] = Field(
        description="Robust z-score above which a rate is odd (number)"
    )
    anomaly_history: Annotated[int, Field(ge=3, le=10_000), NOT_BOOLEAN] = Field(
        description="Observations below which nothing is called odd (number)"
    )


class CheckSettings(SettingsGroup):
    """The checks of every year."""

    severities: CheckSeverities = Field(description="Severity by check: error, warn or off")
    tolerances: CheckTolerances = Field(description="What the checks tolerate")

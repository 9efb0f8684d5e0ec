"""Settings of the checks: severity and tolerances. They do not change results."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from settings.models.base import NOT_BOOLEAN, SettingsGroup, Share

Severity = Literal["error", "warn", "off"]


class CheckSeverities(SettingsGroup):
    """Effect of a violation: error stops the run, warn reports it, off skips the check."""

    census_data_validation: Severity = Field(description="Census rows left out")
    census_low_pay: Severity = Field(description="Pay below half of the lowest level's minimum")
    census_high_pay: Severity = Field(description="Pay above three times the highest level's maximum")
    census_old_age: Severity = Field(description="Ages over 80 at the opening date")
    census_long_tenure: Severity = Field(description="Tenure over 50 years at the opening date")
    census_same_hire_date: Severity = Field(
        description="Half of the employees or more hired on the same day; not checked below 10 employees"
    )
    census_newest_hire: Severity = Field(
        description="Newest hire after the opening date, or more than three months before it; below 80 "
        "employees, more than 20 years / employees before it; not checked below 10 employees"
    )
    baseline_workforce_validated: Severity = Field(description="Opening state equals the census")
    assert_year_complete: Severity = Field(
        description="Every table has the rows of each scenario and replicate, without duplicates"
    )
    headcount_identity: Severity = Field(description="Opening + hires - terminations = ending")
    opening_equals_closing: Severity = Field(
        description="A year's opening equals the previous year's closing"
    )
    quotas_met: Severity = Field(description="Hires, terminations and headcount meet the targets")
    segments_on_target: Severity = Field(
        description="In mode exact every segment closes at its target, unless known hires exceed it"
    )
    plan_within_targets: Severity = Field(
        description="Known leaves and hires within experienced turnover and the hires that targets ask for"
    )
    transfers_net_to_zero: Severity = Field(description="As many transfers in as out")
    fte_in_range: Severity = Field(description="FTE above 0 and at most 1, months as the year")
    causes_add_up: Severity = Field(description="Terminations by cause add up, and every cause is known")
    actions_accounted_for: Severity = Field(
        description="Every known action has one outcome, and its event if it is done"
    )
    replay_identity: Severity = Field(
        description="Opening state plus replayed events equals the closing state"
    )
    event_counts: Severity = Field(description="Number of events equals the counts of the summary")
    payroll_identity: Severity = Field(description="Opening payroll + events = ending payroll")
    merit_budget_spent: Severity = Field(description="Merit raises = budget")
    months_add_up: Severity = Field(description="Months add up to the year")
    validate_growth_rates: Severity = Field(description="Achieved growth within simulation.limits")
    growth_on_target: Severity = Field(description="Achieved growth compared with the target")
    growth_against_history: Severity = Field(
        description="Target growth compared with the past years in the census"
    )
    anomaly_over_years: Severity = Field(description="Event rates compared with earlier years")
    anomaly_over_replicates: Severity = Field(description="Event rates compared with other replicates")
    anomaly_over_runs: Severity = Field(description="Event rates compared with earlier runs of other seeds")


class CheckTolerances(SettingsGroup):
    """Tolerances of the checks."""

    merit_cents_per_employee: Annotated[Decimal, Field(ge=0, le=1000, decimal_places=4)] = Field(
        description="Difference between merit raises and budget (cents per eligible employee)"
    )
    growth: Share = Field(
        description="Difference between achieved and target growth, beyond rounding (share of headcount)"
    )
    growth_history: Share = Field(
        description="Difference between target growth and median growth of past years (share of headcount)"
    )
    anomaly_z: Annotated[Decimal, Field(ge=1, le=1000, decimal_places=4)] = Field(
        description="Robust z-score above which a rate is an anomaly (number)"
    )
    anomaly_history: Annotated[int, Field(ge=3, le=10_000), NOT_BOOLEAN] = Field(
        description="Observations needed to check a rate for anomalies (number)"
    )


class CheckSettings(SettingsGroup):
    """The checks of every year."""

    severities: CheckSeverities = Field(description="Severity by check: error, warn or off")
    tolerances: CheckTolerances = Field(description="Tolerances of the checks")

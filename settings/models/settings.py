"""All settings of a run in one immutable model."""

from typing import Annotated

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from settings.models.base import SettingsGroup
from settings.models.budget import BudgetSettings
from settings.models.census import CensusSettings
from settings.models.checks import CheckSettings
from settings.models.company import CompanySettings
from settings.models.compensation import CompensationSettings
from settings.models.cost import CostSettings
from settings.models.deployment import DeploymentSettings
from settings.models.ensemble import EnsembleSettings
from settings.models.goals import GoalSetting
from settings.models.hiring import HiringSettings
from settings.models.history import HistorySettings
from settings.models.operations import AlertSettings, DbtSettings, MachineSettings, SlaSettings
from settings.models.plan import PlanSettings
from settings.models.reforecast import ReforecastSettings
from settings.models.rules import violations
from settings.models.simulation import SimulationSettings
from settings.models.targets import TargetSettings
from settings.models.workforce import WorkforceSettings


class Settings(SettingsGroup):
    """All settings of a run."""

    simulation: SimulationSettings = Field(description="Years, seed, replicates, growth target")
    workforce: WorkforceSettings = Field(
        description="Termination rates, levels, bands, causes of termination, promotion, transfer"
    )
    compensation: CompensationSettings = Field(description="Raises: how much, for whom and when")
    hiring: HiringSettings = Field(description="Number, dates and attributes of new hires")
    targets: TargetSettings | None = Field(
        description="Targets by segment, {by, segments, others}; null: one target for everyone"
    )
    plan: PlanSettings = Field(description="Known actions: who leaves, joins, rises or moves, and when")
    cost: CostSettings = Field(description="What an employee costs beyond pay")
    census: CensusSettings = Field(description="The census file and how to read it")
    company: CompanySettings = Field(description="The company's name, and how numbers are written")
    history: HistorySettings = Field(
        description="Past lists of employees, or a file of hires and exits, to estimate rates from"
    )
    goals: Annotated[list[GoalSetting], Field(max_length=100)] = Field(
        description="What is to be reached, each {goal, name}, as in {goal: payroll@2027<=300M}; the report "
        "has the chance of each"
    )
    budget: BudgetSettings = Field(description="The run with which payroll and cost are compared")
    reforecast: ReforecastSettings = Field(
        description="The lists from which `workforce reforecast` opens, and what it reports"
    )
    checks: CheckSettings = Field(description="Severity of each check, and tolerances")
    sla: SlaSettings = Field(description="How long a run may take before an alert is raised")
    alerts: AlertSettings = Field(description="Who is notified when something goes wrong")
    machine: MachineSettings = Field(description="Resources of the machine that a run may use")
    dbt: DbtSettings = Field(description="How dbt runs")
    ensemble: EnsembleSettings = Field(description="Wanted precision, and how a run is split into shards")
    deployment: DeploymentSettings = Field(description="What `workforce deploy` creates on a Prefect server")

    @property
    def has_growth_target(self) -> bool:
        """Whether the company's growth has a target: not if hires are given, or segments close apart."""
        return self.hiring.hires is None and (self.targets is None or self.targets.others == "balance")

    @model_validator(mode="after")
    def _related_settings_agree(self) -> "Settings":
        found = violations(self)
        if found:
            text = "; ".join(f"{violation.key}: {violation.allowed}" for violation in found)
            raise PydanticCustomError("relations", "{text}", {"text": text, "violations": found})
        return self

"""What we have on a Prefect server, by kind: how it should be, how it is, how to make it so.

Each kind compares documents, so that applying twice changes nothing. What people set in the UI on purpose,
a schedule switched on or an automation paused, is theirs and is left alone.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml
from prefect.blocks.system import Secret
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import (
    DeploymentScheduleCreate,
    VariableCreate,
    VariableUpdate,
    WorkPoolCreate,
)
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterTags
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.schedules import CronSchedule
from prefect.events.schemas.automations import Automation, AutomationCore
from prefect.exceptions import ObjectNotFound
from prefect.flows import Flow, load_flow_from_entrypoint
from prefect.utilities.callables import parameter_schema
from prefect.workers.utilities import get_default_base_job_template_for_infrastructure_type

from deployments.automations import PREFIX, automations_of
from settings import Settings
from settings.document import settings_document
from tasks.alerts.desk import channel_document
from tasks.notify import ALERTS_BLOCK, LIMITS_VARIABLE
from tasks.project import ROOT

PREFECT_YAML = ROOT / "prefect.yaml"
POOLS = {
    "workforce": "Simulations",
    "workforce-shards": "Shards of simulations",
    "workforce-alerts": "Alerts; served by `workforce alerts serve`",
}
TAGS = ("workforce", "workforce-alerts")
NOTIFY = "notify/default"

Documents = dict[str, dict[str, Any]]


class Kind(ABC):
    """One kind of thing on the server. Documents are compared; names say which belong together."""

    label: str

    def __init__(self, client: SyncPrefectClient, settings: Settings) -> None:
        self.client = client
        self.settings = settings

    @abstractmethod
    def wanted(self) -> Documents:
        """What there should be, by name."""

    @abstractmethod
    def actual(self) -> Documents:
        """What there is of ours, by name."""

    @abstractmethod
    def write(self, name: str) -> None:
        """Create or update one."""

    @abstractmethod
    def delete(self, name: str) -> None:
        """Remove one."""


class WorkPools(Kind):
    """The work pools."""

    label = "work pool"

    def wanted(self) -> Documents:
        return {name: {"type": "process"} for name in POOLS}

    def actual(self) -> Documents:
        return {
            pool.name: {"type": pool.type} for pool in self.client.read_work_pools() if pool.name in POOLS
        }

    def write(self, name: str) -> None:
        import asyncio

        template = asyncio.run(get_default_base_job_template_for_infrastructure_type("process"))
        self.client.create_work_pool(
            WorkPoolCreate(
                name=name, type="process", description=POOLS[name], base_job_template=template or {}
            ),
            overwrite=True,
        )

    def delete(self, name: str) -> None:
        self.client.delete_work_pool(name)


class AlertBlock(Kind):
    """The encrypted block with the alert settings: channels and their secret addresses."""

    label = "block"

    def wanted(self) -> Documents:
        alerts = self.settings.alerts
        channels = [channel_document(channel) for channel in alerts.channels]
        return {ALERTS_BLOCK: {**alerts.model_dump(mode="json"), "channels": channels}}

    def actual(self) -> Documents:
        try:
            document = self.client.read_block_document_by_name(ALERTS_BLOCK, "secret", include_secrets=True)
        except ObjectNotFound:
            return {}
        return {ALERTS_BLOCK: document.data["value"]}

    def write(self, name: str) -> None:
        block: Secret[Any] = Secret(value=self.wanted()[name])  # type: ignore[arg-type]
        block.save(name, overwrite=True)

    def delete(self, name: str) -> None:
        document = self.client.read_block_document_by_name(name, "secret")
        self.client.delete_block_document(document.id)


class Limits(Kind):
    """The variable with the limits that the automations hold to, for the words of their alerts."""

    label = "variable"

    def wanted(self) -> Documents:
        return {LIMITS_VARIABLE: settings_document(self.settings)["sla"]}

    def actual(self) -> Documents:
        variable = self.client.read_variable_by_name(LIMITS_VARIABLE)
        return {LIMITS_VARIABLE: dict(variable.value)} if variable else {}  # type: ignore[arg-type]

    def write(self, name: str) -> None:
        value = self.wanted()[name]
        if name in self.actual():
            self.client.update_variable(VariableUpdate(name=name, value=value))
        else:
            self.client.create_variable(VariableCreate(name=name, value=value))

    def delete(self, name: str) -> None:
        self.client.delete_variable_by_name(name)


class Deployments(Kind):
    """The deployments of prefect.yaml, run from this folder."""

    label = "deployment"

    def wanted(self) -> Documents:
        found = {}
        for entry in yaml.safe_load(PREFECT_YAML.read_text("utf-8"))["deployments"]:
            flow: Flow[Any, Any] = load_flow_from_entrypoint(str(ROOT / entry["entrypoint"]))
            schema = parameter_schema(flow).model_dump_for_openapi()
            if not schema.get("definitions"):
                schema.pop("definitions", None)  # as `prefect deploy` sends it
            found[f"{flow.name}/{entry['name']}"] = {
                "description": entry["description"],
                "tags": sorted(entry["tags"]),
                "entrypoint": entry["entrypoint"],
                "parameters": entry.get("parameters", {}),
                "parameter_schema": schema,
                "work_pool": entry["work_pool"]["name"],
                "job_variables": entry["work_pool"].get("job_variables", {}),
                "concurrency_limit": entry.get("concurrency_limit"),
                "schedules": [
                    {key: schedule[key] for key in ("slug", "cron", "timezone")}
                    for schedule in entry.get("schedules", [])
                ],
                "pull_steps": _pull_steps(),
            }
        return found

    def actual(self) -> Documents:
        return {
            name: {
                "description": deployment.description,
                "tags": sorted(deployment.tags),
                "entrypoint": deployment.entrypoint,
                "parameters": deployment.parameters,
                "parameter_schema": deployment.parameter_openapi_schema,
                "work_pool": deployment.work_pool_name,
                "job_variables": deployment.job_variables,
                "concurrency_limit": _limit(deployment),
                "schedules": [
                    {"slug": one.slug, "cron": one.schedule.cron, "timezone": one.schedule.timezone}
                    for one in deployment.schedules
                    if isinstance(one.schedule, CronSchedule)
                ],
                "pull_steps": deployment.pull_steps,
            }
            for name, deployment in self._read().items()
        }

    def write(self, name: str) -> None:
        document = self.wanted()[name]
        existing = self._read().get(name)
        active = {one.slug: one.active for one in existing.schedules} if existing else {}
        self.client.create_deployment(
            self.client.create_flow_from_name(name.partition("/")[0]),
            name.partition("/")[2],
            description=document["description"],
            tags=document["tags"],
            entrypoint=document["entrypoint"],
            path=".",
            parameters=document["parameters"],
            parameter_openapi_schema=document["parameter_schema"],
            enforce_parameter_schema=True,
            work_pool_name=document["work_pool"],
            job_variables=document["job_variables"],
            concurrency_limit=document["concurrency_limit"],
            schedules=[
                DeploymentScheduleCreate(
                    slug=one["slug"],
                    schedule=CronSchedule(cron=one["cron"], timezone=one["timezone"]),
                    active=active.get(one["slug"], False),
                )
                for one in document["schedules"]
            ],
            pull_steps=document["pull_steps"],
        )

    def delete(self, name: str) -> None:
        self.client.delete_deployment(self._read()[name].id)

    def _read(self) -> dict[str, DeploymentResponse]:
        found = {}
        flows = {flow.id: flow.name for flow in self.client.read_flows()}
        for tag in TAGS:
            ours = DeploymentFilter(tags=DeploymentFilterTags(all_=[tag]))
            for deployment in self.client.read_deployments(deployment_filter=ours):
                found[f"{flows[deployment.flow_id]}/{deployment.name}"] = deployment
        return found


class Automations(Kind):
    """The automations."""

    label = "automation"

    def wanted(self) -> Documents:
        return {one.name: _automation_document(one) for one in self._wanted()}

    def actual(self) -> Documents:
        return {name: _automation_document(one) for name, one in self._read().items()}

    def write(self, name: str) -> None:
        automation = next(one for one in self._wanted() if one.name == name)
        existing = self._read().get(name)
        if existing:
            kept = automation.model_copy(update={"enabled": existing.enabled})
            self.client.update_automation(existing.id, kept)
        else:
            self.client.create_automation(automation)

    def delete(self, name: str) -> None:
        self.client.delete_automation(self._read()[name].id)

    def _wanted(self) -> list[AutomationCore]:
        return automations_of(self.settings, self._notify_id())

    def _notify_id(self) -> UUID:
        try:
            return self.client.read_deployment_by_name(NOTIFY).id
        except ObjectNotFound:  # a plan for an empty server
            return UUID(int=0)

    def _read(self) -> dict[str, Automation]:
        return {one.name: one for one in self.client.read_automations() if one.name.startswith(PREFIX)}


KINDS: tuple[type[Kind], ...] = (WorkPools, AlertBlock, Limits, Deployments, Automations)


def differing(wanted: Mapping[str, Any], actual: Mapping[str, Any]) -> list[str]:
    """The keys whose values differ."""
    return sorted(key for key in wanted.keys() | actual.keys() if wanted.get(key) != actual.get(key))


def _pull_steps() -> list[dict[str, Any]]:
    """Runs happen in this folder, on this machine or in the image that holds it at the same place."""
    return [{"prefect.deployments.steps.set_working_directory": {"directory": str(Path(ROOT))}}]


def _limit(deployment: DeploymentResponse) -> int | None:
    limit = deployment.global_concurrency_limit
    return limit.limit if limit else None


def _automation_document(automation: AutomationCore) -> dict[str, Any]:
    document: dict[str, Any] = AutomationCore.model_validate(automation.model_dump()).model_dump(
        mode="json", include={"name", "description", "tags", "trigger", "actions"}
    )
    trigger = document["trigger"]
    for key in ("after", "expect", "for_each"):
        trigger[key] = sorted(trigger[key])
    return document

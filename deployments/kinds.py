"""What we have on a Prefect server, by kind: how it should be, how it is, how to make it so.

Each kind compares documents, so that applying twice changes nothing. What people do in the UI is theirs and
is kept: schedules, default parameters, tags and variables that they add, a schedule that they switch on, an
automation or a deployment that they pause.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import yaml
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import (
    DeploymentScheduleCreate,
    DeploymentUpdate,
    VariableCreate,
    VariableUpdate,
    WorkPoolCreate,
)
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterId,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import DeploymentSchedule, StateType
from prefect.client.schemas.responses import DeploymentResponse
from prefect.events.schemas.automations import Automation, AutomationCore
from prefect.exceptions import ObjectNotFound
from prefect.flows import Flow, load_flow_from_entrypoint
from prefect.utilities.callables import parameter_schema
from prefect.workers.utilities import get_default_base_job_template_for_infrastructure_type

from deployments.automations import PREFIX, automations_of
from deployments.schedules import prefect_schedule, settings_of, typed_parameters
from settings import Settings, settings_document
from tasks.alerts import block
from tasks.alerts.limits import VARIABLE, read_limits
from tasks.server import schedule_record
from tasks.server.names import ALERTS, DEPLOYMENTS, FORMER, RUNS, SERVED_BY
from tasks.server.schedule_record import parameters_of, read_recorded
from tasks.server.schedule_times import timezone_of, when
from tasks.system.project import INSTALLED, PREFECT_YAML, ROOT

Documents = dict[str, dict[str, Any]]
Fate = tuple[Literal["delete", "keep"], tuple[str, ...]]


class Kind(ABC):
    """One kind of thing on the server. Documents are compared; names say which belong together."""

    label: str

    def __init__(self, client: SyncPrefectClient, settings: Settings, *, prune: bool = False) -> None:
        self.client = client
        self.settings = settings
        self.prune = prune

    @cached_property
    @abstractmethod
    def wanted(self) -> Documents:
        """What there should be, by name."""

    @cached_property
    @abstractmethod
    def actual(self) -> Documents:
        """What there is of this kind, by name."""

    @abstractmethod
    def write(self, name: str) -> None:
        """Create or update one."""

    @abstractmethod
    def delete(self, name: str) -> None:
        """Remove one."""

    def differences(self, name: str) -> tuple[str, ...]:
        """The keys in which one differs from what it should be."""
        wanted, actual = self.wanted[name], self.actual[name]
        return tuple(sorted(key for key in wanted if wanted[key] != actual.get(key)))

    def fate(self, name: str) -> Fate:
        """What becomes of one that is not wanted, and why it is kept."""
        return "delete", ()

    def ours(self) -> list[str]:
        """Those that `workforce deploy --destroy` removes."""
        return list(self.actual)


class WorkPools(Kind):
    """The work pools."""

    label = "work pool"

    @cached_property
    def wanted(self) -> Documents:
        return {name: {"type": "process"} for name in SERVED_BY}

    @cached_property
    def actual(self) -> Documents:
        pools = self.client.read_work_pools()
        return {pool.name: {"type": pool.type} for pool in pools if pool.name in SERVED_BY}

    def write(self, name: str) -> None:
        template = asyncio.run(get_default_base_job_template_for_infrastructure_type("process"))
        pool = WorkPoolCreate(
            name=name,
            type="process",
            description=f"Served by `{SERVED_BY[name]}`",
            base_job_template=template or {},
        )
        self.client.create_work_pool(pool, overwrite=True)

    def delete(self, name: str) -> None:
        self.client.delete_work_pool(name)


class AlertBlock(Kind):
    """The encrypted block with the alert settings: channels and their secret addresses."""

    label = "block"

    @cached_property
    def wanted(self) -> Documents:
        document = block.alerts_document(self.settings.alerts)
        return {block.NAME: {**document, "stored so that Prefect masks it": True}}

    @cached_property
    def actual(self) -> Documents:
        found = block.read_alerts(self.client)
        if found is None:
            return {}
        document, is_masked = found
        return {block.NAME: {**document, "stored so that Prefect masks it": is_masked}}

    def differences(self, name: str) -> tuple[str, ...]:
        """The keys, and of channels which; never an address."""
        found = super().differences(name)
        if "channels" not in found:
            return found
        before, after = (
            {one["name"]: one for one in document[name].get("channels", ())}
            for document in (self.actual, self.wanted)
        )
        channels = [
            f"{what} channel {one}"
            for what, names in (
                ("new", after.keys() - before.keys()),
                ("removed", before.keys() - after.keys()),
                ("changed", (one for one in after.keys() & before.keys() if after[one] != before[one])),
            )
            for one in sorted(names)
        ]
        return (*(key for key in found if key != "channels"), *(channels or ["order of channels"]))

    def write(self, name: str) -> None:
        block.write_alerts(block.alerts_document(self.settings.alerts))

    def delete(self, name: str) -> None:
        document = self.client.read_block_document_by_name(name, block.TYPE)
        self.client.delete_block_document(document.id)


class Variable(Kind):
    """A variable that holds a document."""

    label = "variable"

    def write(self, name: str) -> None:
        if self.client.read_variable_by_name(name):
            self.client.update_variable(VariableUpdate(name=name, value=self.wanted[name]))
        else:
            self.client.create_variable(VariableCreate(name=name, value=self.wanted[name]))

    def delete(self, name: str) -> None:
        self.client.delete_variable_by_name(name)


class Limits(Variable):
    """The limits in force, from which automations, runs and alerts take them."""

    @cached_property
    def wanted(self) -> Documents:
        return {VARIABLE: settings_document(self.settings)["sla"]}

    @cached_property
    def actual(self) -> Documents:
        limits = read_limits(self.client)
        return {VARIABLE: limits} if limits else {}


class Deployments(Kind):
    """The deployments of prefect.yaml. Their schedules are a kind of their own.

    Flows of a checkout are loaded by their files, those of an installation by module path, as there is no
    folder from which every worker could load the file.
    """

    label = "deployment"

    @cached_property
    def wanted(self) -> Documents:
        found = {}
        for entry in yaml.safe_load(PREFECT_YAML.read_text("utf-8"))["deployments"]:
            entrypoint = module_path(entry["entrypoint"]) if INSTALLED else entry["entrypoint"]
            flow: Flow[Any, Any] = load_flow_from_entrypoint(
                entrypoint if INSTALLED else str(ROOT / entrypoint)
            )
            schema = parameter_schema(flow).model_dump_for_openapi()
            if not schema.get("definitions"):
                schema.pop("definitions", None)  # as `prefect deploy` sends it
            name = f"{flow.name}/{entry['name']}"
            there = self._predecessor(name)
            found[name] = {
                "description": entry["description"],
                "tags": sorted({*entry["tags"], *(there.tags if there else ())}),
                "entrypoint": entrypoint,
                "parameters": {**(there.parameters if there else {}), **entry.get("parameters", {})},
                "parameter_schema": schema,
                "work_pool": entry["work_pool"]["name"],
                "job_variables": _laid_over(
                    there.job_variables if there else {}, entry["work_pool"].get("job_variables", {})
                ),
                "concurrency_limit": entry.get("concurrency_limit", _limit(there)),
                "pull_steps": _pull_steps(),
            }
        return found

    @cached_property
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
                "pull_steps": deployment.pull_steps,
            }
            for name, deployment in self._there.items()
        }

    def write(self, name: str) -> None:
        wanted = self.wanted[name]
        document = {
            "description": wanted["description"],
            "tags": wanted["tags"],
            "entrypoint": wanted["entrypoint"],
            "path": ".",
            "parameters": wanted["parameters"],
            "parameter_openapi_schema": wanted["parameter_schema"],
            "enforce_parameter_schema": True,
            "work_pool_name": wanted["work_pool"],
            "job_variables": wanted["job_variables"],
            "concurrency_limit": wanted["concurrency_limit"],
            "pull_steps": wanted["pull_steps"],
        }
        if name in self._there:  # schedules and the pause that are not named stay as they are
            self.client.update_deployment(self._there[name].id, DeploymentUpdate(**document))
            return
        flow, _, own_name = name.partition("/")
        before = self._predecessor(name)
        self.client.create_deployment(
            self.client.create_flow_from_name(flow),
            own_name,
            paused=before.paused if before else None,
            schedules=[_copy(one) for one in before.schedules] if before else [],
            **document,
        )

    def delete(self, name: str) -> None:
        self.client.delete_deployment(self._there[name].id)

    def fate(self, name: str) -> Fate:
        """One under a former name goes once nothing waits for it."""
        waiting = self.client.read_flow_runs(
            deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=[self._there[name].id])),
            flow_run_filter=FlowRunFilter(
                state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED]))
            ),
        )
        left = sum(not run.auto_scheduled for run in waiting)
        return ("keep", (f"former name; runs that wait: {left}",)) if left else ("delete", ("former name",))

    def _predecessor(self, name: str) -> DeploymentResponse | None:
        """What there is under a name, or was under the name of an earlier version: its additions are kept."""
        return self._there.get(name) or self._there.get(FORMER.get(name, ""))

    @cached_property
    def _there(self) -> dict[str, DeploymentResponse]:
        """Ours, by name. What people made of our flows is theirs."""
        names = (*DEPLOYMENTS, *FORMER.values())
        return {name: found for name in names if (found := read_deployment(self.client, name))}


class Schedules(Kind):
    """The schedules of the deployment that people start."""

    label = "schedule"

    @cached_property
    def wanted(self) -> Documents:
        found = {}
        for schedule in self.settings.deployment.schedules:
            there = self._there.get(_schedule_name(schedule.slug))
            active, parameters = schedule.active, typed_parameters(schedule)
            if active is None:
                active = there.active if there else True
            if schedule.parameters is None and there:
                parameters = parameters_of(there, self._recorded)
            found[_schedule_name(schedule.slug)] = {
                "when": when(prefect_schedule(schedule)),
                "timezone": schedule.timezone,
                "active": active,
                "parameters": parameters,
            }
        return found

    @cached_property
    def actual(self) -> Documents:
        return {
            name: {
                "when": when(one.schedule),
                "timezone": timezone_of(one.schedule),
                "active": one.active,
                "parameters": one.parameters,
            }
            for name, one in self._there.items()
        }

    def write(self, name: str) -> None:
        wanted, there = self.wanted[name], self._there.get(name)
        [schedule] = [one for one in self.settings.deployment.schedules if _schedule_name(one.slug) == name]
        deployment = self.client.read_deployment_by_name(RUNS)
        if there is None:
            new = DeploymentScheduleCreate(
                slug=schedule.slug,
                schedule=prefect_schedule(schedule),
                active=wanted["active"],
                parameters=wanted["parameters"],
            )
            self.client.create_deployment_schedules(deployment.id, [new])
            return
        has_moved = {"when", "timezone"} & set(self.differences(name))
        self.client.update_deployment_schedule(
            deployment.id,
            there.id,
            schedule=prefect_schedule(schedule) if has_moved else None,
            active=wanted["active"],
            parameters=wanted["parameters"],
        )

    def delete(self, name: str) -> None:
        deployment = self.client.read_deployment_by_name(RUNS)
        self.client.delete_deployment_schedule(deployment.id, self._there[name].id)

    def fate(self, name: str) -> Fate:
        """Only an order removes a schedule: somebody counts on it."""
        return ("delete", ()) if self.prune else ("keep", (NOT_IN_SETTINGS,))

    def ours(self) -> list[str]:
        """None: they go with their deployment."""
        return []

    @cached_property
    def _recorded(self) -> dict[str, dict[str, Any]]:
        return read_recorded(self.client)

    @cached_property
    def _there(self) -> dict[str, DeploymentSchedule]:
        deployment = read_deployment(self.client, RUNS)
        return {
            _schedule_name(one.slug or f"without a slug, {when(one.schedule)} ({str(one.id)[-6:]})"): one
            for one in (deployment.schedules if deployment else ())
        }


class ScheduleParameters(Variable):
    """The parameters of schedules, as Prefect drops a schedule's own now and then."""

    @cached_property
    def wanted(self) -> Documents:
        schedules = Schedules(self.client, self.settings, prune=self.prune)
        kept = {
            slug: parameters
            for slug, parameters in read_recorded(self.client).items()
            if _schedule_name(slug) in schedules.actual and not self.prune
        }
        wanted = kept | {
            one.slug: schedules.wanted[_schedule_name(one.slug)]["parameters"]
            for one in self.settings.deployment.schedules
        }
        wanted = {slug: parameters for slug, parameters in wanted.items() if parameters}
        return {schedule_record.VARIABLE: wanted} if wanted else {}

    @cached_property
    def actual(self) -> Documents:
        recorded = read_recorded(self.client)
        return {schedule_record.VARIABLE: recorded} if recorded else {}


class Automations(Kind):
    """The automations."""

    label = "automation"

    @cached_property
    def wanted(self) -> Documents:
        return {one.name: _automation_document(one) for one in self._automations}

    @cached_property
    def actual(self) -> Documents:
        return {name: _automation_document(one) for name, one in self._there.items()}

    def write(self, name: str) -> None:
        automation = next(one for one in self._automations if one.name == name)
        existing = self._there.get(name)
        if existing:
            kept = automation.model_copy(update={"enabled": existing.enabled})
            self.client.update_automation(existing.id, kept)
        else:
            self.client.create_automation(automation)

    def delete(self, name: str) -> None:
        self.client.delete_automation(self._there[name].id)

    @cached_property
    def _automations(self) -> list[AutomationCore]:
        return automations_of(self.settings, self._notify_id())

    def _notify_id(self) -> UUID:
        deployment = read_deployment(self.client, ALERTS)
        return deployment.id if deployment else UUID(int=0)  # in a plan for an empty server

    @cached_property
    def _there(self) -> dict[str, Automation]:
        return {one.name: one for one in self.client.read_automations() if one.name.startswith(PREFIX)}


KINDS: tuple[type[Kind], ...] = (
    WorkPools,
    AlertBlock,
    Limits,
    Deployments,
    ScheduleParameters,
    Schedules,
    Automations,
)
NOT_IN_SETTINGS = "not in the settings; --prune removes it"


def deployed_document(client: SyncPrefectClient) -> dict[str, Any]:
    """What an earlier `workforce deploy` put on a server, as settings would name it; empty where none did."""
    found: dict[str, Any] = {}
    alerts, limits = block.read_alerts(client), read_limits(client)
    if alerts:
        found["alerts"] = alerts[0]
    if limits:
        found["sla"] = limits
    deployment = read_deployment(client, RUNS)
    if found and deployment:  # without either it was `prefect deploy`, which makes no schedules
        recorded = read_recorded(client)
        schedules = [settings_of(one, recorded) for one in deployment.schedules]
        found["deployment"] = {"schedules": [one.model_dump() for one in schedules if one]}
    return found


def read_deployment(client: SyncPrefectClient, name: str) -> DeploymentResponse | None:
    """A deployment by FLOW/NAME, None where there is none."""
    try:
        return client.read_deployment_by_name(name)
    except ObjectNotFound:
        return None


def _schedule_name(slug: str) -> str:
    return f"{RUNS}: {slug}"


def _copy(schedule: DeploymentSchedule) -> DeploymentScheduleCreate:
    return DeploymentScheduleCreate(
        schedule=schedule.schedule,
        active=schedule.active,
        parameters=schedule.parameters,
        slug=schedule.slug,
        max_scheduled_runs=schedule.max_scheduled_runs,
    )


def _laid_over(there: Mapping[str, Any], ours: Mapping[str, Any]) -> dict[str, Any]:
    """What is there, with ours laid over it, mapping by mapping."""
    merged = dict(there)
    for key, value in ours.items():
        below = merged.get(key)
        if isinstance(value, Mapping) and isinstance(below, Mapping):
            merged[key] = _laid_over(below, value)
        else:
            merged[key] = value
    return merged


def module_path(entrypoint: str) -> str:
    """Return path/file.py:function as path.file.function, by which Prefect imports an installed flow."""
    file, _, function = entrypoint.partition(":")
    return ".".join((*Path(file).with_suffix("").parts, function))


def working_folder() -> Path:
    """The folder in which deployed runs work, and to which their relative paths, such as `output`, refer.

    Of a checkout it is the checkout, on this machine or in the image that holds it at the same place; of an
    installation it is the folder in which `workforce deploy` is called.
    """
    return Path.cwd() if INSTALLED else ROOT


def _pull_steps() -> list[dict[str, Any]]:
    return [{"prefect.deployments.steps.set_working_directory": {"directory": str(working_folder())}}]


def _limit(deployment: DeploymentResponse | None) -> int | None:
    limit = deployment.global_concurrency_limit if deployment else None
    return limit.limit if limit else None


def _automation_document(automation: AutomationCore) -> dict[str, Any]:
    document: dict[str, Any] = AutomationCore.model_validate(automation.model_dump()).model_dump(
        mode="json", include={"name", "description", "tags", "trigger", "actions"}
    )
    trigger = document["trigger"]
    for key in ("after", "expect", "for_each"):
        trigger[key] = sorted(trigger[key])
    return document

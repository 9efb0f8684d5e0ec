"""The kind of the deployments of prefect.yaml: what people added to one is kept."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from prefect.client.schemas.actions import DeploymentScheduleCreate, DeploymentUpdate
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterId,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import DeploymentSchedule, StateType
from prefect.client.schemas.responses import DeploymentResponse
from prefect.flows import Flow, load_flow_from_entrypoint
from prefect.utilities.callables import parameter_schema
from typing_extensions import override

from deployments.kinds.kind import Documents, Fate, Kind, read_deployment
from deployments.schedules import typed
from tasks.server.names import DEPLOYMENTS, FORMER, REFORECAST
from tasks.system.project import INSTALLED, PREFECT_YAML, ROOT


class Deployments(Kind):
    """The deployments of prefect.yaml, without their schedules, which are a separate kind.

    Workers load the flows of a checkout from its files, and those of an installation by module path: there is
    no folder with the files that every worker can read.
    """

    label = "deployment"

    @cached_property
    @override
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
            existing = self._predecessor(name)
            found[name] = {
                "description": entry["description"],
                "tags": sorted({*entry["tags"], *(existing.tags if existing else ())}),
                "entrypoint": entrypoint,
                "parameters": {
                    **(existing.parameters if existing else {}),
                    **entry.get("parameters", {}),
                    **(typed(name, self.settings.deployment.reforecast or {}) if name == REFORECAST else {}),
                },
                "parameter_schema": schema,
                "work_pool": entry["work_pool"]["name"],
                "job_variables": _merged(
                    existing.job_variables if existing else {}, entry["work_pool"].get("job_variables", {})
                ),
                "concurrency_limit": entry.get("concurrency_limit", _limit(existing)),
                "pull_steps": _pull_steps(),
            }
        return found

    @cached_property
    @override
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
            for name, deployment in self._existing.items()
        }

    @override
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
        if name in self._existing:  # schedules and pause are not part of the update, so they stay
            self.client.update_deployment(self._existing[name].id, DeploymentUpdate(**document))
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

    @override
    def delete(self, name: str) -> None:
        self.client.delete_deployment(self._existing[name].id)

    @override
    def fate(self, name: str) -> Fate:
        """Delete a deployment under a former name once no run waits for it."""
        waiting = self.client.read_flow_runs(
            deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=[self._existing[name].id])),
            flow_run_filter=FlowRunFilter(
                state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED]))
            ),
        )
        left = sum(not run.auto_scheduled for run in waiting)
        return ("keep", (f"former name; waiting runs: {left}",)) if left else ("delete", ("former name",))

    def _predecessor(self, name: str) -> DeploymentResponse | None:
        """Return the deployment under a name or its former name, whose additions are kept."""
        return self._existing.get(name) or self._existing.get(FORMER.get(name, ""))

    @cached_property
    def _existing(self) -> dict[str, DeploymentResponse]:
        """This project's deployments by name; deployments that people created from its flows are left out."""
        names = (*DEPLOYMENTS, *FORMER.values())
        return {name: found for name in names if (found := read_deployment(self.client, name))}


def _copy(schedule: DeploymentSchedule) -> DeploymentScheduleCreate:
    return DeploymentScheduleCreate(
        schedule=schedule.schedule,
        active=schedule.active,
        parameters=schedule.parameters,
        slug=schedule.slug,
        max_scheduled_runs=schedule.max_scheduled_runs,
    )


def _merged(theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> dict[str, Any]:
    """Merge nested mappings; values of `ours` override."""
    merged = dict(theirs)
    for key, value in ours.items():
        below = merged.get(key)
        if isinstance(value, Mapping) and isinstance(below, Mapping):
            merged[key] = _merged(below, value)
        else:
            merged[key] = value
    return merged


def module_path(entrypoint: str) -> str:
    """Return path/file.py:function as path.file.function, which Prefect can import from an installation."""
    file, _, function = entrypoint.partition(":")
    return ".".join((*Path(file).with_suffix("").parts, function))


def working_folder() -> Path:
    """Return the working folder of deployed runs, to which relative paths such as `output` refer.

    It is the checkout, which an image has at the same path; for an installation, it is the folder in which
    `workforce deploy` is called.
    """
    return Path.cwd() if INSTALLED else ROOT


def _pull_steps() -> list[dict[str, Any]]:
    return [{"prefect.deployments.steps.set_working_directory": {"directory": str(working_folder())}}]


def _limit(deployment: DeploymentResponse | None) -> int | None:
    limit = deployment.global_concurrency_limit if deployment else None
    return limit.limit if limit else None

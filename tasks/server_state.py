"""What our deployments on a Prefect server are about to do: paused or not, schedules, the next start."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterTags,
    FlowFilter,
    FlowFilterId,
)
from prefect.client.schemas.responses import DeploymentResponse
from prefect.exceptions import ObjectNotFound

from settings import InputError
from tasks.on_server import ALERT_TAG, RUN_TAG
from tasks.prefect_api import server_client
from tasks.schedule_times import next_start, timezone_of, when


@dataclass(frozen=True)
class SeenSchedule:
    """A schedule on the server."""

    name: str  # FLOW/NAME: SLUG
    when: str
    state: str
    next_start: datetime | None
    parameters: dict[str, Any]


def read_deployments(client: SyncPrefectClient) -> dict[str, DeploymentResponse]:
    """The deployments of our flows by FLOW/NAME: ours, and copies of them that people made."""
    ours = DeploymentFilter(tags=DeploymentFilterTags(any_=[RUN_TAG, ALERT_TAG]))
    deployments = client.read_deployments(deployment_filter=ours)
    ids = list({deployment.flow_id for deployment in deployments})
    flows = {
        flow.id: flow.name for flow in client.read_flows(flow_filter=FlowFilter(id=FlowFilterId(any_=ids)))
    }
    return {f"{flows[one.flow_id]}/{one.name}": one for one in deployments}


def read_paused() -> list[str]:
    """The names of the deployments that are paused. Raises ServerTrouble."""
    with server_client() as client:
        return [name for name, deployment in read_deployments(client).items() if deployment.paused]


def read_schedules() -> list[SeenSchedule]:
    """The schedules of all deployments of our flows."""
    with get_client(sync_client=True) as client:
        deployments = read_deployments(client)
    return [
        SeenSchedule(
            f"{name}: {schedule.slug or '(no slug)'}",
            f"{when(schedule.schedule)}, {timezone_of(schedule.schedule)}",
            "off" if not schedule.active else "deployment paused" if deployment.paused else "on",
            next_start(schedule.schedule) if schedule.active and not deployment.paused else None,
            {**deployment.parameters, **schedule.parameters},
        )
        for name, deployment in deployments.items()
        for schedule in deployment.schedules
    ]


def resume(name: str) -> str:
    """Resume a paused deployment; says what happens next. Raises InputError where there is no such one."""
    with get_client(sync_client=True) as client:
        try:
            deployment = client.read_deployment_by_name(name)
        except (ObjectNotFound, ValueError):
            known = ", ".join(read_deployments(client)) or "none; `workforce deploy` puts ours there"
            raise InputError(
                f"there is no deployment {name!r} on the Prefect server; it has {known}"
            ) from None
        if deployment.paused:
            client.resume_deployment(deployment.id)
    said = f"{name} is resumed" if deployment.paused else f"{name} is not paused"
    active = [one for one in deployment.schedules if one.active]
    starts = sorted(start for one in active if (start := next_start(one.schedule)))
    if starts:
        return f"{said}; its next scheduled run starts {starts[0].isoformat(' ', 'seconds')}."
    if deployment.schedules:
        slug = deployment.schedules[0]
        return (
            f"{said}, but none of its schedules is active. `prefect deployment schedule resume {name} "
            f"{slug.id}` switches {slug.slug or when(slug.schedule)} on."
        )
    return f"{said}; it has no schedule: runs start on demand alone."

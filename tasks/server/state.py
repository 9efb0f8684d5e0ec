"""State of this product's deployments on a Prefect server: pauses, schedules, next starts."""

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
from prefect.client.schemas.objects import DeploymentSchedule
from prefect.client.schemas.responses import DeploymentResponse
from prefect.exceptions import ObjectNotFound

from settings import InputError
from tasks.server.api import server_client
from tasks.server.names import ALERT_TAG, RUN_TAG, SCHEDULED
from tasks.server.schedule_record import parameters_of, read_recorded, shown
from tasks.server.schedule_times import next_start, timezone_of, when


@dataclass(frozen=True)
class SeenSchedule:
    """A schedule on the server."""

    name: str  # FLOW/NAME: SLUG
    when: str
    state: str
    next_start: datetime | None
    parameters: dict[str, Any]


def read_deployments(client: SyncPrefectClient) -> dict[str, DeploymentResponse]:
    """Return the deployments of our flows by FLOW/NAME, including copies that people made."""
    ours = DeploymentFilter(tags=DeploymentFilterTags(any_=[RUN_TAG, ALERT_TAG]))
    deployments = client.read_deployments(deployment_filter=ours)
    ids = list({deployment.flow_id for deployment in deployments})
    flows = {
        flow.id: flow.name for flow in client.read_flows(flow_filter=FlowFilter(id=FlowFilterId(any_=ids)))
    }
    return {f"{flows[one.flow_id]}/{one.name}": one for one in deployments}


def read_paused() -> list[str]:
    """Return the names of the paused deployments. Raises ServerTrouble."""
    with server_client() as client:
        return [name for name, deployment in read_deployments(client).items() if deployment.paused]


def read_schedules() -> list[SeenSchedule]:
    """Return the schedules of all deployments of our flows."""
    with get_client(sync_client=True) as client:
        deployments = read_deployments(client)
    return [
        SeenSchedule(
            f"{name}: {_key(schedule)}",
            f"{when(schedule.schedule)}, {timezone_of(schedule.schedule)}",
            "off" if not schedule.active else "deployment paused" if deployment.paused else "on",
            next_start(schedule.schedule) if schedule.active and not deployment.paused else None,
            {**deployment.parameters, **schedule.parameters},
        )
        for name, deployment in deployments.items()
        for schedule in deployment.schedules
    ]


def resume(name: str) -> str:
    """Resume a paused deployment and return what happens next. Raises InputError if it does not exist."""
    with get_client(sync_client=True) as client:
        try:
            deployment = client.read_deployment_by_name(name)
        except (ObjectNotFound, ValueError):
            known = ", ".join(read_deployments(client)) or "none; `workforce deploy` creates them"
            raise InputError(f"the Prefect server has no deployment {name!r}; it has {known}") from None
        if deployment.paused:
            client.resume_deployment(deployment.id)
    status = f"{name} is resumed" if deployment.paused else f"{name} is not paused"
    active = [one for one in deployment.schedules if one.active]
    starts = sorted(start for one in active if (start := next_start(one.schedule)))
    if starts:
        return f"{status}; its next scheduled run starts {starts[0].isoformat(' ', 'seconds')}."
    if deployment.schedules:
        return (
            f"{status}, but none of its schedules is active. `workforce schedules on "
            f"{_key(deployment.schedules[0])}` switches one on."
        )
    return f"{status}; it has no schedule: runs start on demand only."


def switch(key: str, *, active: bool) -> str:
    """Switch a schedule that the settings may have on or off and return what happens next.

    Its parameters are kept, which Prefect's own switch drops; dropped ones are restored.
    Raises InputError if the schedule does not exist.
    """
    with get_client(sync_client=True) as client:
        deployments = read_deployments(client)
        schedules = {
            _key(one): (name, one)
            for name in SCHEDULED
            if name in deployments
            for one in deployments[name].schedules
        }
        if key not in schedules:
            known = ", ".join(schedules) or "none; `workforce deploy` creates those of the settings"
            raise InputError(
                f"the Prefect server has no schedule {key!r} of {' or '.join(SCHEDULED)}; it has {known}"
            )
        name, schedule = schedules[key]
        deployment = deployments[name]
        parameters = parameters_of(schedule, read_recorded(client))
        client.update_deployment_schedule(deployment.id, schedule.id, active=active, parameters=parameters)
    with_what = f"; parameters: {shown(parameters)}" if parameters else ""
    if not active:
        return f"{key} is off{with_what}."
    if deployment.paused:
        return f"{key} is on, but {name} is paused: `workforce schedules resume {name}`."
    start = next_start(schedule.schedule)
    return f"{key} is on; next start: {start.isoformat(' ', 'seconds') if start else 'none'}{with_what}."


def _key(schedule: DeploymentSchedule) -> str:
    """Return the name of a schedule in commands: its slug, else its id."""
    return schedule.slug or str(schedule.id)

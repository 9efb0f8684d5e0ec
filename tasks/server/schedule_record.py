"""The parameters of schedules as `workforce deploy` left them, in a Prefect variable.

Prefect 3.8 drops a schedule's parameters whenever it is switched on or off, in its UI or by `prefect
deployment schedule`: each update without parameters is taken for an update to none. The runs that follow
would simulate the sample census by the defaults.
"""

import json
from typing import Any

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import DeploymentSchedule

from settings import InputError
from tasks.server.flow_runs import own_flow_run

VARIABLE = "workforce_schedules"
MOST_CHARACTERS = 5000  # of a variable, by Prefect

DROPPED = "Prefect drops them when a schedule is switched on or off by other means than `workforce schedules`"


def read_recorded(client: SyncPrefectClient) -> dict[str, dict[str, Any]]:
    """The parameters of each schedule, by slug, as they were deployed; none of those without any."""
    variable = client.read_variable_by_name(VARIABLE)
    value: Any = variable.value if variable else {}
    return dict(value)


def parameters_of(schedule: DeploymentSchedule, recorded: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """A schedule's parameters; where Prefect dropped them, those recorded."""
    return schedule.parameters or recorded.get(schedule.slug or "", {})


def too_long(recorded: dict[str, dict[str, Any]]) -> bool:
    """Say whether parameters are more than a variable holds."""
    return len(json.dumps(recorded)) >= MOST_CHARACTERS


def refuse_dropped_parameters() -> None:
    """Raise InputError in a scheduled run that was made without the parameters of its schedule."""
    flow_run = own_flow_run()
    if (
        flow_run is None
        or not flow_run.auto_scheduled
        or not (flow_run.deployment_id and flow_run.created_by)
    ):
        return
    with get_client(sync_client=True) as client:
        recorded = read_recorded(client)
        if not recorded:
            return
        deployment = client.read_deployment(flow_run.deployment_id)
    slugs = (one.slug for one in deployment.schedules if one.id == flow_run.created_by.id)
    slug = next(slugs, None) or ""
    wanted, given = recorded.get(slug, {}), flow_run.parameters
    is_default = all(given.get(name) == deployment.parameters.get(name) for name in wanted)
    if is_default and any(given.get(name) != value for name, value in wanted.items()):
        raise InputError(
            f"schedule {slug} has lost its parameters ({shown(wanted)}), so this run would simulate "
            f"something else; {DROPPED}. `workforce deploy` puts them back for the next scheduled run"
        )


def shown(parameters: dict[str, Any]) -> str:
    """Parameters in a line."""
    return ", ".join(f"{name}={value}" for name, value in parameters.items())

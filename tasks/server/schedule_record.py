"""The deployed parameters of schedules, recorded in a Prefect variable.

Prefect 3.8 drops a schedule's parameters when the schedule is switched on or off in its UI or by `prefect
deployment schedule`: it takes an update without parameters for an update to no parameters. Later runs would
simulate the sample census with the defaults.
"""

import json
from typing import Any

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import DeploymentSchedule

from settings import InputError
from tasks.server.flow_runs import own_flow_run

VARIABLE = "workforce_schedules"
MOST_CHARACTERS = 5000  # Prefect's limit for a variable

DROPPED = "Prefect drops them when a schedule is switched on or off by other means than `workforce schedules`"


def read_recorded(client: SyncPrefectClient) -> dict[str, dict[str, Any]]:
    """Return the deployed parameters by the slug of the schedule; schedules without parameters are absent."""
    variable = client.read_variable_by_name(VARIABLE)
    value: Any = variable.value if variable else {}
    return dict(value)


def parameters_of(schedule: DeploymentSchedule, recorded: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return a schedule's parameters; if Prefect dropped them, the recorded ones."""
    return schedule.parameters or recorded.get(schedule.slug or "", {})


def too_long(recorded: dict[str, dict[str, Any]]) -> bool:
    """Return whether the parameters are too long for a Prefect variable."""
    return len(json.dumps(recorded)) >= MOST_CHARACTERS


def refuse_dropped_parameters() -> None:
    """Raise InputError in a scheduled run that was created without the parameters of its schedule."""
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
            f"something else; {DROPPED}. `workforce deploy` restores them for the next scheduled run"
        )


def shown(parameters: dict[str, Any]) -> str:
    """Return the parameters as one line."""
    return ", ".join(f"{name}={value}" for name, value in parameters.items())

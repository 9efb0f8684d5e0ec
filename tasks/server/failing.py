"""Pausing a deployment whose runs fail again and again, until somebody resumes it."""

import re
from datetime import timedelta

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterId,
    FlowRunFilter,
    FlowRunFilterEndTime,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.sorting import FlowRunSort
from prefect.exceptions import ParameterBindError, ParameterTypeError, SignatureMismatchError
from prefect.types._datetime import now

from settings import InputError, SettingsError
from tasks.census.errors import CensusError

RESUME = "workforce schedules resume"
#: How Prefect's state message names what a flow raised where the input is wrong.
WRONG_INPUT = {
    error.__name__
    for error in (
        *(InputError, SettingsError, CensusError),
        *(ParameterTypeError, ParameterBindError, SignatureMismatchError),
    )
}
_RAISED = re.compile(r"(?:exception|error): (\w+)")


def pause_if_failing(
    client: SyncPrefectClient, flow_run: FlowRun, times: int, flow: str
) -> dict[str, str] | None:
    """Pause the deployment of a run that failed, if so many failed within a day.

    One that is paused already is left alone: somebody knows. Resumed, it is paused again by the next failure
    as long as there are so many. Returns facts for an alert, None where nothing was paused.
    """
    if flow_run.deployment_id is None:
        return None
    deployment = client.read_deployment(flow_run.deployment_id)
    if deployment.paused:
        return None
    failed = client.read_flow_runs(
        deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=[deployment.id])),
        flow_run_filter=FlowRunFilter(
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.FAILED, StateType.CRASHED])),
            end_time=FlowRunFilterEndTime.model_validate({"after_": now("UTC") - timedelta(days=1)}),
        ),
        sort=FlowRunSort.END_TIME_DESC,
    )
    failures = sum(map(counts, failed))
    if failures < times:
        return None
    # the client's own call leaves runs that are late already, which a worker would start
    client.request("POST", "/deployments/{id}/pause_deployment", path_params={"id": deployment.id})
    name = f"{flow}/{deployment.name}"
    return {
        "Deployment": name,
        "Failures within a day": str(failures),
        "Resume": f"{RESUME} {name}",
    }


def counts(flow_run: FlowRun) -> bool:
    """Say whether a failure is the deployment's: not that of one run by hand whose input is wrong."""
    if flow_run.auto_scheduled:
        return True
    raised = _RAISED.search((flow_run.state and flow_run.state.message) or "")
    return raised is None or raised[1] not in WRONG_INPUT

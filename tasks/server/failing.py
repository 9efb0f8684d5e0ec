"""Pauses a deployment whose runs fail repeatedly, until somebody resumes it."""

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
from tasks.history.errors import HistoryError
from tasks.plan.errors import ActionsError

RESUME = "workforce schedules resume"
#: Exceptions for wrong input, by the names in Prefect's state messages.
WRONG_INPUT = {
    error.__name__
    for error in (
        *(InputError, SettingsError, CensusError, ActionsError, HistoryError),
        *(ParameterTypeError, ParameterBindError, SignatureMismatchError),
    )
}
_RAISED = re.compile(r"(?:exception|error): (\w+)")


def pause_if_failing(
    client: SyncPrefectClient, flow_run: FlowRun, times: int, flow: str
) -> dict[str, str] | None:
    """Pause the deployment of a failed run if at least `times` of its runs failed within a day.

    A paused deployment stays as it is, without a further alert. After it is resumed, the next failure pauses
    it again while there are that many within a day. Returns facts for an alert, None if nothing was paused.
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
    # the client's method keeps late runs, which a worker would still start
    client.request("POST", "/deployments/{id}/pause_deployment", path_params={"id": deployment.id})
    name = f"{flow}/{deployment.name}"
    return {
        "Deployment": name,
        "Failures within a day": str(failures),
        "Resume": f"{RESUME} {name}",
    }


def counts(flow_run: FlowRun) -> bool:
    """Return whether a failure counts: not that of a run started by hand with wrong input."""
    if flow_run.auto_scheduled:
        return True
    raised = _RAISED.search((flow_run.state and flow_run.state.message) or "")
    return raised is None or raised[1] not in WRONG_INPUT

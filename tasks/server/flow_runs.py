"""The Prefect flow run behind a run: which one it is, its logs, and its state where its process died.

A run directory outlives flow runs: `--resume` goes on in another one, a retry in the same. run.json names
all of them, the newest last.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterParentFlowRunId
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.context import FlowRunContext
from prefect.events import emit_event
from prefect.exceptions import ObjectNotFound
from prefect.logging.handlers import APILogHandler
from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings
from prefect.states import Crashed

from tasks.runs.directory import RunDirectory
from tasks.runs.log import log, logged_by
from tasks.runs.record import RunRecord, read_record, readable_records
from tasks.runs.request import RunRequest
from tasks.server.api import ServerTrouble, server_client
from tasks.system.garbage import collect_rarely

UNFINISHED = (StateType.PENDING, StateType.RUNNING, StateType.CANCELLING)


class _FlowRunLog(APILogHandler):
    """Prefect's logs of one flow run, whichever of our threads a line comes from."""

    def __init__(self, flow_run_id: str) -> None:
        super().__init__(logging.INFO)
        self.flow_run_id = flow_run_id

    def emit(self, record: logging.LogRecord) -> None:
        """Send a record to the server, which is done in the background."""
        record.flow_run_id = self.flow_run_id
        super().emit(record)


@contextmanager
def within_flow_run() -> Iterator[None]:
    """Send what is logged within the block to the logs of this flow run, and to a worker's output.

    A flow within adds nothing to the logs, and sends no heartbeats: a year is alive if its run is, and its
    end would wait for Prefect's heartbeat to stop.
    """
    collect_rarely()
    flow_run = own_flow_run()
    if flow_run is None or any(isinstance(handler, _FlowRunLog) for handler in log.handlers):
        yield
        return
    no_heartbeats = temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None})
    with logged_by(_FlowRunLog(str(flow_run.id)), terminal_level=logging.INFO), no_heartbeats:
        yield


def own_flow_run() -> FlowRun | None:
    """The flow run that this code is a part of; None outside of flows."""
    context = FlowRunContext.get()
    return context.flow_run if context else None


def origin() -> dict[str, Any]:
    """What run.json records of the flow run that begins a run or goes on with it."""
    flow_run = own_flow_run()
    if flow_run is None:
        return {"flow_runs": [], "deployment": None}
    with get_client(sync_client=True) as client:
        return {"flow_runs": [str(flow_run.id)], "deployment": deployment_of(client, flow_run)}


def deployment_of(client: SyncPrefectClient, flow_run: FlowRun) -> str | None:
    """The deployment of a flow run, as commands name it; None where it has none."""
    if flow_run.deployment_id is None:
        return None
    deployment = client.read_deployment(flow_run.deployment_id)
    return f"{client.read_flow(deployment.flow_id).name}/{deployment.name}"


def continued(request: RunRequest) -> RunRequest:
    """What this flow run is to do: go on with the run that it began, if it is carried out once more.

    Prefect's UI retries a flow run with the parameters it had, and resumes a suspended one by carrying it
    out again.
    """
    flow_run = own_flow_run()
    if flow_run is None or flow_run.run_count == 0 or request.resume is not None:
        return request
    run_id = next((run_id for run_id, ids in _flow_runs_of(request) if str(flow_run.id) in ids), None)
    if run_id is None:
        return request
    log.info("this flow run began run %s: it goes on with it", run_id)
    return replace(request, run_id=None, resume=run_id)


def release_events() -> None:
    """Let the server's automations see the events of a run that a schedule began.

    Prefect 3.8 chains the events of a flow run's states, and holds an event back for 15 minutes until the one
    before it is seen. A scheduler emits none when it makes a run. A run that begins within five minutes of
    that, as when the schedule was just switched on, would be reported 15 minutes late: so we emit what is
    missing.
    """
    flow_run = own_flow_run()
    if flow_run is None or not flow_run.auto_scheduled or flow_run.run_count > 1:
        return
    with get_client(sync_client=True) as client:
        states = client.read_flow_run_states(flow_run.id)
    first = min(states, key=lambda state: state.timestamp)
    emit_event(
        "workforce.run.scheduled",
        id=first.id,
        occurred=first.timestamp,
        resource={"prefect.resource.id": f"workforce.run.{flow_run.id}"},
    )


def mark_crashed(client: SyncPrefectClient, flow_run_id: UUID, why: str) -> None:
    """Call a flow run whose process is gone, and the flow runs within it, crashed; not what has ended.

    A worker that sees the process end marks the flow run alone, so those within may be left.
    """
    flow_run = client.read_flow_run(flow_run_id)
    within = FlowRunFilter(parent_flow_run_id=FlowRunFilterParentFlowRunId(any_=[flow_run_id]))
    for one in client.read_flow_runs(flow_run_filter=within):
        mark_crashed(client, one.id, why)
    if flow_run.state and flow_run.state.type in UNFINISHED:
        client.set_flow_run_state(flow_run_id, Crashed(message=why), force=True)


def mark_dead(flow_run_ids: Sequence[str], why: str) -> None:
    """Call the newest of a dead run's flow runs crashed, if the Prefect server knows it and answers."""
    for flow_run_id in flow_run_ids[-1:]:
        try:
            with server_client() as client:
                mark_crashed(client, UUID(flow_run_id), why)
        except ServerTrouble as trouble:
            # one of another server, such as one that lived as long as the run, is not there
            if not isinstance(trouble.__cause__, ObjectNotFound):
                log.warning("flow run %s could not be marked as crashed: %s", flow_run_id, trouble)


def mark_replaced(record: RunRecord, origin: Mapping[str, Any]) -> None:
    """Call a run's newest flow run crashed if another one goes on with the run.

    For the run's only writer: the process of the earlier flow run is gone, or it would hold the lock.
    """
    earlier = list(record.flow_runs)
    if origin["flow_runs"] and earlier[-1:] != origin["flow_runs"]:
        mark_dead(earlier, "its process ended without a word; the run goes on in another flow run")


def _flow_runs_of(request: RunRequest) -> Iterator[tuple[str, Sequence[str]]]:
    """Runs that a flow run may have begun, by its parameters, each with its flow runs."""
    if request.run_id is None:
        for directory, record in readable_records(request.output):
            yield directory.run_id, record.flow_runs
        return
    directory = RunDirectory(request.output / request.run_id)
    if directory.record.is_file():
        yield directory.run_id, read_record(directory).flow_runs

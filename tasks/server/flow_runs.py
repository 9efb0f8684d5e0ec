"""The Prefect flow run of a run: its identity, its logs, and its state after its process ended.

A run may have several flow runs: `--resume` creates a new one, a retry uses the same. run.json lists all of
them, the newest last.
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
    """Sends log records of all threads to the logs of one flow run in Prefect."""

    def __init__(self, flow_run_id: str) -> None:
        super().__init__(logging.INFO)
        self.flow_run_id = flow_run_id

    def emit(self, record: logging.LogRecord) -> None:
        """Queue a record for the server; Prefect sends it in the background."""
        record.flow_run_id = self.flow_run_id
        super().emit(record)


@contextmanager
def within_flow_run() -> Iterator[None]:
    """Send log records of the block to the logs of this flow run, and to a worker's output.

    A nested flow adds no log handler and sends no heartbeats: the heartbeat of the run covers its years, and
    the end of each year would wait for Prefect's heartbeat thread.
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
    """Return the flow run in which this code runs; None outside of flows."""
    context = FlowRunContext.get()
    return context.flow_run if context else None


def origin() -> dict[str, Any]:
    """Return what run.json records about the flow run that starts or resumes a run."""
    flow_run = own_flow_run()
    if flow_run is None:
        return {"flow_runs": [], "deployment": None}
    with get_client(sync_client=True) as client:
        return {"flow_runs": [str(flow_run.id)], "deployment": deployment_of(client, flow_run)}


def deployment_of(client: SyncPrefectClient, flow_run: FlowRun) -> str | None:
    """Return the deployment of a flow run as FLOW/NAME; None if it has none."""
    if flow_run.deployment_id is None:
        return None
    deployment = client.read_deployment(flow_run.deployment_id)
    return f"{client.read_flow(deployment.flow_id).name}/{deployment.name}"


def continued(request: RunRequest) -> RunRequest:
    """Return the request of this flow run; if it is executed again, the request to resume its run.

    Prefect's UI retries a flow run with its original parameters, and resumes a suspended one by executing it
    again.
    """
    flow_run = own_flow_run()
    if flow_run is None or flow_run.run_count == 0 or request.resume is not None:
        return request
    run_id = next((run_id for run_id, ids in _flow_runs_of(request) if str(flow_run.id) in ids), None)
    if run_id is None:
        return request
    log.info("this flow run started run %s and now resumes it", run_id)
    return replace(request, run_id=None, resume=run_id)


def release_events() -> None:
    """Emit the missing first event of a scheduled run, so that the server's automations handle its events.

    Prefect 3.8 chains the events of a flow run's states and holds an event for up to 15 minutes until the one
    before it arrives. The scheduler emits no event when it creates a run. Without this event, a run that
    starts within five minutes after that, for instance after the schedule was switched on, would be reported
    15 minutes late.
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
    """Set a flow run whose process is gone, and its nested flow runs, to Crashed, unless they have ended.

    A worker that notices the end of the process sets the outer flow run only.
    """
    flow_run = client.read_flow_run(flow_run_id)
    within = FlowRunFilter(parent_flow_run_id=FlowRunFilterParentFlowRunId(any_=[flow_run_id]))
    for one in client.read_flow_runs(flow_run_filter=within):
        mark_crashed(client, one.id, why)
    if flow_run.state and flow_run.state.type in UNFINISHED:
        client.set_flow_run_state(flow_run_id, Crashed(message=why), force=True)


def mark_dead(flow_run_ids: Sequence[str], why: str) -> None:
    """Set the newest flow run of a dead run to Crashed, if the Prefect server answers and has it."""
    for flow_run_id in flow_run_ids[-1:]:
        try:
            with server_client() as client:
                mark_crashed(client, UUID(flow_run_id), why)
        except ServerTrouble as trouble:
            # a flow run of another server, such as a run's own local one, is not found
            if not isinstance(trouble.__cause__, ObjectNotFound):
                log.warning("flow run %s could not be marked as crashed: %s", flow_run_id, trouble)


def mark_replaced(record: RunRecord, origin: Mapping[str, Any]) -> None:
    """Set a run's newest flow run to Crashed if another flow run resumes the run.

    The caller holds the run's lock, so the process of the earlier flow run has ended.
    """
    earlier = list(record.flow_runs)
    if origin["flow_runs"] and earlier[-1:] != origin["flow_runs"]:
        mark_dead(earlier, "its process ended without recording why; another flow run resumes the run")


def _flow_runs_of(request: RunRequest) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield the runs that a flow run may have started, by its parameters, each with its flow runs."""
    if request.run_id is None:
        for directory, record in readable_records(request.output):
            yield directory.run_id, record.flow_runs
        return
    directory = RunDirectory(request.output / request.run_id)
    if directory.record.is_file():
        yield directory.run_id, read_record(directory).flow_runs

"""Checks the trouble that a rule reports: whether it exists, since when, and whether it is over.

Rules on a Prefect server react to events, which may be late, lost or counted twice, above all on a busy
server with SQLite. So the current state of a run or pool is checked before an alert is raised or escalated.
"""

import logging
import time
from datetime import datetime
from pathlib import Path
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import FlowRun, WorkPool, WorkPoolStatus

from tasks.alerts import Alert, AlertDesk
from tasks.alerts.comparisons import Comparison, comparison_of
from tasks.alerts.events import emit_resolved
from tasks.alerts.rules import HEARTBEAT, LATE, RUN_ENDED, RUNNING, Rule, solved_by
from tasks.alerts.run_facts import RunFacts
from tasks.runs.directory import RunDirectory
from tasks.runs.lock import is_being_written
from tasks.server.flow_runs import mark_crashed
from tasks.server.names import REFORECAST_BY

log = logging.getLogger("workforce")

POOL_PREFIX = "prefect.work-pool."


def is_there(client: SyncPrefectClient, rule: Rule, flow_run: FlowRun, limit: float) -> bool:
    """Return whether a flow run has the trouble that a rule with a time limit (seconds) reports."""
    state = flow_run.state
    if state is None:
        return True
    if rule.after == (LATE,):
        return state.is_scheduled()
    if state.is_final() and rule.after == (RUNNING,) and flow_run.start_time and flow_run.end_time:
        return (flow_run.end_time - flow_run.start_time).total_seconds() >= limit
    if not (state.is_running() or state.is_cancelling()):  # it ended, or is suspended
        return False
    if rule.after == (HEARTBEAT,):
        event, moment = _last_heartbeat(client, flow_run)
        is_recent = time.time() - moment < limit / 2  # clocks of machines differ, by less than this
        return event != RUN_ENDED and not is_recent
    return True


def began_at(client: SyncPrefectClient, rule: Rule, flow_run: FlowRun) -> float:
    """Return when the trouble of a flow run began, in epoch seconds."""
    if rule.after == (HEARTBEAT,):
        return _last_heartbeat(client, flow_run)[1]
    return _moment(_begin(flow_run) if rule.within else flow_run.end_time)


def ended_at(rule: Rule, flow_run: FlowRun) -> float | None:
    """Return when a run or year with a time limit ended, in epoch seconds; None if it has not ended."""
    is_over = flow_run.state is not None and flow_run.state.is_final()
    return _moment(flow_run.end_time) if is_over and rule.after == (RUNNING,) else None


def worker_seen_at(client: SyncPrefectClient, pool: WorkPool) -> float | None:
    """Return the last heartbeat of a pool's workers in epoch seconds; None if it never had a worker."""
    workers = client.read_workers_for_work_pool(pool.name)
    return max((_moment(one.last_heartbeat_time) for one in workers if one.last_heartbeat_time), default=None)


def report_what_is_over(client: SyncPrefectClient, desk: AlertDesk, subject: str) -> list[Alert]:
    """Resolve the alerts of a pool or flow run that are over by its current state, and return them.

    None of a history or budget is: only its next comparison can end its alerts (`report_held`).
    """
    if comparison_of(subject):
        return []
    identifier = subject.rpartition(".")[2]
    found = []
    if subject.startswith(POOL_PREFIX):
        pool = pool_of(client, identifier)
        if pool and pool.status == WorkPoolStatus.READY:
            found = desk.resolve(solved_by("worker"), "the pool has a worker again", run_id=pool.name)
    else:
        flow_run = client.read_flow_run(UUID(identifier))
        state = flow_run.state
        if state and not state.is_scheduled():
            how = "the run was cancelled" if state.is_cancelled() else "the run has started"
            found = desk.resolve(solved_by("begin"), how, source=subject)
        if state and state.is_completed():
            how = "the run is complete"
            found += desk.resolve(solved_by("end"), how, run_id=run_id_of(flow_run), source=subject)
    for alert in found:
        emit_resolved(alert)
    return found


def report_held(desk: AlertDesk, comparison: Comparison, source: str) -> list[Alert]:
    """Resolve the alerts of a history or budget whose newest comparison held, and return them."""
    found = comparison.resolve(desk, source)
    for alert in found:
        emit_resolved(alert)
    return found


def end_flow_run(client: SyncPrefectClient, alert: Alert, output: Path) -> None:
    """Mark the flow run of a run without heartbeat as crashed, unless its process still holds the lock.

    The flow run of a reforecast around it is marked too, as it has the same process: otherwise it would keep
    the deployment's only slot, and later reforecasts would wait for it.
    """
    directory = RunDirectory(output / alert.run_id)
    if directory.path.exists() and is_being_written(directory):
        log.warning("run %s has no heartbeat, but a process is writing it: it is stuck", alert.run_id)
        return
    flow_run = client.read_flow_run(UUID(str(alert.source).rpartition(".")[2]))
    around = _around(client, flow_run) or flow_run
    mark_crashed(client, around.id, f"no heartbeat since {datetime.fromtimestamp(alert.since).astimezone()}")


def outermost_flow_run(client: SyncPrefectClient, flow_run: FlowRun) -> FlowRun:
    """Return the flow run of the run to which a year belongs; a reforecast may be around it."""
    around = None if RunFacts.of_labels(flow_run.labels) else _around(client, flow_run)
    return outermost_flow_run(client, around) if around else flow_run


def _around(client: SyncPrefectClient, flow_run: FlowRun) -> FlowRun | None:
    """Return the flow run that started a flow run within it; None if there is none."""
    if flow_run.parent_task_run_id is None:
        return None
    identifier = client.read_task_run(flow_run.parent_task_run_id).flow_run_id
    return client.read_flow_run(identifier) if identifier else None


def run_id_of(flow_run: FlowRun) -> str:
    """Return a run's id from its labels, else from its directory or parameters, else the flow run's name.

    Reforecasts by the same settings have one name: the next one that is complete resolves what failed before.
    """
    run = RunFacts.of_labels(flow_run.labels)
    if run:
        return run.run_id
    if flow_run.name.startswith(REFORECAST_BY):
        return flow_run.name
    if "run_directory" in flow_run.parameters:
        return Path(flow_run.parameters["run_directory"]).name
    named = flow_run.parameters.get("resume") or flow_run.parameters.get("run_id")
    return str(named or f"{flow_run.name} ({str(flow_run.id)[:8]})")


def pool_of(client: SyncPrefectClient, identifier: str) -> WorkPool | None:
    """Return the work pool with an id; None if it is gone."""
    return next((pool for pool in client.read_work_pools() if str(pool.id) == identifier), None)


def _last_heartbeat(client: SyncPrefectClient, flow_run: FlowRun) -> tuple[str, float]:
    """Return the newest heartbeat or end event of a run and its time; without events, the start time."""
    wanted = {
        "event": {"name": [HEARTBEAT, RUN_ENDED]},
        "resource": {"id": [f"workforce.run.{flow_run.id}"]},
        "order": "DESC",
    }
    answer = client.request("POST", "/events/filter", json={"filter": wanted, "limit": 1})
    answer.raise_for_status()
    for event in answer.json()["events"]:
        return event["event"], datetime.fromisoformat(event["occurred"]).timestamp()
    return "", _moment(_begin(flow_run))


def _begin(flow_run: FlowRun) -> datetime | None:
    return flow_run.start_time or flow_run.expected_start_time


def _moment(moment: datetime | None) -> float:
    return moment.timestamp() if moment else time.time()

"""Health of our deployments on a Prefect server, its scheduler, and the workers of our pools.

The requests change nothing: the requests by which workers poll for runs would mark pools as ready.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterId,
    FlowRunFilter,
    FlowRunFilterNextScheduledStartTime,
    FlowRunFilterState,
    FlowRunFilterStateType,
    WorkerFilter,
    WorkerFilterStatus,
    WorkPoolFilter,
    WorkPoolFilterName,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.sorting import FlowRunSort

from tasks.health.finding import Finding, judged
from tasks.server.failing import RESUME
from tasks.server.names import SCHEDULED, SERVED_BY
from tasks.server.schedule_record import DROPPED, read_recorded, shown
from tasks.server.schedule_times import next_start
from tasks.server.state import read_deployments

# Prefect's scheduler checks all schedules every minute, and changed ones every five seconds.
JUST_CHANGED = timedelta(seconds=150)
HORIZON = timedelta(days=100)  # how far ahead the scheduler creates runs
SOON = timedelta(hours=1)
PAGE = 200  # the most that Prefect returns at once


def server_findings(client: SyncPrefectClient) -> Iterator[Finding]:
    """Check our deployments, their schedules and the pools that serve them."""
    deployments, recorded = read_deployments(client), read_recorded(client)
    for name, deployment in sorted(deployments.items()):
        yield judged(
            f"deployment {name}",
            not deployment.paused,
            "paused: no schedule starts a run" if deployment.paused else "not paused",
            "not paused",
            f"correct the cause, then `{RESUME} {name}`",
        )
        if not deployment.paused:
            yield from _schedules(client, name, deployment)
            yield from _parameters(deployment, name, recorded if name in SCHEDULED else {})
    there = {pool.name for pool in client.read_work_pools()}
    for pool in SERVED_BY:
        if pool in there:
            yield _workers(client, pool)


def _schedules(client: SyncPrefectClient, name: str, deployment: DeploymentResponse) -> Iterator[Finding]:
    """Check that the server has created a run for each active schedule; if not, its scheduler has stopped."""
    now = datetime.now(UTC)
    active = [one for one in deployment.schedules if one.active]
    made = _scheduled_runs(client, deployment, {one.id for one in active}) if active else {}
    for schedule in active:
        due = next_start(schedule.schedule)
        if due is None or due - now > HORIZON:
            continue
        first = made.get(schedule.id)
        changed = max(filter(None, (schedule.updated, deployment.updated)), default=now)
        just_changed = now - changed < JUST_CHANGED
        observed = (
            f"next run {first.expected_start_time:%Y-%m-%d %H:%M} UTC"
            if first and first.expected_start_time
            else f"no run is scheduled, although one is due {due:%Y-%m-%d %H:%M %Z}"
            + ("; the schedule was changed a moment ago" if just_changed else "")
        )
        yield judged(
            f"schedule {name}: {schedule.slug or str(schedule.id)[-6:]}",
            first is not None or just_changed,
            observed,
            "a scheduled run",
            "the server's scheduler is dead: read the server's log, restart the server, and check that its "
            "Python has SQLAlchemy below 2.1 (`pip show sqlalchemy`)",
        )


def _parameters(
    deployment: DeploymentResponse, name: str, recorded: dict[str, dict[str, Any]]
) -> Iterator[Finding]:
    """Report active schedules whose parameters Prefect dropped, whose runs would simulate something else."""
    for schedule in deployment.schedules:
        parameters = recorded.get(schedule.slug or "")
        if schedule.active and parameters and not schedule.parameters:
            yield Finding(
                f"parameters of {name}: {schedule.slug}",
                "wrong",
                "none: they were dropped",
                shown(parameters),
                f"`workforce deploy` restores them. {DROPPED}",
            )


def _scheduled_runs(
    client: SyncPrefectClient, deployment: DeploymentResponse, schedules: set[Any]
) -> dict[Any, FlowRun]:
    """Return the next run of each schedule, by the schedule's id."""
    found: dict[Any, FlowRun] = {}
    coming = FlowRunFilter(
        state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED])),
        next_scheduled_start_time=FlowRunFilterNextScheduledStartTime.model_validate(
            {"after_": datetime.now(UTC)}
        ),
    )
    of_deployment = DeploymentFilter(id=DeploymentFilterId(any_=[deployment.id]))
    offset = 0
    while True:
        page = client.read_flow_runs(
            deployment_filter=of_deployment,
            flow_run_filter=coming,
            sort=FlowRunSort.EXPECTED_START_TIME_ASC,
            limit=PAGE,
            offset=offset,
        )
        for run in page:
            if run.created_by and run.created_by.id in schedules:
                found.setdefault(run.created_by.id, run)
        offset += len(page)
        if len(page) < PAGE or found.keys() >= schedules:
            return found


def _workers(client: SyncPrefectClient, pool: str) -> Finding:
    """Check that a worker serves a pool whose runs are due now or within the hour."""
    online = WorkerFilter(status=WorkerFilterStatus(any_=["ONLINE"]))
    workers = client.read_workers_for_work_pool(pool, worker_filter=online)
    soon = FlowRunFilterNextScheduledStartTime.model_validate({"before_": datetime.now(UTC) + SOON})
    waiting = client.read_flow_runs(
        work_pool_filter=WorkPoolFilter(name=WorkPoolFilterName(any_=[pool])),
        flow_run_filter=FlowRunFilter(
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED])),
            next_scheduled_start_time=soon,
        ),
        limit=PAGE,
    )
    more = " or more" if len(waiting) == PAGE else ""
    return judged(
        f"work pool {pool}",
        bool(workers) or not waiting,
        f"workers online: {len(workers)}; runs due now or within the hour: {len(waiting)}{more}",
        "a worker if runs are due",
        f"start one: `{SERVED_BY[pool]}`",
    )

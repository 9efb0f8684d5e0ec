"""The worker of pool `workforce-alerts`: executes the runs of flow notify in its own process.

Prefect's worker starts a process per run, which takes seconds and cannot group a burst of alerts. Here all
modules are loaded, an alert takes three requests, and all alerts go to one desk. The pool is the queue: runs
scheduled while no worker is running are executed when one starts.
"""

import logging
import threading
import time
from datetime import UTC, datetime
from typing import Any

import httpx
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas import OrchestrationResult
from prefect.client.schemas.objects import FlowRun, State
from prefect.states import Completed, Failed, Pending

from flows.notify import notify
from tasks.alerts.notify import handle, hide_credentials
from tasks.alerts.notify_name import notify_name
from tasks.server.api import trouble_with_server
from tasks.server.names import ALERT_POOL as POOL

log = logging.getLogger("workforce")

POLL_SECONDS = 0.5
HEARTBEAT_SECONDS = 30
MOST_AT_ONCE = 200
LONGEST_PAUSE_SECONDS = 30.0


def serve(stopped: threading.Event | None = None) -> None:
    """Serve the pool until `stopped` is set; retry while the server is unreachable."""
    hide_credentials()
    stopped = stopped or threading.Event()
    pause = POLL_SECONDS
    last_beat = 0.0
    while not stopped.wait(pause):
        try:
            with get_client(sync_client=True) as client:
                while not stopped.is_set():
                    if time.monotonic() - last_beat > HEARTBEAT_SECONDS:
                        _beat(client)
                        last_beat = time.monotonic()
                    for flow_run in _due(client):
                        _execute(client, flow_run)
                    pause = POLL_SECONDS
                    stopped.wait(pause)
        except (httpx.TransportError, httpx.HTTPStatusError) as error:
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
            log.warning("%s; next try in %.0f s", trouble_with_server(error), pause)


def _beat(client: SyncPrefectClient) -> None:
    client.request(
        "POST",
        "/work_pools/{work_pool_name}/workers/heartbeat",
        path_params={"work_pool_name": POOL},
        json={"name": "alerts", "heartbeat_interval_seconds": HEARTBEAT_SECONDS},
    ).raise_for_status()


def _due(client: SyncPrefectClient) -> list[FlowRun]:
    answer = client.request(
        "POST",
        "/work_pools/{name}/get_scheduled_flow_runs",
        path_params={"name": POOL},
        json={"scheduled_before": datetime.now(UTC).isoformat(), "limit": MOST_AT_ONCE},
    )
    answer.raise_for_status()
    return [FlowRun.model_validate(one["flow_run"]) for one in answer.json()]


def _execute(client: SyncPrefectClient, flow_run: FlowRun) -> None:
    """Raise the alert of a flow run, unless another worker has claimed it."""
    claimed: OrchestrationResult[Any] = client.set_flow_run_state(flow_run.id, Pending())
    if not (claimed.state and claimed.state.is_pending()):
        return
    outcome: State[str]
    try:
        parameters = notify.validate_parameters({"payload": {}, "level": 1, **flow_run.parameters})
        subject = {name: parameters[name] for name in ("rule", "subject", "payload", "level")}
        client.update_flow_run(flow_run.id, name=notify_name(client, **subject))
        outcome = Completed(message=f"alert {handle(client, **parameters)}")
    except (httpx.TransportError, httpx.HTTPStatusError):
        client.set_flow_run_state(flow_run.id, flow_run.state or Pending(), force=True)  # for a later try
        raise
    except Exception as error:  # an alert that cannot be raised must not stop the worker
        log.exception("alert of flow run %s", flow_run.id)
        outcome = Failed(message=f"{type(error).__name__}: {error}")
    client.set_flow_run_state(flow_run.id, outcome, force=True)

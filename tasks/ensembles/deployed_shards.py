"""Shards as runs of deployment `shard/part-of-a-run`: started on a Prefect server, simulated by workers.

Workers of pool `workforce-shards`, on any machine, share the run directory or exchange files through a
store. If a flow run fails or its heartbeat stops, that is its outcome, and the caller starts the shard again.
"""

import logging
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterName,
    WorkerFilter,
    WorkerFilterStatus,
)
from prefect.client.schemas.objects import FlowRun
from prefect.deployments import run_deployment
from prefect.exceptions import ObjectNotFound
from prefect.states import Crashed

from settings import InputError
from tasks.ensembles.shards import Shard
from tasks.ensembles.storage import Storage
from tasks.runs.directory import RunDirectory
from tasks.server.names import SHARD_POOL, SHARDS

log = logging.getLogger("workforce")

FLOW, POOL = SHARDS.partition("/")[0], SHARD_POOL
NOT_RETRYABLE_STATE = "NotRetryable"
POLL_SECONDS = 2.0

#: What a shard returned (seconds, peak memory in MB), or what it raised.
Outcome = dict[str, Any] | BaseException


class ShardNotRetryable(RuntimeError):
    """A shard failed for a cause that a second attempt cannot solve."""


class ShardLost(RuntimeError):
    """A shard's flow run failed, or its heartbeat stopped."""


@dataclass(frozen=True)
class DeployedShards:
    """How workers simulate the shards of a run: the run, its store, and the limits."""

    run_path: Path
    workers: int  # shards at the same time for each online worker
    storage: Storage | None
    silence_seconds: float  # a shard without a heartbeat for this time is lost

    def simulate(self, shards: Sequence[Shard]) -> dict[Shard, Outcome]:
        """Start a flow run per shard, wait until all have ended, and return the outcome of each."""
        waiting, started, outcomes = list(shards), dict[Shard, _Started](), dict[Shard, Outcome]()
        online = -1
        with get_client(sync_client=True) as client:
            while waiting or started:
                online = _workers_online(client, online)
                while waiting and len(started) < max(1, online) * self.workers:
                    shard = waiting.pop(0)
                    started[shard] = _Started(self._started_before(client, shard) or self._start(shard))
                time.sleep(POLL_SECONDS)
                for shard, flow_run in list(started.items()):
                    outcome = self._outcome(client, shard, flow_run)
                    if outcome is not None:
                        outcomes[shard] = outcome
                        del started[shard]
        return outcomes

    def _name(self, shard: Shard) -> str:
        return f"{self.run_path.name} {shard.name}"

    def _started_before(self, client: SyncPrefectClient, shard: Shard) -> UUID | None:
        """Return the shard's flow run of an earlier attempt that has not ended; None if there is none."""
        runs = client.read_flow_runs(
            flow_filter=FlowFilter(name=FlowFilterName(any_=[FLOW])),
            flow_run_filter=FlowRunFilter(name=FlowRunFilterName(any_=[self._name(shard)])),
        )
        return next(
            (
                run.id
                for run in runs
                if run.state
                and not run.state.is_final()
                and run.parameters.get("run_directory") == str(self.run_path)
            ),
            None,
        )

    def _start(self, shard: Shard) -> UUID:
        parameters = {
            "run_directory": str(self.run_path),
            "shard": asdict(shard),
            "workers": self.workers,
            "storage": self.storage.url if self.storage else None,
        }
        run: FlowRun = run_deployment(  # type: ignore[assignment] # typed as sync or async
            SHARDS, parameters=parameters, flow_run_name=self._name(shard), timeout=0
        )
        return run.id

    def _outcome(self, client: SyncPrefectClient, shard: Shard, started: "_Started") -> Outcome | None:
        """Return the outcome of a shard's flow run; None while it waits or runs."""
        run = client.read_flow_run(started.flow_run)
        state = run.state
        if state is None or not (state.is_final() or state.is_running()):
            started.observe("waits")
            return None
        if state.is_running():
            started.observe(self._heartbeat(shard))
            silent = time.monotonic() - started.changed_at
            if silent < self.silence_seconds:
                return None
            lost = ShardLost(f"no heartbeat for {silent:.0f} s (sla.heartbeat_seconds)")
            client.set_flow_run_state(run.id, Crashed(message=str(lost)), force=True)
            return lost
        if state.is_completed():
            return {"seconds": run.total_run_time.total_seconds()}
        message = f"{state.name}: {state.message}"
        return ShardNotRetryable(message) if state.name == NOT_RETRYABLE_STATE else ShardLost(message)

    def _heartbeat(self, shard: Shard) -> str | None:
        """Return the shard's status as text; it changes with each heartbeat, every few seconds."""
        if self.storage:
            return self.storage.get_status(shard)
        status = shard.directory(RunDirectory(self.run_path)).status
        return status.read_text(encoding="utf-8") if status.exists() else None


@dataclass
class _Started:
    """A shard's flow run, and when its status changed last, by this machine's clock."""

    flow_run: UUID
    status: str | None = None
    changed_at: float = field(default_factory=time.monotonic)

    def observe(self, status: str | None) -> None:
        if status == "waits" or status != self.status:
            self.status, self.changed_at = status, time.monotonic()


def check_deployment() -> None:
    """Raise InputError if the Prefect server lacks the deployment of shards."""
    with get_client(sync_client=True) as client:
        try:
            client.read_deployment_by_name(SHARDS)
        except ObjectNotFound:
            raise InputError(
                f"ensemble.engine = deployment: the Prefect server at {client.api_url} has no deployment "
                f"{SHARDS}; set PREFECT_API_URL to the server whose workers are to simulate "
                "shards, and create the deployment by `workforce deploy`"
            ) from None


def _workers_online(client: SyncPrefectClient, before: int) -> int:
    """Return the number of online workers; log a warning once if there is none."""
    online = WorkerFilter(status=WorkerFilterStatus(any_=["ONLINE"]))
    count = len(client.read_workers_for_work_pool(POOL, worker_filter=online))
    if count == 0 and before != 0:
        log.warning("no worker of pool %s is online; start one: prefect worker start --pool %s", POOL, POOL)
    return count

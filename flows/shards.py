"""A run's shards side by side: on processes, on Dask, or as flow runs of their own through a work pool.

The rows are those of a single pass. A wanted precision adds replicates, batch by batch, until reached.
"""

import logging
import os
from pathlib import Path
from typing import Any

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.futures import PrefectFuture
from prefect.states import Failed
from prefect.task_runners import ProcessPoolTaskRunner, TaskRunner

from settings import ResolvedSettings
from tasks.ensembles import deployed_shards, replicates
from tasks.ensembles.shard_run import HOPELESS, end_with, simulate_shard
from tasks.ensembles.shards import Shard, ShardsIncomplete, folder_of, missing
from tasks.ensembles.storage import Storage
from tasks.server.api import join_own_server
from tasks.server.flow_runs import logged_by_prefect
from tasks.simulation.run import Run, active_run

log = logging.getLogger("workforce")

ATTEMPTS = 3


def _may_succeed(_task: Any, _task_run: Any, state: Any) -> bool:
    """A second try fails the same way where a model, a check or the input is at fault."""
    return not isinstance(state.data, HOPELESS)


@task(
    name="simulate_shard",
    task_run_name="{shard.name}",
    retries=1,
    retry_delay_seconds=1,
    retry_condition_fn=_may_succeed,
    cache_policy=NO_CACHE,
    persist_result=False,
)
def shard_simulation(
    run_path: Path, shard: Shard, workers: int, parent: int | None, storage: Storage | None
) -> dict[str, Any]:
    """Simulate one shard, wherever the task runner puts it; go on with what an earlier attempt left.

    `parent` is the process that a worker of this machine is to end with.
    """
    if parent is not None:
        end_with(parent)
    return simulate_shard(run_path, shard, workers, storage)


@flow(name=deployed_shards.FLOW, persist_result=False)
def deployed_shard(
    run_directory: Path, shard: Shard, workers: int = 1, storage: str | None = None
) -> State[Any] | None:
    """Simulate one shard of a run, on a worker of pool `workforce-shards`.

    Args:
        run_directory: The run's directory; with storage, only its name counts.
        shard: Its scenarios and replicates, both ends included.
        workers: Shards that share this machine's threads and memory.
        storage: URL of the folder by way of which input and rows are exchanged.
    """
    try:
        store = Storage(storage, run_directory.name) if storage else None
        with logged_by_prefect():
            simulate_shard(run_directory, shard, workers, store)
    except HOPELESS as error:  # the run that ordered it tells this from what a second try may mend
        log.exception("%s", shard.name)
        return Failed(name=deployed_shards.HOPELESS_STATE, message=f"{type(error).__name__}: {error}")
    return None


@flow(name="shards", persist_result=False)
def shard_simulations(
    run_path: Path, shards: list[Shard], workers: int, parent: int | None, storage: Storage | None
) -> None:
    """Simulate shards side by side. A failure ends no other shard; it is told at the end."""
    futures = [shard_simulation.submit(run_path, shard, workers, parent, storage) for shard in shards]
    _tell({shard: _outcome(future) for shard, future in zip(shards, futures, strict=True)})


@flow(name="shards", persist_result=False)
def deployed_shard_simulations(orders: deployed_shards.ShardOrders, shards: list[Shard]) -> None:
    """The same, as runs of deployment `shard/part-of-a-run`."""
    _tell(orders.simulate(shards))


@flow(name="ensemble", persist_result=False)
def ensemble_simulation(run_directory: Path) -> Run:
    """Simulate a run's shards, and more of them until a wanted precision is reached.

    Returns the run with as many replicates as they hold. Raises ShardsIncomplete where some fail again and
    again; what is done stays for the next attempt.
    """
    run = active_run(run_directory)
    shards = more = replicates.plan(run)
    while more:
        with run.progress.step(f"{len(missing(run.directory, shards))} shards"):
            _simulate(run, shards)
        more = replicates.more_shards(run, shards)
        shards = [*shards, *more]
    return replicates.widened(run, shards)


def _simulate(run: Run, shards: list[Shard]) -> None:
    """Simulate what is missing, shards whose worker was lost again. Raises ShardsIncomplete."""
    chosen = run.settings.base.ensemble
    storage = Storage(chosen.storage, run.directory.run_id) if chosen.storage else None
    if storage:
        storage.put_input(run.directory)
    for _ in range(ATTEMPTS):
        left = _missing(run, shards, storage)
        if not left:
            return
        _fan_out(run, left, storage)
    left = _missing(run, shards, storage)
    if left:
        names = ", ".join(shard.name for shard in left)
        logs = f"; their logs: {folder_of(run.directory)}/*/run.log" if storage is None else ""
        raise ShardsIncomplete(f"{len(left)} shards failed {ATTEMPTS} times: {names}{logs}")


def _fan_out(run: Run, shards: list[Shard], storage: Storage | None) -> None:
    chosen = run.settings.base.ensemble
    path = run.directory.path.resolve()
    if chosen.engine == "deployment":
        silence = float(run.settings.base.sla.heartbeat_seconds)
        deployed_shard_simulations(
            deployed_shards.ShardOrders(path, chosen.workers, storage, silence), shards
        )
        return
    parent = os.getpid() if chosen.engine == "processes" else None
    simulations = shard_simulations.with_options(task_runner=_task_runner(run.settings))
    simulations(path, shards, chosen.workers, parent, storage)


def _missing(run: Run, shards: list[Shard], storage: Storage | None) -> list[Shard]:
    """The shards still to be simulated; those that are in the store are got from there."""
    left = missing(run.directory, shards)
    if storage is None:
        return left
    return [shard for shard in left if not storage.get_rows(shard, run.directory)]


def _task_runner(settings: ResolvedSettings) -> TaskRunner[Any]:
    chosen = settings.base.ensemble
    if chosen.engine == "processes":
        return ProcessPoolTaskRunner(max_workers=chosen.workers, initializer=join_own_server)
    # its workers tell of each connection otherwise
    os.environ.setdefault("DASK_LOGGING__DISTRIBUTED", "warning")
    # an extra of the project, imported where it is asked for
    from prefect_dask.task_runners import DaskTaskRunner

    if chosen.dask_address:
        return DaskTaskRunner(address=chosen.dask_address)
    return DaskTaskRunner(
        # one thread each: a process holds one DuckDB configuration at a time
        cluster_kwargs={
            "n_workers": chosen.workers,
            "threads_per_worker": 1,
            "dashboard_address": None,
            "preload": ["from tasks.server.api import join_own_server; join_own_server()"],
        }
    )


def _outcome(future: PrefectFuture[dict[str, Any]]) -> dict[str, Any] | BaseException:
    """What a shard reported, or what went wrong."""
    try:
        return future.result(raise_on_failure=False)
    except Exception as error:  # noqa: BLE001 - whatever took the worker, it is told and the shard done again
        return error


def _tell(outcomes: dict[Shard, dict[str, Any] | BaseException]) -> None:
    """Log what became of shards; raises what no second try mends."""
    for shard, outcome in outcomes.items():
        if isinstance(outcome, BaseException):
            log.warning("%s: %s: %s", shard.name, type(outcome).__name__, outcome)
        else:
            memory = f", {outcome['peak_memory_mb']:.0f} MB" if "peak_memory_mb" in outcome else ""
            log.info("%s: %.1f s%s", shard.name, outcome["seconds"], memory)
    for outcome in outcomes.values():
        if isinstance(outcome, HOPELESS):
            raise outcome

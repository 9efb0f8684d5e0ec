"""Simulate a run in shards: in processes, on Dask, or as flow runs of a work pool.

The rows equal those of a single pass. If settings ask for a precision, replicates are added in batches until
it is reached.
"""

import logging
import os
from pathlib import Path
from typing import Any

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Failed

from tasks.ensembles import deployed_shards, replicates
from tasks.ensembles.attempts import NOT_RETRYABLE, may_succeed, outcome_of, report, simulate_missing
from tasks.ensembles.runners import task_runner
from tasks.ensembles.shard_run import end_with, simulate_shard
from tasks.ensembles.shards import Shard
from tasks.ensembles.storage import Storage
from tasks.server.flow_runs import within_flow_run
from tasks.simulation.run import Run, the_run_at_work

log = logging.getLogger("workforce")


@flow(name="ensemble", persist_result=False)
def ensemble_simulation(run_directory: Path) -> None:
    """Simulate the shards of a run, and further ones until the requested precision is reached.

    Afterwards the run's settings have the number of replicates that its shards hold. Raises ShardsIncomplete
    if shards fail in every attempt; completed shards are kept for a resume.
    """
    run = the_run_at_work(run_directory)
    shards = more = replicates.plan(run)
    while more:
        simulate_missing(run, shards, _fan_out)
        more = replicates.more_shards(run, shards)
        shards = [*shards, *more]
    replicates.widen(run, shards)


def _fan_out(run: Run, shards: list[Shard], storage: Storage | None) -> None:
    chosen = run.settings.base.ensemble
    path = run.directory.path.resolve()
    if chosen.engine == "deployment":
        silence = float(run.settings.base.sla.heartbeat_seconds)
        deployed = deployed_shards.DeployedShards(path, chosen.workers, storage, silence)
        deployed_shard_simulations(deployed, shards)
        return
    parent = os.getpid() if chosen.engine == "processes" else None
    simulations = shard_simulations.with_options(task_runner=task_runner(chosen))
    simulations(path, shards, chosen.workers, parent, storage)


@flow(name="shards", persist_result=False)
def shard_simulations(
    run_path: Path, shards: list[Shard], workers: int, parent: int | None, storage: Storage | None
) -> None:
    """Simulate shards in parallel. If one fails, the others continue; the failure is raised at the end."""
    futures = [shard_simulation.submit(run_path, shard, workers, parent, storage) for shard in shards]
    report({shard: outcome_of(future) for shard, future in zip(shards, futures, strict=True)})


@task(
    name="simulate_shard",
    task_run_name="{shard.name}",
    retries=1,
    retry_delay_seconds=1,
    retry_condition_fn=may_succeed,
    cache_policy=NO_CACHE,
    persist_result=False,
)
def shard_simulation(
    run_path: Path, shard: Shard, workers: int, parent: int | None, storage: Storage | None
) -> dict[str, Any]:
    """Simulate one shard in a process of the task runner; complete years of an earlier attempt are kept.

    With `parent`, the id of the process that started the run, this process ends when that one ends.
    """
    if parent is not None:
        end_with(parent)
    return simulate_shard(run_path, shard, workers, storage)


@flow(name="shards", persist_result=False)
def deployed_shard_simulations(deployed: deployed_shards.DeployedShards, shards: list[Shard]) -> None:
    """Simulate shards as runs of deployment `shard/part-of-a-run`."""
    report(deployed.simulate(shards))


@flow(name=deployed_shards.FLOW, persist_result=False)
def deployed_shard(
    run_directory: Path, shard: Shard, workers: int = 1, storage: str | None = None
) -> State[Any] | None:
    """Simulate one shard of a run, on a worker of pool `workforce-shards`.

    Args:
        run_directory: The run's directory; with storage, only its name matters.
        shard: Its scenarios and replicates, both ends included.
        workers: Shards that share this machine's threads and memory.
        storage: URL of the folder through which input and rows are exchanged.
    """
    try:
        store = Storage(storage, run_directory.name) if storage else None
        with within_flow_run():
            simulate_shard(run_directory, shard, workers, store)
    except NOT_RETRYABLE as error:  # the run does not retry a shard in this state
        log.exception("%s", shard.name)
        return Failed(name=deployed_shards.NOT_RETRYABLE_STATE, message=f"{type(error).__name__}: {error}")
    return None

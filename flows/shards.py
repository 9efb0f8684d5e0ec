"""Simulates a run's shards: on processes, on Dask, or as separate flow runs through a work pool.

The rows are those of a single pass. For a wanted precision, replicates are added in batches until it is
reached.
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
    """Simulate the shards of the run at work, and further ones until a wanted precision is reached.

    Afterwards the run has the replicates that its shards hold. Raises ShardsIncomplete if shards fail in
    every attempt; completed shards are kept for a resume.
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
    """Simulate shards side by side. A failure does not stop other shards; it is raised at the end."""
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
    """Simulate one shard in the task runner's process, continuing an earlier attempt.

    A worker process on this machine ends when the process `parent` ends.
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
    except (
        NOT_RETRYABLE
    ) as error:  # by this state the run distinguishes failures that a second attempt cannot solve
        log.exception("%s", shard.name)
        return Failed(name=deployed_shards.NOT_RETRYABLE_STATE, message=f"{type(error).__name__}: {error}")
    return None

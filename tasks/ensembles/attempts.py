"""Attempts at shards: which are still missing, the outcome of each, and when to give up."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from prefect.futures import PrefectFuture

from settings import InputError
from tasks.ensembles.deployed_shards import Outcome, ShardNotRetryable
from tasks.ensembles.shards import Shard, ShardsIncomplete, folder_of, missing
from tasks.ensembles.storage import Storage
from tasks.simulation.run import Run
from tasks.warehouse.checks import CheckFailed
from tasks.warehouse.dbt import DbtError

log = logging.getLogger("workforce")

ATTEMPTS = 3
#: A second attempt would fail too: the cause is a model, a check or the input.
NOT_RETRYABLE = (DbtError, CheckFailed, InputError, ShardNotRetryable)


def may_succeed(_task: Any, _task_run: Any, state: Any) -> bool:
    """Return whether a second attempt at a shard can succeed; a condition for Prefect's retries."""
    return not isinstance(state.data, NOT_RETRYABLE)


def simulate_missing(
    run: Run, shards: list[Shard], fan_out: Callable[[Run, list[Shard], Storage | None], None]
) -> None:
    """Let `fan_out` simulate the shards whose rows are missing, again if a worker was lost.

    Raises ShardsIncomplete if some fail in every attempt; completed shards are kept for a resume.
    """
    url = run.settings.base.ensemble.storage
    storage = Storage(url, run.directory.run_id) if url else None
    if storage:
        storage.put_input(run.directory)
    with run.progress.step(f"{len(missing(run.directory, shards))} shards"):
        for _ in range(ATTEMPTS):
            left = _missing(run, shards, storage)
            if not left:
                return
            fan_out(run, left, storage)
        left = _missing(run, shards, storage)
    if left:
        names = ", ".join(shard.name for shard in left)
        logs = f"; their logs: {folder_of(run.directory)}/*/run.log" if storage is None else ""
        raise ShardsIncomplete(f"{len(left)} shards failed {ATTEMPTS} times: {names}{logs}")


def outcome_of(future: PrefectFuture[dict[str, Any]]) -> Outcome:
    """Wait for a shard's task. Returns its result, or the exception."""
    try:
        return future.result(raise_on_failure=False)
    except Exception as error:  # noqa: BLE001 - any loss of a worker: it is logged and the shard is simulated again
        return error


def report(outcomes: Mapping[Shard, Outcome]) -> None:
    """Log the outcomes of shards. Raises the first error that a second attempt cannot solve."""
    for shard, outcome in outcomes.items():
        if isinstance(outcome, BaseException):
            log.warning("%s: %s: %s", shard.name, type(outcome).__name__, outcome)
        else:
            memory = f", {outcome['peak_memory_mb']:.0f} MB" if "peak_memory_mb" in outcome else ""
            log.info("%s: %.1f s%s", shard.name, outcome["seconds"], memory)
    for outcome in outcomes.values():
        if isinstance(outcome, NOT_RETRYABLE):
            raise outcome


def _missing(run: Run, shards: list[Shard], storage: Storage | None) -> list[Shard]:
    """Return the shards still to be simulated; rows that are in the store are fetched first."""
    left = missing(run.directory, shards)
    if storage is None:
        return left
    return [shard for shard in left if not storage.get_rows(shard, run.directory)]

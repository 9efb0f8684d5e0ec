"""Prefect task runners for shards: processes on this machine, or Dask."""

import os
from typing import Any

from prefect.task_runners import ProcessPoolTaskRunner, TaskRunner

from settings.models.ensemble import EnsembleSettings
from tasks.server.api import join_own_server


def task_runner(ensemble: EnsembleSettings) -> TaskRunner[Any]:
    """Return the task runner for settings `ensemble.engine`, `workers` and `dask_address`."""
    if ensemble.engine == "processes":
        return ProcessPoolTaskRunner(max_workers=ensemble.workers, initializer=join_own_server)
    # otherwise its workers log each connection
    os.environ.setdefault("DASK_LOGGING__DISTRIBUTED", "warning")
    # an optional dependency, imported only when it is needed
    from prefect_dask.task_runners import DaskTaskRunner

    if ensemble.dask_address:
        return DaskTaskRunner(address=ensemble.dask_address)
    return DaskTaskRunner(
        # one thread each: a process has one DuckDB configuration at a time
        cluster_kwargs={
            "n_workers": ensemble.workers,
            "threads_per_worker": 1,
            "dashboard_address": None,
            "preload": ["from tasks.server.api import join_own_server; join_own_server()"],
        }
    )

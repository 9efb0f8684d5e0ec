"""The replicates of a run in shards: how many to begin with, and how many more a wanted precision takes."""

import logging
import shutil
from collections.abc import Sequence
from dataclasses import replace
from importlib.util import find_spec

import duckdb
import polars as pl

from settings import InputError, ResolvedSettings, Settings
from tasks.ensembles.deployed_shards import check_deployment
from tasks.ensembles.shards import Shard, files_of, folder_of, is_split, plan_shards, read_plan, write_plan
from tasks.ensembles.storage import Storage
from tasks.runs.record import read_record
from tasks.simulation.run import Run
from tasks.studies.precision import monte_carlo_errors, needs, told

log = logging.getLogger("workforce")

# Fewer say too little of the spread to tell how many are needed.
FIRST_BATCH = 10
# A batch is at most so many times what there is: the spread is better known before the next.
GROWTH = 4


def check(settings: ResolvedSettings, employees: int) -> None:
    """See that what a run in shards needs is there, before it is made. Raises InputError."""
    chosen = settings.base.ensemble
    if not is_split(settings, employees):
        return
    if chosen.engine == "dask" and find_spec("prefect_dask") is None:
        raise InputError("ensemble.engine = dask needs a package more: pip install '.[dask]'")
    if chosen.engine == "deployment":
        check_deployment()
    if chosen.storage:
        Storage(chosen.storage, "").check()


def plan(run: Run) -> list[Shard]:
    """The shards to simulate before the years are gathered; none: the run is simulated in one pass.

    An earlier attempt's are gone on with, unless other years are asked for than they hold.
    """
    simulation, ensemble = run.settings.base.simulation, run.settings.base.ensemble
    shards = read_plan(run.directory)
    if shards and (run.from_year or read_record(run.directory).years != (run.years[0], run.years[-1])):
        remove_shards(run)
        shards = []
    if shards or run.database.path.exists() or not is_split(run.settings, _employees(run)):
        return shards
    count = max(simulation.replicates, FIRST_BATCH) if ensemble.precision else simulation.replicates
    count = min(count, ensemble.max_replicates) if ensemble.precision else count
    shards = _plan(run, range(simulation.first_replicate, simulation.first_replicate + count))
    write_plan(run.directory, shards)
    return shards


def more_shards(run: Run, shards: Sequence[Shard]) -> list[Shard]:
    """Plan the shards of the replicates still needed for the wanted precision; none: it is reached."""
    ensemble = run.settings.base.ensemble
    if not ensemble.precision:
        return []
    found = needs(_errors(run, shards), ensemble.precision)
    have = _replicates(run, shards)
    for need in found:
        log.info("%s", told(need, len(have)))
    wanted = max((need.replicates for need in found), default=len(have))
    count = min(wanted, len(have) * GROWTH, ensemble.max_replicates)
    if count <= len(have):
        if wanted > len(have):
            log.warning(
                "the wanted precision takes about %d replicates; ensemble.max_replicates allows %d",
                wanted,
                ensemble.max_replicates,
            )
        return []
    more = _plan(run, range(have.stop, have.start + count))
    write_plan(run.directory, [*shards, *more])
    return more


def widen(run: Run, shards: Sequence[Shard]) -> None:
    """Give the run's settings as many replicates as its shards hold."""
    count = len(_replicates(run, shards))

    def with_count(settings: Settings) -> Settings:
        return settings.model_copy(
            update={"simulation": settings.simulation.model_copy(update={"replicates": count})}
        )

    scenarios = tuple(
        replace(scenario, settings=with_count(scenario.settings)) for scenario in run.settings.scenarios
    )
    run.settings = replace(run.settings, base=with_count(run.settings.base), scenarios=scenarios)


def remove_shards(run: Run) -> None:
    """Remove the shards, from the run directory and from the store: the run's own database has their rows."""
    if not read_plan(run.directory):
        return
    url = run.settings.base.ensemble.storage
    if url:
        Storage(url, run.directory.run_id).remove()
    shutil.rmtree(folder_of(run.directory))


def _plan(run: Run, replicates: range) -> list[Shard]:
    return plan_shards(run.settings, _employees(run), replicates)


def _employees(run: Run) -> int:
    return int(pl.scan_parquet(run.directory.census, glob=False).select(pl.len()).collect().item())


def _replicates(run: Run, shards: Sequence[Shard]) -> range:
    first = run.settings.base.simulation.first_replicate
    return range(first, max(shard.last_replicate for shard in shards) + 1)


def _errors(run: Run, shards: Sequence[Shard]) -> pl.DataFrame:
    connection = duckdb.connect()
    try:
        connection.read_parquet(files_of(run.directory, shards, "fct_year_summary")).create_view(
            "fct_year_summary"
        )
        return monte_carlo_errors(connection)
    finally:
        connection.close()

"""The replicates of a run in shards: the first batch, and further ones for a wanted precision."""

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
from tasks.studies.precision import monte_carlo_errors, need_text, needs

log = logging.getLogger("workforce")

# With fewer, the spread is too uncertain to estimate how many are needed.
FIRST_BATCH = 10
# The number of replicates grows at most by this factor per batch: each batch improves the estimate.
GROWTH = 4


def check(settings: ResolvedSettings, employees: int) -> None:
    """Check the requirements of a run in shards before it is created. Raises InputError."""
    chosen = settings.base.ensemble
    if not is_split(settings, employees):
        return
    if chosen.engine == "dask" and find_spec("prefect_dask") is None:
        raise InputError("ensemble.engine = dask needs a further package: pip install '.[dask]'")
    if chosen.engine == "deployment":
        check_deployment()
    if chosen.storage:
        Storage(chosen.storage, "").check()


def plan(run: Run) -> list[Shard]:
    """Return the shards to simulate before years are gathered; empty: the run is simulated in one pass.

    Shards of an earlier attempt are continued, unless they hold other years than requested.
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
    """Plan shards for the replicates still needed for the wanted precision; empty if it is reached."""
    ensemble = run.settings.base.ensemble
    if not ensemble.precision:
        return []
    found = needs(_errors(run, shards), ensemble.precision)
    have = _replicates(run, shards)
    for need in found:
        log.info("%s", need_text(need, len(have), run.settings.base.simulation.calendar))
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
    """Set the replicates in the run's settings to those that its shards hold."""
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
    """Remove the shards from run directory and store, since the run's database has their rows."""
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

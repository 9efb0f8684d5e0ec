"""Shards: parts of a run's scenarios and replicates, simulated apart and put together again.

RUN/shards/plan.json       the parts, in the order in which they were planned
RUN/shards/NAME            the run directory of a part; its database goes when its rows are stored
RUN/shards/NAME/rows       its rows: TABLE.parquet for each table that grows by years
RUN/shards/NAME/quotas-YEAR.parquet   what only the year's working tables hold and the checks need

A path (replicate of a scenario) depends on no other path, so the rows are those of a single pass, and
putting them together is reading all files of a table. A part that failed or was lost is simulated
again alone, from its last complete year where its database is still there.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import ClassVar

from settings import ResolvedSettings
from tasks.runs.directory import RunDirectory
from tasks.simulation.run import Run
from tasks.system.documents import Document
from tasks.warehouse import dbt
from tasks.warehouse.database import Database, literal

# What one employee in one path takes at the peak: 900 measured (10,000 x 30), and as much again for room.
BYTES_PER_ROW = 2_000

PLAN = "plan.json"

# The checks are of all rows together, and are made again when those are there.
CHECKS = "mon_data_quality"
# Working rows of a year that the checks read.
QUOTAS = "int_year_quotas"


class ShardsIncomplete(RuntimeError):
    """Some parts could not be simulated, or their rows are not all there."""


@dataclass(frozen=True, order=True)
class Shard:
    """Scenarios by their place in the run, and replicates by number; both ends included."""

    first_replicate: int
    last_replicate: int
    first_scenario: int
    last_scenario: int

    @property
    def name(self) -> str:
        """The name of its folder."""
        replicates = f"replicates-{self.first_replicate}-{self.last_replicate}"
        return f"{replicates}.scenarios-{self.first_scenario}-{self.last_scenario}"

    def directory(self, run: RunDirectory) -> RunDirectory:
        """Its own run directory."""
        return RunDirectory(folder_of(run) / self.name)

    def rows(self, run: RunDirectory) -> Path:
        """The folder of its rows, there when it is done."""
        return self.directory(run).path / "rows"


class ShardPlan(Document):
    """The content of plan.json: the parts, in the order in which they were planned.

    Keys that this version does not know are ignored: a plan that is written again is made anew.
    """

    newest_format: ClassVar[int] = 1
    advice: ClassVar[str] = "remove the folder that it is in, and resume the run, which plans its parts anew"

    shards: tuple[Shard, ...]


def folder_of(run: RunDirectory) -> Path:
    """The folder of a run's parts."""
    return run.path / "shards"


def split(scenarios: int, replicates: range, shards: int) -> list[Shard]:
    """Split into about so many equal parts: by replicates, and by scenarios where those are few."""
    parts = min(shards, len(replicates))
    groups = min(math.ceil(shards / parts), scenarios)
    return [
        Shard(part[0], part[-1], group[0], group[-1])
        for part in _parts(replicates, parts)
        for group in _parts(range(scenarios), groups)
    ]


def plan_shards(settings: ResolvedSettings, employees: int, replicates: range) -> list[Shard]:
    """The parts of so many replicates of every scenario."""
    scenarios = len(settings.scenarios)
    parts = shards_of(settings, employees)
    if any(scenario.settings.hiring.dimension_mix for scenario in settings.scenarios):
        # such a mix may bring combinations of dimensions that no other scenario has, and these are numbered
        # over all scenarios of a run: only replicates are split then
        return [
            Shard(part[0], part[-1], 0, scenarios - 1)
            for part in _parts(replicates, min(parts, len(replicates)))
        ]
    return split(scenarios, replicates, parts)


def shards_of(settings: ResolvedSettings, employees: int) -> int:
    """The parts that settings ask for; by default as many as keep each part's working set in memory."""
    ensemble, simulation = settings.base.ensemble, settings.base.simulation
    if ensemble.shards is not None:
        return ensemble.shards
    memory = Database.of(Path("unused"), settings.base.machine).memory_bytes / ensemble.workers
    paths = len(settings.scenarios) * simulation.replicates
    return max(1, min(paths, math.ceil(employees * paths * BYTES_PER_ROW / memory)))


def is_split(settings: ResolvedSettings, employees: int) -> bool:
    """Say whether a run is simulated in parts: for a wanted precision, or since it is asked or too large."""
    return bool(settings.base.ensemble.precision) or shards_of(settings, employees) > 1


def write_plan(run: RunDirectory, shards: Sequence[Shard]) -> None:
    """Keep the plan, for a later attempt."""
    folder_of(run).mkdir(exist_ok=True)
    ShardPlan(shards=tuple(shards)).write(folder_of(run) / PLAN)


def read_plan(run: RunDirectory) -> list[Shard]:
    """Return the plan of an earlier attempt; empty where there is none.

    Raises InputError where it is damaged or of a newer format than this version reads.
    """
    try:
        return list(ShardPlan.read(folder_of(run) / PLAN).shards)
    except FileNotFoundError:
        return []


def missing(run: RunDirectory, shards: Sequence[Shard]) -> list[Shard]:
    """The parts whose rows are not there yet."""
    return [shard for shard in shards if not shard.rows(run).is_dir()]


def stored_tables() -> list[str]:
    """The tables of which a part stores its rows."""
    return [*(table for table in dbt.year_tables() if table != CHECKS), QUOTAS]


def files_of(run: RunDirectory, shards: Sequence[Shard], table: str) -> list[str]:
    """The files that hold a table's rows of all parts, as DuckDB reads them."""
    return [literal(shard.rows(run) / f"{table}.parquet") for shard in shards]


def gather_year(run: Run, shards: Sequence[Shard], year: int) -> None:
    """Put a year's rows of all parts into the run's database. Raises ShardsIncomplete where some lack."""
    left = missing(run.directory, shards)
    if left:
        names = ", ".join(shard.name for shard in left)
        raise ShardsIncomplete(f"{len(left)} shards are not simulated yet: {names}; resume the run")
    with run.database.connect() as connection:
        for table in stored_tables():
            rows = connection.read_parquet(files_of(run.directory, shards, table))
            rows = rows.filter(f"simulation_year = {year}")
            if table == QUOTAS:
                connection.execute(f"delete from {table}")  # noqa: S608 - names of our own models
            connection.execute(f"insert into {table} by name from rows")
        found = connection.execute(
            "select count(*) from fct_year_summary where simulation_year = ?", [year]
        ).fetchone()
    paths = len(run.settings.scenarios) * run.settings.base.simulation.replicates
    if found != (paths,):
        raise ShardsIncomplete(f"{year}: the shards hold {found} of {paths} paths; resume the run")


def _parts(whole: range, parts: int) -> list[range]:
    """Cut a range into so many of about equal length."""
    cuts = [len(whole) * part // parts for part in range(parts + 1)]
    return [whole[start:stop] for start, stop in pairwise(cuts)]

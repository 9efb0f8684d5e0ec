"""Shards: parts of a run's scenarios and replicates, which are simulated separately and then combined.

RUN/shards/plan.json       the parts, in the order in which they were planned
RUN/shards/NAME            the run directory of a part; its database is removed when its rows are stored
RUN/shards/NAME/rows       its rows: TABLE.parquet for each table that grows by years
RUN/shards/NAME/quotas-YEAR.parquet   rows of the year's working tables that the checks need

A path (replicate of a scenario) does not depend on other paths. So the rows are those of a single pass, and
combining them means reading all files of a table. Only a part that failed or was lost is simulated again,
from its last complete year if its database still exists.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import ClassVar

from settings import ResolvedSettings, Scenario
from tasks.runs.directory import RunDirectory
from tasks.simulation.run import Run
from tasks.system.documents import Document
from tasks.warehouse import dbt
from tasks.warehouse.database import Database, literal

# Peak memory per employee and path: 2,200 measured (10,000 x 100), 2,600 with the whole model in use.
BYTES_PER_ROW = 3_000

PLAN = "plan.json"

# The checks cover all rows together, so they run again on the combined rows.
CHECKS = "mon_data_quality"
# Working rows of a year that the checks read: stored by the shards, or computed again as they take no time.
QUOTAS = "int_year_quotas"
EFFECTS = "int_rate_effects"


class ShardsIncomplete(RuntimeError):
    """Some parts could not be simulated, or some of their rows are missing."""


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
        """Return the run directory of the shard."""
        return RunDirectory(folder_of(run) / self.name)

    def rows(self, run: RunDirectory) -> Path:
        """Return the folder of its rows, which exists when the shard is complete."""
        return self.directory(run).path / "rows"


class ShardPlan(Document):
    """The content of plan.json: the parts, in the order in which they were planned.

    Unknown keys are ignored: a plan is always written completely.
    """

    newest_format: ClassVar[int] = 1
    advice: ClassVar[str] = "remove the folder that it is in, and resume the run, which plans its parts anew"

    shards: tuple[Shard, ...]


def folder_of(run: RunDirectory) -> Path:
    """Return the folder of a run's shards."""
    return run.path / "shards"


def split(scenarios: int, replicates: range, shards: int) -> list[Shard]:
    """Split into about `shards` equal parts: by replicates, and by scenarios if replicates are few."""
    parts = min(shards, len(replicates))
    groups = min(math.ceil(shards / parts), scenarios)
    return [
        Shard(part[0], part[-1], group[0], group[-1])
        for part in _parts(replicates, parts)
        for group in _parts(range(scenarios), groups)
    ]


def plan_shards(settings: ResolvedSettings, employees: int, replicates: range) -> list[Shard]:
    """Return the shards for these replicates of every scenario."""
    scenarios = len(settings.scenarios)
    parts = shards_of(settings, employees)
    if any(map(_may_add_combinations, settings.scenarios)):
        # combinations and moves are numbered over all scenarios of a run, so only replicates are split
        return [
            Shard(part[0], part[-1], 0, scenarios - 1)
            for part in _parts(replicates, min(parts, len(replicates)))
        ]
    return split(scenarios, replicates, parts)


def _may_add_combinations(scenario: Scenario) -> bool:
    """Whether a scenario's people may have combinations of dimensions that no other scenario knows."""
    settings = scenario.settings
    return bool(
        settings.hiring.dimension_mix
        or settings.workforce.transfer
        or settings.targets
        or settings.plan.actions
    )


def shards_of(settings: ResolvedSettings, employees: int) -> int:
    """Return the number of shards by the settings; by default each shard's working set fits in memory."""
    ensemble, simulation = settings.base.ensemble, settings.base.simulation
    if ensemble.shards is not None:
        return ensemble.shards
    memory = Database.of(Path("unused"), settings.base.machine).memory_bytes / ensemble.workers
    paths = len(settings.scenarios) * simulation.replicates
    return max(1, min(paths, math.ceil(employees * paths * BYTES_PER_ROW / memory)))


def is_split(settings: ResolvedSettings, employees: int) -> bool:
    """Return whether a run is simulated in shards: for a precision, by the settings, or by its size."""
    return bool(settings.base.ensemble.precision) or shards_of(settings, employees) > 1


def write_plan(run: RunDirectory, shards: Sequence[Shard]) -> None:
    """Write the plan, for a later attempt."""
    folder_of(run).mkdir(exist_ok=True)
    ShardPlan(shards=tuple(shards)).write(folder_of(run) / PLAN)


def read_plan(run: RunDirectory) -> list[Shard]:
    """Return the plan of an earlier attempt; empty if there is none.

    Raises InputError if it is damaged or of a newer format than this version reads.
    """
    try:
        return list(ShardPlan.read(folder_of(run) / PLAN).shards)
    except FileNotFoundError:
        return []


def missing(run: RunDirectory, shards: Sequence[Shard]) -> list[Shard]:
    """Return the shards whose rows do not exist yet."""
    return [shard for shard in shards if not shard.rows(run).is_dir()]


def stored_tables() -> list[str]:
    """Return the tables whose rows a shard stores."""
    return [*(table for table in dbt.year_tables() if table != CHECKS), QUOTAS]


def files_of(run: RunDirectory, shards: Sequence[Shard], table: str) -> list[str]:
    """Return the files with a table's rows of all shards, as arguments for DuckDB."""
    return [literal(shard.rows(run) / f"{table}.parquet") for shard in shards]


def gather_year(run: Run, shards: Sequence[Shard], year: int) -> None:
    """Copy a year's rows of all shards into the run's database.

    Raises ShardsIncomplete if rows are missing.
    """
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
    """Split a range into parts of about equal length."""
    cuts = [len(whole) * part // parts for part in range(parts + 1)]
    return [whole[start:stop] for start, stop in pairwise(cuts)]

"""A whole simulation in this process, without a Prefect server: the steps of the flows as plain functions."""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from unittest import mock

import polars as pl
import yaml

from settings import Settings
from tasks.ensembles.gathering import RUN_YEAR
from tasks.results import closing
from tasks.results.closing import close_run
from tasks.runs.directory import RunDirectory
from tasks.runs.request import RunRequest, accept
from tasks.simulation.opening import create_run
from tasks.simulation.preparation import build_baseline
from tasks.simulation.run import Run
from tasks.simulation.year import simulate_years

Overrides = Mapping[str, Any]


@dataclass(frozen=True)
class Finished:
    """A finished run and its tables, each read once."""

    run: Run

    @property
    def years(self) -> range:
        """The simulated years."""
        return self.run.years

    @property
    def seed(self) -> int:
        """The seed of every draw."""
        return self.run.settings.base.simulation.random_seed

    def settings(self, scenario_id: str) -> Settings:
        """The settings of a scenario."""
        return next(
            scenario.settings for scenario in self.run.settings.scenarios if scenario.id == scenario_id
        )

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> pl.DataFrame:
        """Rows of the run's database."""
        with self.run.database.connect() as connection:
            return connection.execute(sql, parameters).pl()

    @cached_property
    def events(self) -> pl.DataFrame:
        """Events of all years, in order of path, year, employee and sequence."""
        key = "scenario_id, replicate, simulation_year, employee_id, event_sequence"
        return self.query(f"select * from fct_workforce_events order by {key}")

    @cached_property
    def snapshot(self) -> pl.DataFrame:
        """Snapshot rows, the opening state's included."""
        return self.query(
            "select * from fct_workforce_snapshot "
            "order by scenario_id, replicate, simulation_year, employee_id"
        )

    @cached_property
    def summary(self) -> pl.DataFrame:
        """The year summary."""
        return self.query("select * from fct_year_summary order by scenario_id, replicate, simulation_year")

    @cached_property
    def content_hashes(self) -> dict[int, str]:
        """The ledger's hash of each year's rows."""
        ledger = self.query("select simulation_year, content_hash from year_ledger where status = 'complete'")
        return dict(ledger.rows())


def simulate(
    directory: Path,
    census: pl.DataFrame | Path | None = None,
    *,
    years: str = "2025-2029",
    seed: int = 42,
    replicates: int = 1,
    scenarios: Mapping[str, Overrides] | None = None,
    sets: Sequence[str] = (),
    threads: int = 2,
    close: bool = True,
    report: bool = True,
) -> Finished:
    """Simulate into `directory`/run and return the finished run.

    Args:
        directory: An empty directory.
        census: Employees, or a file of them; none: the bundled sample.
        years: First and last year.
        seed: Random seed.
        replicates: Monte Carlo replicates.
        scenarios: Overrides by scenario id; none: one scenario, `baseline`, without any.
        sets: Settings as key=value.
        threads: DuckDB's threads.
        close: Write report and workbook too, and call the run complete.
        report: If false, a closed run has no report, no workbook and no attribution.
    """
    if isinstance(census, pl.DataFrame):
        census.write_parquet(directory / "census.parquet")
        census = directory / "census.parquet"
    request = RunRequest(
        census=census,
        scenarios=tuple(scenario_file(directory, *scenario) for scenario in (scenarios or {}).items()),
        replicates=replicates,
        seed=seed,
        years=years,
        sets=(*sets, f"machine.threads={threads}"),
        output=directory,
        run_id="run",
    )
    return finish(create_run(RunDirectory(directory / "run"), accept(request)), close=close, report=report)


def finish(run: Run, *, close: bool = True, report: bool = True) -> Finished:
    """Simulate the years of a run, or gather them from its shards; `close` and `report` as for `simulate`."""
    with run.at_work():
        simulate_years(run, build_baseline(run), RUN_YEAR)
        if close:
            with (
                nullcontext()
                if report
                else mock.patch.multiple(closing, write_results=mock.DEFAULT, store_at_the_end=mock.DEFAULT)
            ):
                close_run(run)
    return Finished(run)


def scenario_file(directory: Path, scenario_id: str, overrides: Overrides) -> Path:
    """Write the file of a scenario."""
    path = directory / f"{scenario_id}.yaml"
    path.write_text(yaml.safe_dump({"id": scenario_id, "overrides": dict(overrides)}), encoding="utf-8")
    return path

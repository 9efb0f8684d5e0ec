"""Scenarios simulated in memory; the statements are compiled once per set of kinds of change in use."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from settings.loading.loader import default_settings
from tasks.runs.request import RunRequest, accept
from tasks.simulation.in_memory import simulate
from tasks.warehouse.database import Database
from tests.simulate import Overrides, scenario_file

#: The tables that tests read: one list for all, since statements are compiled once per list.
WANTED = (
    "fct_workforce_events",
    "fct_workforce_snapshot",
    "fct_segment_summary",
    "fct_turnover_summary",
    "fct_planned_actions",
    "fct_year_summary",
)

#: A scenario that has every kind of change.
ALL_CHANGES: Overrides = {
    "compensation.enforce_minimum": True,
    "workforce.levels.1.min_salary": 60_000,
    "workforce.transfer": {"base": "0.3", "by": "department"},
}
#: Known actions of two employees of the sample.
PLAN = """action_id,action,date,employee_id,salary,fte
A1,raise,2025-03-01,E0000001,100000,
A2,fte,2025-03-01,E0000002,,0.5
"""


def database() -> Database:
    """Limits of memory and threads."""
    machine = default_settings().machine.model_copy(update={"threads": 1, "memory_limit": "1GB"})
    return Database.of(Path("unused"), machine)


def events_of(
    scenarios: Mapping[str, Overrides],
    *,
    years: str = "2025-2029",
    replicates: int = 1,
    census: pl.DataFrame | None = None,
    planned: tuple[str, ...] = (),
) -> dict[str, pl.DataFrame]:
    """Return the events of each scenario, in order; without a census, of the bundled sample.

    `planned` are the scenarios that have the actions of PLAN.
    """
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        (directory / "plan.csv").write_text(PLAN, encoding="utf-8")
        plan: dict[str, Any] = {"plan.actions": str(directory / "plan.csv")}
        if census is not None:
            census.write_parquet(directory / "census.parquet")
        request = RunRequest(
            census=None if census is None else directory / "census.parquet",
            scenarios=tuple(
                scenario_file(directory, scenario, {**changed, **(plan if scenario in planned else {})})
                for scenario, changed in scenarios.items()
            ),
            replicates=replicates,
            seed=42,
            years=years,
            output=directory,
            run_id="run",
        )
        accepted = accept(request)
    with simulate(
        accepted.settings.scenarios, accepted.census, database(), accepted.plans.by_scenario or None, WANTED
    ) as connection:
        events = connection.execute(
            "select * from fct_workforce_events "
            "order by scenario_id, replicate, simulation_year, employee_id, event_sequence"
        ).pl()
    return {scenario: events.filter(scenario_id=scenario) for scenario in scenarios}

"""What if: a finished run's scenario with other settings, simulated in memory on the run's own input.

    start = StartingPoint.of(run, "baseline")
    with closing(start.prepared(scratch)) as simulation:
        rows = figures(simulation.ask(start.changed({"compensation.cola_rate": 0.03}), start.first_replicate))

The figures equal those of a real run with the same settings (tests/studies/test_what_if.py). Nothing is
written.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl

from settings import InputError, Scenario, Settings, settings_document, settings_from_document
from settings.models.uncertainty import Uncertainty
from tasks.census.read import Census
from tasks.runs.directory import RunDirectory
from tasks.runs.recorded import recorded_input
from tasks.runs.request import RunRequest, require_fit
from tasks.runs.resume import recorded_settings
from tasks.simulation.prepared import PreparedSimulation
from tasks.warehouse.database import Database

#: The id of the changed scenario until it is saved under another, and the source of its settings in messages.
CHANGED, SOURCE = "what-if", "what-if"
#: Up to this many employees two threads are enough: of a short statement, most time is its start.
TWO_THREADS_UNTIL = 30_000
#: Figure -> its column in fct_year_summary; leavers are the sum of three.
COLUMNS = {
    "headcount": "ending_headcount",
    "payroll": "ending_payroll",
    "paid": "prorated_payroll",
    "loaded_cost": "loaded_cost",
    "hires": "hires",
    "leavers": "leavers",
    "average_pay": "average_salary",
}
LEAVERS = ("experienced_terminations", "new_hire_terminations", "reductions")


@dataclass(frozen=True, eq=False)
class StartingPoint:
    """A scenario of a finished run with the input that the run recorded; compared by identity."""

    run_id: str
    base: Settings
    scenario: Scenario
    census: Census = field(repr=False)
    plan: pl.DataFrame | None = field(repr=False)
    uncertainty: Uncertainty | None = field(repr=False)

    @classmethod
    def of(cls, run: RunDirectory, scenario_id: str) -> "StartingPoint":
        """Read a run's input.

        Raises InputError if the run was made by another version of the program, whose figures may differ, or
        has no such scenario; RunDamaged if its input was changed.
        """
        resolved = recorded_settings(run, RunRequest())
        named = {scenario.id: scenario for scenario in resolved.scenarios}
        if scenario_id not in named:
            raise InputError(f"run {run.run_id} has no scenario {scenario_id}; it has {', '.join(named)}")
        recorded = recorded_input(run)
        return cls(
            run.run_id,
            resolved.base,
            named[scenario_id],
            recorded.census,
            recorded.plans.by_scenario.get(scenario_id),
            recorded.uncertainty,
        )

    @property
    def first_replicate(self) -> range:
        """The first replicate of the run alone."""
        first = self.base.simulation.first_replicate
        return range(first, first + 1)

    def prepared(self, scratch: Path) -> PreparedSimulation:
        """Return a simulation of this input; `scratch` is a folder for data that does not fit in memory."""
        machine = self.base.machine
        if machine.threads is None and self.census.employees.height <= TWO_THREADS_UNTIL:
            machine = machine.model_copy(update={"threads": 2})
        return PreparedSimulation(
            self.census, Database.of(scratch / "unused", machine), self.plan, self.uncertainty
        )

    def changed(
        self, overrides: Mapping[str, Any], scenario_id: str = CHANGED, description: str = ""
    ) -> Scenario:
        """Return the scenario with other values: dotted key -> value, as in a scenario file.

        Raises InputError with every value that the settings refuse, or that contradicts the census.
        """
        document = settings_document(self.scenario.settings)
        for key, value in overrides.items():
            _put(document, key, value)
        settings = settings_from_document(document, SOURCE)
        scenario = replace(
            self.scenario,
            id=scenario_id,
            description=description,
            overrides={**self.scenario.overrides, **overrides},
            settings=settings,
        )
        plans = {} if self.plan is None else {scenario_id: self.plan}
        require_fit("The census", self.base, [scenario], self.census, plans, self.uncertainty)
        return scenario


def figures(summary: pl.DataFrame) -> pl.DataFrame:
    """Return replicate, simulation_year and a column per figure of COLUMNS, from rows of fct_year_summary.

    Headcount, payroll (annual salaries) and average pay are of those employed at the end of the year.
    """
    return (
        summary.with_columns(leavers=pl.sum_horizontal(LEAVERS))
        .select(
            "replicate", "simulation_year", *(pl.col(column).alias(name) for name, column in COLUMNS.items())
        )
        .sort("replicate", "simulation_year")
    )


def bands(rows: pl.DataFrame) -> pl.DataFrame:
    """Return mean, p05 and p95 over replicates: a row per year and figure.

    Args:
        rows: Rows of `figures` of several replicates.

    The percentiles interpolate between replicates, as those of fct_year_bands do.
    """
    values = rows.with_columns(pl.col(list(COLUMNS)).cast(pl.Float64)).unpivot(
        on=list(COLUMNS), index="simulation_year", variable_name="figure", value_name="value"
    )
    return (
        values.group_by("simulation_year", "figure")
        .agg(
            pl.len().alias("replicates"),
            pl.col("value").mean().alias("mean"),
            pl.col("value").quantile(0.05, "linear").alias("p05"),
            pl.col("value").quantile(0.95, "linear").alias("p95"),
        )
        .sort("figure", "simulation_year")
    )


def _put(document: dict[str, Any], key: str, value: Any) -> None:
    """Put a value into settings by its dotted key. Raises InputError if there is no such section."""
    *sections, last = key.split(".")
    inner = document
    for name in sections:
        if not isinstance(inner.get(name), dict):
            raise InputError(f"{SOURCE}: {key}: the settings have no {name} here")
        inner = inner[name]
    inner[last] = value

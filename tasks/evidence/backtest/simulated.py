"""The forecast from the newest list by the simulation, person by person, beside the direct computation.

Both have the same fit, the same uncertainty and the same growth. They must agree: the direct computation is
what a backtest judges, and the simulation is what planners use.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from settings import InputError, ResolvedSettings, load_settings
from tasks.census.errors import REJECTS_SCHEMA
from tasks.census.fte import FTE
from tasks.census.read import Census
from tasks.evidence.backtest.forecast import WHOLE, forecast
from tasks.evidence.backtest.movements import Growth, movements_of
from tasks.evidence.estimate.exposure import Array
from tasks.evidence.estimate.fit import Fitted
from tasks.evidence.estimate.uncertainty_file import uncertainty_of
from tasks.evidence.fit_files import FitFiles, settings_text
from tasks.simulation.in_memory import simulate
from tasks.warehouse.database import Database

#: People x replicates that are simulated, and bounds of the number of replicates.
MOST_PATHS, FEWEST_REPLICATES, MOST_REPLICATES = 1_000_000, 40, 400
#: Differences that are accepted beyond the Monte Carlo error: of the mean, and of the standard deviation. The
#: direct computation moves shares of people between ages, the simulation whole persons.
MEAN_TOLERANCE, SPREAD_TOLERANCE = 0.01, 0.10
#: Monte Carlo errors (standard errors) that a difference may have by chance.
MOST_ERRORS = 4.0


@dataclass(frozen=True)
class Agreement:
    """Exits of a year by both computations."""

    year: int
    direct: Array
    simulated: Array

    @property
    def agrees(self) -> bool:
        """Whether mean and standard deviation are the same up to tolerance and Monte Carlo error."""
        error = math.sqrt(
            self.direct.var(ddof=1) / len(self.direct) + self.simulated.var(ddof=1) / len(self.simulated)
        )
        mean = float(self.direct.mean())
        difference = abs(float(self.simulated.mean()) - mean)
        spread = math.log(float(self.simulated.std(ddof=1)) / max(float(self.direct.std(ddof=1)), 1e-9))
        spread_error = math.sqrt(0.5 / len(self.direct) + 0.5 / len(self.simulated))
        return (
            difference <= MEAN_TOLERANCE * mean + MOST_ERRORS * error
            and abs(spread) <= SPREAD_TOLERANCE + MOST_ERRORS * spread_error
        )


def compare_with_simulation(
    fitted: Fitted, resolved: ResolvedSettings, horizon: int, scratch: Path
) -> list[Agreement]:
    """Simulate the years after the newest list, and compute their exits directly.

    `resolved` are the settings in force before the fit; `scratch` is a folder for temporary files. Raises
    InputError if the history has no birth dates, which a simulation needs.
    """
    if "birth_date" not in fitted.history.columns:
        raise InputError("--simulate: a simulation needs birth dates, and the history has no birth_date")
    movements = movements_of(fitted, [])
    growth = float(np.clip(np.exp(movements.growth.mean) - 1, -0.99, 3.0))
    steady = replace(movements, growth=Growth(math.log1p(growth), 0.0, 0.0))
    people = fitted.history.people.filter(pl.col("list") == fitted.history.windows)
    replicates = int(np.clip(MOST_PATHS // max(people.height, 1), FEWEST_REPLICATES, MOST_REPLICATES))
    settings = _settings(fitted, resolved, horizon, growth, replicates, scratch)
    census = _census(people, fitted.until, fitted.history.dimensions, settings)
    database = Database.of(scratch / "unused", settings.base.machine)
    with simulate(
        settings.scenarios, census, database, uncertainty=uncertainty_of(fitted), with_cost=False
    ) as connection:
        rows = connection.execute(
            "select simulation_year, list(experienced_terminations order by replicate) as exits "
            "from fct_year_summary group by simulation_year order by simulation_year"
        ).fetchall()
    simulated = {year: np.array(exits, dtype=float) for year, exits in rows}
    seed = settings.base.simulation.random_seed
    direct = forecast(fitted, steady, [1.0] * horizon, [], seed)
    return [
        Agreement(year, found.exits[WHOLE], simulated[year])
        for year, found in zip(settings.base.simulation.years, direct, strict=True)
    ]


def _settings(
    fitted: Fitted, resolved: ResolvedSettings, horizon: int, growth: float, replicates: int, scratch: Path
) -> ResolvedSettings:
    """Return the settings of the fit, for a run of hazards as they are and of the past's growth."""
    files = FitFiles(scratch / "fitted.yaml")
    files.uncertainty.write_text(uncertainty_of(fitted).as_json(), "utf-8")
    files.settings.write_text(settings_text(fitted, resolved, files), "utf-8")
    return load_settings(files.settings, environ={}, sets=tuple(_sets(fitted, horizon, growth, replicates)))


def _sets(fitted: Fitted, horizon: int, growth: float, replicates: int) -> Iterator[str]:
    start = fitted.until.year + 1
    yield "simulation.mode=rates"
    # the newest list is moved to 31 December (_census)
    yield "simulation.fiscal_year_start=01-01"
    yield "simulation.opening_date=null"
    yield f"simulation.start_year={start}"
    yield f"simulation.end_year={start + horizon - 1}"
    yield f"simulation.limits.max_years={max(horizon, 10)}"
    yield f"simulation.limits.min_growth={min(growth, -0.1):.6f}"
    yield f"simulation.limits.max_growth={max(growth, 0.2):.6f}"
    yield f"simulation.target_growth_rate={growth:.9f}"
    yield f"simulation.replicates={replicates}"
    yield "targets=null"
    yield "plan.actions=null"
    yield "hiring.hires=null"


def _census(
    people: pl.DataFrame, until: date, dimensions: tuple[str, ...], settings: ResolvedSettings
) -> Census:
    """Return the newest list as a census of 31 December: all dates moved by the days until then."""
    moved = date(until.year, 12, 31) - until
    base = settings.base
    lowest = min(base.workforce.levels)
    pay = float(base.workforce.levels[lowest].min_salary.at(base.simulation.start_year)) or 1.0
    employees = people.select(
        "employee_id",
        pl.col("birth_date") + moved,
        pl.col("hire_date") + moved,
        pl.lit(None, pl.Date).alias("termination_date"),
        pl.col("level").fill_null(lowest),
        pl.lit(False).alias("level_inferred"),
        # pay decides nothing about exits
        pl.col("salary").fill_null(pay).cast(pl.Decimal(14, 2)),
        pl.col("fte").cast(FTE),
        *dimensions,
    )
    return Census(
        employees=employees,
        rejects=pl.DataFrame(schema=REJECTS_SCHEMA),
        rows_read=employees.height,
        skipped_terminated=0,
        dimensions=dimensions,
        dropped_columns=(),
        sha256="",
    )

"""What each source of variation contributes to the spread over replicates: chance, parameters, years.

The run is simulated again in memory with one source frozen at a time (setting simulation.vary). The share of
a source is the part of the variance that disappears. Shares need not add up to 1: sources act together, as
the year effect multiplies what parameters changed, and each variance is an estimate from the replicates.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import polars as pl

from settings import Scenario
from tasks.runs.directory import RunDirectory
from tasks.runs.recorded import recorded_input
from tasks.runs.request import RunRequest
from tasks.runs.resume import recorded_settings
from tasks.simulation.in_memory import simulate
from tasks.studies.precision import monte_carlo_errors
from tasks.warehouse.database import Database

KEYS = ("scenario_id", "simulation_year", "figure")


def contributions(
    run: RunDirectory,
    errors: pl.DataFrame,
    scratch: Path,
    on_source: Callable[[str], None] = lambda _source: None,
) -> tuple[pl.DataFrame, list[str]]:
    """Simulate a run again with one source frozen at a time.

    Args:
        run: A run with uncertain assumptions and several replicates.
        errors: Its rows of `monte_carlo_errors`.
        scratch: A temporary folder for data that does not fit in memory.
        on_source: Called with each source before the simulation in which it is frozen.

    Returns the rows of `errors` that vary, with a column per source: the share of the variance that
    disappears when it is frozen; and the sources. Raises InputError if the run was made by another version of
    the program, RunDamaged if its input was changed.
    """
    settings = recorded_settings(run, RunRequest())
    recorded = recorded_input(run)
    database = Database.of(scratch / "unused", settings.base.machine)
    sources: list[str] = list(settings.base.simulation.vary)
    found = errors.filter(pl.col("deviation") > 0)
    for source in sources:
        on_source(source)
        others = [name for name in sources if name != source]
        scenarios = [_varying(scenario, others) for scenario in settings.scenarios]
        with simulate(
            scenarios,
            recorded.census,
            database,
            recorded.plans.by_scenario,
            uncertainty=recorded.uncertainty,
        ) as connection:
            frozen = monte_carlo_errors(connection).select(*KEYS, rest=pl.col("deviation"))
        share = 1 - (pl.col("rest") / pl.col("deviation")) ** 2
        found = found.join(frozen, on=KEYS, how="left").with_columns(share.alias(source)).drop("rest")
    return found, sources


def _varying(scenario: Scenario, sources: Sequence[str]) -> Scenario:
    """Return a scenario in which these sources vary."""
    simulation = scenario.settings.simulation.model_copy(update={"vary": list(sources)})
    settings = scenario.settings.model_copy(update={"simulation": simulation})
    return Scenario(scenario.id, scenario.description, scenario.overrides, settings, scenario.provenance)

"""Simulates mixtures of two scenarios' settings, and attributes the difference of each figure to settings.

The value of a coalition of settings is a figure of the run in which these settings have the scenario's values
and all others the baseline's. All runs use the same draws, so contributions are paired by replicate.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import numpy as np
import polars as pl

from settings import Scenario, settings_from_document
from tasks.runs.directory import RunDirectory
from tasks.runs.recorded import RecordedInput
from tasks.simulation.in_memory import simulate
from tasks.studies.attribution.shapley import (
    Coalition,
    Values,
    all_coalitions,
    coalitions_of,
    exact,
    permutations,
    sampled,
)
from tasks.studies.attribution.units import Mixtures, Side, find_mixtures, joined
from tasks.studies.figures import create_figures, paths
from tasks.warehouse.database import Database
from tasks.warehouse.published import published

#: Up to this number of settings every coalition is simulated, 2^6 of them; beyond, permutations are drawn.
MOST_EXACT = 6
#: Pairs of permutations: with 10 settings about 170 coalitions.
PAIRS = 10
#: Employees of all mixtures and replicates that one pass simulates: about 2 GB of memory.
LARGEST_PASS = 500_000
#: Contributions are rounded to this number of decimals, and then still add up.
DECIMALS = 6

#: A figure and a year.
Cell = tuple[str, int]


@dataclass(frozen=True)
class Question:
    """A scenario's difference from the baseline, in the first replicates of a run."""

    scenario: str
    baseline: str
    mixtures: Mixtures
    replicates: int
    orders: tuple[tuple[int, ...], ...] = ()  # permutations; none: all coalitions

    @property
    def coalitions(self) -> list[Coalition]:
        """The coalitions whose values are needed, those of the two recorded scenarios left out."""
        size = len(self.mixtures.units)
        needed = coalitions_of(self.orders) if self.orders else all_coalitions(size)
        return [each for each in needed if 0 < len(each) < size]


@dataclass(frozen=True)
class Attribution:
    """The answer: a row per setting, figure and year.

    `rows` has setting, figure, simulation_year, contribution, standard_error (null for one replicate and
    all coalitions), baseline_value and scenario_value. In each figure and year the contributions add up to
    scenario_value − baseline_value. A figure and year without a value in a coalition has no rows.
    """

    question: Question
    rows: pl.DataFrame


def ask(found: RecordedInput, scenario: str, baseline: str, replicates: int | None = None) -> Question:
    """Return the question for two scenarios of a run; settings that are valid only together are one unit.

    Args:
        found: The run's input.
        scenario: The scenario's id.
        baseline: The id of the scenario to compare with.
        replicates: The first replicates to use; None: all.

    Raises SettingsError if the settings of a scenario are not valid in this version of the program.
    """
    sides = {
        entry.id: Side(entry.settings, found.plans.by_scenario.get(entry.id))
        for entry in found.record.scenarios
    }
    mixtures = find_mixtures(sides[baseline], sides[scenario], f"run.json of {found.record.run_id}")
    for name in (baseline, scenario):  # else every mixture would be invalid, and all units one
        settings_from_document(sides[name].settings, mixtures.source)
    seed, used = found.record.seed, replicates or found.record.replicates
    while True:
        size = len(mixtures.units)
        orders = permutations(size, PAIRS, seed) if size > MOST_EXACT else []
        question = Question(scenario, baseline, mixtures, used, tuple(map(tuple, orders)))
        together = next(
            (places for each in question.coalitions if (places := mixtures.join(sorted(each), found.census))),
            None,
        )
        if together is None:
            return question
        mixtures = joined(mixtures, together)


def attribute(
    directory: RunDirectory,
    found: RecordedInput,
    questions: Sequence[Question],
    scratch: Path,
    on_pass: Callable[[int, int], None] = lambda _done, _of: None,
) -> list[Attribution]:
    """Simulate all coalitions that the questions need, and return an answer for each.

    Args:
        directory: The run; the values of its own scenarios are read from its published tables.
        found: Its input.
        questions: The questions, with the same number of replicates.
        scratch: A temporary folder for data that does not fit in memory.
        on_pass: Called before each pass with the number of coalitions simulated, and of all.
    """
    replicates = questions[0].replicates
    wanted = [(place, each) for place, question in enumerate(questions) for each in question.coalitions]
    values: dict[tuple[int, Coalition], Values] = {}
    size = max(1, LARGEST_PASS // max(1, found.record.census.at_opening * replicates))
    cells, recorded = _recorded_values(directory, replicates)
    for place, question in enumerate(questions):
        values[place, frozenset()] = recorded[question.baseline]
        values[place, frozenset(range(len(question.mixtures.units)))] = recorded[question.scenario]
    for start in range(0, len(wanted), size):
        on_pass(start, len(wanted))
        batch = {f"mixture_{number}": each for number, each in enumerate(wanted[start : start + size])}
        mixed = {
            name: questions[place].mixtures.mixed(coalition, name)
            for name, (place, coalition) in batch.items()
        }
        simulated = _simulated(found, mixed, replicates, scratch, cells)
        values |= {batch[name]: array for name, array in simulated.items()}
    return [
        Attribution(question, _rows(question, cells, lambda each, place=place: values[place, each]))  # type: ignore[misc]
        for place, question in enumerate(questions)
    ]


def _simulated(
    found: RecordedInput,
    mixed: Mapping[str, tuple[Scenario, pl.DataFrame | None]],
    replicates: int,
    scratch: Path,
    cells: Sequence[Cell],
) -> dict[str, Values]:
    """Simulate scenarios in one pass; return the values of each."""
    scenarios = [_of_replicates(scenario, replicates) for scenario, _plan in mixed.values()]
    plans = {name: plan for name, (_scenario, plan) in mixed.items() if plan is not None}
    machine = settings_from_document(found.record.settings, "run.json").machine
    database = Database.of(scratch / "unused", machine)
    with simulate(scenarios, found.census, database, plans, uncertainty=found.uncertainty) as connection:
        return _values(connection, replicates, cells)


def _of_replicates(scenario: Scenario, replicates: int) -> Scenario:
    simulation = scenario.settings.simulation.model_copy(
        update={"replicates": replicates, "first_replicate": 1}
    )
    return replace(scenario, settings=scenario.settings.model_copy(update={"simulation": simulation}))


def _recorded_values(directory: RunDirectory, replicates: int) -> tuple[list[Cell], dict[str, Values]]:
    """Return the figures and years of a run, and the values of each of its scenarios."""
    with published(directory.results, ["fct_year_summary"]) as connection:
        create_figures(connection, breakdowns=False)
        keys = connection.execute("select distinct figure, simulation_year from figures order by all")
        cells = [(figure, year) for figure, year in keys.fetchall()]
        return cells, _values(connection, replicates, cells)


def _values(
    connection: duckdb.DuckDBPyConnection, replicates: int, cells: Sequence[Cell]
) -> dict[str, Values]:
    """Return an array of figure and year × replicate for each scenario; a figure without value is NaN."""
    create_figures(connection, breakdowns=False)
    rows = paths(connection).filter(pl.col("replicate") <= replicates)
    found = {}
    for (scenario,), of_scenario in rows.group_by("scenario_id"):
        years = {(row[0], row[1]) for row in of_scenario.select("figure", "simulation_year").unique().rows()}
        if years != set(cells):
            raise ValueError(f"scenario {scenario}: other figures or years than the run has")
        values = of_scenario.sort("figure", "simulation_year", "replicate")["value"]
        found[str(scenario)] = values.to_numpy().reshape(len(cells), replicates).astype(np.float64)
    return found


def _rows(question: Question, cells: Sequence[Cell], value: Callable[[Coalition], Values]) -> pl.DataFrame:
    """Return the rows of an answer."""
    units, replicates = question.mixtures.units, question.replicates
    everyone = frozenset(range(len(units)))
    before, after = (value(each).mean(axis=1) for each in (frozenset(), everyone))
    if question.orders:
        shares, by_sampling = sampled(question.orders, lambda each: value(each).mean(axis=1))
        errors = by_sampling
        if replicates > 1:
            of_chance = _of_chance(question, value)
            errors = [np.hypot(one, other) for one, other in zip(by_sampling, of_chance, strict=True)]
    else:
        by_replicate = exact(len(units), value)
        shares = [share.mean(axis=1) for share in by_replicate]
        errors = [_standard_error(share) for share in by_replicate]
    table = []
    for place, (figure, year) in enumerate(cells):
        difference = after[place] - before[place]
        if np.isnan([difference, *(share[place] for share in shares)]).any():
            continue  # nobody is employed in one of the scenarios, or in one of their mixtures
        contributions = adding_up([float(share[place]) for share in shares], float(difference))
        table += [
            {
                "setting": unit.name,
                "figure": figure,
                "simulation_year": year,
                "contribution": contribution,
                "standard_error": None if np.isnan(error[place]) else float(error[place]),
                "baseline_value": float(before[place]),
                "scenario_value": float(after[place]),
            }
            for unit, contribution, error in zip(units, contributions, errors, strict=True)
        ]
    return pl.DataFrame(table, schema_overrides={"standard_error": pl.Float64})


def _of_chance(question: Question, value: Callable[[Coalition], Values]) -> list[Values]:
    """Return the standard errors over replicates of contributions averaged over the orders drawn."""
    by_replicate, _errors = sampled(question.orders, value)
    return [_standard_error(share) for share in by_replicate]


def _standard_error(by_replicate: Values) -> Values:
    """Return the standard error of the mean over replicates; NaN for one replicate."""
    count = by_replicate.shape[1]
    if count < 2:
        return np.full(by_replicate.shape[0], np.nan)
    error: Values = by_replicate.std(axis=1, ddof=1) / np.sqrt(count)
    return error


def adding_up(contributions: Sequence[float], difference: float, decimals: int = DECIMALS) -> list[float]:
    """Round contributions so that they add up to the rounded difference: the largest takes the remainder.

    >>> adding_up([1 / 3, 1 / 3, 1 / 3], 1.0)
    [0.333334, 0.333333, 0.333333]
    """
    scale = 10**decimals
    rounded = [round(each * scale) for each in contributions]
    largest = max(range(len(rounded)), key=lambda place: abs(rounded[place]))
    rounded[largest] += round(difference * scale) - sum(rounded)
    return [each / scale for each in rounded]

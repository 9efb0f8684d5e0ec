"""Simulates the points of an optimisation in memory, on the replicates of the search or on fresh ones."""

import math
from collections.abc import Sequence
from decimal import Decimal

import duckdb

from tasks.studies.chance import worst_years
from tasks.studies.figures import paths
from tasks.studies.objective import ByReplicate, Objective
from tasks.studies.optimise import Problem, Response
from tasks.studies.parts import check_part
from tasks.studies.proposals import Point
from tasks.studies.trials import Trials


class Simulations:
    """Simulates points on `replicates` replicates, and single points on `fresh` others."""

    def __init__(self, trials: Trials, problem: Problem, replicates: int, fresh: int) -> None:
        self._trials = trials
        self._problem = problem
        self._replicates = replicates
        self._fresh = fresh
        self._first = trials.accepted.settings.base.simulation.first_replicate

    def evaluate(self, points: Sequence[Point]) -> list[Response]:
        """Simulate points side by side, on the replicates of the search."""
        return self._simulated(points, self._first, self._replicates)

    def confirm(self, point: Point, number: int) -> Response:
        """Simulate a point on fresh replicates, others for each number (from 0 on)."""
        first = self._first + self._replicates + number * self._fresh
        return self._simulated([point], first, self._fresh)[0]

    def _simulated(self, points: Sequence[Point], first: int, count: int) -> list[Response]:
        replicates = {
            "simulation.first_replicate": Decimal(first),
            "simulation.replicates": Decimal(count),
        }
        values = [self._problem.grid.values(point) for point in points]
        with self._trials.simulated(values, replicates) as (connection, names):
            return _responses(connection, self._problem, names)


def _responses(
    connection: duckdb.DuckDBPyConnection, problem: Problem, names: Sequence[str]
) -> list[Response]:
    for wanted in (problem.objective, *(demand.goal for demand in problem.demands)):
        check_part(connection, wanted)
    objective = _by_replicate(connection, problem.objective)
    goals: list[dict[str, list[float | None]]] = []
    for demand in problem.demands:
        of_goal: dict[str, list[float | None]] = {}
        for scenario, _, value in worst_years(connection, demand.goal).iter_rows():
            of_goal.setdefault(scenario, []).append(value)
        goals.append(of_goal)
    return [
        Response(_mean(objective[name]), tuple(of_goal[name] for of_goal in goals), objective[name])
        for name in names
    ]


def _by_replicate(
    connection: duckdb.DuckDBPyConnection, objective: Objective
) -> dict[str, list[float | None]]:
    """Return the objective's figure by scenario and replicate, on average over the years if none is named."""
    rows = paths(connection, objective.figure, objective.breakdown, objective.item, objective.year)
    found: dict[str, dict[int, list[float | None]]] = {}
    for scenario, _, replicate, _, value in rows.iter_rows():
        found.setdefault(scenario, {}).setdefault(replicate, []).append(value)
    return {scenario: [_mean(years) for years in by.values()] for scenario, by in found.items()}


def _mean(values: ByReplicate) -> float | None:
    """Return the mean, None if a value is missing; exact, so that threads do not decide its last digit."""
    found = [value for value in values if value is not None]
    return math.fsum(found) / len(found) if found and len(found) == len(values) else None

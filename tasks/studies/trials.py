"""Simulates values of settings in memory, side by side: the trials of a search.

All trials of a pass are scenarios of one simulation, with the same draws, so that their figures differ only
by what the settings change.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import product
from pathlib import Path

import duckdb

from settings import InputError, Problem, ResolvedSettings, SettingsError
from tasks.runs.request import Accepted, RunRequest, accept, accept_settings
from tasks.simulation.in_memory import YEAR_SUMMARY, simulate
from tasks.studies.figures import COSTS, create_figures
from tasks.studies.goal import Search
from tasks.warehouse.database import Database

#: A value for each setting that varies.
Values = Mapping[str, Decimal]
#: The tables of figures by part, beside the year summary.
PARTS = ("fct_level_summary", "fct_dimension_summary", "fct_month_summary")


@dataclass(frozen=True)
class Trials:
    """Simulates trials of a request; `figures` and `with_parts` say what is read from them."""

    request: RunRequest
    accepted: Accepted
    database: Database
    with_cost: bool
    with_parts: bool

    @classmethod
    def of(
        cls,
        request: RunRequest,
        searches: Sequence[Search],
        scratch: Path,
        figures: Collection[str],
        *,
        with_parts: bool = False,
        source: str = "--by",
    ) -> "Trials":
        """Accept the request and check that the settings can vary within their bounds.

        Args:
            request: The run whose settings vary.
            searches: The settings and their bounds.
            scratch: A temporary folder for data that does not fit in memory.
            figures: The figures that are read.
            with_parts: Whether figures are read by part, such as a department.
            source: The flag that gave the bounds, for messages.

        Raises InputError if settings or census are invalid, or the settings do not allow the bounds.
        """
        accepted = accept(request)
        _check_scenario([search.key for search in searches], request, accepted.settings)
        _check_bounds(request, searches, source)
        # runs are simulated in memory: no file is written
        database = Database.of(scratch / "unused", accepted.settings.base.machine)
        return cls(request, accepted, database, bool({*figures} & {*COSTS}), with_parts)

    @contextmanager
    def simulated(
        self, trials: Sequence[Values], more: Values | None = None
    ) -> Iterator[tuple[duckdb.DuckDBPyConnection, list[str]]]:
        """Simulate trials; yield a connection with view `figures`, and the scenario id of each trial.

        `more` are settings of all trials, such as other replicates.
        """
        names = [f"trial_{number}" for number in range(1, len(trials) + 1)]
        resolved = [
            replace(_with(self.request, {**(more or {}), **values}).scenarios[0], id=name)
            for name, values in zip(names, trials, strict=True)
        ]
        # all trials are of the same scenario, and so have its known actions
        plans = {name: plan for plan in self.accepted.plans.by_scenario.values() for name in names}
        with simulate(
            resolved,
            self.accepted.census,
            self.database,
            plans,
            wanted=(*YEAR_SUMMARY, *(PARTS if self.with_parts else ())),
            uncertainty=self.accepted.uncertainty,
            with_cost=self.with_cost or self.with_parts,  # months, which costs by part are summed from
        ) as connection:
            create_figures(connection, breakdowns=self.with_parts)
            yield connection, names


def _with(request: RunRequest, values: Values) -> ResolvedSettings:
    return accept_settings(
        replace(request, sets=(*request.sets, *(f"{key}={value:f}" for key, value in values.items())))
    )


def _check_scenario(keys: Sequence[str], request: RunRequest, settings: ResolvedSettings) -> None:
    if len(settings.scenarios) > 1:
        raise InputError("--scenario: a goal is sought within one scenario; give one file, or none")
    for key in keys:
        if any(f"{name}.".startswith(f"{key}.") for name in settings.scenarios[0].overrides):
            raise InputError(f"--by {key}: {request.scenarios[0]} fixes it; take it out there")


def _check_bounds(request: RunRequest, searches: Sequence[Search], source: str) -> None:
    """Raise SettingsError if bounds are invalid, alone or together; the error names `source`."""
    problems: list[Problem] = []
    for corner in product(*((search.lower, search.upper) for search in searches)):
        try:
            _with(request, dict(zip((search.key for search in searches), corner, strict=True)))
        except SettingsError as error:
            problems += error.problems
    own = {f"--set {search.key}" for search in searches}
    if problems:
        raise SettingsError(
            replace(problem, source=source) if problem.source in own else problem for problem in problems
        )

"""A small company with settings and known actions, as the SQL and the model simulate it."""

from collections import defaultdict
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache, cached_property
from typing import Any

from settings import Settings
from settings.loading.loader import default_settings
from settings.models.uncertainty import Uncertainty
from tests.simulation.model import Action, Company, Employee
from tests.simulation.model.hiring import combinations
from tests.simulation.model.people import Place
from tests.simulation.model.policy import policy

DIMENSIONS = ("department", "location")
YEARS = range(2027, 2030)  # 2028 is a leap year


@dataclass(frozen=True)
class Planned:
    """A known action, and the scenario that it applies to; none: all."""

    action: Action
    scenario: str | None


@dataclass(frozen=True)
class Leaver:
    """Somebody in the census who left before the first year."""

    employee: Employee
    last_day: date


@dataclass(frozen=True)
class Example:
    """A company, what one or more scenarios change in the default settings, and what is known."""

    company: Company
    leavers: tuple[Leaver, ...]
    changed: Mapping[str, Mapping[str, Any]]
    plan: tuple[Planned, ...]
    uncertainty: Uncertainty | None = None

    @cached_property
    def scenarios(self) -> dict[str, Settings]:
        """The settings of each scenario; that there is a plan matters, its file is not read."""
        plan = {"plan.actions": "plan.csv"} if self.plan else {}
        return {name: settings_with({**plan, **changed}) for name, changed in self.changed.items()}

    def actions(self, scenario: str) -> list[Action]:
        """The actions that apply to a scenario."""
        return [one.action for one in self.plan if one.scenario in (None, scenario)]

    @property
    def census_places(self) -> list[Place]:
        """The combinations of dimensions in the census."""
        everyone = [*self.company.employees, *(one.employee for one in self.leavers)]
        return [one.state.place for one in everyone]

    @property
    def places(self) -> list[Place]:
        """All combinations of dimensions: of the census and the mixes, closed under moves."""
        rules = [policy(one, one.simulation.start_year, DIMENSIONS) for one in self.scenarios.values()]
        places = self.census_places
        places += [place for one in rules for place in one.dimension_mix or ()]
        places = places or [tuple(None for _ in DIMENSIONS)]
        set_by_moves: dict[int, set[str | None]] = defaultdict(set)
        for one in rules:
            if one.transfer:
                set_by_moves[DIMENSIONS.index(one.transfer.by)] |= set(one.transfer.to or ())
            for segment in one.segments:
                for name, value in segment.where.items():
                    if name != "level":
                        set_by_moves[DIMENSIONS.index(name)].add(value)
        for planned in self.plan:
            for name, value in planned.action.dimensions.items():
                set_by_moves[DIMENSIONS.index(name)].add(value)
        for number, values in set_by_moves.items():
            values |= {place[number] for place in places}
        return combinations(places, set_by_moves)


@cache
def _defaults() -> dict[str, Any]:
    document = default_settings().model_dump()
    document["simulation"] |= {
        "start_year": YEARS.start,
        "end_year": YEARS.stop - 1,
        "replicates": 2,
        "limits": {"min_growth": Decimal(-1), "max_growth": Decimal(3), "max_years": 10},
    }
    return document


def settings_with(changed: Mapping[str, Any]) -> Settings:
    """The default settings of these years with some keys changed."""
    document = deepcopy(_defaults())
    for key, value in changed.items():
        *path, last = key.split(".")
        group = document
        for name in path:
            group = group[name]
        group[last] = value
    return Settings.model_validate(document)

"""What differs between two scenarios, and the scenarios with some of the differences.

A unit is a setting that differs, or several that are valid only together. A mixture has the scenario's values
of some units and the baseline's of all others.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import polars as pl
from pydantic import ValidationError

from settings import Scenario, Settings, settings_from_document
from settings.loading.catalog import is_section, key_path
from settings.loading.loader import with_newer_sections
from settings.loading.problems import violations_of
from settings.loading.yaml_tree import KeyPath
from tasks.census.read import Census
from tasks.runs.misfits import misfits

#: Known actions count by their content, wherever the file lies.
PLAN: KeyPath = ("plan", "actions")
#: Between the keys of a unit.
AND = " + "
#: Keys of a unit that tables name.
NAMED = 3
_ABSENT = object()


@dataclass(frozen=True)
class Unit:
    """Settings that differ and count as one."""

    paths: tuple[KeyPath, ...]

    @property
    def name(self) -> str:
        """The dotted keys, joined by AND."""
        return AND.join(".".join(path) for path in self.paths)


@dataclass(frozen=True)
class Side:
    """A recorded scenario: its settings as a document, and its known actions."""

    settings: Mapping[str, Any]
    plan: pl.DataFrame | None


@dataclass(frozen=True)
class Mixtures:
    """The baseline, the scenario, and the units in which they differ."""

    baseline: Side
    scenario: Side
    units: tuple[Unit, ...]
    source: str  # names the settings in errors

    def mixed(self, chosen: Collection[int], scenario_id: str) -> tuple[Scenario, pl.DataFrame | None]:
        """Return the scenario with the chosen units, by their places, and its known actions.

        Raises SettingsError if it is not valid, which it is for units of `find_mixtures`.
        """
        paths = [path for place in chosen for path in self.units[place].paths]
        settings = settings_from_document(self._tree(paths), self.source)
        plan = self.scenario.plan if PLAN in paths else self.baseline.plan
        return Scenario(scenario_id, "", {}, settings, {}), plan

    def _tree(self, paths: Sequence[KeyPath]) -> dict[str, Any]:
        tree = deepcopy(with_newer_sections(self.baseline.settings))
        for path in paths:
            _put(tree, path, _value(self.scenario.settings, path))
        tree["alerts"] = {**tree["alerts"], "channels": []}  # a run's record masks their addresses
        return tree

    def join(self, chosen: Sequence[int], census: Census) -> set[int]:
        """Return the units that have to be joined so that the mixture of the chosen ones is valid; or none.

        These are the units that a violated rule reads; all of them if the rule reads fewer than two.
        """
        paths = [path for place in chosen for path in self.units[place].paths]
        try:
            settings = Settings.model_validate(self._tree(paths))
        except ValidationError as error:
            keys = [key for each in violations_of(error) for key in (each.key, *each.reads)]
            read = {place for place, unit in enumerate(self.units) if _is_read(unit, keys)}
            return read if len(read) > 1 else set(range(len(self.units)))
        if (
            settings.targets is None
        ):  # only targets may contradict the census in one mixture and not in another
            return set()
        scenario, plan = self.mixed(chosen, "mixture")
        return set(range(len(self.units))) if any(misfits(scenario, census, plan)) else set()


def short_name(name: str) -> str:
    """Return a unit's name as tables show it: of more than three keys the first, and how many others."""
    first, *others = name.split(AND)
    return name if len(others) < NAMED else f"{first}{AND}{len(others)} more"


def find_mixtures(baseline: Side, scenario: Side, source: str) -> Mixtures:
    """Return the settings in which two sides differ, a unit each, in the order of the settings."""
    same_plan = _is_same(baseline.plan, scenario.plan)
    paths = [path for path in _differences(baseline.settings, scenario.settings) if path != PLAN]
    units = [Unit((path,)) for path in paths] + ([] if same_plan else [Unit((PLAN,))])
    return Mixtures(baseline, scenario, tuple(units), source)


def joined(mixtures: Mixtures, places: Collection[int]) -> Mixtures:
    """Return the mixtures in which the units at these places are one, at the first of them."""
    first = min(places)
    together = Unit(tuple(path for place in sorted(places) for path in mixtures.units[place].paths))
    units = [
        together if place == first else unit
        for place, unit in enumerate(mixtures.units)
        if place == first or place not in places
    ]
    return Mixtures(mixtures.baseline, mixtures.scenario, tuple(units), mixtures.source)


def _differences(
    before: Mapping[str, Any], after: Mapping[str, Any], above: KeyPath = ()
) -> Iterator[KeyPath]:
    """Yield the path of each setting that differs; of one that only one side has, the highest such path."""
    for name in dict.fromkeys((*before, *after)):
        path = (*above, name)
        one, other = before.get(name, _ABSENT), after.get(name, _ABSENT)
        if isinstance(one, dict) and isinstance(other, dict) and one and other and is_section(path):
            yield from _differences(one, other, path)
        elif one != other:
            yield path


def _value(tree: Any, path: KeyPath) -> Any:
    for name in path:
        tree = tree.get(name, _ABSENT)
    return tree


def _put(tree: dict[str, Any], path: KeyPath, value: Any) -> None:
    for name in path[:-1]:
        tree = tree[name]
    if value is _ABSENT:
        tree.pop(path[-1], None)
    else:
        tree[path[-1]] = deepcopy(value)


def _is_read(unit: Unit, keys: Sequence[str]) -> bool:
    """Return whether one of a unit's paths lies on, above or below one of these keys."""
    read = [key_path(key) for key in keys]
    return any(path[: len(other)] == other[: len(path)] for path in unit.paths for other in read)


def _is_same(one: pl.DataFrame | None, other: pl.DataFrame | None) -> bool:
    if one is None or other is None:
        return one is other
    return one.equals(other)

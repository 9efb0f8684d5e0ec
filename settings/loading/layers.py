"""Applies layers of settings in order and records the origin of each value.

A layer is a list of assignments (key, value, origin). A group of settings merges by key,
and so do `levels`, causes of termination, factors, `merit_multipliers` and `census.columns`,
in which null removes an entry. Every other mapping (year -> number, date -> share, ages, level mix)
is replaced as a whole.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from settings.loading.catalog import in_defaults, is_merged_mapping, is_optional_section, is_section, joined
from settings.loading.problems import Problem, allowed, shown
from settings.loading.yaml_tree import KeyPath

LayerName = Literal[
    "default", "deployed", "recorded", "history", "file", "environment", "flag", "set", "scenario"
]
_ORDER = get_args(LayerName)
#: A comment that begins so says that the value on its line was estimated from history (`workforce fit`).
FROM_HISTORY = "history: "


@dataclass(frozen=True)
class Origin:
    """Where a value comes from: the layer, and the file and line, variable or flag."""

    layer: LayerName
    source: str

    @property
    def rank(self) -> int:
        """The position of the layer: a higher layer overrides a lower one."""
        return _ORDER.index(self.layer)


@dataclass(frozen=True)
class Assignment:
    """A key, its value in one layer, and the origin of that value."""

    path: KeyPath
    value: Any
    origin: Origin


@dataclass
class Layered:
    """The layers applied so far: the values in force and the origin of each."""

    tree: dict[str, Any] = field(default_factory=dict)
    origins: dict[KeyPath, Origin] = field(default_factory=dict)
    removed: dict[KeyPath, Origin] = field(default_factory=dict)  # entries removed by null
    problems: list[Problem] = field(default_factory=list)
    outdated: dict[KeyPath, str] = field(default_factory=dict)  # factors dropped -> bands that changed
    _latest: dict[KeyPath, tuple[KeyPath, Origin]] | None = field(default=None, repr=False)

    def copy(self) -> "Layered":
        """Return an independent copy, to which a scenario can be applied."""
        return deepcopy(self)

    def apply(self, layer: Iterable[Assignment]) -> None:
        """Apply a layer over those applied before."""
        layer = list(layer)
        self._latest = None
        for assignment in layer:
            self._drop_factors_of_changed_bands(assignment)
        started: set[KeyPath] = set()
        for assignment in layer:
            self._assign(assignment, started)

    def drop_entries_absent_from(self, document: Mapping[str, Any], path: KeyPath = ()) -> None:
        """Drop the entries of merged mappings that a complete document lacks: there they were removed."""
        for key, value in document.items():
            here = (*path, str(key))
            if isinstance(value, Mapping) and is_section(here):
                if is_merged_mapping(here):
                    for name in [name for name in self._get(here) or () if name not in value]:
                        self._remove((*here, name))
                self.drop_entries_absent_from(value, here)

    def source_of(self, path: KeyPath) -> str:
        """Return where a key's value was set: its own origin, or the latest one in the nearest group."""
        for length in range(len(path), -1, -1):
            if found := self._latest_under(path[:length]):
                return found[1].source
        return ""

    def latest_change_of(self, path: KeyPath) -> tuple[KeyPath, Origin] | None:
        """Return the key at, under or around a path that was set or removed last, and its origin."""
        if found := self._latest_under(path) or self._latest_under(leaf_of(path)):
            return found[0][: len(path) + 1], found[1]
        return None

    def _latest_under(self, path: KeyPath) -> tuple[KeyPath, Origin] | None:
        if self._latest is None:
            self._latest = {}
            for key, origin in (*self.origins.items(), *self.removed.items()):
                for length in range(len(key) + 1):
                    before = self._latest.get(key[:length])
                    if before is None or origin.rank > before[1].rank:
                        self._latest[key[:length]] = key, origin
        return self._latest.get(path)

    def _assign(self, assignment: Assignment, started: set[KeyPath]) -> None:
        path, value, origin = assignment.path, assignment.value, assignment.origin
        leaf = leaf_of(path)
        if leaf == path and is_section(path):
            self._assign_section(assignment)
        elif leaf != path:
            # One entry of a mapping that is replaced as a whole, such as a rate's year:
            # the first entry of a layer starts a new mapping.
            if leaf not in started:
                self._put(leaf, {}, origin)
                started.add(leaf)
            self._get(leaf)[".".join(path[len(leaf) :])] = value
        elif self._is_removal(assignment):
            self._remove_entry(path, origin)
        else:
            self._put(path, value, origin)
            (started.add if isinstance(value, dict) else started.discard)(path)

    def _assign_section(self, assignment: Assignment) -> None:
        path, value = assignment.path, assignment.value
        if self._is_removal(assignment):
            self._remove_entry(path, assignment.origin)
        elif value is None and is_merged_mapping(path[:-1]):
            existing = ", ".join(self._get(path[:-1]) or ()) or "none"
            expected = f"null removes an entry; existing entries: {existing}"
            self.problems.append(Problem(assignment.origin.source, ".".join(path), "null", expected))
        elif value is None and is_optional_section(path):
            self._remove(path)
            self._put(path, None, assignment.origin)
        elif not value and (value is None or isinstance(value, dict)):
            self._put(path, self._get(path) or {}, None)  # an empty group overrides nothing
        else:
            self.problems.append(
                Problem(assignment.origin.source, ".".join(path), shown(path, value), allowed(path))
            )

    def _drop_factors_of_changed_bands(self, assignment: Assignment) -> None:
        """Other bands invalidate the factors of the layers below, which name bands that are gone."""
        before, after = self._get(assignment.path), assignment.value
        if not (isinstance(before, list) and isinstance(after, list)):
            return
        for attribute in ("age", "tenure"):
            bands = f"{attribute}_bands"
            if assignment.path == ("workforce", bands) and _texts(before) != _texts(after):
                for factors in self._paths_of_factors():
                    if self._get((*factors, attribute)):
                        self._remove((*factors, attribute))
                        self.outdated[*factors, attribute] = bands

    def _paths_of_factors(self) -> list[KeyPath]:
        causes = [("termination", cause) for cause in self._get(("workforce", "termination")) or ()]
        return [("workforce", *rate, "factors") for rate in (*causes, ("promotion",), ("transfer",))]

    def _get(self, path: KeyPath) -> Any:
        value: Any = self.tree
        for key in path:
            if not isinstance(value, dict) or key not in value:
                return None
            value = value[key]
        return value

    def _put(self, path: KeyPath, value: Any, origin: Origin | None) -> None:
        node = self.tree
        for key in path[:-1]:
            if node.get(key) is None:  # absent, or an optional group that has been null so far
                node[key] = {}
            node = node[key]
        node[path[-1]] = value
        self.removed.pop(path, None)
        self.outdated = {key: bands for key, bands in self.outdated.items() if path[: len(key)] != key}
        if origin:
            self.origins[path] = origin

    def _is_removal(self, assignment: Assignment) -> bool:
        """Return whether a null removes an entry, which a lower layer may have removed already."""
        path = assignment.path
        is_null_entry = assignment.value is None and is_merged_mapping(path[:-1])
        return is_null_entry and (self._get(path) is not None or in_defaults(path))

    def _remove_entry(self, path: KeyPath, origin: Origin) -> None:
        if self._get(path) is not None:
            self._remove(path)
        self.removed[path] = origin

    def _remove(self, path: KeyPath) -> None:
        parent = self._get(path[:-1])
        if isinstance(parent, dict):
            parent.pop(path[-1], None)
        self.origins = {key: origin for key, origin in self.origins.items() if key[: len(path)] != path}
        self.outdated = {key: bands for key, bands in self.outdated.items() if key[: len(path)] != path}


def _texts(values: list[Any]) -> list[str]:
    return [str(value) for value in values]


def leaf_of(path: KeyPath) -> KeyPath:
    """Return the path up to the first key that is not merged further."""
    for length in range(1, len(path)):
        if not is_section(path[:length]):
            return path[:length]
    return path


def flatten(
    content: Any, origin_at: Callable[[KeyPath], Origin], path: KeyPath = (), raw: KeyPath = ()
) -> Iterator[Assignment]:
    """Yield the assignments of a tree; a key may be dotted (workforce.levels)."""
    if isinstance(content, dict) and content and (not path or is_section(path)):
        for key, value in content.items():
            yield from flatten(value, origin_at, joined(path, key), (*raw, key))
    elif path:
        yield Assignment(path, content, origin_at(raw))

"""Applies layers of settings in order and records the origin of each value.

A layer is a list of assignments (key, value, origin). A group of settings merges by key,
and so do `levels`, hazard multipliers, `merit_multipliers` and `census.columns`, in which
null removes an entry. Every other mapping (year -> number, date -> share, ages, level mix)
is replaced as a whole.
"""

from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from settings.loading.catalog import is_merged_mapping, is_section
from settings.loading.problems import Problem, allowed, shown
from settings.loading.yaml_tree import KeyPath

LayerName = Literal["default", "deployed", "recorded", "file", "environment", "flag", "set", "scenario"]
_ORDER = get_args(LayerName)

# Other bands invalidate the multipliers of the layers below.
_TABLES_OF_BANDS: dict[KeyPath, list[KeyPath]] = {
    ("workforce", f"{kind}_bands"): [
        ("workforce", hazard, kind) for hazard in ("termination_hazard", "promotion_hazard")
    ]
    for kind in ("age", "tenure")
}


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
    _latest: dict[KeyPath, tuple[KeyPath, Origin]] | None = field(default=None, repr=False)

    def copy(self) -> "Layered":
        """Return an independent copy, to which a scenario can be applied."""
        return deepcopy(self)

    def apply(self, layer: Iterable[Assignment]) -> None:
        """Apply a layer over those applied before."""
        layer = list(layer)
        self._latest = None
        for assignment in layer:
            self._drop_tables_of_changed_bands(assignment)
        started: set[KeyPath] = set()
        for assignment in layer:
            self._assign(assignment, started)

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
        elif value is None and is_merged_mapping(path[:-1]) and self._get(path) is not None:
            self._remove_entry(path, origin)
        else:
            self._put(path, value, origin)
            (started.add if isinstance(value, dict) else started.discard)(path)

    def _assign_section(self, assignment: Assignment) -> None:
        path, value = assignment.path, assignment.value
        if value is None and self._get(path) is not None and is_merged_mapping(path[:-1]):
            self._remove_entry(path, assignment.origin)
        elif value is None and is_merged_mapping(path[:-1]):
            expected = f"null removes an entry; existing entries: {', '.join(self._get(path[:-1]))}"
            self.problems.append(Problem(assignment.origin.source, ".".join(path), "null", expected))
        elif not value and (value is None or isinstance(value, dict)):
            self._put(path, self._get(path) or {}, None)  # an empty group overrides nothing
        else:
            self.problems.append(
                Problem(assignment.origin.source, ".".join(path), shown(path, value), allowed(path))
            )

    def _drop_tables_of_changed_bands(self, assignment: Assignment) -> None:
        before = self._get(assignment.path)
        tables = _TABLES_OF_BANDS.get(assignment.path, [])
        if not (tables and isinstance(before, list) and isinstance(assignment.value, list)):
            return
        if [str(bound) for bound in before] != [str(bound) for bound in assignment.value]:
            for table in tables:
                self._remove(table)
                self._put(table, {}, assignment.origin)

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
            node = node.setdefault(key, {})
        node[path[-1]] = value
        self.removed.pop(path, None)
        if origin:
            self.origins[path] = origin

    def _remove_entry(self, path: KeyPath, origin: Origin) -> None:
        self._remove(path)
        self.removed[path] = origin

    def _remove(self, path: KeyPath) -> None:
        parent = self._get(path[:-1])
        if isinstance(parent, dict):
            parent.pop(path[-1], None)
        self.origins = {key: origin for key, origin in self.origins.items() if key[: len(path)] != path}


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
            yield from flatten(value, origin_at, (*path, *key.split(".")), (*raw, key))
    elif path:
        yield Assignment(path, content, origin_at(raw))

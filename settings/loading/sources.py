"""Reads each layer of settings: bundled defaults, files, environment, flags and --set.

Each function returns the assignments of one layer and the problems of reading it.
The models check keys and values later.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

from settings.loading.catalog import default_tree, key_path, schema_at
from settings.loading.layers import FROM_HISTORY, Assignment, LayerName, Origin, flatten
from settings.loading.problems import Problem, shown
from settings.loading.yaml_tree import KeyPath, YamlProblem, YamlTree, parse_value, read_yaml_file
from settings.models.location import holds_secret, location

Layer = tuple[list[Assignment], list[Problem]]

PREFIX = "WORKFORCE__"
FLAGS = {
    "--census": ("census.path",),
    "--actions": ("plan.actions",),
    "--history": ("history.path",),
    "--replicates": ("simulation.replicates",),
    "--seed": ("simulation.random_seed",),
    "--years": ("simulation.start_year", "simulation.end_year"),
}
_FILE_KEYS = (("census", "path"), ("plan", "actions"), ("history", "path"), ("reforecast", "path"))
_PATH_KEYS = (*_FILE_KEYS, ("simulation", "uncertainty"), ("machine", "spill_directory"))


def default_layer() -> list[Assignment]:
    """Return the bundled defaults."""
    tree = default_tree()
    return _assignments(deepcopy(tree.content), tree, "default", "settings/defaults.yaml")


def recorded_layer(document: Mapping[str, Any]) -> list[Assignment]:
    """Return the assignments of a run.json's settings, without alerts, whose channels are masked there."""
    known = {group: values for group, values in document.items() if group != "alerts"}
    return list(flatten(known, lambda _: Origin("recorded", "run.json")))


def deployed_layer(document: Mapping[str, Any]) -> list[Assignment]:
    """Return the assignments of the settings on a Prefect server, without keys of other versions."""
    layer = flatten(document, lambda _: Origin("deployed", "deployed on the Prefect server"))
    return [assignment for assignment in layer if schema_at(assignment.path) is not None]


def file_layer(path: Path) -> Layer:
    """Return the assignments of a settings file, and the problems of reading it."""
    try:
        tree = read_yaml_file(path)
    except YamlProblem as problem:
        return [], [Problem(str(path), "", None, str(problem))]
    if tree.content is None:  # only comments
        return [], []
    if not isinstance(tree.content, dict):
        return [], [
            Problem(
                str(path), "", None, "settings are expected (section: {key: value}), found a text or list"
            )
        ]
    layer = _assignments(tree.content, tree, "file", str(path))
    layer = [from_folder(assignment, path.parent) for assignment in layer]
    return layer, list(given_twice(layer))


def _assignments(
    content: Any, tree: YamlTree, layer: LayerName, source: str, raw: KeyPath = ()
) -> list[Assignment]:
    def origin_at(key: KeyPath) -> Origin:
        line = tree.lines.get((*raw, *key))
        if line is None:
            return Origin(layer, source)
        evidence = _evidence_on(tree.text[line - 1]) if layer == "file" and line <= len(tree.text) else None
        if evidence:
            return Origin("history", f"{source}, line {line}: {evidence}")
        return Origin(layer, f"{source}, line {line}")

    return list(flatten(content, origin_at))


def _evidence_on(line: str) -> str | None:
    """Return what a value rests on, from the comment behind one that was estimated from history."""
    _, mark, evidence = line.partition(f"# {FROM_HISTORY}")
    return evidence.strip() if mark else None


def scenario_assignments(tree: YamlTree, source: str) -> list[Assignment]:
    """Return the assignments under `overrides` of a scenario file."""
    return _assignments(tree.content["overrides"], tree, "scenario", source, raw=("overrides",))


def from_folder(assignment: Assignment, folder: Path) -> Assignment:
    """Resolve a relative path in a settings file from that file's folder, and `~` to the home folder."""
    if assignment.path in _PATH_KEYS and isinstance(assignment.value, str):
        where = location(assignment.value)
        if isinstance(where, Path):
            return Assignment(assignment.path, str(folder / where), assignment.origin)
    return assignment


def given_twice(layer: Sequence[Assignment]) -> Iterator[Problem]:
    """Yield a problem for each key that a file sets more than once."""
    for path, count in Counter(assignment.path for assignment in layer).items():
        if count > 1:
            sources = [assignment.origin.source for assignment in layer if assignment.path == path]
            yield Problem(sources[-1], ".".join(path), None, f"already set in {sources[0]}")


def environment_layer(environ: Mapping[str, str]) -> Layer:
    """Return the assignments of variables such as WORKFORCE__SIMULATION__RANDOM_SEED."""
    layer, problems = [], []
    for name in sorted(environ):  # a group sorts before its keys, so the keys override it
        if name.startswith(PREFIX):
            path = tuple(name.removeprefix(PREFIX).lower().split("__"))
            found, invalid = _from_text(path, environ[name], Origin("environment", name))
            layer += found
            problems += invalid
    return layer, problems


def set_layer(sets: Sequence[str]) -> Layer:
    """Return the assignments of `--set key=value`; a later one overrides an earlier one."""
    layer, problems = [], []
    for text in sets:
        key, separator, value = text.partition("=")
        key = key.strip()
        if not separator or not key:
            expected = "key=value is expected, such as simulation.random_seed=7"
            problems.append(Problem("--set", "", None, f"{expected}; found {shown((), text)}"))
            continue
        found, invalid = _from_text(key_path(key), value, Origin("set", f"--set {key}"))
        layer += found
        problems += invalid
    return layer, problems


def secrets_apart(sets: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Split `--set` texts into those that may be shown, and those with channel addresses or passwords.

    The latter are returned as equivalent environment variables, since Prefect stores a flow's parameters.
    """
    shown_sets, environ = [], {}
    for text in sets:
        key, _, value = text.partition("=")
        path = key.strip().lower().split(".")
        channels = path[0] == "alerts" and path[1:2] in ([], ["channels"])
        file = any(tuple(path) == key[: len(path)] for key in _FILE_KEYS)
        if channels or (file and holds_secret(value)):
            environ[PREFIX + "__".join(path).upper()] = value
        else:
            shown_sets.append(text)
    return shown_sets, environ


def _from_text(path: KeyPath, text: str, origin: Origin) -> Layer:
    try:
        value = parse_value(text)
    except YamlProblem as problem:
        return [], [Problem(origin.source, ".".join(path), None, str(problem))]
    return list(flatten(value, lambda _: origin, path)), []


def flag_layer(flags: Mapping[str, Any]) -> Layer:
    """Return the assignments of command-line flags; None means that a flag was not given."""
    layer, problems = [], []
    for flag, value in flags.items():
        if flag not in FLAGS:
            raise KeyError(f"{flag} is not a settings flag; flags are {', '.join(FLAGS)}")
        if value is None:
            continue
        if value == "":  # probably an unset shell variable: do not take the default for it
            problems.append(Problem(flag, "", None, "a value is expected, found nothing"))
            continue
        values: Sequence[Any] = [str(value) if isinstance(value, Path) else value]
        if flag == "--years":
            years = re.fullmatch(r"(\d{4})(?:-(\d{4}))?", str(value).strip(), re.ASCII)
            if not years:
                expected = "FIRST-LAST is expected, such as 2025-2029"
                problems.append(Problem(flag, "", None, f"{expected}; found {shown((), value)}"))
                continue
            values = [years[1], years[2] or years[1]]
        for key, item in zip(FLAGS[flag], values, strict=True):
            layer.append(Assignment(key_path(key), item, Origin("flag", flag)))
    return layer, problems

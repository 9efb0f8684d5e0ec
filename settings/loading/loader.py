"""Load settings from layers, of which each overrides those before it.

The order: defaults, deployed, file, environment, flags, --set, scenario.
"""

import os
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from settings.loading.catalog import default_tree, key_path
from settings.loading.conflicts import outdated_factors, problem_of_violation
from settings.loading.document import RecordedSettings, leaves, settings_document
from settings.loading.layers import Layered, Origin, leaf_of
from settings.loading.problems import (
    Problem,
    SettingsError,
    found_at,
    problems_of,
    violations_of,
)
from settings.loading.scenario import ScenarioFile, read_scenario, recorded_scenario
from settings.loading.sources import (
    default_layer,
    deployed_layer,
    environment_layer,
    file_layer,
    flag_layer,
    recorded_layer,
    set_layer,
)
from settings.loading.yaml_tree import KeyPath
from settings.models.settings import Settings


@dataclass(frozen=True)
class Scenario:
    """A set of assumptions: the base settings with some leaves overridden."""

    id: str
    description: str
    overrides: Mapping[str, Any]  # dotted key -> value; None: the scenario removes the entry
    settings: Settings
    provenance: Mapping[str, Origin] = field(repr=False)


@dataclass(frozen=True)
class ResolvedSettings:
    """The settings of a run, its scenarios, and the origin of each value."""

    base: Settings
    scenarios: tuple[Scenario, ...]
    provenance: Mapping[str, Origin] = field(repr=False)


@cache
def default_settings() -> Settings:
    """Return the bundled defaults; environment variables have no effect."""
    return Settings.model_validate(default_tree().content)


def load_settings(
    config: Path | None = None,
    *,
    flags: Mapping[str, Any] | None = None,
    sets: Sequence[str] = (),
    scenarios: Sequence[Path] = (),
    environ: Mapping[str, str] | None = None,
    recorded: RecordedSettings | None = None,
    deployed: Mapping[str, Any] | None = None,
) -> ResolvedSettings:
    """Resolve the settings of a run from all layers.

    `recorded` is the run.json of a run to resume. Its settings apply unless a higher layer
    overrides them; alert channels are secret and not in it. Its scenarios apply if no
    scenario files are given.

    `deployed` are the settings on a Prefect server (`deployments.deployed`). They apply
    unless a higher layer overrides them, so that a deploy without a file removes nothing.

    `flags` maps flags (see `settings.FLAGS`) to their values, None if not given; `sets`
    are texts key=value. Raises SettingsError with every problem of every layer and scenario.
    """
    base = Layered()
    base.apply(default_layer())
    if deployed:
        base.drop_entries_absent_from(deployed)
        base.apply(deployed_layer(deployed))
    if recorded:
        base.drop_entries_absent_from(recorded.settings)
        base.apply(recorded_layer(recorded.settings))
    for layer, problems in (
        file_layer(config) if config else ([], []),
        environment_layer(os.environ if environ is None else environ),
        flag_layer(flags or {}),
        set_layer(sets),
    ):
        base.apply(layer)
        base.problems += problems
    settings, problems = _validated(base)
    problems = base.problems + problems

    files = []
    for path in scenarios:
        file, wrong = read_scenario(path)
        problems += wrong
        files += [file] if file else []
    if recorded and not scenarios:
        files = [recorded_scenario(entry) for entry in recorded.scenarios]
    problems += _ids_given_twice(files)
    resolved = []
    for file in files:
        layered = base.copy()
        layered.apply(file.assignments)
        scenario_settings, wrong = _validated(layered)
        problems += layered.problems + wrong
        if scenario_settings:
            resolved.append(_scenario(file, scenario_settings, layered))
    if problems or settings is None:
        raise SettingsError(problems)
    provenance = _provenance(settings, base)
    baseline = Scenario("baseline", "", {}, settings, provenance)
    return ResolvedSettings(settings, tuple(resolved) or (baseline,), provenance)


def with_newer_sections(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document that an earlier version wrote with the defaults of sections that it did not have."""
    return {**deepcopy(default_tree().content), **document}


def settings_from_document(
    document: Mapping[str, Any], source: str, *, alerts: Mapping[str, Any] | None = None
) -> Settings:
    """Return the settings that `settings_document` wrote, for instance those in run.json.

    The document has no alert channels, because they are secret: pass `alerts`, otherwise the
    result has no channels. `source` names the document in errors. Raises SettingsError.
    """
    tree = {**with_newer_sections(document), "alerts": alerts or {**document["alerts"], "channels": []}}
    try:
        return Settings.model_validate(tree)
    except ValidationError as error:
        problems = list(problems_of(error, lambda _: source, tree))
        problems += [
            Problem(source, found.key, found_at(tree, key_path(found.key)), found.allowed)
            for found in violations_of(error)
        ]
        raise SettingsError(problems) from None


def _validated(layered: Layered) -> tuple[Settings | None, list[Problem]]:
    """Validate the tree; if fields are wrong, also check the relations between the other fields."""
    outdated = list(outdated_factors(layered))
    try:
        settings = Settings.model_validate(layered.tree)
        return (None, outdated) if outdated else (settings, [])
    except ValidationError as error:
        violated = violations_of(error)
        if violated:  # relations are only checked if no field is wrong
            return None, outdated + [problem_of_violation(violation, layered) for violation in violated]
        problems = outdated + list(problems_of(error, layered.source_of, layered.tree))
    wrong = [key_path(problem.key) for problem in problems]
    repaired = deepcopy(layered.tree)
    for path in wrong:
        _restore(repaired, default_tree().content, leaf_of(path))
    try:
        Settings.model_validate(repaired)
    except ValidationError as error:
        problems += [
            problem_of_violation(violation, layered)
            for violation in violations_of(error)
            if not any(_overlap(path, key_path(key)) for path in wrong for key in violation.reads)
        ]
    return None, problems


def _restore(tree: dict[str, Any], defaults: dict[str, Any], path: KeyPath) -> None:
    """Restore the default at a path, or at the nearest parent that has one; otherwise remove the value."""
    key = path[0]
    if key not in defaults:
        tree.pop(key, None)
    elif len(path) > 1 and isinstance(tree.get(key), dict) and isinstance(defaults[key], dict):
        _restore(tree[key], defaults[key], path[1:])
    else:
        tree[key] = deepcopy(defaults[key])


def _overlap(one: KeyPath, other: KeyPath) -> bool:
    length = min(len(one), len(other))
    return one[:length] == other[:length]


def _ids_given_twice(files: Sequence[ScenarioFile]) -> list[Problem]:
    first: dict[str, ScenarioFile] = {}
    problems = []
    for file in files:
        other = first.setdefault(file.id, file)
        if other is not file:
            same = (
                "the file is given twice" if other.source == file.source else f"{other.source} has this one"
            )
            problems.append(Problem(file.source, "id", file.id, f"each scenario needs a unique id; {same}"))
    return problems


def _scenario(file: ScenarioFile, settings: Settings, layered: Layered) -> Scenario:
    values = leaves(settings_document(settings))
    keys = {key for key, origin in layered.origins.items() if origin.layer == "scenario"}
    overrides = {key: value for key, value in values.items() if key_path(key) in keys}
    overrides |= {
        ".".join(assignment.path): None
        for assignment in file.assignments
        if assignment.value is None and ".".join(assignment.path) not in values
    }
    return Scenario(file.id, file.description, overrides, settings, _provenance(settings, layered))


def _provenance(settings: Settings, layered: Layered) -> dict[str, Origin]:
    default = Origin("default", "settings/defaults.yaml")
    return {key: layered.origins.get(key_path(key), default) for key in leaves(settings_document(settings))}

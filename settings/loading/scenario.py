"""Reads scenario files: an id, a description, and the settings that differ."""

import re
from dataclasses import dataclass
from pathlib import Path

from settings.errors import nearest
from settings.loading.catalog import key_path
from settings.loading.document import RecordedScenario
from settings.loading.layers import Assignment, Origin
from settings.loading.problems import Problem, shown
from settings.loading.sources import from_folder, given_twice, scenario_assignments
from settings.loading.yaml_tree import KeyPath, YamlProblem, YamlTree, read_yaml_file
from settings.models.shaping import RUN_KEYS

_KEYS = ("id", "description", "overrides")
_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


@dataclass(frozen=True)
class ScenarioFile:
    """The content of a scenario file."""

    source: str
    id: str
    description: str
    assignments: list[Assignment]


def read_scenario(path: Path) -> tuple[ScenarioFile | None, list[Problem]]:
    """Read a scenario file. Returns the scenario, None if its id is invalid, and all problems found."""
    source = str(path)
    try:
        tree = read_yaml_file(path)
    except YamlProblem as problem:
        return None, [Problem(source, "", None, str(problem))]
    if not isinstance(tree.content, dict):
        empty = "; the file is empty" if tree.content is None else ""
        return None, [
            Problem(
                source, "", None, f"a scenario is expected: a mapping of id, description, overrides{empty}"
            )
        ]
    problems = _top_level_problems(tree, source)
    assignments = []
    if isinstance(tree.content.get("overrides"), dict):
        assignments = [from_folder(item, path.parent) for item in scenario_assignments(tree, source)]
        problems += given_twice(assignments)
        problems += [_refused(item) for item in assignments if _belongs_to_run(item.path)]
        assignments = [item for item in assignments if not _belongs_to_run(item.path)]
    identifier = tree.content.get("id")
    if not isinstance(identifier, str) or not _ID.fullmatch(identifier):
        return None, problems
    description = tree.content.get("description")
    description = description if isinstance(description, str) else ""
    return ScenarioFile(source, identifier, description, assignments), problems


def recorded_scenario(entry: RecordedScenario) -> ScenarioFile:
    """Return a scenario as run.json holds it."""
    origin = Origin("scenario", "run.json")
    assignments = [Assignment(key_path(key), value, origin) for key, value in entry.overrides.items()]
    return ScenarioFile("run.json", entry.id, entry.description, assignments)


def _top_level_problems(tree: YamlTree, source: str) -> list[Problem]:
    content = tree.content

    def problem(key: str, text: str) -> Problem:
        line = tree.lines.get((key,))
        where = f"{source}, line {line}" if line else source
        found = shown((key,), content[key]) if key in content and key in _KEYS else None
        return Problem(where, key, found, text)

    problems = [problem(key, f"unknown key; {nearest(key, _KEYS)}") for key in content if key not in _KEYS]
    identifier = content.get("id")
    if not isinstance(identifier, str) or not _ID.fullmatch(identifier):
        missing = "missing; " if "id" not in content else ""
        problems.append(
            problem(
                "id", f"{missing}1 to 64 of a-z, 0-9, _ and - are allowed, the first being a letter or digit"
            )
        )
    if not isinstance(content.get("description", ""), str | None):
        problems.append(problem("description", "a text is allowed"))
    if not isinstance(content.get("overrides", {}), dict | None):
        problems.append(
            problem("overrides", "a mapping of settings is allowed (key: value, keys nested or dotted)")
        )
    return problems


def _belongs_to_run(path: KeyPath) -> bool:
    return any(".".join(path[: key.count(".") + 1]) == key for key in RUN_KEYS)


def _refused(assignment: Assignment) -> Problem:
    return Problem(
        assignment.origin.source,
        ".".join(assignment.path),
        None,
        f"this belongs to the run, not to a scenario; set it in the settings file or by --set. "
        f"The same holds for: {', '.join(RUN_KEYS)}",
    )

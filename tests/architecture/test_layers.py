"""Imports point one way: flows and deployments → tasks → settings, and one way between the rooms of tasks."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tasks.system.project import ROOT

#: Each imports only from those before it. tasks/__init__.py states the same order for readers.
ORDER = [
    "settings.errors",
    "settings.models",
    "settings.loading",
    "settings",
    "tasks.system",
    "tasks.text",
    "tasks.census",
    "tasks.history",
    "tasks.plan",
    "tasks.warehouse",
    "tasks.runs",
    "tasks.simulation",
    "tasks.server",
    "tasks.alerts",
    "tasks.studies",
    "tasks.ensembles",
    "tasks.results",
    "tasks.evidence",
    "tasks.reforecast",
    "tasks.health",
    "tasks.pipeline",
    "tasks.evidence_pipeline",
    "tasks.reforecast_pipeline",
    "tasks.dashboard",
    "flows",
    "deployments",
    "flows.cli",
]
FOLDERS = ("settings", "tasks", "flows", "deployments")
#: Entry points: a flow's module is also a command, and starts the command line when run as `python -m`.
ALLOWED = {("flows.multi_year", "flows.cli.start")}


def _modules() -> dict[str, Path]:
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*.py")
    }


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{name.name}" for name in node.names)
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names)


def _room(name: str) -> str | None:
    """The longest entry of ORDER that holds a name."""
    return max((room for room in ORDER if f"{name}.".startswith(f"{room}.")), key=len, default=None)


def _violations(modules: dict[str, Path]) -> list[str]:
    found = []
    for module, path in sorted(modules.items()):
        room = _room(module)
        if room is None:
            continue
        for imported in _imports(path):
            other = _room(imported)
            is_later = other is not None and ORDER.index(other) > ORDER.index(room)
            if is_later and (module, imported.rsplit(".", 1)[0]) not in ALLOWED:
                found.append(f"{module} imports {imported}: {other} comes after {room}")
    return found


def test_imports_point_one_way() -> None:
    assert _violations(_modules()) == []


def test_every_room_of_tasks_has_its_place_in_the_order() -> None:
    rooms = {f"tasks.{path.name}" for path in (ROOT / "tasks").iterdir() if (path / "__init__.py").exists()}
    modules = {f"tasks.{path.stem}" for path in (ROOT / "tasks").glob("[!_]*.py")}
    assert rooms | modules == {room for room in ORDER if room.startswith("tasks.")}


def test_the_order_that_readers_see_is_the_order_held() -> None:
    text = ast.get_docstring(ast.parse((ROOT / "tasks" / "__init__.py").read_text("utf-8")))
    assert text
    stated = [text.index(room.removeprefix("tasks.")) for room in ORDER if room.startswith("tasks.")]
    assert stated == sorted(stated)


@pytest.mark.parametrize(
    "package", sorted({path.parent.relative_to(ROOT) for path in _modules().values()}), ids=str
)
def test_every_package_says_what_belongs_there(package: Path) -> None:
    assert ast.get_docstring(ast.parse((ROOT / package / "__init__.py").read_text("utf-8")))


def test_a_violation_is_found(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.py"
    wrong.write_text("from tasks.runs.lock import RunLocked\n")
    assert _violations({"tasks.census.wrong": wrong}) == [
        "tasks.census.wrong imports tasks.runs.lock.RunLocked: tasks.runs comes after tasks.census"
    ]

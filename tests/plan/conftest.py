"""Shared fixtures of the tests of known actions: a small census, and a function that reads actions."""

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import pytest

from settings import Scenario, load_settings
from tasks.census.read import Census
from tasks.plan.accepted import ActionsFile
from tasks.plan.read import read_actions
from tasks.runs.request import accept_census

HEADER = "action_id,action,date,employee_id,count,level,salary,fte,cause,probability,scenario,department"
NAMES = HEADER.split(",")
CENSUS = """\
employee_id,birth_date,hire_date,salary,fte,termination_date,department
0017,1980-02-29,2010-05-01,60000,,,Sales
b,1990-01-01,2015-01-01,30000,0.5,,Engineering
gone,1970-01-01,2000-01-01,90000,,2024-06-30,Sales
"""

Read = Callable[..., ActionsFile]


def line(**cells: str) -> str:
    """A row of the file with these cells; a leave of employee 0017 unless they say otherwise."""
    assert set(cells) <= set(NAMES)
    whole = {"action_id": "a", "action": "leave", "date": "2026-03-31", "employee_id": "0017"} | cells
    return ",".join(f'"{whole.get(name, "")}"' for name in NAMES)


def lines(*rows: dict[str, str]) -> list[str]:
    """A file of these rows, with an id for each."""
    return [HEADER, *(line(**{"action_id": f"a{i}", **row}) for i, row in enumerate(rows))]


def scenarios_of(folder: Path, *overrides: str) -> tuple[Scenario, ...]:
    """One scenario per text of overrides, with ids s0, s1 and so on."""
    files = []
    for number, text in enumerate(overrides):
        files.append(folder / f"s{number}.yaml")
        files[-1].write_text(f"id: s{number}\noverrides: {text}\n")
    return load_settings(scenarios=files, environ={}).scenarios


@cache
def baseline(sets: Sequence[str] = ()) -> tuple[Scenario, ...]:
    """The baseline alone, with these settings."""
    return load_settings(sets=sets, environ={}).scenarios


@pytest.fixture(scope="session")
def census(tmp_path_factory: pytest.TempPathFactory) -> Census:
    return census_of(tmp_path_factory.mktemp("plan"))


def census_of(folder: Path, text: str = CENSUS, *sets: str) -> Census:
    """The census of a text."""
    file = folder / "people.csv"
    file.write_text(text)
    settings = load_settings(sets=[f"census.path={file}", *sets], environ={})
    return accept_census(settings)[0]


@pytest.fixture
def read(tmp_path: Path, census: Census, reads_here: None) -> Read:
    """Reads a file of actions: lines of CSV, bytes, or a path; `scenarios` and settings as key=value."""

    def read_file(
        content: Sequence[str] | bytes | Path,
        *sets: str,
        name: str = "actions.csv",
        scenarios: Sequence[Scenario] | None = None,
        known: Sequence[str] | None = None,
    ) -> ActionsFile:
        path = content if isinstance(content, Path) else tmp_path / name
        if isinstance(content, bytes):
            path.write_bytes(content)
        elif not isinstance(content, Path):
            path.write_text("\n".join(content) + "\n")
        scenarios = scenarios or baseline(sets)
        return read_actions(path, scenarios, census, known or [each.id for each in scenarios])

    return read_file

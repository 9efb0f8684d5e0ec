"""Flows list the steps of a year, which need no Prefect; importing them changes nothing in the process."""

import re
import subprocess
import sys

from flows.single_year import YEAR_TASKS
from tasks import pipeline
from tasks.simulation.year import YEAR
from tasks.system.project import ROOT

SOURCES = [
    path for folder in ("flows", "tasks", "deployments", "tests") for path in (ROOT / folder).rglob("*.py")
]


def test_the_tasks_of_a_year_are_its_steps_in_order() -> None:
    wrapped = [pipeline.open_year, pipeline.simulation_year_state, pipeline.assert_year_complete]
    assert list(YEAR_TASKS) == [*wrapped, pipeline.close_year, pipeline.publish_year, pipeline.show_year]
    called = [task.fn.__code__.co_names[-1] for task in YEAR_TASKS[: len(YEAR)]]
    assert called == ["open_year", "advance_year", "check_year", "close_year", "publish_year"]
    assert [step.__name__ for step in YEAR] == [name.replace("advance", "build") for name in called]


def test_nobody_calls_a_function_past_its_task() -> None:
    calls = re.compile(r"\.fn\(")
    assert [str(path) for path in SOURCES if calls.search(path.read_text("utf-8"))] == []


def test_rooms_below_the_server_do_not_import_prefect() -> None:
    """The simulation runs without Prefect. What is imported within functions is optional (dbt.node_tasks)."""
    rooms = ("system", "text", "census", "plan", "warehouse", "runs", "simulation")
    code = (
        "import importlib, pathlib, sys\n"
        f"for room in {rooms}:\n"
        "    for path in sorted(pathlib.Path('tasks', room).rglob('*.py')):\n"
        "        importlib.import_module('.'.join(path.with_suffix('').parts).removesuffix('.__init__'))\n"
        "print(sorted(name for name in sys.modules if name.partition('.')[0] == 'prefect')[:3])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_importing_flows_has_no_side_effects() -> None:
    code = (
        "import gc, os, sys\n"
        "before = gc.get_threshold(), list(sys.path), dict(os.environ)\n"
        "import flows, flows.cli.start\n"
        "assert before == (gc.get_threshold(), sys.path, dict(os.environ))\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)

"""What all tests share: they run away from the checkout, and those that share a run do so in one process."""

from __future__ import annotations

import json
import logging
import os
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TextIO

import hypothesis
import pytest
from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from tests.simulate import Finished

# how long an example takes says how busy the machine is
hypothesis.settings.register_profile("ours", deadline=None)
hypothesis.settings.load_profile("ours")

#: Folders and files whose tests look at one run, and the name of the run: by file, each of pytest-xdist's
#: workers would simulate it again.
SHARING_A_RUN = {
    "tests/results/": "awkward",
    "tests/dashboard/": "awkward",
    "tests/simulation/": "simulation",
    "tests/studies/": "studies",
    "tests/flows/test_damage.py": "finished",
    "tests/flows/test_health.py": "finished",
    "tests/flows/test_history.py": "finished",
    "tests/flows/test_no_results.py": "finished",
    "tests/dbt/test_compiled.py": "prepared",
    "tests/dbt/test_data_tests.py": "prepared",
    "tests/dbt/test_documentation.py": "prepared",
    "tests/dbt/test_unit_tests.py": "prepared",
}

#: Files of few tests that take minutes.
LONG = (
    "tests/flows/test_kills.py",
    "tests/flows/test_failures.py",
    "tests/flows/test_ensembles.py",
    "tests/flows/test_recovery.py",
    "tests/docs/test_tutorial.py",
    "tests/deployments/test_shards.py",
)


class _StderrAtHand:
    """sys.stderr at the time of each use."""

    def __getattr__(self, name: str) -> Any:
        return getattr(sys.stderr, name)


def pytest_configure() -> None:
    """Let handlers of logs look sys.stderr up when they write.

    Prefect makes one when it is first imported, in whichever test that is. The stderr of that test, or of the
    command that it calls through a CliRunner, is closed when another test logs a warning.
    """
    create = logging.StreamHandler.__init__

    def create_with_stderr_at_hand(handler: logging.StreamHandler[Any], stream: TextIO | None = None) -> None:
        create(handler, _StderrAtHand() if stream in (None, sys.stderr) else stream)

    logging.StreamHandler.__init__ = create_with_stderr_at_hand  # type: ignore[method-assign]


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """Return a worker more than there are cores: many tests wait for servers and alerts."""
    waiting = ("not slow", "slow and not alone")
    return (os.cpu_count() or 1) + 1 if config.option.markexpr in waiting else None


@pytest.fixture(autouse=True)
def away_from_the_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Relative paths, such as `runs`, lead to the test's own folder; no WORKFORCE__ variable is set."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("WORKFORCE__")]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def awkward(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Finished]:
    """Two years of a small company in four scenarios, with awkward texts, finished; for looking only."""
    from tests.awkward import awkward_run, draw_each_chart_once  # takes Polars and dbt with it

    with pytest.MonkeyPatch.context() as monkeypatch:
        draw_each_chart_once(monkeypatch)
        yield awkward_run(tmp_path_factory.mktemp("awkward"))


@pytest.fixture
def reads_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are read in the test's own process, without limits: thousands of children take long."""
    from tasks.system import guarded
    from tasks.system.guarded_child import call

    def ask(
        function: str, arguments: Mapping[str, Any], output: BinaryIO, *_: Any
    ) -> tuple[dict[str, Any], bytes]:
        return json.loads(json.dumps(call(function, json.loads(json.dumps(arguments)), output))), b""

    monkeypatch.setattr(guarded, "_ask", ask)


def _scope_of(nodeid: str) -> str:
    """Return the run that a test shares with others, or else its file."""
    shared = next((run for folder, run in SHARING_A_RUN.items() if nodeid.startswith(folder)), None)
    return shared or nodeid.partition("::")[0]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the long files, then those of the most tests, so that no worker is left alone with one."""
    sizes = Counter(_scope_of(item.nodeid) for item in items)
    items.sort(key=lambda item: (not item.nodeid.startswith(LONG), -sizes[_scope_of(item.nodeid)]))


class _FolderOrFile(LoadFileScheduling):
    """Hands whole files to workers, as --dist loadfile does, and whole folders where a run is shared."""

    def _split_scope(self, nodeid: str) -> str:
        return _scope_of(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadFileScheduling | None:
    """pytest-xdist's hook: choose who gets which tests, in the order of the collection."""
    config.option.loadscopereorder = False
    return _FolderOrFile(config, log) if config.getoption("dist") == "loadfile" else None

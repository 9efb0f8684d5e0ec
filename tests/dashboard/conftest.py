"""A directory of runs, pages without a browser, a real server and a real browser."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tasks.dashboard.options import Options, options
from tasks.dashboard.serve import APP
from tasks.system.project import ROOT
from tests.dashboard.browser import Browser, chromium, dashboard_command
from tests.records import edit
from tests.simulate import Finished

Open = Callable[..., AppTest]
Serve = Callable[..., str]


@pytest.fixture
def output(awkward: Finished, tmp_path: Path) -> Path:
    """A directory of runs with one finished run, `done`."""
    shutil.copytree(awkward.run.directory.path, tmp_path / "runs" / "done")
    return tmp_path / "runs"


@pytest.fixture
def two_runs(output: Path) -> Path:
    """`done`, and `plan`, which began earlier."""
    shutil.copytree(output / "done", output / "plan")
    edit(output / "plan" / "run.json", started_at="2020-01-01T10:30:00+00:00")
    return output


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Run a page of the dashboard without a browser."""

    def open_page(output: Path, name: str, *, show_pay: bool = False, **query: str) -> AppTest:
        monkeypatch.setattr(sys, "argv", ["app.py", *Options(output, show_pay).arguments()])
        options.cache_clear()
        app = AppTest.from_file(APP, default_timeout=60)
        for key, value in {"page": name, **query}.items():
            app.query_params[key] = value
        return app.run()

    yield open_page
    options.cache_clear()


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Start `workforce dashboard` as a user does; returns its address."""
    servers = []

    def start(output: Path, *flags: str) -> str:
        log = (tmp_path / f"server-{len(servers)}.log").open("w+")
        server = subprocess.Popen(
            dashboard_command(output, *flags),
            cwd=ROOT,
            env={**os.environ, "HOME": str(tmp_path)},
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        servers.append((server, log))
        assert server.stdout
        line = server.stdout.readline()
        assert "http://127.0.0.1:" in line, f"{line}{Path(log.name).read_text()}"
        return line.split()[3]

    yield start
    for server, log in servers:
        server.terminate()
        assert server.wait(20) == 0
        log.seek(0)
        assert "Traceback" not in log.read()
        log.close()


@pytest.fixture
def browser(request: pytest.FixtureRequest) -> Iterator[Browser]:
    """Chromium with an empty profile. The test fails if a page logs errors or requests another machine."""
    folder = ROOT / "test-artifacts" / "dashboard" / request.node.name
    with chromium(folder) as found:
        yield found
    assert found.complaints == []

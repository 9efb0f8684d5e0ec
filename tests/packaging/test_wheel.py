"""The wheel, installed where no checkout can be seen, does what the checkout does."""

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from deployments.kinds.flows import module_path
from tasks.system.project import ROOT
from tests.deployments.conftest import prefect_server
from tests.simulate import simulate

pytestmark = pytest.mark.slow

PACKAGES = ("flows", "tasks", "settings", "deployments")
BELOW_ONE_NAME = ("dbt_project", "examples", "prefect.yaml")
LIBRARIES = Path(sysconfig.get_path("purelib"))

#: Writes down what each Python process of the environment opens or lists of the checkout.
WATCH = f"""
import os, sys
def _watch(event, arguments, root={str(ROOT)!r} + os.sep, libraries={sys.prefix!r} + os.sep):
    if event in ("open", "os.listdir", "os.scandir") and isinstance(arguments[0], (str, bytes)):
        path = os.path.abspath(os.fsdecode(arguments[0])) + os.sep
        if path.startswith(root) and not path.startswith(libraries):
            with os.fdopen(os.open({{seen!r}}, os.O_WRONLY | os.O_APPEND | os.O_CREAT), "a") as file:
                file.write(path + "\\n")
sys.addaudithook(_watch)
"""


@dataclass(frozen=True)
class Installed:
    """The wheel, installed into an environment that has the libraries of this one and not the checkout."""

    python: Path
    folder: Path  # a foreign one, where commands are called
    seen: Path  # files of the checkout that were opened

    def run(self, *command: str, status: int = 0, **environment: str) -> str:
        """Call a command of the environment in the foreign folder and return what it prints."""
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("WORKFORCE__", "PREFECT", "PYTHON", "XDG_", "VIRTUAL_ENV"))
        }
        home = self.folder.parent / "home"
        done = subprocess.run(
            [str(self.python.parent / command[0]), *command[1:]],
            cwd=self.folder,
            env={**inherited, "HOME": str(home), "COLUMNS": "200", **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout

    def content_hashes(self, run: Path) -> dict[int, str]:
        """The hash of each year's rows."""
        ledger = "select simulation_year, content_hash from year_ledger where status = 'complete'"
        with duckdb.connect(str(run / "simulation.duckdb"), read_only=True) as connection:
            return dict(connection.execute(ledger).fetchall())


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder)]
    subprocess.run([*command, str(ROOT)], check=True, capture_output=True)
    [built] = folder.iterdir()
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    base = tmp_path_factory.mktemp("installed")
    venv.create(base / "venv")
    for name in ("home", "foreign"):
        (base / name).mkdir()
    python = base / "venv" / "bin" / "python"
    command = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps"]
    subprocess.run([*command, "--no-index", str(wheel)], check=True, capture_output=True)
    [libraries] = (base / "venv" / "lib").glob("python*/site-packages")
    # a .pth file that is found by way of another is not followed, so an editable checkout stays unknown
    (libraries / "libraries.pth").write_text(f"{LIBRARIES}\n")
    seen = base / "seen"
    (libraries / "sitecustomize.py").write_text(WATCH.format(seen=str(seen)))
    found = Installed(python, base / "foreign", seen)
    found.run("python", "-c", f"open({str(ROOT / 'README.md')!r})")
    assert seen.read_text() == f"{ROOT / 'README.md'}/\n"  # the watch works
    seen.write_text("")
    yield found
    assert not seen.read_text(), "files of the checkout were opened"


def test_every_file_in_git_is_in_the_wheel(wheel: Path) -> None:
    command = ["git", "-C", str(ROOT), "ls-files", "-z", *PACKAGES, *BELOW_ONE_NAME]
    tracked = (
        subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip("\0").split("\0")
    )
    expected = {
        f"workforce_simulation/{file}" if file.startswith(BELOW_ONE_NAME) else file for file in tracked
    }
    assert any(file.endswith(".sql") for file in expected)
    with zipfile.ZipFile(wheel) as archive:
        there = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert expected - there == set()
    assert {name.partition("/")[0] for name in there} == {*PACKAGES, "workforce_simulation"}


def test_an_installed_run_has_the_content_of_the_checkouts(installed: Installed, tmp_path: Path) -> None:
    printed = installed.run("workforce", "run")
    assert "Results: runs/" in printed
    here = simulate(tmp_path, close=False).content_hashes
    assert installed.content_hashes(installed.folder / "runs" / "latest") == here
    printed = installed.run("workforce", "init", "plan")
    assert printed.splitlines()[-1] == "Next: cd plan && workforce run --config settings.yaml"
    config = ("--config", "plan/settings.yaml", "--output", "plan/runs")
    # the file has the defaults, so the same rows are simulated
    installed.run("workforce", "run", "--config", "plan/settings.yaml")
    assert len([*(installed.folder / "runs").glob("2*")]) == 1
    installed.run("workforce", "run", *config, "--set", "simulation.end_year=2025")
    assert installed.content_hashes(installed.folder / "plan" / "runs" / "latest") == {2025: here[2025]}


def test_deployed_flows_are_found_without_a_checkout(installed: Installed, tmp_path: Path) -> None:
    with prefect_server(tmp_path) as server:
        plan = installed.run("workforce", "deploy", "--plan", PREFECT_API_URL=server.url)
    assert "multi-year/default" in plan
    assert f"Working folder of deployed runs: {installed.folder}" in plan
    code = (
        "from prefect.flows import load_flow_from_entrypoint as load; "
        f"print(load({module_path('flows/multi_year.py:multi_year_simulation')!r}).name)"
    )
    assert installed.run("python", "-c", code).strip() == "multi-year"


def test_every_subcommand_can_be_called(installed: Installed) -> None:
    code = (
        "import typer; from flows.cli.main import app; "
        "print([c.get_help(c.make_context(n, [], resilient_parsing=True)) and n "
        "for n, c in typer.main.get_command(app).commands.items()])"
    )
    assert "dashboard" in installed.run("python", "-c", code)

"""What is set, installed and lying about on a user's machine neither changes nor breaks a run."""

import os
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import httpx
import pytest
from prefect.client.orchestration import get_client
from prefect.settings import PREFECT_API_URL, get_current_settings, temporary_settings
from prefect.settings.models.api import APISettings
from typer.testing import CliRunner
from websockets.proxy import get_proxy
from websockets.uri import parse_uri

from flows.cli.main import app
from flows.cli.start import _at_home
from settings import InputError, load_settings
from tasks.runs import versions
from tasks.runs.request import RunRequest
from tasks.server import api as prefect_api
from tasks.server import own_server
from tasks.server.api import ServerTrouble, reach_configured_server
from tasks.server.prefect_settings import OUR_DEFAULTS, _unreadable_files, source_of
from tasks.system.project import ROOT
from tasks.warehouse import dbt
from tasks.warehouse.dbt import NO_DATABASE
from tasks.warehouse.published import published
from tests.alerts.receivers import free_port
from tests.flows.surroundings import (
    ANOTHER_DBT_PROJECT,
    ANOTHER_PREFECT_SERVER,
    HOSTILE,
    Machine,
    Proxy,
    hostile_machine,
    network,
    proxy,
)
from tests.simulate import Finished

# A whole run in hostile surroundings, and every command on it


@dataclass(frozen=True)
class Hostile:
    """A finished run in a hostile folder of a hostile machine."""

    machine: Machine
    proxy: Proxy
    first: "subprocess.CompletedProcess[str]"
    output: Path


@pytest.fixture(scope="module")
def hostile(finished: Finished, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hostile]:
    place = tmp_path_factory.mktemp("hostile")
    with proxy() as company:
        machine = hostile_machine(place, company.url)
        folder = machine.folder
        shutil.copy(finished.run.directory.path.parent / "census.parquet", folder / "c[1]*{x}.parquet")
        (folder / "p[1]*.yaml").write_text(
            "census: {path: 'c[1]*{x}.parquet'}\n"
            "sla: {run_seconds: 1}\n"
            "alerts: {channels: [{name: ops, url: 'json://alerts.invalid/hook'}]}\n"
        )
        (folder / "b[1].yaml").write_text("id: baseline\noverrides: {}\n")
        (folder / "g[1].yaml").write_text("id: growth\noverrides: {simulation.target_growth_rate: 0.2}\n")
        first = machine.run(
            *("python", "-m", "flows.multi_year", "--run-id", "run", "--output", str(folder / "runs")),
            *("--config", "p[1]*.yaml", "--scenario", "b[1].yaml", "--scenario", "g[1].yaml"),
            *("--years", "2025-2026", "--seed", "42", "--replicates", "2", "--set", "ensemble.shards=2"),
            *("--set", "ensemble.workers=1"),
        )
        yield Hostile(machine, company, first, folder / "runs")


@pytest.mark.slow
def test_hostile_surroundings_change_no_figure(hostile: Hostile, finished: Finished) -> None:
    assert hostile.first.returncode == 0, hostile.first.stderr
    assert "Traceback" not in hostile.first.stderr and "ERROR" not in hostile.first.stderr
    with published(hostile.output / "run" / "results") as connection:
        rows = connection.table("fct_year_summary").filter("scenario_id = 'baseline' and replicate = 1").pl()
    assert rows.sort("simulation_year").rows() == finished.summary.select(rows.columns).rows()


@pytest.mark.slow
def test_alerts_use_the_users_proxy_and_requests_to_our_own_server_do_not(hostile: Hostile) -> None:
    deadline = time.monotonic() + 60  # the courier outlives the run
    while not hostile.proxy.asked and time.monotonic() < deadline:
        time.sleep(0.1)
    assert set(hostile.proxy.asked) == {"http://alerts.invalid/hook"}


@pytest.mark.slow
def test_a_run_leaves_the_users_prefect_alone(hostile: Hostile) -> None:
    prefect = Path(hostile.machine.environment["PREFECT_HOME"])
    assert [file.name for file in prefect.iterdir()] == ["prefect.db"]
    assert (prefect / "prefect.db").read_text() == "no database"


COMMANDS: dict[str, tuple[str, ...]] = {
    "show": ("show", "run"),
    "compare": ("compare", "run", "--file", "d[1]*.parquet"),
    "compare by": ("compare", "run", "--by", "level"),
    "precision": ("precision", "run", "--want", "payroll=1%"),
    "cost": ("cost", "run", "2025-03", "--file", "c[2]*.csv"),
    "employee": ("employee", "run", "H2025-0000001"),
    "report": ("report", "run"),
    "report as PDF": ("report", "run", "--pdf", "--file", "r[1]*.pdf"),
    "export": ("export", "run", "--file", "e[1]*.xlsx"),
    "export as CSV": ("export", "run", "--format", "csv", "--file", "e[1]*"),
    "export as Parquet": ("export", "run", "--format", "parquet", "--file", "e[1]*"),
    "runs compare": ("runs", "compare", "run", "run"),
    "runs list": ("runs", "list"),
    "health": ("health",),
    "alerts list": ("alerts", "list"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_takes_its_paths_literally(
    name: str, hostile: Hostile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(hostile.machine.folder)
    done = CliRunner().invoke(app, [*COMMANDS[name], "--output", str(hostile.output)])
    assert done.exit_code == 0, (done.output, done.exception)
    if "--file" in COMMANDS[name]:
        target = Path(COMMANDS[name][-1])
        assert target.exists()
        assert name == "cost" or str(target) in done.stdout.replace("\n", "")
    if name == "report":
        assert f"Report: {hostile.output}/run/report.html" in done.stdout


@pytest.mark.slow
def test_commands_that_write_no_run_take_their_paths_literally(
    hostile: Hostile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(hostile.machine.folder)
    for command in (
        ("census", "check", "c[1]*{x}.parquet", "--config", "p[1]*.yaml"),
        ("census", "sample", "--employees", "10", "--output", "s[1]*.csv"),
        ("settings", "show", "--config", "p[1]*.yaml", "--scenario", "g[1].yaml"),
        (
            *("solve", "--goal", "payroll@2025<=4M", "--by", "compensation.merit_budget"),
            *("--between", "0,0.1", "--step", "0.05", "--years", "2025-2025", "--config", "p[1]*.yaml"),
        ),
    ):
        done = CliRunner().invoke(app, [*command])
        assert done.exit_code in ((0, 1) if command[0] == "solve" else (0,)), (done.output, done.exception)
        assert done.exception is None or isinstance(done.exception, SystemExit)


@pytest.mark.slow
def test_a_run_in_a_hostile_folder_is_rolled_back_resumed_and_removed(
    hostile: Hostile, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(hostile.output / "run", hostile.output / "other")
    at = ("--output", str(hostile.output))
    assert CliRunner().invoke(app, ["runs", "rollback", "other", "--to-year", "2025", *at]).exit_code == 0
    resumed = hostile.machine.run("workforce", "run", "--resume", "other", *at)
    assert resumed.returncode == 0, resumed.stderr
    removed = CliRunner().invoke(app, ["runs", "rm", "other", "--yes", *at])
    assert removed.stdout == f"Removed: {hostile.output}/other\n"
    assert not (hostile.output / "other").exists()


def test_published_tables_are_read_whatever_their_folder_is_called(tmp_path: Path) -> None:
    for name in (HOSTILE, Path("m?"), Path("mx"), Path("m*")):  # m? and m* would match mx as well
        part = tmp_path / name / "table" / "simulation_year=2025" / "part.parquet"
        part.parent.mkdir(parents=True)
        duckdb.sql(f"select '{str(name)[:2]}' as found").write_parquet(str(part))
    for name in (HOSTILE, Path("m?"), Path("mx"), Path("m*")):
        with published(tmp_path / name) as connection:
            assert connection.table("table").fetchall() == [(str(name)[:2],)]


@pytest.mark.parametrize("command", [("run",), ("run", "--run-id", "run"), ("run", "--resume", "run")])
def test_a_question_mark_in_the_path_is_refused_before_anything_is_written(
    command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "q?mark").mkdir()
    monkeypatch.chdir(tmp_path / "q?mark")
    done = CliRunner().invoke(app, [*command])
    assert done.exit_code == 2
    assert f"--output: {tmp_path}/q?mark/runs contains a '?'" in done.stderr
    assert not [*Path.cwd().iterdir()]


@pytest.mark.slow
def test_a_finished_run_below_a_question_mark_can_be_read_but_not_changed(
    finished: Finished, tmp_path: Path
) -> None:
    output = tmp_path / "q?mark" / "runs"
    shutil.copytree(finished.run.directory.path, output / "run")
    shown = CliRunner().invoke(app, ["show", "run", "--output", str(output)])
    assert shown.exit_code == 0 and "2026" in shown.stdout
    changed = CliRunner().invoke(
        app, ["runs", "rollback", "run", "--to-year", "2025", "--output", str(output)]
    )
    assert isinstance(changed.exception, InputError) and "contains a '?'" in str(changed.exception)


# The network


@pytest.fixture
def company_network(monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    """The variables of a company's network, in this process."""
    with proxy(status=403) as company:
        for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
            monkeypatch.delenv(name)
        for name, value in network(company.url).items():
            monkeypatch.setenv(name, value)
        yield company


@pytest.fixture
def api(tmp_path: Path) -> Iterator[str]:
    """Where something answers `true` to everything on the loopback."""
    with proxy() as answering:
        yield f"{answering.url}/api"


def test_our_own_server_is_reached_without_proxy_and_certificate_file(
    company_network: Proxy, api: str, tmp_path: Path
) -> None:
    with prefect_api._own_server_in_use(api, tmp_path):
        with get_client(sync_client=True) as client:
            assert client._client.get("/hello").status_code == 200
        port = int(api.split(":")[2].partition("/")[0])
        assert get_proxy(parse_uri(f"ws://127.0.0.1:{port}/api/events/in")) is None
        # others on the loopback, such as a channel of alerts, go as the user says
        assert get_proxy(parse_uri(f"ws://127.0.0.1:{free_port()}/")) == "http://proxy:port"
        child = (
            "from tasks.server.api import join_own_server; join_own_server()\n"
            "from prefect.client.orchestration import get_client\n"
            "with get_client(sync_client=True) as client:\n"
            "    print(client._client.get('/hello').status_code)"
        )
        done = subprocess.run(
            [sys.executable, "-c", child], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.stdout == "200\n", done.stderr
    assert company_network.asked == []
    with (
        temporary_settings({PREFECT_API_URL: api}),
        pytest.raises((ImportError, httpx.InvalidURL)),  # as the user has it, again
    ):
        get_client(sync_client=True)


def test_requests_to_a_configured_server_use_the_users_proxy(
    company_network: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ALL_PROXY", "https_proxy", "NO_PROXY", "SSL_CERT_FILE"):
        monkeypatch.delenv(name)
    with (
        temporary_settings({PREFECT_API_URL: "http://prefect.invalid/api"}),
        pytest.raises(
            ServerTrouble, match=r"status 403.*used the proxy of HTTP_PROXY; NO_PROXY=prefect.invalid"
        ),
    ):
        reach_configured_server()
    assert company_network.asked
    assert all(asked.startswith("http://prefect.invalid/api/") for asked in company_network.asked)


@pytest.mark.parametrize(
    ("variable", "value", "reported"),
    [
        ("HTTP_PROXY", "http://someone:pass5ecret@proxy:port", r"HTTP_PROXY is not the address of a proxy"),
        ("all_proxy", "socks5://127.0.0.1:9", r"all_proxy: a SOCKS proxy needs a further package"),
        ("HTTPS_PROXY", "gopher://proxy:80", r"HTTPS_PROXY is not the address of a proxy"),
    ],
)
def test_a_wrong_network_variable_is_named(
    variable: str, value: str, reported: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with (
        temporary_settings({PREFECT_API_URL: f"http://127.0.0.1:{free_port()}/api"}),
        pytest.raises(ServerTrouble, match=reported) as trouble,
    ):
        reach_configured_server()
    assert "5ecret" not in str(trouble.value)


@pytest.mark.parametrize("body", ["<html>A portal</html>", "[]", '{"a": 1}', "3", "null", ""])
def test_an_address_of_another_service_is_reported(body: str) -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, text=body)

    with (
        temporary_settings({PREFECT_API_URL: "http://portal.invalid/api"}),
        pytest.raises(ServerTrouble, match=r"what answers at portal\.invalid is not a Prefect API"),
    ):
        reach_configured_server(transport=httpx.MockTransport(answer))


# Prefect's settings


@pytest.mark.parametrize(
    ("file", "text", "source"),
    [
        (".env", "PREFECT_API_URL=http://x:1/api", "PREFECT_API_URL in {}/.env"),
        ("prefect.toml", "api.url = 'http://x:1/api'", "api.url in {}/prefect.toml"),
        ("pyproject.toml", "[tool.prefect]\napi.url = 'h'", "tool.prefect.api.url in {}/pyproject.toml"),
        (
            "profiles.toml",
            "active = 'x'\n[profiles.x]\nPREFECT_API_URL = 'http://x:1/api'",
            "PREFECT_API_URL in the profile in {}/profiles.toml",
        ),
        ("nothing.toml", "", "PREFECT_API_URL"),
    ],
)
def test_a_message_names_where_the_address_is_given(
    file: str, text: str, source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path))
    (tmp_path / file).write_text(text)
    assert source_of(APISettings, "url") == source.format(tmp_path)
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:1/api")
    assert source_of(APISettings, "url") == "PREFECT_API_URL"


@pytest.mark.parametrize(
    ("file", "content", "reported"),
    [
        ("pyproject.toml", b"[[[broken", "pyproject.toml: Invalid initial character"),
        ("prefect.toml", b"api = {", "prefect.toml: "),
        ("prefect.toml", b"# \xe4", "prefect.toml: 'utf-8' codec"),
        (".env", b"\xff\xfe", ".env: 'utf-8' codec"),
        ("profiles.toml", b"active =", "profiles.toml: Invalid value"),
    ],
)
def test_a_file_that_prefect_cannot_read_is_named(
    file: str, content: bytes, reported: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path))
    (tmp_path / file).write_bytes(content)
    (found,) = _unreadable_files()
    assert found.startswith(f"{tmp_path}/{reported}")


def called(folder: Path, *command: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """A command of ours in a folder, with no variable of Prefect's but those given."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("PREFECT", "WORKFORCE"))
    }
    program, *arguments = command
    return subprocess.run(
        [str(Path(sys.executable).parent / program), *arguments],
        cwd=folder,
        env={**kept, "PREFECT_HOME": str(folder), **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.slow
@pytest.mark.parametrize("command", [("workforce", "health"), ("python", "-m", "flows.multi_year")])
def test_a_broken_file_in_the_working_folder_is_one_sentence(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / "pyproject.toml").write_text("[[[broken")
    done = called(tmp_path, *command)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"Prefect cannot read its own settings: {tmp_path}/pyproject.toml: ")
    assert len(done.stderr.splitlines()) == 1


def test_a_command_without_prefect_needs_none_of_its_settings(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[[[broken")
    done = called(tmp_path, "workforce", "settings", "show")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.slow
def test_a_wrong_setting_is_reported_with_where_it_is_given(tmp_path: Path) -> None:
    (tmp_path / "prefect.toml").write_text("logging.level = 'loud'\n")
    done = called(tmp_path, "workforce", "health")
    assert done.returncode == 2
    assert f"logging.level in {tmp_path}/prefect.toml: Input should be 'DEBUG'" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_our_defaults_apply_in_any_folder_unless_the_user_gives_others(tmp_path: Path) -> None:
    (tmp_path / "prefect.toml").write_text("client.max_retries = 7\n")
    code = (
        "from tasks.server.prefect_settings import prepare; prepare()\n"
        "from prefect.settings import get_current_settings\n"
        "found = get_current_settings(); print(found.server.analytics_enabled, found.client.max_retries,"
        " found.server.ephemeral.startup_timeout_seconds)\n"
        "import os; print(os.environ['DO_NOT_TRACK'])"
    )
    done = called(tmp_path, "python", "-c", code)
    assert done.stdout == "False 7 180\n1\n", done.stderr


def test_prefects_own_commands_find_the_same_in_the_projects_folder() -> None:
    table = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["prefect"]
    assert {f"PREFECT_{name}": value for name, value in _variables(table)} == OUR_DEFAULTS


def _variables(table: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _variables(value, (*path, name))
        else:
            yield "_".join((*path, name)).upper(), str(value).lower()


# The server of our own


@pytest.mark.slow
def test_our_own_server_has_only_our_settings_and_ends_with_the_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in {**ANOTHER_PREFECT_SERVER, **network("http://127.0.0.1:9")}.items():
        monkeypatch.setenv(name, value)
    with own_server.own_server() as server:
        settings = httpx.get(f"{server.wait()}/admin/settings", trust_env=False).json()
        assert settings["server"]["analytics_enabled"] is False
        assert settings["server"]["api"]["base_path"] is None
        assert (server.folder / "prefect.db").exists()
        assert server.process.stdin
        server.process.stdin.close()  # as when the run is killed
        server.process.wait(timeout=30)
        assert not server.folder.exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        (
            {
                "PREFECT_API_DATABASE_CONNECTION_URL": "sqlite+aiosqlite:////dev/null/x.db",
                "PREFECT_API_DATABASE_MIGRATE_ON_START": "true",
            },
            "unable to open",
        ),
        ({"PREFECT_SERVER_API_PORT": "many"}, "validation error"),
    ],
)
def test_a_server_that_cannot_start_says_why_within_seconds(settings: dict[str, str], reason: str) -> None:
    with own_server.own_server(settings) as server, pytest.raises(RuntimeError) as failed:
        server.wait()
    assert reason in str(failed.value) and "ended during its start" in str(failed.value)
    assert len(str(failed.value).splitlines()) == 1


def test_a_damaged_prepared_database_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_server, "user_cache_path", lambda name: tmp_path / name)
    target = tmp_path / "prefect.db"
    assert not own_server._copy_prepared_database(target)
    own_server._prepared_database().parent.mkdir(parents=True)
    own_server._prepared_database().write_text("no database")
    assert not own_server._copy_prepared_database(target) and not target.exists()
    own_server._prepared_database().write_text("")  # a database without tables
    assert not own_server._copy_prepared_database(target) and not target.exists()


# dbt, git, home


def test_dbt_sees_no_variable_of_another_project(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ANOTHER_DBT_PROJECT.items():
        monkeypatch.setenv(name, value)
    dbt._set_variables(NO_DATABASE)
    assert [name for name in os.environ if name.startswith("DBT_")] == []
    assert os.environ["WORKFORCE_DATABASE"] == "simulation.duckdb"


def test_a_hanging_git_delays_by_two_seconds_and_records_no_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "git").write_text("#!/bin/sh\nsleep 20\n")  # a child that holds what it inherited
    (tmp_path / "git").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(versions, "GIT_SECONDS", 0.5)
    begun = time.monotonic()
    assert versions.git_commit() is None
    assert time.monotonic() - begun < 10


def test_the_commit_is_the_projects_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    commit = versions.git_commit()
    monkeypatch.setenv("GIT_DIR", str(tmp_path))
    assert versions.git_commit() == commit


@pytest.mark.slow
def test_a_missing_home_folder_is_no_problem(tmp_path: Path) -> None:
    nowhere = {"HOME": "/dev/null/home", "PREFECT_HOME": "/dev/null/home/.prefect"}
    done = called(tmp_path, "workforce", "runs", "list", **nowhere)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_tilde_is_the_home_folder_in_settings_and_flags(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    people = tmp_path / "home" / "people.csv"
    config = tmp_path / "plan.yaml"
    config.write_text("census: {path: ~/people.csv}\nmachine: {spill_directory: '~'}\n")
    in_file = load_settings(config, environ={}).base
    assert (in_file.census.path, in_file.machine.spill_directory) == (people, people.parent)
    in_variable = load_settings(environ={"WORKFORCE__CENSUS__PATH": "~/people.csv"}).base
    with_set = load_settings(environ={}, sets=["census.path=~/people.csv"]).base
    as_flag = load_settings(environ={}, flags={"--census": "~/people.csv"}).base
    assert in_variable.census.path == with_set.census.path == as_flag.census.path == people
    locked = load_settings(environ={}, sets=["census.path=~$people.xlsx"]).base  # of a workbook that is open
    assert locked.census.path == Path("~$people.xlsx")

    request = RunRequest(Path("~/a"), Path("~/b"), (Path("~/c"), Path("d")), output=Path("~/runs"))
    assert request.config == tmp_path / "home" / "a"
    assert load_settings(environ={}, flags=request.flags).base.census.path == tmp_path / "home" / "b"
    assert request.scenarios == (tmp_path / "home" / "c", Path("d"))
    assert request.output == tmp_path / "home" / "runs"
    assert _at_home("--file=~/x.csv") == f"--file={tmp_path}/home/x.csv"
    assert _at_home("~/x.csv") == f"{tmp_path}/home/x.csv"
    assert [*map(_at_home, ("--set", "a=~/b", "-x", ""))] == ["--set", "a=~/b", "-x", ""]


def test_the_settings_of_the_process_are_restored(tmp_path: Path) -> None:
    before = dict(os.environ), get_current_settings().api.url
    with prefect_api._own_server_in_use("http://127.0.0.1:9/api", tmp_path):
        assert get_current_settings().api.url == "http://127.0.0.1:9/api"
    assert (dict(os.environ), get_current_settings().api.url) == before

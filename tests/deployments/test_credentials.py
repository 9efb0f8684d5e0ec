"""A server with a password: commands work with it, report its absence, and never print it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tasks.census.sample import sample_census, write_sample
from tests.deployments.conftest import Server, prefect_server

pytestmark = pytest.mark.slow

NAME = "PREFECT_API_AUTH_STRING"
SECRET = "operator:pa55:w@rd"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("guarded")
    with prefect_server(
        home, PREFECT_SERVER_API_AUTH_STRING=SECRET, PREFECT_API_AUTH_STRING=SECRET
    ) as server:
        yield server


def _run(census: Path, output: Path) -> list[str]:
    where = ("--census", str(census), "--output", str(output), "--years", "2025-2025", "--run-id", "run")
    return ["python", "-m", "flows.multi_year", *where]


@pytest.mark.parametrize("given", [None, "operator:wrong"])
def test_a_refused_command_names_the_setting(guarded: Server, tmp_path: Path, given: str | None) -> None:
    environment = {k: v for k, v in guarded.environment.items() if k != "PREFECT_API_AUTH_STRING"}
    stranger = replace(
        guarded, environment=environment | ({"PREFECT_API_AUTH_STRING": given} if given else {})
    )
    write_sample(sample_census(50), tmp_path / "census.csv")
    for command in (
        _run(tmp_path / "census.csv", tmp_path / "runs"),
        ["workforce", "deploy", "--plan"],
        ["workforce", "health", "--output", str(tmp_path / "runs")],
    ):
        done = stranger.run(*command)
        output = " ".join((done.stderr + done.stdout).split())  # a table's cell is wrapped
        assert done.returncode == 1, (command, output)
        assert "401" in output
        assert NAME in output
        assert "Traceback" not in output
    assert not (tmp_path / "runs" / "run").exists()


def test_run_and_deploy_work_with_the_password_and_do_not_print_it(guarded: Server, tmp_path: Path) -> None:
    write_sample(sample_census(50), tmp_path / "census.csv")
    printed = ""
    for command in (
        _run(tmp_path / "census.csv", tmp_path / "runs"),
        ["workforce", "deploy"],
        ["workforce", "health", "--output", str(tmp_path / "runs")],
        ["workforce", "deploy", "--destroy"],
    ):
        done = guarded.run(*command)
        printed += done.stdout + done.stderr
        assert done.returncode == 0, (command, printed)
    for file in (tmp_path / "runs").rglob("*"):
        if file.is_file():
            assert b"pa55" not in file.read_bytes(), file
    assert "pa55" not in printed

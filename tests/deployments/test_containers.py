"""Dockerfile and compose file, as far as a machine without Docker can check them; PostgreSQL for real."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tasks.system.project import ROOT
from tests.deployments.conftest import prefect_server
from tests.deployments.postgres import POSTGRES, postgres_server


def test_the_image_holds_every_package_and_what_they_read() -> None:
    copied = set(
        re.findall(r"[\w./]+", " ".join(re.findall(r"^COPY (.*) \S+$", _dockerfile(), re.MULTILINE)))
    )
    build = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]
    wheel = build["targets"]["wheel"]
    for needed in (*wheel["only-include"], *wheel["force-include"]):
        assert needed in copied
        assert (ROOT / needed).exists()


def test_the_base_of_the_image_is_pinned_to_a_release() -> None:
    bases = re.findall(r"^FROM (\S+)", re.sub(r"\$\{BASE\}", _argument("BASE"), _dockerfile()), re.MULTILINE)
    assert bases
    for base in bases:
        assert re.fullmatch(r"python:3\.\d+\.\d+-slim-\w+", base)


@pytest.mark.slow
def test_each_service_waits_for_what_it_needs_and_runs_an_existing_command() -> None:
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    assert services["server"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    for name in ("worker", "alerts"):
        assert services[name]["depends_on"] == {"deploy": {"condition": "service_completed_successfully"}}
    commands = [service.get("command", "") for service in services.values()]
    for command in filter(None, commands):
        words = command.split()
        helped = subprocess.run(
            [str(Path(sys.executable).parent / words[0]), *_verbs(words[1:]), "--help"],
            capture_output=True,
            check=False,
        )
        assert helped.returncode == 0, helped.stderr


@pytest.mark.skipif(not shutil.which("docker-compose"), reason="needs docker-compose: apt-get install")
def test_compose_reads_its_file_with_the_channels_of_the_environment() -> None:
    channels = '[{name: ops, url: "slack://a/b"}]'
    asked = {**os.environ, "POSTGRES_PASSWORD": "x", "WORKFORCE__ALERTS__CHANNELS": channels}
    read = subprocess.run(
        ["docker-compose", "-f", str(ROOT / "compose.yaml"), "config"],
        env=asked,
        capture_output=True,
        text=True,
        check=False,
    )
    assert read.returncode == 0, read.stderr
    deploy = yaml.safe_load(read.stdout)["services"]["deploy"]
    assert deploy["environment"]["WORKFORCE__ALERTS__CHANNELS"] == channels


def _verbs(words: list[str]) -> list[str]:
    return [word for word in words if word.isalpha()]  # "server start", without flags and their values


def _argument(name: str) -> str:
    return re.findall(rf"^ARG {name}=(\S+)$", _dockerfile(), re.MULTILINE)[0]


def _dockerfile() -> str:
    return (ROOT / "Dockerfile").read_text()


@pytest.fixture
def postgres() -> Iterator[str]:
    with postgres_server() as url:
        yield url


@pytest.mark.slow
@pytest.mark.skipif(not POSTGRES, reason="needs PostgreSQL: apt-get install postgresql")
def test_deploy_on_a_server_whose_database_is_postgresql(postgres: str, tmp_path: Path) -> None:
    home = tmp_path / "prefect"
    home.mkdir()
    with prefect_server(home, PREFECT_SERVER_DATABASE_CONNECTION_URL=postgres) as server:
        first = server.run("workforce", "deploy")
        assert first.returncode == 0, first.stdout + first.stderr
        assert "Nothing to do" in server.run("workforce", "deploy").stdout
        assert "multi-year" in server.run("prefect", "deployment", "ls").stdout
    assert not list(home.glob("*.db"))

"""`workforce deploy` on a real Prefect server: applied once, twice, changed, destroyed."""

import json

import pytest

from tests.deployments.conftest import Server

pytestmark = pytest.mark.slow

OPS, BOSS = (f"url: 'json://127.0.0.1:9/{path}'" for path in ("hook-5ecret", "x5ecret"))
CHANNEL = f"alerts.channels=[{{name: ops, {OPS}}}, {{name: boss, level: 2, {BOSS}}}]"


def test_deploy_is_idempotent_and_destroys_only_its_own(server: Server) -> None:
    created = server.run("prefect", "variable", "set", "somebody_elses", "1")
    assert created.returncode == 0, created.stderr

    planned = server.run("workforce", "deploy", "--plan", "--json", "--set", CHANNEL)
    assert planned.returncode == 0, planned.stdout + planned.stderr
    actions = {change["name"]: change["action"] for change in json.loads(planned.stdout)}
    assert actions["multi-year/default"] == "create" == actions["workforce: run_duration"]

    first = server.run("workforce", "deploy", "--set", CHANNEL)
    assert first.returncode == 0, first.stdout + first.stderr
    assert "workforce: escalation to level 2" in first.stdout

    second = server.run("workforce", "deploy", "--set", CHANNEL)
    assert second.returncode == 0, second.stdout + second.stderr
    assert "Nothing to do" in second.stdout, second.stdout

    changed = server.run("workforce", "deploy", "--set", CHANNEL, "--set", "sla.run_seconds=77")
    assert changed.returncode == 0, changed.stdout + changed.stderr
    lines = [line for line in changed.stdout.splitlines() if "update" in line]
    assert [line.split()[0] for line in lines] == ["variable", "automation"], changed.stdout
    assert "workforce: run_duration" in lines[1]

    removed = server.run("workforce", "deploy", "--destroy")
    assert removed.returncode == 0, removed.stdout + removed.stderr
    assert (
        "Nothing to do: the server has none of them" in server.run("workforce", "deploy", "--destroy").stdout
    )
    assert "somebody_elses" in server.run("prefect", "variable", "ls").stdout
    for output in (planned, first, second, changed, removed):
        assert "5ecret" not in output.stdout + output.stderr

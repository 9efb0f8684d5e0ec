"""A schedule on a real server with a real worker: fires, is paused by failures, fires again when resumed."""

import json
import shlex
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey
from prefect.client.schemas.objects import FlowRun
from prefect.states import Failed

from tasks.alerts import store_of
from tasks.alerts.message import message_of
from tasks.alerts.notify import handle
from tasks.census.sample import sample_census, write_sample
from tasks.health import server as server_health
from tests.deployments.conftest import Server, deploy, sets

pytestmark = pytest.mark.slow

RUNS = "multi-year/default"
EVERY_SECONDS = 15
T = TypeVar("T")


@pytest.fixture
def client(server: Server, tmp_path: Path) -> Iterator[SyncPrefectClient]:
    """A client of a server with a schedule of a small run."""
    write_sample(sample_census(150), tmp_path / "census.csv")  # 2 of them left in 2024
    parameters = {
        "census": str(tmp_path / "census.csv"),
        "output": str(tmp_path / "runs"),
        "years": "2025",
        "settings": ["sla.heartbeat_seconds=300", "sla.growth_tolerance=0.5"],
    }
    schedule = {"slug": "soon", "interval": EVERY_SECONDS, "active": True, "parameters": parameters}
    limits = ("sla.heartbeat_seconds=20", "sla.failures_to_pause=2")
    deploy(*sets(f"deployment.schedules=[{json.dumps(schedule)}]", *limits))
    with get_client(sync_client=True) as client:
        yield client
    deploy("--destroy")


def test_a_schedule_fires_is_paused_by_failures_and_fires_again_when_resumed(
    server: Server, client: SyncPrefectClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_health, "JUST_CHANGED", server_health.JUST_CHANGED * 0)
    deployment = client.read_deployment_by_name(RUNS)
    _wait_for(lambda: _scheduled(client), 90, "a scheduled run")
    assert _health(client)[f"schedule {RUNS}: soon"] == "ok"

    alerts = tmp_path / "alerts"
    for message in ("SettingsError: 1 problem", "CensusError: no row", "ParameterTypeError: years"):
        assert not _fail(client, f"Flow run encountered an exception: {message}", alerts)
    assert not _fail(client, "Flow run encountered an exception: CheckFailed: 2025", alerts)
    alert_id = _fail(client, "Flow run encountered an exception: DbtError: no luck", alerts)
    assert alert_id and client.read_deployment(deployment.id).paused
    assert _health(client)[f"deployment {RUNS}"] == "wrong"
    assert not _fail(client, "Process for flow run exited with status code -9", alerts), (
        "it is paused already"
    )
    assert not _scheduled(client)

    stored = store_of(alerts).find(alert_id)
    assert stored
    [command] = [
        line.removeprefix("Resume: ")
        for line in message_of(stored.alert).text.splitlines()
        if line.startswith("Resume: ")
    ]
    resumed = server.run(*shlex.split(command))
    assert resumed.returncode == 0 and "next scheduled run" in resumed.stdout, resumed.stdout + resumed.stderr
    assert not client.read_deployment(deployment.id).paused

    worker = server.start("prefect", "worker", "start", "--pool", "workforce", "--limit", "1")
    try:
        run = _wait_for(lambda: _begun(client), 120, "the scheduled run begins")
        [schedule] = client.read_deployment(deployment.id).schedules
        client.update_deployment_schedule(deployment.id, schedule.id, active=False)
        _wait_for(lambda: client.read_flow_run(run.id).state.is_final(), 300, "it ends")  # type: ignore[union-attr]  # noqa: PLW0108 - the state is read anew
    finally:
        worker.terminate()
        worker.wait(timeout=30)
    ended = client.read_flow_run(run.id)
    assert ended.state and ended.state.is_completed(), ended.state
    assert ended.auto_scheduled
    about = {"subject": f"prefect.flow-run.{run.id}", "rule": "resolved"}
    _wait_for(
        lambda: [one for one in client.read_flow_runs() if about.items() <= one.parameters.items()],
        30,
        "an automation sees the run, although the schedule was just made",
    )

    [record] = [json.loads(file.read_text()) for file in (tmp_path / "runs").glob("2*/run.json")]
    assert record["status"] == "complete"
    sla = record["settings"]["sla"]
    assert sla["heartbeat_seconds"] == 20, "the limit that the automations hold to"
    assert sla["growth_tolerance"] == 0.5, "which no automation holds to"
    _assert_summary_is_readable(client, record["run_id"], tmp_path / "runs")

    assert _fail(client, "Flow run encountered an exception: DbtError: no luck", alerts), "later in the day"
    assert client.read_deployment(deployment.id).paused


def _assert_summary_is_readable(client: SyncPrefectClient, run_id: str, output: Path) -> None:
    key = ArtifactFilter(key=ArtifactFilterKey(any_=[f"run-{run_id}"]))
    [artifact] = client.read_artifacts(artifact_filter=key)
    assert artifact.type == "markdown"
    text = str(artifact.data)
    assert "file://" not in text
    for part in (
        "148 employees of census.csv",
        "| 2025 | ",
        "headcount\\_identity | pass",
        socket.gethostname(),
    ):
        assert part in text
    assert str(output / run_id) in text


def _fail(client: SyncPrefectClient, message: str, output: Path) -> str | None:
    """Fail a manual run and fire the rule for it; returns the alert's id if one is raised."""
    deployment = client.read_deployment_by_name(RUNS)
    flow_run = client.create_flow_run_from_deployment(deployment.id, parameters={"run_id": str(time.time())})
    client.set_flow_run_state(flow_run.id, Failed(message=message), force=True)
    return handle(client, "failing_again", f"prefect.flow-run.{flow_run.id}", {}, 1, output)


def _runs(client: SyncPrefectClient) -> list[FlowRun]:
    deployment = client.read_deployment_by_name(RUNS)
    return [
        run for run in client.read_flow_runs() if run.deployment_id == deployment.id and run.auto_scheduled
    ]


def _scheduled(client: SyncPrefectClient) -> list[FlowRun]:
    return [run for run in _runs(client) if run.state and run.state.is_scheduled()]


def _begun(client: SyncPrefectClient) -> FlowRun | None:
    return next((run for run in _runs(client) if run.state and run.state.is_running()), None)


def _health(client: SyncPrefectClient) -> dict[str, str]:
    return {finding.check: finding.status for finding in server_health.server_findings(client)}


def _wait_for(seen: Callable[[], T | Any], seconds: float, what: str) -> T | Any:
    deadline = time.monotonic() + seconds
    while not (found := seen()):
        assert time.monotonic() < deadline, f"{what}: not within {seconds} s"
        time.sleep(0.5)
    return found

"""Complete deployed runs on a real server: which raise alerts, their messages, and retries.

One run goes well, and the limits of all rules pass in silence. Meanwhile another is cancelled and retried.
"""

import json
import re
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import LogFilter, LogFilterFlowRunId
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.sorting import FlowRunSort
from prefect.states import Cancelling, Scheduled

from tasks.census.sample import sample_census, write_sample
from tasks.server.names import ALERTS, RUNS
from tests.alerts.receivers import Received, http_receiver
from tests.deployments.conftest import Server
from tests.flows.conftest import hashes

pytestmark = [pytest.mark.slow, pytest.mark.alone]

LIMITS = {"run": 30, "year": 20, "heartbeat": 10, "late": 10, "pool": 10}


@dataclass
class Place:
    """A server with this project's deployments, a worker, an alert worker and the received alerts."""

    server: Server
    client: SyncPrefectClient
    ops: Received
    folder: Path

    def begin(self, run_id: str, **parameters: Any) -> UUID:
        """Start a run of two years on the worker."""
        given = {"run_id": run_id, "years": "2025-2026", "census": str(self.folder / "census.csv")}
        given |= {"output": str(self.folder / "runs")} | parameters
        deployment = self.client.read_deployment_by_name(RUNS)
        return self.client.create_flow_run_from_deployment(deployment.id, parameters=given).id

    def status(self, run_id: str, file: str = "status.json") -> dict[str, Any]:
        """A run's status.json or run.json, empty before there is one."""
        path = self.folder / "runs" / run_id / file
        document: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
        return document

    def received(self, about: str) -> list[str]:
        """Return the received messages that contain a text."""
        return [message["message"] for message in self.ops.messages if about in message["message"]]


@pytest.fixture(scope="module")
def place(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("deployed")
    write_sample(sample_census(150, 7, date(2024, 12, 31)), folder / "census.csv")
    limits = {f"WORKFORCE__SLA__{name.upper()}_SECONDS": str(limit) for name, limit in LIMITS.items()}
    environment = {**server.environment, "PREFECT_WORKER_QUERY_SECONDS": "1", **limits}
    ours = replace(server, environment=environment)
    with ExitStack() as stack:
        ops = stack.enter_context(http_receiver())
        client = stack.enter_context(get_client(sync_client=True))
        deployed = ours.run(
            "workforce", "deploy", "--set", f"alerts.channels=[{{name: ops, url: '{ops.url}'}}]"
        )
        assert deployed.returncode == 0, deployed.stdout + deployed.stderr
        stack.callback(server.run, "workforce", "deploy", "--destroy")
        notify = client.read_deployment_by_name(ALERTS)
        parameters = {"output": str(folder / "runs")}
        client.request("PATCH", f"/deployments/{notify.id}", json={"parameters": parameters})
        noisy = replace(ours, environment={**environment, "PREFECT_LOGGING_ROOT_LEVEL": "DEBUG"})
        log = stack.enter_context((folder / "alerts.log").open("w"))
        for process in (
            ours.start("prefect", "worker", "start", "--pool", "workforce"),
            noisy.start("workforce", "alerts", "serve", log=log),
        ):
            stack.callback(process.wait, timeout=60)
            stack.callback(process.terminate)
        yield Place(ours, client, ops, folder)


@dataclass
class Played:
    """The flow runs, and the recorded statuses of the cancelled run before it was resumed."""

    good: FlowRun
    ended: FlowRun
    cancelled: tuple[str, str]


@pytest.fixture(scope="module")
def played(place: Place) -> Played:
    begun = time.monotonic()
    good = place.begin("good")
    ended = place.begin("ended", years="2025-2028")
    wait_until(lambda: place.status("ended").get("year") == 2026, 120, "the second year")
    place.client.set_flow_run_state(ended, Cancelling())
    wait_until(lambda: place.received("Rule: run_cancelled"), 120, "the alert of the cancellation")
    cancelled = [place.status("ended", file)["status"] for file in ("run.json", "status.json")]
    # what the button in Prefect's UI does
    place.client.set_flow_run_state(ended, Scheduled(name="AwaitingRetry"), force=True)
    wait_until(lambda: place.received("Resolved: "), 120, "the resolution")
    print(f"{time.monotonic() - begun:.0f} s until all had ended")
    time.sleep(max(0.0, begun + LIMITS["run"] + 20 - time.monotonic()))
    found = [place.client.read_flow_run(one) for one in (good, ended)]
    return Played(found[0], found[1], (cancelled[0], cancelled[1]))


def wait_until(condition: Callable[[], Any], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what}: not within {seconds} s"
        time.sleep(0.1)


def test_an_ordinary_run_raises_no_alert(place: Place, played: Played) -> None:
    # on a very busy machine, this rule may fire
    is_slow = played.good.total_run_time.total_seconds() > LIMITS["run"]
    reported = [one.partition("Rule: ")[2].split()[0] for one in place.received("\nRun: good\n")]
    assert reported == (["run_duration"] if is_slow else [])
    fired = {run.parameters["rule"] for run in notify_runs(place, played.good)}
    assert "resolved" in fired, "rules match its events"
    assert fired <= {"resolved", *reported}, "not even in error"


def test_its_steps_are_in_run_log_and_in_prefects_log(place: Place, played: Played) -> None:
    lines = (place.folder / "runs" / "good" / "run.log").read_text().splitlines()
    steps = [line.split(" ", 2)[2] for line in lines if " INFO 202" in line]
    assert any(step.startswith("2026 dbt build: done in ") for step in steps), lines
    for line in lines:
        assert datetime.fromisoformat(line.split()[0]).tzinfo
    wanted = LogFilter(flow_run_id=LogFilterFlowRunId(any_=[played.good.id]))
    logged = [log.message for log in place.client.read_logs(log_filter=wanted, limit=200)]
    assert set(steps) <= set(logged)


def test_a_cancelled_run_is_recorded_and_reported_with_the_command_that_resumes_it(
    place: Place, played: Played
) -> None:
    assert played.cancelled == ("cancelled", "cancelled")
    message, _ = place.received("\nRule: run_cancelled\n")
    assert "\nRun: ended\n" in message
    assert f"\nHost: {socket.gethostname()}, process " in message
    assert re.search(r"\nComplete years: 2025( to 2026)? of 2025 to 2028\n", message)
    paste = re.search(r"\n  (prefect deployment run .*)\n", message)
    assert paste and f"{RUNS} --param resume=ended --param output=" in paste[1]


def test_a_retry_resumes_its_own_run(place: Place, played: Played) -> None:
    assert played.ended.state and played.ended.state.is_completed()
    assert place.status("ended")["complete_years"] == [2025, 2026, 2027, 2028]
    assert place.status("ended", "run.json")["flow_runs"] == [str(played.ended.id)]
    runs = place.folder / "runs"
    assert hashes(runs / "ended").items() > hashes(runs / "good").items()
    _, over = place.received("\nRule: run_cancelled\n")
    assert over.startswith("Resolved: The run was cancelled.") and "\nNow: the run is complete\n" in over


def test_no_log_shows_a_channels_address(place: Place, played: Played) -> None:
    log = (place.folder / "alerts.log").read_text()
    assert "DEBUG" in log and "The run was cancelled" in log
    for file in (place.folder / "alerts.log", *(place.folder / "runs").glob(".alerts.*")):
        assert b"5ecret" not in file.read_bytes(), file


def notify_runs(place: Place, about: FlowRun) -> list[FlowRun]:
    """Return the notify runs that automations started for a flow run."""
    # the newest: another test may have left more runs on this server than one request returns
    found = place.client.read_flow_runs(sort=FlowRunSort.EXPECTED_START_TIME_DESC, limit=200)
    return [run for run in found if str(about.id) in run.parameters.get("subject", "")]

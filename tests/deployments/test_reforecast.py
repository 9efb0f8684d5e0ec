"""A submitted list becomes a reforecast on a real server: event, automation, worker, run, alert."""

import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterFlowRunId,
    DeploymentFilter,
    DeploymentFilterId,
)
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.sorting import FlowRunSort

from tasks.server.names import ALERTS, REFORECAST
from tests.alerts.receivers import Received, http_receiver
from tests.deployments.conftest import Server
from tests.deployments.test_whole_runs import wait_until
from tests.reforecast.places import (
    budget_and_settings,
    quarter_end_list,
    write_list,
    write_settings,
    year_end_list,
)

pytestmark = pytest.mark.slow

#: The run of few people is far from its growth target, which is reported too.
QUIET = {"sla": {"growth_tolerance": 1}, "checks": {"severities": {"census_newest_hire": "off"}}}


@dataclass
class Place:
    """A server with this project's deployments, a worker, an alert worker and the received alerts."""

    server: Server
    client: SyncPrefectClient
    ops: Received
    folder: Path

    def submit(self, file: Path) -> str:
        done = self.server.run(
            *("workforce", "census", "submit", str(file)),
            *("--config", str(self.folder / "settings.yaml")),
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def flow_runs(self) -> list[FlowRun]:
        """The deployment's runs in the order of their start."""
        deployment = self.client.read_deployment_by_name(REFORECAST)
        of_deployment = DeploymentFilter(id=DeploymentFilterId(any_=[deployment.id]))
        return self.client.read_flow_runs(
            deployment_filter=of_deployment, sort=FlowRunSort.EXPECTED_START_TIME_ASC
        )

    def ended(self, count: int) -> FlowRun:
        """Wait until this many runs have ended, and return the last."""

        def are_over() -> bool:
            runs = self.flow_runs()
            return len(runs) == count and all(one.state and one.state.is_final() for one in runs)

        wait_until(are_over, 240, f"the end of reforecast {count}")
        return self.flow_runs()[-1]

    def runs(self) -> list[str]:
        return sorted(
            path.parent.name for path in (self.folder / "runs").glob("reforecast-*/reforecast.json")
        )


@pytest.fixture(scope="module")
def place(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("reforecast")
    config = budget_and_settings(folder, **QUIET)
    write_list(year_end_list(), folder / "lists" / "2025-12-31.csv")
    with ExitStack() as stack:
        ops = stack.enter_context(http_receiver())
        client = stack.enter_context(get_client(sync_client=True))
        parameters: dict[str, Any] = {"config": str(config), "output": str(folder / "runs")}
        schedule = "{slug: third, deployment: reforecast/monthly, cron: '0 6 3 * *', active: false}"
        sets = (
            f"alerts.channels=[{{name: ops, url: '{ops.url}'}}]",
            f"deployment.reforecast={parameters}",
            f"deployment.schedules=[{schedule}]",
        )
        for expected in ("reforecast/monthly: third", "Nothing to do"):
            deployed = server.run("workforce", "deploy", *(part for one in sets for part in ("--set", one)))
            assert deployed.returncode == 0, deployed.stdout + deployed.stderr
            assert expected in deployed.stdout
        stack.callback(server.run, "workforce", "deploy", "--destroy")
        notify = client.read_deployment_by_name(ALERTS)
        output = {"output": str(folder / "runs")}
        client.request("PATCH", f"/deployments/{notify.id}", json={"parameters": output})
        for command in (
            ("prefect", "worker", "start", "--pool", "workforce"),
            ("workforce", "alerts", "serve"),
        ):
            process = server.start(*command)
            stack.callback(process.wait, timeout=60)
            stack.callback(process.terminate)
        yield Place(server, client, ops, folder)


def test_a_submitted_list_is_reforecast_and_what_moved_is_reported(place: Place) -> None:
    file = write_list(quarter_end_list(8), place.folder / "export_20260331.csv")
    assert f"starts {REFORECAST}" in place.submit(file)
    first = place.ended(1)
    assert first.state and first.state.is_completed(), first.state
    [run_id] = place.runs()
    assert run_id.startswith("reforecast-2026-03-31-")
    [message] = place.ops.wait(1, seconds=60)
    budget = place.folder / "budget" / "run"
    assert message["title"] == (
        f"[warning] The reforecast differs from the budget by more than allowed: budget {budget}"
    )
    for part in (
        "\nList: 2026-03-31.csv\n",
        f"\nReforecast: {run_id}\n",
        "\nAllowed: 2 % of the budget (reforecast.threshold)\n",
        "\n2026 (full) payroll: ",
        f"flow-run/{first.id}",
    ):
        assert part in message["message"], message["message"]
    found = place.client.read_artifacts(
        artifact_filter=ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[first.id]))
    )
    text = next(str(one.data) for one in found if str(one.key).startswith("reforecast-"))
    assert "## What explains the difference" in text and "| Months before |" in text

    place.submit(file)  # the same list: nothing is simulated or sent
    second = place.ended(2)
    assert second.state and second.state.is_completed(), second.state
    assert place.runs() == [run_id] and len(place.ops.messages) == 1

    write_settings(place.folder, **QUIET, reforecast={"path": str(place.folder / "lists"), "threshold": 1})
    event = {
        "event": "workforce.census.submitted",
        "resource": {"prefect.resource.id": "workforce.lists.anything"},
        "occurred": datetime.now(UTC).isoformat(),
        "id": str(uuid.uuid4()),
    }
    place.client.request("POST", "/events", json=[event]).raise_for_status()  # as any webhook may
    third = place.ended(3)
    assert third.state and third.state.is_completed(), third.state
    _, over = place.ops.wait(2, seconds=60)
    assert over["title"].startswith("[resolved] The reforecast differs from the budget")
    assert place.runs() == [run_id], "the run was compared again, not simulated again"

    write_list(year_end_list(), place.folder / "lists" / "unnamed.csv")
    place.client.request("POST", "/events", json=[{**event, "id": str(uuid.uuid4())}]).raise_for_status()
    failed = place.ended(4)
    assert failed.state and failed.state.is_failed()
    *_, failure = place.ops.wait(3, seconds=60)
    assert failure["title"].startswith("[critical] The reforecast failed")
    assert "unnamed.csv: no date in the name" in failure["message"]

"""Fit and backtest as deployments on a real server, with a worker and the alert service."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import FlowRun

from settings import load_settings
from tasks.server.names import ALERTS, BACKTEST, FIT
from tests.alerts.receivers import Received, http_receiver
from tests.deployments.conftest import Server
from tests.deployments.test_whole_runs import wait_until
from tests.history.company import DATES, company, with_mass_exit, write_lists

pytestmark = pytest.mark.slow


@dataclass
class Place:
    """A server with this project's deployments, a worker, an alert worker and the received alerts."""

    client: SyncPrefectClient
    ops: Received
    folder: Path

    def run(self, deployment: str, **parameters: Any) -> FlowRun:
        """Run a deployment on the worker until it has ended."""
        given = {"history": str(self.folder / "lists"), "settings": ["census.dimensions=[department]"]}
        found = self.client.read_deployment_by_name(deployment)
        begun = self.client.create_flow_run_from_deployment(found.id, parameters=given | parameters).id
        wait_until(lambda: self._ended(begun), 180, f"the end of {deployment}")
        return self.client.read_flow_run(begun)

    def _ended(self, flow_run: Any) -> bool:
        state = self.client.read_flow_run(flow_run).state
        return state is not None and state.is_final()


@pytest.fixture(scope="module")
def place(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("deployed")
    with ExitStack() as stack:
        ops = stack.enter_context(http_receiver())
        client = stack.enter_context(get_client(sync_client=True))
        channels = f"alerts.channels=[{{name: ops, url: '{ops.url}'}}]"
        deployed = server.run("workforce", "deploy", "--set", channels)
        assert deployed.returncode == 0, deployed.stdout + deployed.stderr
        stack.callback(server.run, "workforce", "deploy", "--destroy")
        notify = client.read_deployment_by_name(ALERTS)
        parameters = {"output": str(folder / "runs")}
        client.request("PATCH", f"/deployments/{notify.id}", json={"parameters": parameters})
        for command in (
            ("prefect", "worker", "start", "--pool", "workforce"),
            ("workforce", "alerts", "serve"),
        ):
            process = server.start(*command)
            stack.callback(process.wait, timeout=60)
            stack.callback(process.terminate)
        yield Place(client, ops, folder)


def test_a_new_list_is_fitted_compared_and_reported(place: Place) -> None:
    spells, lists = company(3, 400, 70), place.folder / "lists"
    write_lists(lists, with_mass_exit(spells, *DATES[-2:]))
    table = place.folder / "backtest.csv"

    fitted = place.run(FIT, out=str(place.folder / "fitted.yaml"))
    assert fitted.state and fitted.state.is_completed(), fitted.state
    assert load_settings(place.folder / "fitted.yaml", environ={})

    missed = place.run(BACKTEST, by=["department"], file=str(table))
    assert missed.state and missed.state.is_completed(), missed.state
    [message] = place.ops.wait(1, seconds=60)
    assert message["title"] == f"[warning] What happened lies outside the last forecast: history {lists}"
    assert "\nWindow: 2018-12-31 to 2019-12-31\nExits: " in message["message"]
    assert " figures; 0.9 are expected by chance\n" in message["message"]
    assert f"flow-run/{missed.id}" in message["message"]

    place.run(BACKTEST, by=["department"], file=str(table))  # the same list: no further message
    shutil.rmtree(lists)
    write_lists(lists, spells)  # the newest list was wrong, and was exported again
    held = place.run(BACKTEST, by=["department"], file=str(table))
    assert held.state and held.state.is_completed(), held.state
    _, over = place.ops.wait(2, seconds=60)
    assert over["title"] == f"[resolved] What happened lies outside the last forecast: history {lists}"
    assert "\nNow: the newest list lies within the forecast of the list before it\n" in over["message"]
    assert len(place.ops.messages) == 2


def test_wrong_input_fails_with_its_message(place: Place) -> None:
    failed = place.run(FIT, history=str(place.folder / "nowhere"))
    assert failed.state and failed.state.is_failed()
    assert "HistoryError: " in str(failed.state.message) and "nowhere" in str(failed.state.message)

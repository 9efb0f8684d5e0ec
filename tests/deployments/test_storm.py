"""A burst of hundreds of events on a real server: each raises an alert, few messages are sent.

WORKFORCE_TEST_STORM=1000 makes it a thousand, which takes minutes: a flow run each, on Prefect's side.
"""

import os
import time
from pathlib import Path

import pytest
from prefect import Flow
from prefect.client.orchestration import get_client
from prefect.events import emit_event

from tasks.alerts import store_of
from tasks.alerts.rules import CHECK_WARNED
from tasks.server.names import ALERTS
from tests.alerts.receivers import http_receiver
from tests.deployments.conftest import Server

pytestmark = [pytest.mark.slow, pytest.mark.alone]

COUNT = int(os.environ.get("WORKFORCE_TEST_STORM", "250"))


def test_a_storm_on_the_server_becomes_a_digest_and_nothing_is_lost(server: Server, tmp_path: Path) -> None:
    with http_receiver() as ops, get_client(sync_client=True) as client:
        sets = (f"alerts.channels=[{{name: ops, url: '{ops.url}'}}]", "alerts.window_seconds=3600")
        deployed = server.run("workforce", "deploy", *(part for one in sets for part in ("--set", one)))
        assert deployed.returncode == 0, deployed.stdout + deployed.stderr
        notify = client.read_deployment_by_name(ALERTS)
        client.request("PATCH", f"/deployments/{notify.id}", json={"parameters": {"output": str(tmp_path)}})
        flow_run = client.create_flow_run(Flow(lambda: None, name="multi-year"))
        begun = time.time()
        for number in range(COUNT):
            emit_event(
                CHECK_WARNED,
                resource={"prefect.resource.id": f"workforce.run.{flow_run.id}"},
                payload={"run_id": f"run-{number}", "year": 2026, "facts": {"Check x": "odd"}},
            )
        worker = server.start("workforce", "alerts", "serve")
        try:
            store = store_of(tmp_path)
            deadline = time.monotonic() + 500
            while not store.exists or len(store.recent(2 * COUNT)) < COUNT:
                assert time.monotonic() < deadline, f"{len(store.recent(2 * COUNT))} of {COUNT} alerts"
                time.sleep(1)
            raised = time.time() - begun
        finally:
            worker.terminate()  # the courier sends what it holds
            worker.wait(timeout=30)
            server.run("workforce", "deploy", "--destroy")
        deadline = time.monotonic() + 60
        while any(delivery.status == "pending" for delivery in store.deliveries()) or store.unreported(None):
            assert time.monotonic() < deadline
            time.sleep(0.5)
        reported = {alert_id for delivery in store.deliveries() for alert_id in delivery.message.alert_ids}
        print(f"{COUNT} events, {raised:.0f} s until all were alerts, {len(ops.messages)} messages")
        assert len(reported) == COUNT
        assert len(ops.messages) < 10

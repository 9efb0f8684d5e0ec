"""`workforce deploy` on a server that people have changed, and `workforce health` of that server.

The server is on SQLite, and its scheduler is switched off, so that it appears to be dead.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prefect.blocks.system import Secret
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import DeploymentScheduleCreate
from prefect.client.schemas.objects import CreatedBy, FlowRun
from prefect.client.schemas.schedules import CronSchedule
from prefect.states import Crashed, Running
from prefect.tasks import Task
from streamlit.testing.v1 import AppTest
from typer.testing import CliRunner

from flows.cli.main import app
from flows.multi_year import multi_year_simulation
from flows.single_year import single_year_simulation
from settings import InputError
from tasks.alerts.block import deployed_alerts
from tasks.alerts.limits import read_limits
from tasks.alerts.notify import handle
from tasks.dashboard.options import Options, options
from tasks.health import server as server_health
from tasks.health.finding import Finding
from tasks.server import schedule_record
from tests.deployments.conftest import Server, deploy, prefect_server, sets

pytestmark = pytest.mark.slow

OPS, BOSS = (
    "{name: ops, url: 'json://127.0.0.1:9/hook-5ecret'}",
    "{name: boss, url: 'json://127.0.0.1:9/x5ecret'}",
)
NIGHTLY = '{slug: nightly, cron: "0 2 * * *", timezone: Europe/Berlin, parameters: {census: data/a.csv}}'
RUNS = "multi-year/default"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("sqlite")
    with prefect_server(home, PREFECT_SERVER_SERVICES_SCHEDULER_ENABLED="false") as server:
        yield server


@pytest.fixture
def client(server: Server) -> Iterator[SyncPrefectClient]:
    with get_client(sync_client=True) as client:
        yield client
        deploy("--destroy")


def schedules(client: SyncPrefectClient) -> dict[str | None, tuple[bool, dict[str, Any]]]:
    deployment = client.read_deployment_by_name(RUNS)
    return {one.slug: (one.active, one.parameters) for one in deployment.schedules}


def test_a_deploy_without_a_file_keeps_what_is_deployed(client: SyncPrefectClient) -> None:
    output = deploy(
        *sets(f"alerts.channels=[{OPS}]", "sla.run_seconds=77", f"deployment.schedules=[{NIGHTLY}]")
    )
    assert "No alert channel" not in output
    again = deploy()
    assert "Nothing to do" in again
    assert "alerts.channels = ops" in again and "sla.run_seconds = 77" in again
    deploy(*sets("sla.year_seconds=33"))
    assert [channel.name for channel in deployed_alerts(client).channels] == ["ops"]
    assert read_limits(client)["run_seconds"] == 77 and read_limits(client)["year_seconds"] == 33
    assert schedules(client) == {"nightly": (True, {"census": "data/a.csv"})}


def test_a_channel_is_removed_only_on_request(client: SyncPrefectClient) -> None:
    assert "No alert channel" in deploy()
    deploy(*sets(f"alerts.channels=[{OPS}, {BOSS}]"))
    for less in ("[]", f"[{OPS}]"):
        refused = deploy(*sets(f"alerts.channels={less}"), status=2)
        assert "boss" in refused and "--yes" in refused and "5ecret" not in refused
    assert "removed channel boss" in deploy("--plan", *sets(f"alerts.channels=[{OPS}]"))
    assert len(deployed_alerts(client).channels) == 2
    deploy("--yes", *sets(f"alerts.channels=[{OPS}]"))
    assert [channel.name for channel in deployed_alerts(client).channels] == ["ops"]


def test_what_people_add_is_kept_by_both_commands_until_it_is_pruned(
    server: Server, client: SyncPrefectClient
) -> None:
    deploy(*sets(f"alerts.channels=[{OPS}]"))
    deployment = client.read_deployment_by_name(RUNS)
    [monthly] = deployment.schedules
    assert (monthly.slug, monthly.active) == ("monthly", False)
    client.update_deployment_schedule(
        deployment.id, monthly.id, active=True, parameters={"census": "data/b.csv"}
    )
    theirs = DeploymentScheduleCreate(schedule=CronSchedule(cron="0 5 * * 1"), active=True)
    client.create_deployment_schedules(deployment.id, [theirs])
    own = {"parameters": {"seed": 7}, "tags": ["workforce", "finance"], "job_variables": {"env": {"X": "1"}}}
    client.request("PATCH", f"/deployments/{deployment.id}", json=own)
    added = {"monthly": (True, {"census": "data/b.csv"}), None: (True, {})}

    output = deploy()
    assert "without a slug" in output and "--prune" in output
    now = client.read_deployment_by_name(RUNS)
    assert schedules(client) == added
    assert now.parameters == {"seed": 7} and "finance" in now.tags
    assert now.job_variables == {"env": {"X": "1", "WORKFORCE__ALERTS__WATCH": "server"}}
    assert "Nothing to do" in deploy()

    prefect = server.run("prefect", "--no-prompt", "deploy", "--all")
    assert prefect.returncode == 0, prefect.stdout + prefect.stderr
    assert schedules(client) == added
    assert "Nothing to do" in deploy()

    named = sets(f"deployment.schedules=[{NIGHTLY}]")
    assert deploy(*named).split().count("keep") == 2
    assert schedules(client) == {**added, "nightly": (True, {"census": "data/a.csv"})}
    assert deploy("--prune", "--plan", *named).split().count("delete") == 2
    deploy("--prune", *named)
    assert schedules(client) == {"nightly": (True, {"census": "data/a.csv"})}
    assert "Nothing to do" in deploy("--prune", *named)


def test_a_schedule_that_people_switch_does_not_lose_its_parameters(
    client: SyncPrefectClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def health() -> str:
        found = {one.check: one for one in server_health.server_findings(client)}
        return found[check].advice if check in found else ""

    def people_switch(active: bool) -> None:  # as the UI and `prefect deployment schedule` do
        client.update_deployment_schedule(deployment.id, nightly.id, active=active)

    check, given = f"parameters of {RUNS}: nightly", {"census": "data/a.csv"}
    deploy(*sets(f"deployment.schedules=[{NIGHTLY}]"))
    deployment = client.read_deployment_by_name(RUNS)
    [nightly] = deployment.schedules
    run = FlowRun(
        flow_id=deployment.flow_id,
        deployment_id=deployment.id,
        auto_scheduled=True,
        created_by=CreatedBy(id=nightly.id, type="SCHEDULE", display_value="nightly"),
        parameters=given,
    )
    monkeypatch.setattr(schedule_record, "own_flow_run", lambda: run)
    assert not health()
    schedule_record.refuse_dropped_parameters()

    people_switch(False)
    people_switch(True)
    assert schedules(client) == {"nightly": (True, {})}, "Prefect keeps them now: this is needless"
    assert "`workforce deploy` restores them" in health()
    run.parameters = {}
    with pytest.raises(InputError, match=r"nightly has lost its parameters \(census=data/a.csv\)"):
        schedule_record.refuse_dropped_parameters()
    assert "parameters" in deploy("--plan")
    deploy()
    assert schedules(client) == {"nightly": (True, given)}
    assert not health() and "Nothing to do" in deploy()

    people_switch(False)
    for active, switch in ((True, "on"), (False, "off"), (True, "on")):
        done = CliRunner().invoke(app, ["schedules", switch, "nightly"])
        assert done.exit_code == 0 and f"nightly is {switch}" in done.output
        assert schedules(client) == {"nightly": (active, given)}
    listed = json.loads(CliRunner().invoke(app, ["schedules", "list", "--json"]).stdout)
    assert [(row["state"], row["parameters"]["census"]) for row in listed] == [("on", "data/a.csv")]
    unknown = CliRunner().invoke(app, ["schedules", "on", "daily"])
    assert isinstance(unknown.exception, InputError) and "nightly" in str(unknown.exception)

    deploy(*sets('deployment.schedules=[{slug: nightly, cron: "0 2 * * *", parameters: {}}]'))
    assert schedules(client) == {"nightly": (True, {})}
    assert not health() and "Nothing to do" in deploy()


def test_parameters_that_prefect_cannot_keep_are_refused(client: SyncPrefectClient) -> None:
    long = f'{{slug: a, cron: "0 2 * * *", parameters: {{run_id: {"x" * 5000}}}}}'
    assert "5,000 characters" in deploy(*sets(f"deployment.schedules=[{long}]"), status=2)


def test_the_years_of_a_run_whose_process_ended_are_marked_as_crashed(
    client: SyncPrefectClient, tmp_path: Path
) -> None:
    deploy()
    run = client.create_flow_run(multi_year_simulation, state=Running())
    task = client.create_task_run(Task(lambda: None, name="year"), run.id, dynamic_key="0")
    year = client.create_flow_run(single_year_simulation, parent_task_run_id=task.id, state=Running())
    client.set_flow_run_state(run.id, Crashed(), force=True)  # which is all that a worker does
    assert handle(client, "run_crashed", f"prefect.flow-run.{run.id}", {}, 1, tmp_path)
    assert [str(client.read_flow_run(one.id).state_type) for one in (run, year)] == ["StateType.CRASHED"] * 2


def test_an_invalid_schedule_is_refused_and_nothing_is_changed(client: SyncPrefectClient) -> None:
    wrong = '{slug: a, cron: "0 25 * * *", parameters: {cencus: a.csv, replicates: many}}'
    secret = f'{{slug: b, interval: 60, parameters: {{settings: ["alerts.channels=[{OPS}]"]}}}}'
    refused = deploy(*sets(f"deployment.schedules=[{wrong}, {secret}]"), status=2)
    for part in ("0.cron (a)", "did you mean census?", "replicates: ", "1.parameters (b): settings: "):
        assert part in refused
    assert "5ecret" not in refused
    assert not client.read_work_pools()


def test_the_channels_of_an_earlier_version_are_read_and_then_hidden(
    server: Server, client: SyncPrefectClient
) -> None:
    deploy(*sets(f"alerts.channels=[{OPS}]"))
    inspect = ("prefect", "block", "inspect", "secret/workforce-alerts")
    channel = {"name": "ops", "url": "json://127.0.0.1:9/old-5ecret", "min_severity": "warning", "level": 1}
    Secret(value={"channels": [channel], "retries": 3, "gone": 1}).save("workforce-alerts", overwrite=True)  # type: ignore[arg-type]
    assert "5ecret" in server.run(*inspect).stdout
    alerts = deployed_alerts(client)
    assert (alerts.channels[0].url.get_secret_value(), alerts.retries) == (channel["url"], 3)

    assert "stored so that Prefect masks it" in deploy()
    shown = server.run(*inspect)
    assert shown.returncode == 0 and "5ecret" not in shown.stdout + shown.stderr
    assert "********" in shown.stdout
    assert deployed_alerts(client).channels == alerts.channels
    assert "Nothing to do" in deploy()


def test_deployments_of_an_earlier_version_move_to_their_new_names(client: SyncPrefectClient) -> None:
    deploy()
    for name in ("single-year/one-year", "notify/alerts"):
        client.delete_deployment(client.read_deployment_by_name(name).id)
    weekly = DeploymentScheduleCreate(schedule=CronSchedule(cron="0 5 * * 1"), active=False)
    client.create_deployment(
        client.create_flow_from_name("single-year"),
        "default",
        paused=True,
        parameters={"year": 2026},
        schedules=[weekly],
    )
    former = client.create_deployment(client.create_flow_from_name("notify"), "default")
    waits = client.create_flow_run_from_deployment(former, parameters={"rule": "sample", "subject": "x"})

    output = deploy()
    assert "waiting runs: 1" in output
    moved = client.read_deployment_by_name("single-year/one-year")
    assert (moved.paused, moved.parameters) == (True, {"year": 2026})
    assert [one.schedule.cron for one in moved.schedules if isinstance(one.schedule, CronSchedule)] == [
        "0 5 * * 1"
    ]
    client.delete_flow_run(waits.id)
    deploy()
    names = {(one.name) for one in client.read_deployments()}
    assert names == {"default", "one-year", "part-of-a-run", "from-history", "monthly", "alerts"}
    assert "Nothing to do" in deploy()


def test_health_sees_a_dead_scheduler_a_pause_and_a_missing_worker(
    client: SyncPrefectClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def found() -> dict[str, Finding]:
        return {one.check: one for one in server_health.server_findings(client)}

    assert not found()
    deploy(*sets("deployment.schedules=[{slug: hourly, interval: 3600}]"))
    deployment = client.read_deployment_by_name(RUNS)
    schedule, pool = f"schedule {RUNS}: hourly", "work pool workforce"
    assert all(one.status == "ok" for one in found().values())
    assert "changed a moment ago" in found()[schedule].observed
    monkeypatch.setattr(server_health, "JUST_CHANGED", server_health.JUST_CHANGED * 0)
    dead = found()[schedule]
    assert dead.status == "wrong" and "no run is scheduled" in dead.observed
    assert "scheduler is dead" in dead.advice

    waits = client.create_flow_run_from_deployment(deployment.id)
    assert found()[pool].status == "wrong"
    assert "prefect worker start --pool workforce" in found()[pool].advice
    client.request(
        "POST",
        "/work_pools/workforce/workers/heartbeat",
        json={"name": "w", "heartbeat_interval_seconds": 30},
    )
    assert found()[pool].status == "ok"
    client.delete_flow_run(waits.id)

    client.pause_deployment(deployment.id)
    paused = found()[f"deployment {RUNS}"]
    assert paused.status == "wrong" and f"workforce schedules resume {RUNS}" in paused.advice
    assert schedule not in found(), "a pause is the reason why no run is scheduled"
    listed = CliRunner().invoke(app, ["schedules", "list"], env={"COLUMNS": "200"})
    assert "deployment paused" in listed.output
    done = CliRunner().invoke(app, ["schedules", "resume", RUNS])
    assert done.exit_code == 0 and "is resumed; its next scheduled run" in done.output
    assert found()[f"deployment {RUNS}"].status == "ok"
    unknown = CliRunner().invoke(app, ["schedules", "resume", "multi-year/nightly"])
    assert isinstance(unknown.exception, InputError) and RUNS in str(unknown.exception)


def test_health_reports_the_same_as_json_and_the_dashboard_shows_a_pause(
    server: Server, client: SyncPrefectClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deploy()
    client.pause_deployment(client.read_deployment_by_name(RUNS).id)
    monkeypatch.setenv("PREFECT_API_URL", server.url)  # for the page's own thread
    monkeypatch.setattr(sys, "argv", ["app.py", *Options(tmp_path, False).arguments()])
    options.cache_clear()
    page = AppTest.from_function(_alerts_of_the_dashboard, default_timeout=60).run()
    options.cache_clear()
    assert not page.exception
    assert f"workforce schedules resume {RUNS}" in page.warning[0].value
    done = CliRunner().invoke(app, ["health", "--json", "--output", "."])
    assert done.exit_code == 1
    wrong = [one["check"] for one in json.loads(done.output)["findings"] if one["status"] == "wrong"]
    assert wrong == [f"deployment {RUNS}"]


def _alerts_of_the_dashboard() -> None:
    import os

    from prefect.settings import PREFECT_API_URL, temporary_settings

    from tasks.dashboard.views import operations

    with temporary_settings({PREFECT_API_URL: os.environ["PREFECT_API_URL"]}):
        operations._alerts()

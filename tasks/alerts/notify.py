"""Turns a rule that fired on a Prefect server into an alert: its subject and the facts."""

import base64
import logging
import math
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar, cast
from uuid import UUID

import httpx
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import FlowRun, WorkPoolStatus
from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_KEY, PREFECT_API_URL
from prefect.utilities.urls import url_for

from settings import default_settings
from tasks.alerts import Alert, AlertDesk, rule_named
from tasks.alerts.alert import ENDED, duration_facts
from tasks.alerts.block import deployed_alerts
from tasks.alerts.comparisons import BY_SUBJECT, comparison_of
from tasks.alerts.events import PREFIX, emit_raised, raised_on_server
from tasks.alerts.limits import read_limits
from tasks.alerts.message import moment_text
from tasks.alerts.rules import Rule
from tasks.alerts.run_facts import DEFAULT_OUTPUT, RunFacts, resume_command
from tasks.alerts.secrets import hide
from tasks.alerts.trouble import (
    POOL_PREFIX,
    began_at,
    end_flow_run,
    ended_at,
    is_there,
    outermost_flow_run,
    pool_of,
    report_held,
    report_what_is_over,
    run_id_of,
    worker_seen_at,
)
from tasks.server.failing import pause_if_failing
from tasks.server.flow_runs import deployment_of, mark_crashed
from tasks.server.names import ALERTS
from tasks.system.project import INSTALLED, ROOT

log = logging.getLogger("workforce")

# Requests other than the names of rules.
ESCALATION, RESOLVED = "escalation", "resolved"

KEPT_SECONDS = 5.0

T = TypeVar("T")
_desks: dict[Path, AlertDesk] = {}
_recent: dict[str, tuple[float, Any]] = {}


def handle(
    client: SyncPrefectClient, rule: str, subject: str, payload: Mapping[str, Any], level: int, output: Path
) -> str | None:
    """Raise the alert of a rule that fired for a resource, escalate an alert, or report that it is over.

    Args:
        client: Client of the server on which the rule fired.
        rule: Name of the rule, or `escalation`, or `resolved`.
        subject: Resource for which it fired.
        payload: Payload of the event that fired it.
        level: With `escalation`: the level to notify.
        output: Directory of runs, where alerts are kept.

    Returns the alert's id; None if an equal alert exists, the rule fired in error, or nothing is over.
    """
    desk = _desk(client, output)
    if rule == RESOLVED and (comparison := comparison_of(subject)):
        return ", ".join(alert.id for alert in report_held(desk, comparison, subject)) or None
    if rule == RESOLVED:
        return ", ".join(alert.id for alert in report_what_is_over(client, desk, subject)) or None
    if rule == ESCALATION:
        return _escalate(client, desk, subject.removeprefix(PREFIX), level)
    raised = _alert_of(client, rule, subject, payload)
    if raised is None:
        return None
    is_new = desk.raise_alert(raised)
    if rule == "no_heartbeat":
        end_flow_run(client, raised, _working_folder(client) / output)
    if rule == "run_crashed":  # its years are left in state Running, and would be reported as slow
        mark_crashed(client, UUID(subject.rpartition(".")[2]), "the run's process ended unexpectedly")
    if not is_new:
        return None
    emit_raised(raised)
    return raised.id


def hide_credentials() -> None:
    """Keep the credentials for the Prefect server out of this process's log records."""
    key, login = PREFECT_API_KEY.value(), PREFECT_API_AUTH_STRING.value()
    texts = [secret.get_secret_value() for secret in (key, login) if secret]
    in_address = httpx.URL(str(PREFECT_API_URL.value() or "")).userinfo.decode()
    for text in filter(None, (login and login.get_secret_value(), in_address)):
        texts += [text, text.partition(":")[2], base64.b64encode(text.encode()).decode()]
    hide(texts)


def _escalate(client: SyncPrefectClient, desk: AlertDesk, alert_id: str, level: int) -> str | None:
    alert = _alert_known(desk, alert_id)
    if alert.source:
        report_what_is_over(client, desk, alert.source)
    stored = desk.store.find(alert_id)
    if stored and stored.resolved_at:
        return None
    desk.escalate_to(alert, level)
    return alert.id


def _alert_known(desk: AlertDesk, alert_id: str) -> Alert:
    stored = desk.store.find(alert_id)
    alert = stored.alert if stored else next((one for one, _ in raised_on_server(alert_id)), None)
    if alert is None:
        raise ValueError(f"alert {alert_id} is neither in {desk.store.path} nor on the server")
    return alert


def _desk(client: SyncPrefectClient, output: Path) -> AlertDesk:
    """Return this process's desk for a directory of runs, with the channels of `workforce deploy`."""
    path = (_working_folder(client) / output).resolve()
    path.mkdir(parents=True, exist_ok=True)
    settings = _kept("alerts", lambda: deployed_alerts(client))
    desk = _desks.get(path)
    if desk is None or desk.settings != settings:
        if desk:
            desk.close()
        desk = _desks[path] = AlertDesk(path, settings, escalate=False, everything=True)
    return desk


def _working_folder(client: SyncPrefectClient) -> Path:
    """Return the folder to which relative paths of deployed runs refer (deployments.kinds.working_folder)."""
    if not INSTALLED:
        return ROOT
    steps = _kept("pull steps", lambda: client.read_deployment_by_name(ALERTS).pull_steps) or []
    folders = [
        arguments["directory"] for step in steps for arguments in step.values() if "directory" in arguments
    ]
    return Path(folders[-1]) if folders else Path.cwd()


def _kept(name: str, read: Callable[[], T]) -> T:
    """Return a value read from the server, cached for KEPT_SECONDS: a storm of alerts reads it often."""
    read_at, value = _recent.get(name, (-math.inf, None))
    if time.monotonic() - read_at > KEPT_SECONDS:
        value = read()
        _recent[name] = (time.monotonic(), value)
    return cast(T, value)


def _alert_of(client: SyncPrefectClient, rule: str, subject: str, payload: Mapping[str, Any]) -> Alert | None:
    identifier = subject.rpartition(".")[2]
    if rule_named(rule).subject == "pool":
        return _alert_of_pool(client, rule, identifier)
    if rule_named(rule).subject in BY_SUBJECT:  # the flow that compared sent the alert
        return Alert.from_json(payload["alert"])
    flow_run = client.read_flow_run(UUID(identifier))
    failing = _pause_if_failing(client, rule_named(rule), flow_run)
    if failing is None:
        return None
    if not _is_confirmed(client, rule_named(rule), flow_run):
        log.warning("rule %s fired in error for flow run %s: no alert", rule, flow_run.name)
        return None
    since = began_at(client, rule_named(rule), flow_run)
    until = ended_at(rule_named(rule), flow_run)
    facts = dict(payload.get("facts") or {}) | _limit_facts(client, rule, since, until) | failing
    if until is not None and flow_run.state:
        facts[ENDED] = f"{moment_text(until)}, {flow_run.state.name}"
    if (failing or not facts) and flow_run.state and flow_run.state.message:
        facts["State"] = f"{flow_run.state.name}: {flow_run.state.message}"[:1000]
    year = payload.get("year") or flow_run.parameters.get("year")
    outermost = outermost_flow_run(client, flow_run)
    run = RunFacts.of_labels(outermost.labels)
    run_id = payload.get("run_id") or run_id_of(flow_run)
    command = _command(client, outermost, run_id) if run else f"prefect flow-run retry {flow_run.id}"
    return Alert(
        rule,
        run_id,
        int(year) if year else None,
        payload.get("scenario"),
        facts | (run.facts if run else {}),
        since,
        url_for("flow-run", flow_run.id),
        attempt=run.attempt if run else f"{flow_run.id}.{flow_run.run_count}",
        source=f"prefect.flow-run.{flow_run.id}",
        command=None if until and flow_run.state and flow_run.state.is_completed() else command,
        begun=run is not None,
    )


def _command(client: SyncPrefectClient, flow_run: FlowRun, run_id: str) -> str:
    """Return the command that resumes a run."""
    deployment = _kept(str(flow_run.deployment_id), lambda: deployment_of(client, flow_run))
    return resume_command(run_id, Path(flow_run.parameters.get("output") or DEFAULT_OUTPUT), deployment)


def _alert_of_pool(client: SyncPrefectClient, rule: str, identifier: str) -> Alert | None:
    pool = pool_of(client, identifier)
    if pool is None or pool.status != WorkPoolStatus.NOT_READY:
        log.warning("rule %s fired, but the work pool has a worker or is gone: no alert", rule)
        return None
    since = worker_seen_at(client, pool)
    facts = _limit_facts(client, rule, since)
    if since is None:
        facts["Worker"] = "none was seen so far"
    source = f"{POOL_PREFIX}{identifier}"
    return Alert(rule, pool.name, facts=facts, since=since or time.time(), source=source)


def _is_confirmed(client: SyncPrefectClient, rule: Rule, flow_run: FlowRun) -> bool:
    """Return whether the server's current state confirms the trouble that a rule reports."""
    limit = _kept_limits(client).get(rule.within) if rule.within else None
    return limit is None or is_there(client, rule, flow_run, float(limit))


def _pause_if_failing(client: SyncPrefectClient, rule: Rule, flow_run: FlowRun) -> dict[str, str] | None:
    """Return the facts of the pause by a rule with `times`, None if failures are too few; else no facts."""
    if not rule.times:
        return {}
    times = int(_kept_limits(client).get(rule.times) or default_settings().sla.failures_to_pause)
    return pause_if_failing(client, flow_run, times, rule.subject)


def _limit_facts(
    client: SyncPrefectClient, rule: str, since: float | None, until: float | None = None
) -> dict[str, str]:
    """Return the facts of a rule's time limit; the trouble lasted until `until`, or it still does (None)."""
    setting = rule_named(rule).within
    limit = _kept_limits(client).get(setting) if setting else None
    if not setting or limit is None:
        return {}
    return duration_facts(f"sla.{setting}", limit, limit if since is None else (until or time.time()) - since)


def _kept_limits(client: SyncPrefectClient) -> dict[Any, Any]:
    return _kept("limits", lambda: read_limits(client))

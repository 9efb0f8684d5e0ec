"""From a rule that fired on a Prefect server to an alert on the desk: who it is about, and the facts."""

import logging
import math
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar, cast
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import FlowRun
from prefect.utilities.urls import url_for

from settings import default_settings
from tasks.alert_block import deployed_alerts
from tasks.alert_events import PREFIX, emit_raised, raised_on_server
from tasks.alerts import Alert, AlertDesk, rule_named
from tasks.alerts.alert import duration_facts
from tasks.alerts.rules import RUNNING, Rule
from tasks.failing import pause_if_failing
from tasks.limits import read_limits
from tasks.project import ROOT

log = logging.getLogger("workforce")

KEPT_SECONDS = 5.0

T = TypeVar("T")
_desks: dict[Path, AlertDesk] = {}
_recent: dict[str, tuple[float, Any]] = {}


def tell(
    client: SyncPrefectClient, rule: str, subject: str, payload: Mapping[str, Any], level: int, output: Path
) -> str | None:
    """Raise the alert of a rule that fired for a resource, or escalate one.

    Args:
        client: Client of the server on which the rule fired.
        rule: Name of the rule, or `escalation`.
        subject: Resource that it fired for.
        payload: What the event that fired it holds.
        level: With `escalation`: the level to tell.
        output: Directory of runs, where alerts are kept.

    Returns the alert's id, None if an equal one was told already or the rule fired in error.
    """
    desk = _desk(client, output)
    if rule == "escalation":
        alert = _alert_known(desk, subject.removeprefix(PREFIX))
        desk.escalate_to(alert, level)
        return alert.id
    raised = _alert_of(client, rule, subject, payload)
    if raised is None or not desk.raise_alert(raised):
        return None
    emit_raised(raised)
    return raised.id


def _alert_known(desk: AlertDesk, alert_id: str) -> Alert:
    stored = desk.store.find(alert_id)
    alert = stored.alert if stored else next((one for one, _ in raised_on_server(alert_id)), None)
    if alert is None:
        raise ValueError(f"alert {alert_id} is neither in {desk.store.path} nor on the server")
    return alert


def _desk(client: SyncPrefectClient, output: Path) -> AlertDesk:
    """This process's desk of a directory of runs, with the channels that `workforce deploy` made known."""
    path = (ROOT / output).resolve()
    path.mkdir(parents=True, exist_ok=True)
    settings = _kept("alerts", lambda: deployed_alerts(client))
    desk = _desks.get(path)
    if desk is None or desk.settings != settings:
        if desk:
            desk.close()
        desk = _desks[path] = AlertDesk(path, settings, escalate=False, everything=True)
    return desk


def _kept(name: str, read: Callable[[], T]) -> T:
    """What was read from the server a moment ago, else what is read now: a storm asks a thousand times."""
    read_at, value = _recent.get(name, (-math.inf, None))
    if time.monotonic() - read_at > KEPT_SECONDS:
        value = read()
        _recent[name] = (time.monotonic(), value)
    return cast(T, value)


def _alert_of(client: SyncPrefectClient, rule: str, subject: str, payload: Mapping[str, Any]) -> Alert | None:
    identifier = subject.rpartition(".")[2]
    if rule_named(rule).subject == "pool":
        return Alert(rule, _pool_name(client, identifier), facts=_limit_facts(client, rule, None))
    flow_run = client.read_flow_run(UUID(identifier))
    failing = _pause_if_failing(client, rule_named(rule), flow_run)
    if failing is None:
        return None
    if not _is_so(client, rule_named(rule), flow_run):
        log.warning("rule %s fired in error for flow run %s: not told", rule, flow_run.name)
        return None
    began = flow_run.start_time or flow_run.expected_start_time
    since = began.timestamp() if began else time.time()
    facts = dict(payload.get("facts") or {}) | _limit_facts(client, rule, since) | failing
    if (failing or not facts) and flow_run.state and flow_run.state.message:
        facts["State"] = f"{flow_run.state.name}: {flow_run.state.message}"[:1000]
    year = payload.get("year") or flow_run.parameters.get("year")
    return Alert(
        rule,
        payload.get("run_id") or _run_id(flow_run),
        int(year) if year else None,
        payload.get("scenario"),
        facts,
        since,
        url_for("flow-run", flow_run.id),
    )


def _is_so(client: SyncPrefectClient, rule: Rule, flow_run: FlowRun) -> bool:
    """Whether what a rule says holds: a busy server on SQLite loses an event, or counts one twice."""
    if rule.after == (RUNNING,) and flow_run.start_time and flow_run.end_time:
        taken = (flow_run.end_time - flow_run.start_time).total_seconds()
        return taken >= _kept_limits(client).get(rule.within, 0)
    return True


def _pause_if_failing(client: SyncPrefectClient, rule: Rule, flow_run: FlowRun) -> dict[str, str] | None:
    """Facts of what a rule with `times` led to, None where failures are too few; none for other rules."""
    if not rule.times:
        return {}
    times = int(_kept_limits(client).get(rule.times) or default_settings().sla.failures_to_pause)
    return pause_if_failing(client, flow_run, times, rule.subject)


def _limit_facts(client: SyncPrefectClient, rule: str, since: float | None) -> dict[str, str]:
    setting = rule_named(rule).within
    limit = _kept_limits(client).get(setting) if setting else None
    if not setting or limit is None:
        return {}
    return duration_facts(f"sla.{setting}", limit, limit if since is None else time.time() - since)


def _kept_limits(client: SyncPrefectClient) -> dict[Any, Any]:
    return _kept("limits", lambda: read_limits(client))


def _run_id(flow_run: FlowRun) -> str:
    """The run's id: a year's run directory, else the flow run's name, which is it unless it is made up."""
    if "run_directory" in flow_run.parameters:
        return Path(flow_run.parameters["run_directory"]).name
    named = flow_run.parameters.get("resume") or flow_run.parameters.get("run_id")
    return str(named or f"{flow_run.name} ({str(flow_run.id)[:8]})")


def _pool_name(client: SyncPrefectClient, identifier: str) -> str:
    return next((pool.name for pool in client.read_work_pools() if str(pool.id) == identifier), identifier)

"""Alerts as events on a Prefect server, whose automations escalate unacknowledged alerts."""

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from prefect.client.base import ServerType, determine_server_type
from prefect.events import emit_event
from prefect.events.worker import EventsWorker
from prefect.settings import PREFECT_API_URL

from settings import InputError
from tasks.alerts import Alert, store_of
from tasks.alerts.comparisons import Comparison
from tasks.alerts.message import title_of_alert
from tasks.alerts.rules import (
    ALERT_ACKNOWLEDGED,
    ALERT_RAISED,
    ALERT_RESOLVED,
)
from tasks.server.api import OWN_SERVER, server_client

PREFIX = "workforce.alert."


def has_server() -> bool:
    """Return whether a Prefect server or Cloud is configured; a run's own local server does not count."""
    return (
        OWN_SERVER not in os.environ
        and bool(PREFECT_API_URL.value())
        and determine_server_type() in (ServerType.SERVER, ServerType.CLOUD)
    )


def require_server() -> None:
    """Raise InputError if no server is configured."""
    if not has_server():
        raise InputError(
            "PREFECT_API_URL names no server. Start one with `prefect server start`, then "
            "`export PREFECT_API_URL=http://127.0.0.1:4200/api`"
        )


def emit_raised(alert: Alert) -> None:
    """Send the complete alert to the server, so that an escalation needs no other source."""
    emit_event(
        ALERT_RAISED,
        resource={
            "prefect.resource.id": f"{PREFIX}{alert.id}",
            "prefect.resource.name": title_of_alert(alert),
            "workforce.severity": alert.how_bad,
        },
        payload={"alert": alert.to_json()},
    )


def emit_resolved(alert: Alert) -> None:
    """Report to the server that an alert is over, so that it is not escalated."""
    emit_event(ALERT_RESOLVED, resource={"prefect.resource.id": f"{PREFIX}{alert.id}"})


def emit_comparison(comparison: Comparison, name: str, alert: Alert | None) -> None:
    """Report to the server that a history's forecast or a budget moved, with the alert, or that it held.

    Waits until the event is sent.
    """
    emit_event(
        comparison.moved if alert else comparison.held,
        resource={"prefect.resource.id": comparison.resource_of(name), "prefect.resource.name": name},
        payload={"run_id": name, **({"alert": alert.to_json()} if alert else {})},
    )
    EventsWorker.drain_all(timeout=10)


def acknowledge(output: Path, alert_id: str, by: str) -> bool:
    """Acknowledge an alert of a directory of runs or of the Prefect server. Returns whether it exists."""
    store = store_of(output)
    found = store.exists and store.acknowledge(alert_id, by)
    if has_server() and (found or raised_on_server(alert_id)):
        emit_acknowledged(alert_id, by)
        return True
    return found


def emit_acknowledged(alert_id: str, by: str) -> None:
    """Report to the server that an alert is acknowledged, and wait until the event is sent."""
    emit_event(
        ALERT_ACKNOWLEDGED, resource={"prefect.resource.id": f"{PREFIX}{alert_id}"}, payload={"by": by}
    )
    EventsWorker.drain_all(timeout=10)


def raised_on_server(alert_id: str | None = None, limit: int = 50) -> list[tuple[Alert, str | None]]:
    """Return the newest alerts on the server, newest first, each with who acknowledged it (None: nobody).

    Raises ServerTrouble.
    """
    return [(alert, by) for alert, _, by in _raised(alert_id, limit)]


def acknowledged_on_server(limit: int = 50) -> list[tuple[Alert, float, str]]:
    """Return acknowledged alerts on the server, each with when it was raised (epoch seconds) and by whom."""
    return [(alert, at, by) for alert, at, by in _raised(None, limit) if by]


def _raised(alert_id: str | None, limit: int) -> Iterator[tuple[Alert, float, str | None]]:
    events = {"prefix": [PREFIX]}
    resource = {"id": [f"{PREFIX}{alert_id}"]} if alert_id else {"id_prefix": [PREFIX]}
    with server_client() as client:
        answer = client.request(
            "POST", "/events/filter", json={"filter": {"event": events, "resource": resource}, "limit": limit}
        )
        found = answer.raise_for_status().json()["events"]
    by = {
        event["resource"]["prefect.resource.id"]: event["payload"].get("by", "somebody")
        for event in found
        if event["event"] == ALERT_ACKNOWLEDGED
    }
    for event in found:
        if event["event"] == ALERT_RAISED:
            alert = Alert.from_json(event["payload"]["alert"])
            raised_at = datetime.fromisoformat(event["occurred"]).timestamp()
            yield alert, raised_at, by.get(event["resource"]["prefect.resource.id"])

"""The flow that a Prefect server's automations run when a rule fires: it sends alerts."""

from pathlib import Path
from typing import Any

from prefect import flow
from prefect.client.orchestration import get_client
from prefect.runtime import flow_run

from tasks.alerts.notify import handle, hide_credentials
from tasks.alerts.notify_name import notify_name


def _flow_run_name() -> str:
    given = flow_run.get_parameters()
    with get_client(sync_client=True) as client:
        return notify_name(client, given["rule"], given["subject"], given["payload"] or {}, given["level"])


@flow(name="notify", flow_run_name=_flow_run_name, persist_result=False)
def notify(
    rule: str,
    subject: str,
    payload: dict[str, Any] | None = None,
    level: int = 1,
    output: Path = Path("runs"),
) -> str | None:
    """Raise the alert of a rule, notify the next level of an alert, or report that alerts are over.

    Args:
        rule: Name of the rule that fired, or `escalation`, or `resolved`.
        subject: Resource for which it fired, such as prefect.flow-run.ID or workforce.alert.ID.
        payload: Payload of the event that fired it.
        level: Escalation level to notify.
        output: Directory of runs, where alerts are kept.

    Returns the id of the alert; None if an equal one exists or there is nothing to report.
    """
    hide_credentials()
    with get_client(sync_client=True) as client:
        return handle(client, rule, subject, payload or {}, level, output)

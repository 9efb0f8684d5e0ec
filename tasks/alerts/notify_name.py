"""The name of a notify run in Prefect's UI: the rule and the run or pool that it concerns."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient
from prefect.exceptions import ObjectNotFound

from tasks.alerts.events import PREFIX

POOL_PREFIX = "prefect.work-pool."


def notify_name(
    client: SyncPrefectClient, rule: str, subject: str, payload: Mapping[str, Any], level: int
) -> str:
    """Return the name of a notify run.

    As in "run_failed: budget-2027", "pool_not_ready: workforce", "escalation to level 2: alert 1a2b3c".

    Args:
        client: Client of the server on which the rule fired.
        rule: Name of the rule, or `escalation`.
        subject: Resource for which it fired.
        payload: Payload of the event that fired it.
        level: With `escalation`: the level to notify.
    """
    if subject.startswith(PREFIX):
        return f"{rule} to level {level}: alert {subject.removeprefix(PREFIX)}"
    return f"{rule}: {payload.get('run_id') or _name_of(client, subject)}"


def _name_of(client: SyncPrefectClient, subject: str) -> str:
    """Return the name of a pool or flow run; the resource itself if the server does not have it."""
    identifier = subject.rpartition(".")[2]
    if subject.startswith(POOL_PREFIX):
        return next((one.name for one in client.read_work_pools() if str(one.id) == identifier), subject)
    try:
        return client.read_flow_run(UUID(identifier)).name
    except (ObjectNotFound, ValueError):
        return subject

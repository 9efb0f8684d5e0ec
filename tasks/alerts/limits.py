"""The limits of runs that a Prefect server watches: one source, which `workforce deploy` writes.

The server's automations use the limits in a Prefect variable. A run that they watch uses them too, so that
run, automations, alerts, health and dashboard all apply the same limits.
"""

import logging
from dataclasses import replace
from typing import Any

from prefect.client.orchestration import SyncPrefectClient, get_client

from settings import Origin, ResolvedSettings, Settings, default_settings, settings_document
from settings.models.operations import SlaSettings
from tasks.alerts.events import has_server
from tasks.alerts.rules import RULES
from tasks.runs.record import RunRecord

log = logging.getLogger("workforce")

VARIABLE = "workforce_sla"
SHORTEST_SILENCE_SECONDS = (
    10.0  # the least that Prefect's automations accept; a heartbeat is sent every five seconds
)
#: Limits that the automations use; the others concern the run only.
OF_AUTOMATIONS = {name for rule in RULES for name in (rule.within, rule.times) if name}
#: Layers whose values the deployed limits override.
_LOWER = ("default", "deployed", "recorded")


def read_limits(client: SyncPrefectClient) -> dict[str, Any]:
    """Return the limits deployed on a server by name; empty if nothing is deployed."""
    variable = client.read_variable_by_name(VARIABLE)
    value: Any = variable.value if variable else {}
    return dict(value)


def heartbeat_limit(record: RunRecord) -> float:
    """Return the seconds without a heartbeat after which a run counts as dead, from its run.json."""
    own = record.settings.get("sla", {}).get("heartbeat_seconds")
    limit = default_settings().sla.heartbeat_seconds if own is None else own
    return max(float(limit), SHORTEST_SILENCE_SECONDS)


def with_limits_in_force(settings: ResolvedSettings) -> ResolvedSettings:
    """Return the settings of a run with the deployed limits, if a server watches the run.

    Other values given for limits of the automations are not used, since the automations would still apply
    the deployed ones. A warning reports this.
    """
    if settings.base.alerts.watch != "server" or not has_server():
        return settings
    with get_client(sync_client=True) as client:
        deployed = read_limits(client)
    own = settings_document(settings.base)["sla"]
    taken = {
        name: value for name, value in deployed.items() if name in own and _is_overridden(settings, name)
    }
    for name, value in taken.items():
        origin = settings.provenance[f"sla.{name}"]
        if value != own[name] and origin.layer not in _LOWER:
            log.warning(
                "sla.%s: %s (%s) is not used, as the Prefect server applies %s; `workforce deploy` changes "
                "that",
                *(name, own[name], origin.source, value),
            )
    sla = SlaSettings.model_validate(own | taken)
    origin = Origin("deployed", "deployed on the Prefect server")
    return replace(
        settings,
        base=_with(settings.base, sla),
        scenarios=tuple(replace(one, settings=_with(one.settings, sla)) for one in settings.scenarios),
        provenance={**settings.provenance, **{f"sla.{name}": origin for name in taken}},
    )


def _is_overridden(settings: ResolvedSettings, name: str) -> bool:
    return name in OF_AUTOMATIONS or settings.provenance[f"sla.{name}"].layer in _LOWER


def _with(settings: Settings, sla: SlaSettings) -> Settings:
    return settings.model_copy(update={"sla": sla})

"""The limits in force of runs that a Prefect server watches: one source, which `workforce deploy` writes.

The server's automations hold to the limits of a Prefect variable. A run that they watch takes its own from
there too, so that run, automations, alerts, health and dashboard name the same ones.
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
SHORTEST_SILENCE_SECONDS = 10.0  # Prefect's automations take no less; a heartbeat comes every five seconds
#: Limits that the automations hold to; the others are a matter of the run alone.
OF_AUTOMATIONS = {name for rule in RULES for name in (rule.within, rule.times) if name}
#: Layers whose values give way to what is deployed.
_LOWER = ("default", "deployed", "recorded")


def read_limits(client: SyncPrefectClient) -> dict[str, Any]:
    """The limits that are deployed on a server, by name; none where nothing is deployed."""
    variable = client.read_variable_by_name(VARIABLE)
    value: Any = variable.value if variable else {}
    return dict(value)


def heartbeat_limit(record: RunRecord) -> float:
    """The seconds after which a silent run counts as dead, by its run.json."""
    own = record.settings.get("sla", {}).get("heartbeat_seconds")
    limit = default_settings().sla.heartbeat_seconds if own is None else own
    return max(float(limit), SHORTEST_SILENCE_SECONDS)


def with_limits_in_force(settings: ResolvedSettings) -> ResolvedSettings:
    """The settings of a run with the deployed limits, if it is a server that watches the run.

    What a run is given for limits of the automations is not used, which a warning says: they would go on
    to hold to others.
    """
    if settings.base.alerts.watch != "server" or not has_server():
        return settings
    with get_client(sync_client=True) as client:
        deployed = read_limits(client)
    own = settings_document(settings.base)["sla"]
    taken = {name: value for name, value in deployed.items() if name in own and _gives_way(settings, name)}
    for name, value in taken.items():
        origin = settings.provenance[f"sla.{name}"]
        if value != own[name] and origin.layer not in _LOWER:
            log.warning(
                "sla.%s: %s (%s) is not used, as the Prefect server holds to %s; `workforce deploy` changes "
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


def _gives_way(settings: ResolvedSettings, name: str) -> bool:
    return name in OF_AUTOMATIONS or settings.provenance[f"sla.{name}"].layer in _LOWER


def _with(settings: Settings, sla: SlaSettings) -> Settings:
    return settings.model_copy(update={"sla": sla})

"""Deploys to a Prefect server: compares the wanted objects with the existing ones and writes the changes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from prefect.client.orchestration import SyncPrefectClient, get_client

from deployments.kinds import KINDS
from deployments.kinds.kind import Kind, read_deployment
from deployments.schedules import check_parameters, settings_of
from settings import Settings
from tasks.alerts.block import read_alerts
from tasks.alerts.limits import read_limits
from tasks.server.names import SCHEDULED
from tasks.server.schedule_record import read_recorded


@dataclass(frozen=True)
class Change:
    """The change of one object on the server."""

    kind: str
    name: str
    action: Literal["create", "update", "delete", "keep", "unchanged"]
    keys: tuple[str, ...] = ()  # keys that differ, or the reason for keeping it

    @property
    def is_one(self) -> bool:
        """Whether the object has to be written or deleted."""
        return self.action not in ("keep", "unchanged")


def deployed() -> dict[str, Any]:
    """Return the settings that an earlier `workforce deploy` deployed; empty if there was none."""
    found: dict[str, Any] = {}
    with get_client(sync_client=True) as client:
        alerts, limits = read_alerts(client), read_limits(client)
        if alerts:
            found["alerts"] = alerts[0]
        if limits:
            found["sla"] = limits
        deployments = [read_deployment(client, name) for name in SCHEDULED]
        if found and deployments[0]:  # otherwise it is from `prefect deploy`, without schedules
            recorded = read_recorded(client)
            schedules = [
                settings_of(name, one, recorded)
                for name, deployment in zip(SCHEDULED, deployments, strict=True)
                for one in (deployment.schedules if deployment else ())
            ]
            found["deployment"] = {"schedules": [one.model_dump() for one in schedules if one]}
    return found


def lost_channels(before: dict[str, Any], settings: Settings) -> list[str]:
    """Return the deployed alert channels that the settings would remove."""
    kept = {channel.name for channel in settings.alerts.channels}
    names = [str(channel["name"]) for channel in before.get("alerts", {}).get("channels", ())]
    return [name for name in names if name not in kept]


def plan(settings: Settings, *, prune: bool = False) -> list[Change]:
    """Return the changes that `apply` would make. Raises InputError if a schedule or parameter is invalid."""
    check_parameters(settings)
    with get_client(sync_client=True) as client:
        return [change for kind in _kinds(client, settings, prune) for change in _changes(kind)]


def apply(settings: Settings, *, prune: bool = False) -> list[Change]:
    """Write all changes to the server, return them. Raises InputError if a schedule or parameter is invalid.

    Deletions come last, when no other object refers to them.
    """
    check_parameters(settings)
    done, deletions = [], list[tuple[Kind, Change]]()
    with get_client(sync_client=True) as client:
        for kind in _kinds(client, settings, prune):
            for change in _changes(kind):
                if change.action == "delete":
                    deletions.append((kind, change))
                elif change.is_one:
                    kind.write(change.name)
                done.append(change)
        for kind, change in reversed(deletions):
            kind.delete(change.name)
    return done


def destroy(settings: Settings, *, only_plan: bool = False) -> list[Change]:
    """Remove everything that `workforce deploy` created, and nothing else; returns the deletions."""
    removed = []
    with get_client(sync_client=True) as client:
        for kind in reversed(list(_kinds(client, settings))):
            for name in kind.ours():
                if not only_plan:
                    kind.delete(name)
                removed.append(Change(kind.label, name, "delete"))
    return removed


def _kinds(client: SyncPrefectClient, settings: Settings, prune: bool = False) -> Iterator[Kind]:
    return (kind(client, settings, prune=prune) for kind in KINDS)


def _changes(kind: Kind) -> Iterator[Change]:
    for name in kind.wanted:
        if name not in kind.actual:
            yield Change(kind.label, name, "create")
        else:
            keys = kind.differences(name)
            yield Change(kind.label, name, "update" if keys else "unchanged", keys)
    for name in sorted(kind.actual.keys() - kind.wanted.keys()):
        action, reason = kind.fate(name)
        yield Change(kind.label, name, action, reason)

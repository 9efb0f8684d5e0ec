"""Bringing a Prefect server to what we want on it: the difference first, then that and nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from prefect.client.orchestration import get_client

from deployments.kinds import KINDS, Kind, differing
from settings import Settings


@dataclass(frozen=True)
class Change:
    """What is to be done with one thing on the server."""

    kind: str
    name: str
    action: Literal["create", "update", "delete", "unchanged"]
    keys: tuple[str, ...] = ()  # those that differ


def plan(settings: Settings) -> list[Change]:
    """What `apply` would do."""
    with get_client(sync_client=True) as client:
        return [change for kind in KINDS for change in _changes(kind(client, settings))]


def apply(settings: Settings) -> list[Change]:
    """Make the server have what we want; returns what was done."""
    done = []
    with get_client(sync_client=True) as client:
        for kind_class in KINDS:
            kind = kind_class(client, settings)
            for change in _changes(kind):
                if change.action == "delete":
                    kind.delete(change.name)
                elif change.action != "unchanged":
                    kind.write(change.name)
                done.append(change)
    return done


def destroy(settings: Settings, *, only_plan: bool = False) -> list[Change]:
    """Remove all that is ours from the server, and nothing else; returns what was removed."""
    removed = []
    with get_client(sync_client=True) as client:
        for kind_class in reversed(KINDS):
            kind = kind_class(client, settings)
            for name in kind.actual():
                if not only_plan:
                    kind.delete(name)
                removed.append(Change(kind.label, name, "delete"))
    return removed


def _changes(kind: Kind) -> Iterator[Change]:
    wanted, actual = kind.wanted(), kind.actual()
    for name, document in wanted.items():
        if name not in actual:
            yield Change(kind.label, name, "create")
        else:
            keys = tuple(differing(document, actual[name]))
            yield Change(kind.label, name, "update" if keys else "unchanged", keys)
    for name in actual.keys() - wanted.keys():
        yield Change(kind.label, name, "delete")

"""A kind of object on a Prefect server, and what kinds share."""

from abc import ABC, abstractmethod
from functools import cached_property
from typing import Any, Literal

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import VariableCreate, VariableUpdate
from prefect.client.schemas.responses import DeploymentResponse
from prefect.exceptions import ObjectNotFound
from typing_extensions import override

from settings import Settings

Documents = dict[str, dict[str, Any]]
Fate = tuple[Literal["delete", "keep"], tuple[str, ...]]


class Kind(ABC):
    """One kind of thing on the server. Documents are compared; names say which belong together."""

    label: str

    def __init__(self, client: SyncPrefectClient, settings: Settings, *, prune: bool = False) -> None:
        self.client = client
        self.settings = settings
        self.prune = prune

    @cached_property
    @abstractmethod
    def wanted(self) -> Documents:
        """What there should be, by name."""

    @cached_property
    @abstractmethod
    def actual(self) -> Documents:
        """What there is of this kind, by name."""

    @abstractmethod
    def write(self, name: str) -> None:
        """Create or update one."""

    @abstractmethod
    def delete(self, name: str) -> None:
        """Remove one."""

    def differences(self, name: str) -> tuple[str, ...]:
        """The keys in which one differs from what it should be."""
        wanted, actual = self.wanted[name], self.actual[name]
        return tuple(sorted(key for key in wanted if wanted[key] != actual.get(key)))

    def fate(self, _name: str) -> Fate:
        """What becomes of one that is not wanted, and why it is kept."""
        return "delete", ()

    def ours(self) -> list[str]:
        """Those that `workforce deploy --destroy` removes."""
        return list(self.actual)


class Variable(Kind):
    """A variable that holds a document."""

    label = "variable"

    @override
    def write(self, name: str) -> None:
        if self.client.read_variable_by_name(name):
            self.client.update_variable(VariableUpdate(name=name, value=self.wanted[name]))
        else:
            self.client.create_variable(VariableCreate(name=name, value=self.wanted[name]))

    @override
    def delete(self, name: str) -> None:
        self.client.delete_variable_by_name(name)


def read_deployment(client: SyncPrefectClient, name: str) -> DeploymentResponse | None:
    """A deployment by FLOW/NAME, None where there is none."""
    try:
        return client.read_deployment_by_name(name)
    except ObjectNotFound:
        return None

"""Base class of the kinds of objects on a Prefect server, and helpers that they share."""

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
    """One kind of object on the server. Wanted and actual documents of the same name are compared."""

    label: str

    def __init__(self, client: SyncPrefectClient, settings: Settings, *, prune: bool = False) -> None:
        self.client = client
        self.settings = settings
        self.prune = prune

    @cached_property
    @abstractmethod
    def wanted(self) -> Documents:
        """The documents to be on the server, by name."""

    @cached_property
    @abstractmethod
    def actual(self) -> Documents:
        """The documents on the server, by name."""

    @abstractmethod
    def write(self, name: str) -> None:
        """Create or update an object."""

    @abstractmethod
    def delete(self, name: str) -> None:
        """Delete an object."""

    def differences(self, name: str) -> tuple[str, ...]:
        """Return the keys in which an object differs from the wanted document."""
        wanted, actual = self.wanted[name], self.actual[name]
        return tuple(sorted(key for key in wanted if wanted[key] != actual.get(key)))

    def fate(self, _name: str) -> Fate:
        """Return whether to delete or keep an object that is not wanted, and the reason for keeping it."""
        return "delete", ()

    def ours(self) -> list[str]:
        """Return the names of the objects that `workforce deploy --destroy` removes."""
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
    """Return a deployment by FLOW/NAME, or None if it does not exist."""
    try:
        return client.read_deployment_by_name(name)
    except ObjectNotFound:
        return None

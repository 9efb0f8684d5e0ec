"""The kind of the automations: an automation that people disabled stays disabled."""

from functools import cached_property
from typing import Any
from uuid import UUID

from prefect.events.schemas.automations import Automation, AutomationCore
from typing_extensions import override

from deployments.automations import automations_of
from deployments.kinds.kind import Documents, Kind, read_deployment
from tasks.server.names import ALERTS, REFORECAST
from tasks.server.submitted import AUTOMATION_PREFIX


class Automations(Kind):
    """The automations of the alert rules, and that of the reforecast."""

    label = "automation"

    @cached_property
    @override
    def wanted(self) -> Documents:
        return {one.name: _automation_document(one) for one in self._automations}

    @cached_property
    @override
    def actual(self) -> Documents:
        return {name: _automation_document(one) for name, one in self._existing.items()}

    @override
    def write(self, name: str) -> None:
        automation = next(one for one in self._automations if one.name == name)
        existing = self._existing.get(name)
        if existing:
            kept = automation.model_copy(update={"enabled": existing.enabled})
            self.client.update_automation(existing.id, kept)
        else:
            self.client.create_automation(automation)

    @override
    def delete(self, name: str) -> None:
        self.client.delete_automation(self._existing[name].id)

    @cached_property
    def _automations(self) -> list[AutomationCore]:
        return automations_of(self.settings, self._id_of(ALERTS), self._id_of(REFORECAST))

    def _id_of(self, name: str) -> UUID:
        deployment = read_deployment(self.client, name)
        return deployment.id if deployment else UUID(int=0)  # a plan for an empty server

    @cached_property
    def _existing(self) -> dict[str, Automation]:
        return {
            one.name: one for one in self.client.read_automations() if one.name.startswith(AUTOMATION_PREFIX)
        }


def _automation_document(automation: AutomationCore) -> dict[str, Any]:
    document: dict[str, Any] = AutomationCore.model_validate(automation.model_dump()).model_dump(
        mode="json", include={"name", "description", "tags", "trigger", "actions"}
    )
    trigger = document["trigger"]
    for key in ("after", "expect", "for_each"):
        trigger[key] = sorted(trigger[key])
    return document

"""The settings of alerts: the block with the channels, and the variable with the limits in force."""

from functools import cached_property

from typing_extensions import override

from deployments.kinds.kind import Documents, Kind, Variable
from settings import settings_document
from tasks.alerts import block
from tasks.alerts.limits import VARIABLE, read_limits


class AlertBlock(Kind):
    """The encrypted block with the alert settings: channels and their secret addresses."""

    label = "block"

    @cached_property
    @override
    def wanted(self) -> Documents:
        document = block.alerts_document(self.settings.alerts)
        return {block.NAME: {**document, "stored so that Prefect masks it": True}}

    @cached_property
    @override
    def actual(self) -> Documents:
        found = block.read_alerts(self.client)
        if found is None:
            return {}
        document, is_masked = found
        return {block.NAME: {**document, "stored so that Prefect masks it": is_masked}}

    @override
    def differences(self, name: str) -> tuple[str, ...]:
        """Return the keys that differ; channels by name, never by address."""
        found = super().differences(name)
        if "channels" not in found:
            return found
        before, after = (
            {one["name"]: one for one in document[name].get("channels", ())}
            for document in (self.actual, self.wanted)
        )
        channels = [
            f"{what} channel {one}"
            for what, names in (
                ("new", after.keys() - before.keys()),
                ("removed", before.keys() - after.keys()),
                ("changed", (one for one in after.keys() & before.keys() if after[one] != before[one])),
            )
            for one in sorted(names)
        ]
        return (*(key for key in found if key != "channels"), *(channels or ["order of channels"]))

    @override
    def write(self, name: str) -> None:
        block.write_alerts(block.alerts_document(self.settings.alerts))

    @override
    def delete(self, name: str) -> None:
        document = self.client.read_block_document_by_name(name, block.TYPE)
        self.client.delete_block_document(document.id)


class Limits(Variable):
    """The variable with the limits in force, which automations, runs and alerts read."""

    @cached_property
    @override
    def wanted(self) -> Documents:
        return {VARIABLE: settings_document(self.settings)["sla"]}

    @cached_property
    @override
    def actual(self) -> Documents:
        limits = read_limits(self.client)
        return {VARIABLE: limits} if limits else {}

"""The block on a Prefect server that holds the alert settings: channels with their secret addresses.

Its value is JSON text. Prefect encrypts every Secret, but shows one that holds a mapping in plain text to
whoever asks for the block (`prefect block inspect`); text it masks. Older versions stored the mapping.
"""

import json
from typing import Any

from prefect.blocks.system import Secret
from prefect.client.orchestration import SyncPrefectClient
from prefect.exceptions import ObjectNotFound
from pydantic import SecretStr

from settings import InputError, load_settings
from settings.models.operations import AlertSettings
from tasks.alerts.desk import channel_document

NAME, TYPE = "workforce-alerts", "secret"


def alerts_document(settings: AlertSettings) -> dict[str, Any]:
    """The alert settings as JSON types, addresses included."""
    channels = [channel_document(channel) for channel in settings.channels]
    return {**settings.model_dump(mode="json"), "channels": channels}


def read_alerts(client: SyncPrefectClient) -> tuple[dict[str, Any], bool] | None:
    """What the block holds, and whether it is stored so that Prefect masks it; None where there is no block.

    Raises InputError where the block holds something else.
    """
    try:
        found = client.read_block_document_by_name(NAME, TYPE, include_secrets=True).data.get("value")
    except ObjectNotFound:
        return None
    try:
        document = json.loads(found) if isinstance(found, str) else found
    except ValueError:  # the text is secret, and so is what is wrong with it
        document = None
    if not isinstance(document, dict):
        raise InputError(
            f"block {TYPE}/{NAME} on the Prefect server does not hold alert settings; remove it "
            f"(`prefect block delete {TYPE}/{NAME}`), then `workforce deploy` with the channels"
        )
    return document, isinstance(found, str)


def write_alerts(document: dict[str, Any]) -> None:
    """Create the block, or replace what it holds."""
    block: Secret[Any] = Secret(value=SecretStr(json.dumps(document)))
    block.save(NAME, overwrite=True)


def deployed_alerts(client: SyncPrefectClient) -> AlertSettings:
    """The alert settings of `workforce deploy`. Raises InputError where there are none, or wrong ones."""
    found = read_alerts(client)
    if found is None:
        raise InputError(f"the Prefect server has no block {TYPE}/{NAME}; `workforce deploy` makes it")
    return load_settings(deployed={"alerts": found[0]}, environ={}).base.alerts

"""The block on a Prefect server that holds the alert settings, including secret channel addresses.

Its value is JSON text, since `prefect block inspect` masks a Secret that holds text but prints one that
holds a mapping. Older versions stored the mapping. Prefect encrypts both.
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
    """Return the alert settings as JSON types, secret addresses included."""
    channels = [channel_document(channel) for channel in settings.channels]
    return {**settings.model_dump(mode="json"), "channels": channels}


def read_alerts(client: SyncPrefectClient) -> tuple[dict[str, Any], bool] | None:
    """Return the content of the block, and whether Prefect masks it; None if there is no block.

    Raises InputError if the block holds something else.
    """
    try:
        found = client.read_block_document_by_name(NAME, TYPE, include_secrets=True).data.get("value")
    except ObjectNotFound:
        return None
    try:
        document = json.loads(found) if isinstance(found, str) else found
    except ValueError:  # the error would quote the secret text
        document = None
    if not isinstance(document, dict):
        raise InputError(
            f"block {TYPE}/{NAME} on the Prefect server does not hold alert settings; remove it "
            f"(`prefect block delete {TYPE}/{NAME}`), then `workforce deploy` with the channels"
        )
    return document, isinstance(found, str)


def write_alerts(document: dict[str, Any]) -> None:
    """Create the block or replace its content."""
    block: Secret[Any] = Secret(value=SecretStr(json.dumps(document)))
    block.save(NAME, overwrite=True)


def deployed_alerts(client: SyncPrefectClient) -> AlertSettings:
    """Return the alert settings of `workforce deploy`. Raises InputError if they are missing or invalid."""
    found = read_alerts(client)
    if found is None:
        raise InputError(f"the Prefect server has no block {TYPE}/{NAME}; `workforce deploy` creates it")
    return load_settings(deployed={"alerts": found[0]}, environ={}).base.alerts

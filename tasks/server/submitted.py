"""The event that a list of employees was submitted, which a server's automation turns into a reforecast."""

import hashlib

import httpx
from prefect.events import Event, Resource

from tasks.server.api import ServerTrouble, server_client

#: The start of the names of this product's automations.
AUTOMATION_PREFIX = "workforce: "
SUBMITTED_AUTOMATION = f"{AUTOMATION_PREFIX}reforecast of a submitted list"
CENSUS_SUBMITTED = "workforce.census.submitted"
#: Of the resources: one per folder of lists. Any event of this name and such a resource starts a reforecast.
LISTS_PREFIX = "workforce.lists."


def emit_submitted(folder: str, file: str) -> None:
    """Report to the server that a folder has a new list. Raises ServerTrouble if it did not accept the event.

    Prefect's own `emit_event` sends in the background, and only logs that it failed.

    Args:
        folder: The folder or URL of the lists, without secrets.
        file: The list's name in it.
    """
    identifier = hashlib.sha256(folder.encode()).hexdigest()[:16]
    labels = {"prefect.resource.id": f"{LISTS_PREFIX}{identifier}", "prefect.resource.name": folder}
    event = Event(event=CENSUS_SUBMITTED, resource=Resource(labels), payload={"file": file})
    with server_client() as client:
        client.request("POST", "/events", json=[event.model_dump(mode="json")]).raise_for_status()


def starts_reforecasts() -> bool:
    """Return whether the server has the automation and it is switched on. Raises ServerTrouble.

    A server without automations answers 404.
    """
    try:
        with server_client() as client:
            found = client.read_automations()
    except ServerTrouble as trouble:
        cause = trouble.__cause__
        if isinstance(cause, httpx.HTTPStatusError) and cause.response.status_code == httpx.codes.NOT_FOUND:
            return False
        raise
    return any(one.name == SUBMITTED_AUTOMATION and one.enabled for one in found)

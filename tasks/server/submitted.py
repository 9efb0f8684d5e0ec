"""The event that a list of employees was submitted, which a server's automation turns into a reforecast."""

import hashlib

from prefect.events import emit_event
from prefect.events.worker import EventsWorker

from tasks.server.api import server_client

#: The start of the names of this product's automations.
AUTOMATION_PREFIX = "workforce: "
SUBMITTED_AUTOMATION = f"{AUTOMATION_PREFIX}reforecast of a submitted list"
CENSUS_SUBMITTED = "workforce.census.submitted"
#: Of the resources: one per folder of lists. Any event of this name and such a resource starts a reforecast.
LISTS_PREFIX = "workforce.lists."


def emit_submitted(folder: str, file: str) -> None:
    """Report to the server that a folder has a new list, and wait until the event is sent.

    Args:
        folder: The folder or URL of the lists, without secrets.
        file: The list's name in it.
    """
    identifier = hashlib.sha256(folder.encode()).hexdigest()[:16]
    emit_event(
        CENSUS_SUBMITTED,
        resource={"prefect.resource.id": f"{LISTS_PREFIX}{identifier}", "prefect.resource.name": folder},
        payload={"file": file},
    )
    EventsWorker.drain_all(timeout=10)


def starts_reforecasts() -> bool:
    """Return whether the server has the automation and it is switched on. Raises ServerTrouble."""
    with server_client() as client:
        found = client.read_automations()
    return any(one.name == SUBMITTED_AUTOMATION and one.enabled for one in found)

"""Refuses secrets in flow parameters, since Prefect stores them and shows them in its UI."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from settings import InputError, secrets_apart
from settings.models.location import holds_secret
from tasks.runs.request import RunRequest

#: The parameters that may name a URL, and their settings.
KEYS = {
    "census": "census.path",
    "actions": "plan.actions",
    "history": "history.path",
    "settings": "reforecast.path",
}


def refuse_secret_parameters(request: RunRequest) -> None:
    """Raise InputError if a parameter of a run holds a secret."""
    refuse_secrets(request.sets, {"census": request.census, "actions": request.actions})


def refuse_secrets(sets: Sequence[str], locations: Mapping[str, str | Path | None]) -> None:
    """Raise InputError if a parameter holds a password, a signature or the address of an alert channel.

    Args:
        sets: The parameter `settings`, as key=value.
        locations: The values of parameters in KEYS by name.
    """
    secret = secrets_apart(sets)[1]
    for name, given in locations.items():
        key = KEYS[name]
        variable = f"WORKFORCE__{key.replace('.', '__').upper()}"
        section = variable.rpartition("__")[0]
        if not holds_secret(str(given or "")) and not any(each.startswith(section) for each in secret):
            continue
        raise InputError(
            f"{name}: Prefect stores and shows a flow's parameters, so an address with a password or "
            f"signature may not be among them. Give it in a settings file (config: {key}), or as the "
            f"variable {variable} of the worker; or let the worker's environment hold the "
            "password, as AWS_SECRET_ACCESS_KEY does for s3://. And change the password or signature that "
            "was given here"
        )
    if secret:
        raise InputError(
            "settings: Prefect stores and shows a flow's parameters, so alert channels, which are secret, "
            "may not be among them. Give them to `workforce deploy`, in a settings file (config), or as the "
            "variable WORKFORCE__ALERTS__CHANNELS of the worker; and change those that were given here"
        )

"""Refuses secrets in flow parameters, since Prefect stores them and shows them in its UI."""

from settings import InputError, secrets_apart
from settings.models.location import holds_secret
from tasks.runs.request import RunRequest


def refuse_secret_parameters(request: RunRequest) -> None:
    """Raise InputError if a parameter holds a password, a signature or the address of an alert channel."""
    secret = secrets_apart(request.sets)[1]
    if holds_secret(str(request.census or "")) or any(
        name.startswith("WORKFORCE__CENSUS") for name in secret
    ):
        raise InputError(
            "census: Prefect stores and shows a flow's parameters, so an address with a password or "
            "signature may not be among them. Give it in a settings file (config: census.path), or as the "
            "variable WORKFORCE__CENSUS__PATH of the worker; or let the worker's environment hold the "
            "password, as AWS_SECRET_ACCESS_KEY does for s3://. And change the password or signature that "
            "was given here"
        )
    if secret:
        raise InputError(
            "settings: Prefect stores and shows a flow's parameters, so alert channels, which are secret, "
            "may not be among them. Give them to `workforce deploy`, in a settings file (config), or as the "
            "variable WORKFORCE__ALERTS__CHANNELS of the worker; and change those that were given here"
        )

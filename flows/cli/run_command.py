"""The command that runs what a search found."""

import shlex
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from settings import secrets_apart
from settings.models.location import location, shown
from tasks.runs.request import RunRequest


def run_command(request: RunRequest, values: Mapping[str, Decimal]) -> str:
    """Return the command that runs values of settings with the flags of a search, without secrets."""
    flags: dict[str, Any] = {"--config": request.config, "--scenario": next(iter(request.scenarios), None)}
    flags |= request.flags
    if request.census is not None:
        flags["--census"] = shown(location(request.census))
    if request.actions is not None:
        flags["--actions"] = shown(location(request.actions))
    words = [word for flag, given in flags.items() if given is not None for word in (flag, str(given))]
    for text in (*secrets_apart(request.sets)[0], *(f"{key}={value:f}" for key, value in values.items())):
        words += ["--set", text]
    return shlex.join(["workforce", "run", *words])

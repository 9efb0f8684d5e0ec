"""`workforce census submit`: puts a new list where the next reforecast finds it, and notifies the server."""

import shlex
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli.options import Config, RejectsFile, Sets
from flows.cli.rejects import refuse_table, rejects_file
from settings import InputError, secrets_apart
from tasks.census.errors import TableError
from tasks.census.plausibility import reported
from tasks.runs.request import RunRequest, accept_settings
from tasks.text.terminal import say, say_command, say_error

if TYPE_CHECKING:
    from tasks.reforecast.request import ReforecastRequest
    from tasks.reforecast.submit import Submitted


def census_submit(
    file: Annotated[Path, typer.Argument(help="The list of employees: CSV, Parquet or Excel.")],
    day: Annotated[
        str | None, typer.Option("--date", help="Date that the list shows. Default: the one in its name.")
    ] = None,
    config: Config = None,
    set_: Sets = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace a list of the same date that has other content.")
    ] = False,
    rejects: RejectsFile = None,
) -> None:
    """Check a new list, copy it into reforecast.path, and start a reforecast.

    A Prefect server is notified, whose automation starts deployment
    reforecast/monthly. Exit status: 0 done; 1 the server does not answer, and
    nothing was copied unless the message says so; 2 the list or its place is
    invalid, and nothing was copied.
    """
    # with DuckDB and fsspec, which `check` does not need
    from tasks.reforecast.lists import place_of
    from tasks.reforecast.request import ReforecastRequest
    from tasks.reforecast.submit import NewList, accepted_list, submit

    request = ReforecastRequest(config, sets=tuple(set_ or ()))
    settings = accept_settings(RunRequest(config, sets=request.sets))
    place_of(settings.base)
    new = NewList.of(file, _date(day))
    target = rejects_file(rejects)
    try:
        census, resolved = accepted_list(request, settings, new)
    except TableError as error:
        refuse_table(error, target)
    for finding in reported(census.findings, resolved.base.checks.severities):
        say_error(finding)
    starts = _reach_server()
    done = submit(settings, new, census.sha256, replace=replace)
    say(_what_was_done(done, census.employees.height))
    _tell(done, starts, request)


def _date(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise InputError(f"--date {text}: a date is expected, such as 2026-03-31") from None


def _reach_server() -> bool | None:
    """Return whether the server starts reforecasts; None without a server. Raises ServerTrouble."""
    from tasks.server.prefect_settings import prepare  # Prefect takes a second; `check` does not need it

    prepare()
    from tasks.alerts.events import has_server
    from tasks.server.api import reach_configured_server
    from tasks.server.submitted import starts_reforecasts

    if not has_server():
        return None
    reach_configured_server()
    return starts_reforecasts()


def _what_was_done(done: "Submitted", people: int) -> str:
    if done.was_there:
        return f"{done.place} has this list already: {done.name}"
    instead = f", instead of {' and '.join(done.replaced)}" if done.replaced else ""
    return f"{people:,} employees: {done.name} in {done.place}{instead}"


def _tell(done: "Submitted", starts: bool | None, request: "ReforecastRequest") -> None:
    """Tell the server, and say what starts a reforecast."""
    flags = [("--config", str(request.config))] if request.config else []
    flags += [("--set", assignment) for assignment in secrets_apart(request.sets)[0]]
    by_hand = shlex.join(["workforce", "reforecast", *(part for flag in flags for part in flag)])
    if starts is None:
        say("No Prefect server was told, since PREFECT_API_URL names none. This compares it with the budget:")
        say_command(f"  {by_hand}")
        return
    from tasks.server.api import ServerTrouble
    from tasks.server.names import REFORECAST
    from tasks.server.submitted import emit_submitted

    try:
        emit_submitted(done.place, done.name)
    except ServerTrouble as trouble:
        raise ServerTrouble(
            f"{done.name} is in {done.place}, but the server was not told: {trouble}. Submit it again, which "
            "copies nothing"
        ) from trouble
    if starts:
        say(f"The Prefect server was told, and starts {REFORECAST}.")
        return
    say(
        "The Prefect server was told, but has no active automation that starts a reforecast: "
        "`workforce deploy` creates it. This starts one now:"
    )
    say_command(f"  prefect deployment run {REFORECAST}")

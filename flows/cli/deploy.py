"""`workforce deploy` and `workforce schedules`: what is ours on a Prefect server, and when runs start."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from settings import InputError, ResolvedSettings, default_settings, settings_document
from settings.loading.document import leaves
from tasks.alerts.events import require_server
from tasks.runs.request import RunRequest, accept_settings
from tasks.server.api import reach_configured_server
from tasks.system.project import INSTALLED
from tasks.text.tables import TextTable
from tasks.text.terminal import console

if TYPE_CHECKING:
    from deployments.deploy import Change

schedules_app = typer.Typer(
    no_args_is_help=True, help="Schedules on the Prefect server: list, switch on or off, resume."
)

Config = Annotated[Path | None, typer.Option(help="Settings YAML.")]
Sets = Annotated[list[str] | None, typer.Option("--set", help="One setting as key=value; may be repeated.")]


def deploy(
    config: Config = None,
    set_: Sets = None,
    plan: Annotated[bool, typer.Option("--plan", help="Show what would be done, and do nothing.")] = False,
    prune: Annotated[
        bool, typer.Option("--prune", help="Remove schedules that the settings do not name, too.")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Do not ask before an alert channel is taken away.")
    ] = False,
    destroy: Annotated[bool, typer.Option("--destroy", help="Remove all that is ours.")] = False,
) -> None:
    """Put work pools, channels, limits, deployments, schedules and automations on a Prefect server.

    PREFECT_API_URL names the server. Settings that neither a file nor --set names stay as they are deployed.
    Exit status: 0 done; 1 the server failed; 2 the input is wrong, or --yes is needed and missing.
    """
    request = RunRequest(config, sets=tuple(set_ or ()))
    accept_settings(request)  # what is wrong in the settings is reported whether the server answers or not
    require_server()
    reach_configured_server()
    from deployments import deploy as deployment

    if destroy:
        _report(deployment.destroy(accept_settings(request).base, only_plan=plan), plan)
        return
    before = deployment.deployed()
    settings = accept_settings(request, before)
    lost = deployment.lost_channels(before, settings.base)
    if plan:
        _report(deployment.plan(settings.base, prune=prune), plan)
    else:
        _ask_before_losing(lost, yes)
        _report(deployment.apply(settings.base, prune=prune), plan)
    if INSTALLED:  # a checkout is always the folder of its runs
        folder = escape(str(Path.cwd()))
        console().print(
            f"Deployed runs work in this folder, {folder}: relative paths, as of `output`, refer to it.",
            soft_wrap=True,
            highlight=False,
        )
    _say_what_stays(settings)
    if not settings.base.alerts.channels:
        _warn("No alert channel: alerts reach nobody. Name one as {name, url} under alerts.channels.")


@schedules_app.command("list")
def schedules_list() -> None:
    """List the schedules of the deployments that run our flows, and when each starts the next run."""
    require_server()
    reach_configured_server()
    from tasks.server.state import read_schedules

    table = TextTable()
    table.add_column("Schedule", "key")
    for heading in ("When", "State", "Next start"):
        table.add_column(heading)
    table.add_column("Parameters", "prose")
    for one in read_schedules():
        starts = one.next_start.isoformat(" ", "minutes") if one.next_start else "–"
        parameters = ", ".join(f"{name}={value}" for name, value in one.parameters.items())
        table.add_row(one.name, one.when, one.state, starts, parameters)
    console().print(table)
    if not table.row_count:
        console().print("None: `workforce deploy` puts those of deployment.schedules there.")


@schedules_app.command("resume")
def schedules_resume(
    deployment: Annotated[str, typer.Argument(help="FLOW/NAME, such as multi-year/default.")],
) -> None:
    """Resume a paused deployment: its active schedules start runs again."""
    require_server()
    reach_configured_server()
    from tasks.server.state import resume

    console().print(escape(resume(deployment)), soft_wrap=True, highlight=False)


@schedules_app.command("on")
def schedules_on(schedule: Annotated[str, typer.Argument(help="Slug of the schedule.")]) -> None:
    """Switch a schedule on; its parameters stay."""
    _switch(schedule, active=True)


@schedules_app.command("off")
def schedules_off(schedule: Annotated[str, typer.Argument(help="Slug of the schedule.")]) -> None:
    """Switch a schedule off; its parameters stay."""
    _switch(schedule, active=False)


def _switch(schedule: str, *, active: bool) -> None:
    require_server()
    reach_configured_server()
    from tasks.server.state import switch

    console().print(escape(switch(schedule, active=active)), soft_wrap=True, highlight=False)


def _ask_before_losing(channels: Sequence[str], yes: bool) -> None:
    """Ask before alert channels are taken away. Raises InputError where nobody can be asked."""
    if not channels or yes:
        return
    names = ", ".join(channels)
    if not sys.stdin.isatty():
        raise InputError(
            f"alerts.channels would take away what is deployed: {names}. Nothing was changed. Repeat with "
            "--yes if that is meant, or leave alerts.channels out to keep the channels"
        )
    typer.confirm(f"Take away the alert channels {names}?", abort=True)


def _report(changes: Sequence["Change"], is_plan: bool) -> None:
    table = TextTable()
    for heading in ("Kind", "Name"):
        table.add_column(heading, "key")
    table.add_column("Action")
    table.add_column("Differs in", "prose")
    for change in changes:
        if change.action != "unchanged":
            table.add_row(change.kind, change.name, change.action, ", ".join(change.keys))
    out = console()
    if table.row_count:
        out.print(table)
    done = sum(change.is_one for change in changes)
    kept = sum(change.action == "keep" for change in changes)
    more = f", {kept} kept that the settings do not name" if kept else ""
    if done:
        unchanged = len(changes) - done - kept
        out.print(f"{done} {'to be changed' if is_plan else 'changed'}, {unchanged} unchanged{more}.")
    elif changes:
        out.print(f"Nothing to do: all {len(changes) - kept} are as they should be{more}.")
    else:
        out.print("Nothing is there.")


def _say_what_stays(settings: ResolvedSettings) -> None:
    """Name the settings that hold because they are deployed, where they are not the defaults."""
    defaults = leaves(settings_document(default_settings()))
    kept = [
        _shown(key, value)
        for key, value in leaves(settings_document(settings.base)).items()
        if settings.provenance[key].layer == "deployed" and value != defaults[key]
    ]
    if kept:
        console().print(f"Kept as deployed: {escape('; '.join(kept))}.")


def _shown(key: str, value: Any) -> str:
    """A setting for people; of a list of groups the names."""
    if isinstance(value, list):
        names = [item.get("name") or item.get("slug") for item in value if isinstance(item, Mapping)]
        value = ", ".join(map(str, names)) or "none"
    return f"{key} = {value}"


def _warn(text: str) -> None:
    Console(stderr=True, soft_wrap=True).print(f"[yellow]Warning:[/yellow] {escape(text)}")

"""`workforce deploy` and `workforce schedules`: this project's objects and schedules on a Prefect server."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.cli.options import AsCsv, AsJson, Config, Sets
from flows.cli.printing import Printer, printing
from settings import InputError, ResolvedSettings, default_settings, settings_document
from settings.loading.document import leaves
from tasks.alerts.events import require_server
from tasks.runs.request import RunRequest, accept_settings
from tasks.server.api import reach_configured_server
from tasks.system.project import INSTALLED
from tasks.text.tables import TextTable
from tasks.text.terminal import say, say_error

if TYPE_CHECKING:
    from deployments.deploy import Change

schedules_app = typer.Typer(
    no_args_is_help=True,
    help="List, switch on and switch off schedules on the Prefect server; resume paused deployments.",
)


def deploy(
    config: Config = None,
    set_: Sets = None,
    plan: Annotated[bool, typer.Option("--plan", help="Show the changes without making them.")] = False,
    prune: Annotated[
        bool, typer.Option("--prune", help="Also remove schedules that the settings do not name.")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Do not ask before removing an alert channel.")
    ] = False,
    destroy: Annotated[
        bool, typer.Option("--destroy", help="Remove everything that this command created.")
    ] = False,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Create or update work pools, channels, limits, deployments, schedules and automations on a server.

    PREFECT_API_URL names the Prefect server. Settings that neither a file nor --set names stay as deployed.
    Exit status: 0 done; 1 the server failed; 2 the input is invalid, or --yes is required and missing.
    """
    with printing(as_json, as_csv) as out:
        request = RunRequest(config, sets=tuple(set_ or ()))
        accept_settings(request)  # reports invalid settings even if the server does not answer
        require_server()
        reach_configured_server()
        from deployments import deploy as deployment

        if destroy:
            _report(deployment.destroy(accept_settings(request).base, only_plan=plan), plan, out)
            return
        before = deployment.deployed()
        settings = accept_settings(request, before)
        lost = deployment.lost_channels(before, settings.base)
        if plan:
            _report(deployment.plan(settings.base, prune=prune), plan, out)
        else:
            _ask_before_losing(lost, yes)
            _report(deployment.apply(settings.base, prune=prune), plan, out)
        if INSTALLED:  # from a checkout, deployed runs always work in the checkout
            out.say(
                f"Working folder of deployed runs: {Path.cwd()}. Relative paths, such as `output`, refer to "
                "it."
            )
        _print_kept(settings, out)
        if not settings.base.alerts.channels:
            _warn("No alert channel: alerts are not sent. Add one as {name, url} under alerts.channels.")


@schedules_app.command("list")
def schedules_list(as_json: AsJson = False, as_csv: AsCsv = False) -> None:
    """List the schedules of this project's deployments, and when each starts its next run."""
    with printing(as_json, as_csv) as out:
        require_server()
        reach_configured_server()
        from tasks.server.state import read_schedules

        table = TextTable(fields=("schedule", "when", "state", "next_start", "parameters"))
        table.add_column("Schedule", "key")
        for heading in ("When", "State", "Next start", "Parameters"):
            table.add_column(heading, "prose")
        for one in read_schedules():
            starts = one.next_start.isoformat(" ", "minutes") if one.next_start else "–"
            parameters = ", ".join(f"{name}={value}" for name, value in one.parameters.items())
            values = (one.name, one.when, one.state, one.next_start, one.parameters)
            table.add_row(
                *(one.name, one.when, one.state, starts, parameters),
                values=dict(zip(table.fields, values, strict=True)),
            )
        out.table(table)
        if not table.row_count:
            out.say("No schedules. `workforce deploy` creates those of deployment.schedules.")


@schedules_app.command("resume")
def schedules_resume(
    deployment: Annotated[str, typer.Argument(help="FLOW/NAME, such as multi-year/default.")],
) -> None:
    """Resume a paused deployment: its active schedules start runs again."""
    require_server()
    reach_configured_server()
    from tasks.server.state import resume

    say(resume(deployment))


@schedules_app.command("on")
def schedules_on(schedule: Annotated[str, typer.Argument(help="Slug of the schedule.")]) -> None:
    """Switch a schedule on; its parameters do not change."""
    _switch(schedule, active=True)


@schedules_app.command("off")
def schedules_off(schedule: Annotated[str, typer.Argument(help="Slug of the schedule.")]) -> None:
    """Switch a schedule off; its parameters do not change."""
    _switch(schedule, active=False)


def _switch(schedule: str, *, active: bool) -> None:
    require_server()
    reach_configured_server()
    from tasks.server.state import switch

    say(switch(schedule, active=active))


def _ask_before_losing(channels: Sequence[str], yes: bool) -> None:
    """Ask before alert channels are removed. Raises InputError if standard input is not a terminal."""
    if not channels or yes:
        return
    names = ", ".join(channels)
    if not sys.stdin.isatty():
        raise InputError(
            f"alerts.channels would remove deployed channels: {names}. Nothing was changed. Repeat with "
            "--yes to remove them, or leave alerts.channels out to keep them"
        )
    typer.confirm(f"Remove the alert channels {names}?", abort=True, err=True)


def _report(changes: Sequence["Change"], is_plan: bool, out: Printer) -> None:
    table = TextTable(fields=("kind", "name", "action", "differs_in"))
    for heading in ("Kind", "Name"):
        table.add_column(heading, "key")
    table.add_column("Action")
    table.add_column("Differs in", "prose")
    for change in changes:
        if change.action != "unchanged":
            named = (change.kind, change.name, change.action)
            values = dict(zip(table.fields, (*named, change.keys), strict=True))
            table.add_row(*named, ", ".join(change.keys), values=values)
    out.table_with_rows(table)
    done = sum(change.is_one for change in changes)
    kept = sum(change.action == "keep" for change in changes)
    more = f", {kept} kept that the settings do not name" if kept else ""
    if done:
        unchanged = len(changes) - done - kept
        out.say(f"{done} {'to be changed' if is_plan else 'changed'}, {unchanged} unchanged{more}.")
    elif changes:
        out.say(f"Nothing to do: {len(changes) - kept} unchanged{more}.")
    else:
        out.say("Nothing to do: the server has none of them.")


def _print_kept(settings: ResolvedSettings, out: Printer) -> None:
    """Print the settings that were taken from the server and differ from the defaults."""
    defaults = leaves(settings_document(default_settings()))
    kept = [
        _shown(key, value)
        for key, value in leaves(settings_document(settings.base)).items()
        if settings.provenance[key].layer == "deployed" and value != defaults[key]
    ]
    if kept:
        out.say(f"Kept as deployed: {'; '.join(kept)}.")


def _shown(key: str, value: Any) -> str:
    """A setting as text; a list of groups as their names."""
    if isinstance(value, list):
        names = [item.get("name") or item.get("slug") for item in value if isinstance(item, Mapping)]
        value = ", ".join(map(str, names)) or "none"
    return f"{key} = {value}"


def _warn(text: str) -> None:
    say_error(text, "Warning:", "yellow")

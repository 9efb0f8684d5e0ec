"""`workforce alerts`: tests channels, lists, acknowledges, resends and serves alerts."""

import getpass
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from flows.cli.options import AsCsv, AsJson, Config, Output, Sets
from flows.cli.printing import printing
from settings import InputError, Settings
from settings.models.operations import AlertSettings
from tasks.alerts import Alert, AlertDesk, store_of
from tasks.alerts.channels import send
from tasks.alerts.events import acknowledge, has_server, raised_on_server, require_server
from tasks.alerts.message import message_of, title_of_alert
from tasks.alerts.store import StoredAlert
from tasks.runs.request import RunRequest, accept_settings
from tasks.text.tables import TextTable
from tasks.text.terminal import console

RESEND_SECONDS = 600.0
_ALERT_FIELDS = (
    *("id", "raised_at", "severity", "rule", "title", "run_id", "simulation_year"),
    *("count", "level_notified", "acknowledged_by", "is_resolved"),
)

alerts_app = typer.Typer(
    no_args_is_help=True, help="Test alert channels; list, acknowledge and resend alerts."
)


@alerts_app.command("test")
def alerts_test(config: Config = None, set_: Sets = None) -> None:
    """Send a sample alert to every channel and print the result; exits 1 if a channel fails."""
    settings = _settings(config, set_).alerts
    _require_channels(settings)
    out = console()
    failed = False
    message = message_of(Alert("sample", "sample"))
    for channel in settings.channels:
        error = send(channel, message)
        failed |= error is not None
        out.print(f"{escape(channel.name)}: {'sent' if error is None else escape('NOT sent: ' + error)}")
    if failed:
        raise typer.Exit(1)


@alerts_app.command("list")
def alerts_list(
    output: Output = Path("runs"),
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Number of alerts to list.")] = 20,
    undelivered: Annotated[
        bool, typer.Option("--undelivered", help="List messages that were not delivered.")
    ] = False,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """List the newest alerts of the directory of runs, and of the Prefect server if one is configured."""
    with printing(as_json, as_csv) as out:
        table = _undelivered(output) if undelivered else newest(output, limit)
        out.table(table)
        if table.row_count and not undelivered:
            out.say("`workforce alerts ack ID` acknowledges an alert; further levels are then not notified.")


def _undelivered(output: Path) -> TextTable:
    store = store_of(output)
    table = TextTable(fields=("channel", "message", "tries", "error"))
    table.add_column("Channel", "key")
    table.add_column("Message", "prose")
    table.add_column("Tries", "number")
    table.add_column("Error", "prose")
    for delivery in store.undelivered() if store.exists else ():
        values = (delivery.channel, delivery.message.subject, delivery.attempts, delivery.error)
        cells = (str("" if value is None else value) for value in values)
        table.add_row(*cells, values=dict(zip(table.fields, values, strict=True)))
    return table


def newest(output: Path, limit: int) -> TextTable:
    """Return a table of the newest alerts, those of the directory of runs first."""
    table = TextTable(fields=_ALERT_FIELDS)
    table.add_column("ID", "key")
    for heading in ("When", "What", "Run and year", "Acknowledged by"):
        table.add_column(heading, "prose")
    store = store_of(output)
    local = store.recent(limit) if store.exists else []
    for stored in local:
        _add(table, stored)
    known = {stored.alert.id for stored in local}
    if has_server():
        for alert, by in raised_on_server(limit=limit):
            if alert.id not in known:
                _add(table, alert, by)
    return table


@alerts_app.command("ack")
def alerts_ack(
    alert_id: Annotated[str, typer.Argument(help="The alert's id, from its message.")],
    output: Output = Path("runs"),
    by: Annotated[str | None, typer.Option(help="Name of the person. Default: your user name.")] = None,
) -> None:
    """Acknowledge an alert, so that no further level is notified."""
    who = by or getpass.getuser()
    if not acknowledge(output, alert_id, who):
        where = f"{output} or on the Prefect server" if has_server() else str(output)
        raise InputError(f"there is no alert {alert_id!r} in {where}; `workforce alerts list` shows them")
    console().print(f"{escape(alert_id)} acknowledged by {escape(who)}")


@alerts_app.command("resend")
def alerts_resend(output: Output = Path("runs"), config: Config = None, set_: Sets = None) -> None:
    """Send undelivered messages again, through the channels of the same names."""
    settings = _settings(config, set_).alerts.model_copy(
        update={"retries": 0}
    )  # the user can call the command again
    _require_channels(settings)
    store = store_of(output)
    count = store.resend([channel.name for channel in settings.channels]) if store.exists else 0
    with AlertDesk(output, settings, escalate=False, everything=True) as desk:
        desk.deliver()
        desk.close(wait_seconds=RESEND_SECONDS)
    left = store.undelivered() if store.exists else []
    names = ", ".join(sorted({delivery.channel for delivery in left}))
    console().print(
        f"{count} messages tried again, {len(left)} still undelivered"
        + (f" ({escape(names)})" if left else "")
    )
    if left:
        raise typer.Exit(1)


@alerts_app.command("serve")
def alerts_serve() -> None:
    """Deliver the alerts that a Prefect server's automations raise, until stopped."""
    require_server()
    from deployments.alert_worker import serve

    serve()


def _settings(config: Path | None, sets: list[str] | None) -> Settings:
    return accept_settings(RunRequest(config, sets=tuple(sets or ()))).base


def _require_channels(settings: AlertSettings) -> None:
    if not settings.channels:
        raise InputError("alerts.channels: no channel is set; add one as {name, url}")


def _add(table: TextTable, found: StoredAlert | Alert, by: str | None = None) -> None:
    """Add an alert of the directory of runs, or one that the server raised, acknowledged by somebody."""
    alert, raised_at, count, level, is_resolved = (
        (found.alert, found.raised_at, found.count, found.level, found.resolved_at is not None)
        if isinstance(found, StoredAlert)
        else (found, found.since, 1, 1, False)
    )
    by = found.acknowledged_by if isinstance(found, StoredAlert) else by
    when, title = datetime.fromtimestamp(raised_at), title_of_alert(alert)
    what = f"{alert.how_bad}: {title}"
    what += f", {count} times" if count > 1 else ""
    what += f", level {level} notified" if level > 1 else ""
    where = f"{alert.run_id} {alert.year or ''}".strip()
    values = (
        *(alert.id, when.astimezone().isoformat(timespec="seconds"), alert.how_bad, alert.rule, title),
        *(alert.run_id, alert.year, count, level, by, is_resolved),
    )
    table.add_row(
        *(alert.id, when.isoformat(" ", "seconds"), what, where),
        by or ("resolved" if is_resolved else "nobody"),
        values=dict(zip(_ALERT_FIELDS, values, strict=True)),
    )

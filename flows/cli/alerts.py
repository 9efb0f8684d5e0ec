"""`workforce alerts`: tests channels, lists, acknowledges, resends and serves alerts."""

import getpass
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from flows.cli.options import Config, Output, Sets
from settings import InputError, Settings
from settings.models.operations import AlertSettings
from tasks.alerts import Alert, AlertDesk, store_of
from tasks.alerts.channels import send
from tasks.alerts.events import acknowledge, has_server, raised_on_server, require_server
from tasks.alerts.message import message_of, title_of_alert
from tasks.runs.request import RunRequest, accept_settings
from tasks.text.tables import TextTable
from tasks.text.terminal import console

RESEND_SECONDS = 600.0

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
) -> None:
    """List the newest alerts of the directory of runs, and of the Prefect server if one is configured."""
    if undelivered:
        store = store_of(output)
        table = TextTable()
        table.add_column("Channel", "key")
        table.add_column("Message", "prose")
        table.add_column("Tries", "number")
        table.add_column("Error", "prose")
        for delivery in store.undelivered() if store.exists else ():
            cells = (delivery.channel, delivery.message.subject, str(delivery.attempts), delivery.error or "")
            table.add_row(*cells)
        console().print(table)
        return
    table = newest(output, limit)
    out = console()
    out.print(table)
    if table.row_count:
        out.print("`workforce alerts ack ID` acknowledges an alert; further levels are then not notified.")


def newest(output: Path, limit: int) -> TextTable:
    """Return a table of the newest alerts, those of the directory of runs first."""
    table = TextTable()
    table.add_column("ID", "key")
    for heading in ("When", "What", "Run and year", "Acknowledged by"):
        table.add_column(heading, "prose")
    store = store_of(output)
    local = store.recent(limit) if store.exists else []
    for stored in local:
        by = stored.acknowledged_by or ("resolved" if stored.resolved_at else None)
        _add(table, stored.alert, stored.raised_at, by, stored.count, stored.level)
    known = {stored.alert.id for stored in local}
    if has_server():
        for alert, by in raised_on_server(limit=limit):
            if alert.id not in known:
                _add(table, alert, alert.since, by)
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


def _add(
    table: TextTable, alert: Alert, raised_at: float, by: str | None, count: int = 1, level: int = 1
) -> None:
    what = f"{alert.how_bad}: {title_of_alert(alert)}"
    what += f", {count} times" if count > 1 else ""
    what += f", level {level} notified" if level > 1 else ""
    when = datetime.fromtimestamp(raised_at).isoformat(" ", "seconds")
    where = f"{alert.run_id} {alert.year or ''}".strip()
    table.add_row(alert.id, when, what, where, by or "nobody")

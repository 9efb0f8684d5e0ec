"""Raises the alert that the newest list lies outside the forecast, or resolves it; without Prefect."""

from pathlib import Path

from settings import Settings
from settings.models.location import location, shown
from tasks.alerts import Alert, AlertDesk
from tasks.alerts.forecasts import missed_alert, resolve_missed, resource_of
from tasks.evidence.backtest.newest import Newest


def history_name(settings: Settings) -> str:
    """Return the location of the history as alerts show it: an absolute path."""
    where = location(settings.history.path or "")
    return str(where.resolve()) if isinstance(where, Path) else shown(where)


def forecast_alert(newest: Newest, settings: Settings, link: str) -> Alert | None:
    """Return the alert if a figure of the whole company lies outside its 90 % band, else None."""
    if not newest.missed:
        return None
    return missed_alert(history_name(settings), newest.until, newest.facts, link)


def report_forecast(newest: Newest, settings: Settings, output: Path, link: str) -> bool:
    """Raise the alert of a missed forecast, or resolve those of earlier lists. Returns whether it is new.

    Args:
        newest: The newest forecast with what happened.
        settings: The settings in force: the history and the alert channels.
        output: Directory of runs, where alerts are kept.
        link: The address that the message names, of the backtest's page.
    """
    output.mkdir(parents=True, exist_ok=True)
    alert = forecast_alert(newest, settings, link)
    with AlertDesk(output, settings.alerts) as desk:
        if alert:
            return desk.raise_alert(alert)
        resolve_missed(desk, resource_of(history_name(settings)))
        return False

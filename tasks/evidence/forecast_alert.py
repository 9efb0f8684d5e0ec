"""Raises the alert that the newest list lies outside the forecast, or resolves it; without Prefect."""

from pathlib import Path

from settings import Settings
from settings.models.location import location, shown
from tasks.alerts import Alert
from tasks.alerts.comparisons import FORECASTS
from tasks.evidence.backtest.newest import Newest


def history_name(settings: Settings) -> str:
    """Return the location of the history as alerts show it: an absolute path."""
    where = location(settings.history.path or "")
    return str(where.resolve()) if isinstance(where, Path) else shown(where)


def forecast_alert(newest: Newest, settings: Settings, link: str) -> Alert | None:
    """Return the alert if a figure of the whole company lies outside its 90 % band, else None.

    A history has one such alert per newest list.
    """
    if not newest.missed:
        return None
    return FORECASTS.alert(history_name(settings), newest.until.isoformat(), newest.facts, link)


def report_forecast(newest: Newest, settings: Settings, output: Path, link: str) -> bool:
    """Raise the alert of a missed forecast, or resolve those of earlier lists. Returns whether it is new.

    Args:
        newest: The newest forecast with what happened.
        settings: The settings in force: the history and the alert channels.
        output: Directory of runs, where alerts are kept.
        link: The address that the message names, of the backtest's page.
    """
    return FORECASTS.report(history_name(settings), forecast_alert(newest, settings, link), settings, output)

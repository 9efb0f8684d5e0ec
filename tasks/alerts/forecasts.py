"""Alerts about forecasts of a history that its newest list missed; without Prefect, for `workforce backtest`.

They concern a history instead of a run. Its resource, made from its location, is the `source` of the alerts,
by which its next backtest finds those that it resolves.
"""

import hashlib
from collections.abc import Mapping
from datetime import date

from tasks.alerts.alert import Alert
from tasks.alerts.desk import AlertDesk
from tasks.alerts.rules import solved_by

HISTORY_PREFIX = "workforce.history."
RULE = "forecast_missed"


def resource_of(history: str) -> str:
    """Return the resource of a history, whose location is given as text without secrets."""
    return HISTORY_PREFIX + hashlib.sha256(history.encode()).hexdigest()[:16]


def missed_alert(history: str, newest: date, facts: Mapping[str, str], link: str) -> Alert:
    """Return the alert that the newest list of a history lies outside the forecast of the list before it.

    A history has one such alert per newest list.
    """
    return Alert(
        RULE, history, facts=facts, link=link, attempt=newest.isoformat(), source=resource_of(history)
    )


def resolve_missed(desk: AlertDesk, source: str) -> list[Alert]:
    """Resolve the alerts about forecasts of a history, by its resource, and return them."""
    how = "the newest list lies within the forecast of the list before it"
    return desk.resolve(solved_by("forecast"), how, source=source)

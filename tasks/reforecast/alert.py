"""Raises the alert that a reforecast differs from the budget, or resolves it; without Prefect."""

from pathlib import Path

from settings import Settings
from tasks.alerts import Alert
from tasks.alerts.comparisons import BUDGETS
from tasks.reforecast.comparison import Comparison
from tasks.reforecast.text import facts_of


def budget_alert(found: Comparison, link: str) -> Alert | None:
    """Return the alert if a figure differs by more than the threshold, else None.

    A budget has one such alert per newest list and other input.
    """
    if not found.moved:
        return None
    return BUDGETS.alert(found.budget_name, found.attempt, facts_of(found), link)


def report_budget(found: Comparison, settings: Settings, output: Path) -> bool:
    """Raise the alert, or resolve those of earlier reforecasts. Returns whether it is new."""
    alert = budget_alert(found, found.run.report.resolve().as_uri())
    return BUDGETS.report(found.budget_name, alert, settings, output)

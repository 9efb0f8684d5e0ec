"""Alerts about what a flow compared: the forecasts of a history, or the reforecast of a budget.

The flow sends them complete. They concern a history or a budget instead of a run; its resource, made from its
name, is the `source` of the alerts, by which the next comparison finds those that it resolves.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from settings import Settings
from tasks.alerts.alert import Alert
from tasks.alerts.desk import AlertDesk
from tasks.alerts.rules import (
    BUDGET_HELD,
    BUDGET_MOVED,
    FORECAST_HELD,
    FORECAST_MISSED,
    Solution,
    Subject,
    solved_by,
)


@dataclass(frozen=True)
class Comparison:
    """A kind of comparison: its rule, and the events that report the outcome to a server's automations."""

    rule: str
    prefix: str  # of the resources
    solution: Solution
    moved: str  # event of a difference, with the complete alert
    held: str  # event that there is none
    how: str  # what resolves an alert

    def resource_of(self, name: str) -> str:
        """Return the resource of a history or budget, whose name is given as text without secrets."""
        return self.prefix + hashlib.sha256(name.encode()).hexdigest()[:16]

    def alert(self, name: str, attempt: str, facts: Mapping[str, str], link: str) -> Alert:
        """Return the alert of a difference. A history or budget has one alert per `attempt`."""
        return Alert(self.rule, name, facts=facts, link=link, attempt=attempt, source=self.resource_of(name))

    def resolve(self, desk: AlertDesk, source: str) -> list[Alert]:
        """Resolve the alerts of a history or budget, by its resource, and return them."""
        return desk.resolve(solved_by(self.solution), self.how, source=source)

    def report(self, name: str, alert: Alert | None, settings: Settings, output: Path) -> bool:
        """Raise the alert, or without one resolve those of earlier comparisons. Returns whether it is new.

        Args:
            name: The history or budget.
            alert: The alert; None if nothing differs.
            settings: The settings in force, with the alert channels.
            output: Directory of runs, where alerts are kept.
        """
        output.mkdir(parents=True, exist_ok=True)
        with AlertDesk(output, settings.alerts) as desk:
            if alert:
                return desk.raise_alert(alert)
            self.resolve(desk, self.resource_of(name))
            return False


FORECASTS = Comparison(
    "forecast_missed",
    "workforce.history.",
    "forecast",
    FORECAST_MISSED,
    FORECAST_HELD,
    "the newest list lies within the forecast of the list before it",
)
BUDGETS = Comparison(
    "budget_moved",
    "workforce.budget.",
    "budget",
    BUDGET_MOVED,
    BUDGET_HELD,
    "the newest reforecast lies within the threshold of the budget",
)
#: The comparisons by the subject of their rules.
BY_SUBJECT: Mapping[Subject, Comparison] = {"history": FORECASTS, "budget": BUDGETS}


def comparison_of(resource: str) -> Comparison | None:
    """Return the kind of comparison to which a resource belongs; None for a run or a work pool."""
    return next((each for each in BY_SUBJECT.values() if resource.startswith(each.prefix)), None)

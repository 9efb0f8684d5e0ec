"""Acknowledged alerts of a directory of runs and of the Prefect server, and who acknowledged them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tasks.alerts import Alert, store_of
from tasks.alerts.events import acknowledged_on_server
from tasks.alerts.rules import RULES

MOST = 1000
#: Rules that report a failed, cancelled or dead run.
OF_FAILURES = {rule.name for rule in RULES if rule.family == "failure"} | {"run_cancelled", "no_heartbeat"}


@dataclass(frozen=True)
class Acknowledgements:
    """Acknowledged alerts, each with its last occurrence (epoch seconds) and who acknowledged it."""

    alerts: tuple[tuple[Alert, float, str], ...]

    def of_run(self, run_id: str, since: str) -> str | None:
        """Return who acknowledged a failure of a run since a time (ISO 8601); None if nobody did."""
        start = datetime.fromisoformat(since).timestamp()
        return next(
            (
                by
                for alert, at, by in self.alerts
                if alert.run_id == run_id and alert.rule in OF_FAILURES and at >= start
            ),
            None,
        )

    def has_all(self, alert_ids: Iterable[str]) -> bool:
        """Return whether all of these alerts are acknowledged."""
        return set(alert_ids) <= {alert.id for alert, _, _ in self.alerts}


def acknowledgements(output: Path, *, ask_server: bool) -> Acknowledgements:
    """Return the newest acknowledged alerts; with `ask_server`, also those of the Prefect server.

    None are known from a store that cannot be read.
    """
    store = store_of(output)
    try:
        stored = store.recent(MOST) if store.exists else []
    except OSError:
        stored = []
    found = [(one.alert, one.last_at, one.acknowledged_by) for one in stored if one.acknowledged_by]
    return Acknowledgements((*found, *(acknowledged_on_server() if ask_server else ())))

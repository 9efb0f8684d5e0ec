"""Who has acknowledged which alerts, of a directory of runs and of the Prefect server."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tasks.alerts import Alert, store_of
from tasks.alerts.events import acknowledged_on_server
from tasks.alerts.rules import RULES

MOST = 1000
#: The rules that report that a run ended badly, or is dead.
OF_FAILURES = {rule.name for rule in RULES if rule.family == "failure"} | {"run_cancelled", "no_heartbeat"}


@dataclass(frozen=True)
class Acknowledgements:
    """Alerts that somebody takes care of, each with when it occurred last (seconds) and who it is."""

    alerts: tuple[tuple[Alert, float, str], ...]

    def of_run(self, run_id: str, since: str) -> str | None:
        """Who acknowledged that a run failed since a moment (ISO); None where nobody did."""
        begun = datetime.fromisoformat(since).timestamp()
        return next(
            (
                by
                for alert, at, by in self.alerts
                if alert.run_id == run_id and alert.rule in OF_FAILURES and at >= begun
            ),
            None,
        )

    def has_all(self, alert_ids: Iterable[str]) -> bool:
        """Say whether each of these alerts is acknowledged."""
        return set(alert_ids) <= {alert.id for alert, _, _ in self.alerts}


def acknowledgements(output: Path, *, ask_server: bool) -> Acknowledgements:
    """The newest acknowledged alerts."""
    store = store_of(output)
    stored = store.recent(MOST) if store.exists else []
    found = [(one.alert, one.last_at, one.acknowledged_by) for one in stored if one.acknowledged_by]
    return Acknowledgements((*found, *(acknowledged_on_server() if ask_server else ())))

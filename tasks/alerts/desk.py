"""The desk that takes alerts: it writes them to the store and starts a courier to deliver them."""

import json
import logging
import secrets
import subprocess
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType

from settings.models.operations import AlertSettings, Channel
from tasks.alerts.alert import Alert
from tasks.alerts.message import title_of_alert, where_of
from tasks.alerts.secrets import hide_addresses
from tasks.alerts.store import AlertStore, store_of
from tasks.system.project import ROOT, child_environment

log = logging.getLogger("workforce")


class AlertDesk(AbstractContextManager["AlertDesk"]):
    """Takes alerts of one directory of runs.

    Raising an alert only writes to a small file. The courier, a process that starts with the first alert,
    delivers. It receives the channels' addresses through a pipe and may outlive this process.
    """

    def __init__(
        self, output: Path, settings: AlertSettings, *, escalate: bool = True, everything: bool = False
    ) -> None:
        """Open a desk.

        Args:
            output: The directory of runs.
            settings: Channels, and how they are used.
            escalate: Whether the courier notifies the next level; False if a server's automations do.
            everything: Whether the courier also delivers what other desks left in the store.
        """
        hide_addresses(channel.url for channel in settings.channels)
        self.output = output
        self.name = None if everything else secrets.token_hex(4)
        self.store: AlertStore = store_of(output)
        self.settings = settings
        self.escalate = escalate
        self._courier: subprocess.Popen[str] | None = None

    def raise_alert(self, alert: Alert) -> bool:
        """Raise an alert. Returns whether it is new, False if it repeats a recent one.

        An alert of a rule with `once` also repeats an older one that is not resolved.
        """
        if alert.of.once and self.store.exists and self.store.is_open(alert):
            return False
        new = self.store.add(alert, self.settings.window_seconds, self.name)
        if new:
            log.warning("alert %s [%s] %s: %s", alert.id, alert.how_bad, title_of_alert(alert), _facts(alert))
        self.deliver()
        return new

    def escalate_to(self, alert: Alert, level: int) -> None:
        """Notify a level of an alert without waiting, but after the levels below it."""
        self.store.order_level(alert, level, self.name)
        self.deliver()

    def resolve(
        self, rules: Sequence[str], how: str, *, run_id: str | None = None, source: str | None = None
    ) -> list[Alert]:
        """Report to the notified channels that the trouble of some rules is over; return its alerts.

        Args:
            rules: Names of rules.
            how: What ended the trouble.
            run_id: The run or pool that the alerts concern, or
            source: the resource for which their rule fired.
        """
        if not self.store.exists:
            return []
        resolved = self.store.resolve(rules, how, desk=self.name, run_id=run_id, source=source)
        if resolved:
            self.deliver()
        return resolved

    def deliver(self) -> None:
        """Start a courier unless one is running or there are no channels."""
        if not self.settings.channels or (self._courier and self._courier.poll() is None):
            return
        self._courier = _start_courier(self.output, self._orders())

    def close(self, wait_seconds: float = 0.0) -> bool:
        """Let the courier end after it has delivered everything. Returns whether it ended within the time."""
        if self._courier is None:
            return True
        if self._courier.stdin and not self._courier.stdin.closed:
            self._courier.stdin.close()
        try:
            self._courier.wait(wait_seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _orders(self) -> str:
        settings = self.settings
        return json.dumps(
            {
                "desk": self.name,
                "store": str(self.store.path.resolve()),
                "channels": [channel_document(channel) for channel in settings.channels],
                "window_seconds": settings.window_seconds,
                "digest_after": settings.digest_after,
                "escalate_seconds": settings.escalate_seconds if self.escalate else None,
                "retries": settings.retries,
                "retry_seconds": settings.retry_seconds,
            }
        )


def channel_document(channel: Channel) -> dict[str, object]:
    """Return a channel as JSON types with its secret address: for a pipe or encrypted block, not a file."""
    return {**channel.model_dump(mode="json"), "url": channel.url.get_secret_value()}


def _start_courier(output: Path, orders: str) -> subprocess.Popen[str]:
    with (output / ".alerts.log").open("a") as errors:
        courier = subprocess.Popen(
            [sys.executable, "-P", "-m", "tasks.alerts.courier"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            cwd=ROOT,  # exists as long as this process, unlike the folder of a run
            env=child_environment(),
            text=True,
            start_new_session=True,  # Ctrl-C ends the run, but must not stop the message about that
        )
    if courier.stdin is None:
        raise RuntimeError("the courier has no standard input")
    courier.stdin.write(orders + "\n")
    courier.stdin.flush()
    return courier


def _facts(alert: Alert) -> str:
    return ", ".join([where_of(alert), *(f"{name} {value}" for name, value in alert.facts.items())])

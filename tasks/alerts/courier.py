"""The courier: a process that turns the alerts of a store into messages and delivers them.

`python -m tasks.alerts.courier` reads its orders, one line of JSON, from standard input, which no other
process can read. When standard input closes, the process that raised the alerts has ended: the courier
delivers the rest and ends.
"""

import logging
import sys
import threading
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from settings.models.operations import Channel
from tasks.alerts.channels import accepts, due_time, send
from tasks.alerts.message import Message, digest_of, message_of, resolution_of, resolutions_of
from tasks.alerts.outbox import CLAIM_SECONDS, Delivery
from tasks.alerts.rules import SEVERITIES, Severity
from tasks.alerts.secrets import hide_addresses
from tasks.alerts.store import AlertStore, LevelMessages, StoredAlert
from tasks.runs.log import LogLines

log = logging.getLogger("workforce.courier")

TICK_SECONDS = 0.2
# Alerts within this time of the first one are handled together, so that a storm becomes one digest. The
# second limit applies to critical alerts that are too many to be reported one by one.
GATHER_SECONDS, CRITICAL_SECONDS = 0.6, 3.0
# After the raiser has ended, messages due later than this (quiet hours) are left to a later courier.
PATIENCE_SECONDS = 3600.0


class CourierOrders(BaseModel):
    """The orders of a courier: which alerts it delivers, where and how."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    desk: str | None  # deliver only alerts of this desk; None: all alerts of the store
    store: Path
    channels: list[Channel]
    window_seconds: float
    digest_after: int
    escalate_seconds: float | None  # None: the courier does not escalate
    retries: int
    retry_seconds: float


class Courier:
    """Delivers the alerts of one store to the channels named in its orders."""

    def __init__(self, orders: CourierOrders) -> None:
        self.orders = orders
        self.store = AlertStore(orders.store)
        self.channels = orders.channels
        hide_addresses(channel.url for channel in self.channels)
        self.raiser_gone = threading.Event()
        self.done = threading.Event()

    def work(self) -> None:
        """Run until the raiser has ended and nothing is left to deliver."""
        threads = [threading.Thread(target=self._serve, args=(channel,)) for channel in self.channels]
        for thread in threads:
            thread.start()
        try:
            while not (self.raiser_gone.is_set() and self._nothing_left()):
                self._make_messages()
                self._escalate()
                self._resolve()
                time.sleep(TICK_SECONDS)
        finally:
            self.done.set()
            for thread in threads:
                thread.join()

    def _make_messages(self) -> None:
        """Queue a message for each new alert, or a digest if there are many; then for repeated alerts.

        If many alerts are not critical, these wait until the last digest is old enough. A critical alert
        that was not reported yet does not wait.
        """
        now = time.time()
        gone = self.raiser_gone.is_set()
        new = self.store.unreported(self.orders.desk)
        critical = [stored for stored in new if stored.alert.how_bad == "critical"]
        others = [stored for stored in new if stored.alert.how_bad != "critical"]
        if critical and self._waited(critical, GATHER_SECONDS):
            if self._are_few(critical, ("critical",)):
                self._report_each(critical)
            elif self._waited(critical, CRITICAL_SECONDS):
                self._report_digest(critical)
        if others and self._waited(others, GATHER_SECONDS):
            if self._are_few(others, ("warning", "info")):
                self._report_each(others)
            elif gone or now - self.store.last_digest() > self.orders.window_seconds:
                self._report_digest(others)
        again = self.store.repeated(self.orders.desk, now if gone else now - self.orders.window_seconds)
        self._report(again)

    def _waited(self, new: Sequence[StoredAlert], seconds: float) -> bool:
        """Return whether alerts have waited long enough for others, or the raiser has ended."""
        return self.raiser_gone.is_set() or time.time() - new[0].raised_at > seconds

    def _are_few(self, new: Sequence[StoredAlert], severities: Sequence[Severity]) -> bool:
        """Return whether alerts and those reported recently are few enough to be reported one by one."""
        recent = self.store.reported_since(time.time() - self.orders.window_seconds, severities)
        return recent + len(new) <= self.orders.digest_after

    def _report(self, alerts: Sequence[StoredAlert], level: int = 1) -> None:
        """Report alerts to a level: one by one, or in a digest if there are many."""
        if len(alerts) > self.orders.digest_after:
            self._report_digest(alerts, level)
        else:
            self._report_each(alerts, level)

    def _report_each(self, alerts: Sequence[StoredAlert], level: int = 1) -> None:
        for stored in alerts:
            message = message_of(stored.alert, count=stored.count, level=level)
            self.store.report([stored], self._addressed(message, level), desk=self.orders.desk, level=level)

    def _report_digest(self, many: Sequence[StoredAlert], level: int = 1) -> None:
        """Queue one digest for each channel of a level, with the alerts of the severities it accepts."""
        addressed = []
        for severity in SEVERITIES:
            wanted = [
                (stored.alert, stored.count)
                for stored in many
                if SEVERITIES.index(stored.alert.how_bad) >= SEVERITIES.index(severity)
            ]
            if wanted:
                addressed += [
                    delivery
                    for delivery in self._addressed(digest_of(wanted, level=level), level)
                    if self._channel(delivery[0]).min_severity == severity
                ]
        lesser = any(stored.alert.how_bad != "critical" for stored in many)  # those wait for each other
        self.store.report(many, addressed, desk=self.orders.desk, digest=lesser, level=level)

    def _addressed(self, message: Message, level: int) -> list[tuple[str, Message, float]]:
        """Return the message for each channel of a level that accepts it, with its earliest time."""
        now = datetime.now()
        return [
            (channel.name, message, due_time(channel, message.severity, now).timestamp())
            for channel in self.channels
            if channel.level == level and accepts(channel, message.severity)
        ]

    def _channel(self, name: str) -> Channel:
        return next(channel for channel in self.channels if channel.name == name)

    def _escalate(self) -> None:
        """Notify the next level of alerts that were not acknowledged in time."""
        due: dict[int, list[StoredAlert]] = {}
        for stored, level, moment in self._escalations():
            if moment <= time.time():
                due.setdefault(level, []).append(stored)
        for level, alerts in due.items():
            self._report(alerts, level)

    def _escalations(self) -> list[tuple[StoredAlert, int, float]]:
        """Return unacknowledged alerts, each with the level to notify next and its earliest time.

        Levels are notified in order. The time to acknowledge starts when a level was notified. The next
        level waits for a message that is still to be delivered, but not for one that a channel refused.
        """
        now = time.time()
        top = max((channel.level for channel in self.channels), default=1)
        waiting = [
            (stored, level)
            for stored in self.store.open_below(self.orders.desk, top)
            for level in self._levels_above(stored.level)[:1]
            if self._escalation_time(stored, level, 0.0) is not None
        ]
        messages = self.store.level_messages([stored.alert.id for stored, _ in waiting]) if waiting else {}
        found = []
        for stored, level in waiting:
            below = messages.get((stored.alert.id, stored.level), LevelMessages(stored.raised_at, None))
            moment = self._escalation_time(stored, level, below.since) or 0.0
            waits = below.waits_until or 0.0
            if waits > now + PATIENCE_SECONDS:  # left to a later courier
                continue
            if waits > now - CLAIM_SECONDS:  # no courier delivers a message that is overdue for longer
                moment = max(moment, now, waits) + TICK_SECONDS
            found.append((stored, level, moment))
        return found

    def _escalation_time(self, stored: StoredAlert, level: int, since: float) -> float | None:
        """Return when to notify a level if the one below was notified at `since`; None: never."""
        if stored.ordered_level >= level:
            return 0.0
        if self.orders.escalate_seconds is None or stored.alert.how_bad == "info":
            return None
        return since + (level - stored.level) * self.orders.escalate_seconds

    def _resolve(self) -> None:
        """Report resolved alerts to the channels that received them."""
        for channel, resolved in self._resolutions().items():
            if len(resolved) > self.orders.digest_after:
                messages = [(resolved, resolutions_of([stored.alert for stored in resolved]))]
            else:
                messages = [([one], resolution_of(one.alert, one.resolved_how or "over")) for one in resolved]
            for alerts, message in messages:
                due = due_time(self._channel(channel), message.severity, datetime.now()).timestamp()
                self.store.report_resolutions(alerts, channel, message, due, self.orders.desk)
        self.store.close_resolutions([channel.name for channel in self.channels], self.orders.desk)

    def _resolutions(self) -> dict[str, list[StoredAlert]]:
        found = self.store.unreported_resolutions(self.orders.desk)
        names = {channel.name for channel in self.channels}
        return {channel: resolved for channel, resolved in found.items() if channel in names}

    def _levels_above(self, level: int) -> list[int]:
        return sorted({channel.level for channel in self.channels if channel.level > level})

    def _nothing_left(self) -> bool:
        names = [channel.name for channel in self.channels]
        return not (
            self.store.unreported(self.orders.desk)
            or self.store.repeated(self.orders.desk, time.time())
            or self.store.pending(self.orders.desk, names, time.time() + PATIENCE_SECONDS)
            or self._escalations()
            or self._resolutions()
        )

    def _serve(self, channel: Channel) -> None:
        """Deliver a channel's messages one after another, independently of other channels."""
        while not self.done.is_set():
            delivery = self.store.claim(self.orders.desk, channel.name)
            if delivery is None:
                self.done.wait(TICK_SECONDS)
            else:
                self._deliver(channel, delivery)

    def _deliver(self, channel: Channel, delivery: Delivery) -> None:
        error = send(channel, delivery.message)
        if error is None:
            self.store.delivered(delivery)
        elif delivery.attempts > self.orders.retries:
            log.error(
                "channel %s: gave up a message after %d attempts: %s", channel.name, delivery.attempts, error
            )
            self.store.give_up(delivery, error)
        else:
            seconds = self.orders.retry_seconds * 2 ** (delivery.attempts - 1)
            log.warning("channel %s: %s; next attempt in %.0f s", channel.name, error, seconds)
            self.store.try_again(delivery, seconds, error)


def main() -> None:
    """Read orders from standard input and carry them out."""
    handler = logging.StreamHandler()
    handler.setFormatter(LogLines())
    logging.basicConfig(handlers=[handler], level=logging.WARNING)
    orders = CourierOrders.model_validate_json(sys.stdin.readline())
    courier = Courier(orders)
    # the default hook would print secrets; log records are cleared of them
    threading.excepthook = lambda args: log.error("%s failed", args.thread, exc_info=args.exc_value)

    def wait_for_the_raiser() -> None:
        sys.stdin.read()
        courier.raiser_gone.set()

    threading.Thread(target=wait_for_the_raiser, daemon=True).start()
    import apprise  # noqa: F401 - takes a second to load, which must not delay the first message

    try:
        courier.work()
    except Exception:
        log.exception("the courier failed")
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()

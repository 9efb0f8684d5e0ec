"""The courier: makes messages of the alerts in a store and delivers them, in a process of its own.

`python -m tasks.alerts.courier` reads its orders, a JSON line that no other process can see, from its
standard input. When that closes, the raiser is gone: the courier delivers what is left and ends.
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
from tasks.alerts.channels import due_time, send, wants
from tasks.alerts.message import Message, digest_of, message_of, resolution_of, resolutions_of
from tasks.alerts.outbox import CLAIM_SECONDS, Delivery
from tasks.alerts.rules import SEVERITIES, Severity
from tasks.alerts.secrets import hide_addresses
from tasks.alerts.store import AlertStore, Heard, StoredAlert
from tasks.runs.log import LogLines

log = logging.getLogger("workforce.courier")

TICK_SECONDS = 0.2
# What comes within this time of the first alert is looked at together, so that a storm is seen as one;
# of critical alerts that are too many to be reported one by one, within the second.
GATHER_SECONDS, CRITICAL_SECONDS = 0.6, 3.0
# Messages due later than this are left to a later courier once the raiser is gone (quiet hours).
PATIENCE_SECONDS = 3600.0


class CourierOrders(BaseModel):
    """What a courier is to do."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    desk: str | None  # whose alerts; None: all of the store
    store: Path
    channels: list[Channel]
    window_seconds: float
    digest_after: int
    escalate_seconds: float | None  # None: somebody else escalates
    retries: int
    retry_seconds: float


class Courier:
    """Delivers the alerts of one store to the channels of its orders."""

    def __init__(self, orders: CourierOrders) -> None:
        self.orders = orders
        self.store = AlertStore(orders.store)
        self.channels = orders.channels
        hide_addresses(channel.url for channel in self.channels)
        self.raiser_gone = threading.Event()
        self.done = threading.Event()

    def work(self) -> None:
        """Work until the raiser is gone and nothing is left to do."""
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
        """Report each new alert, or all in a digest where they are many; then what occurred again.

        Lesser alerts that are many wait until the last digest is old enough. A critical one that nobody has
        heard of does not wait.
        """
        now = time.time()
        gone = self.raiser_gone.is_set()
        new = self.store.unreported(self.orders.desk)
        critical = [stored for stored in new if stored.alert.how_bad == "critical"]
        others = [stored for stored in new if stored.alert.how_bad != "critical"]
        if critical and self._waited(critical, GATHER_SECONDS):
            if self._are_few(critical, ("critical",)):
                self._tell_each(critical)
            elif self._waited(critical, CRITICAL_SECONDS):
                self._tell_digest(critical)
        if others and self._waited(others, GATHER_SECONDS):
            if self._are_few(others, ("warning", "info")):
                self._tell_each(others)
            elif gone or now - self.store.last_digest() > self.orders.window_seconds:
                self._tell_digest(others)
        again = self.store.repeated(self.orders.desk, now if gone else now - self.orders.window_seconds)
        self._tell(again)

    def _waited(self, new: Sequence[StoredAlert], seconds: float) -> bool:
        """Say whether alerts have waited for others to come; nobody raises more where the raiser is gone."""
        return self.raiser_gone.is_set() or time.time() - new[0].raised_at > seconds

    def _are_few(self, new: Sequence[StoredAlert], severities: Sequence[Severity]) -> bool:
        """Say whether alerts, with those reported lately, are few enough to be reported one by one."""
        told = self.store.reported_since(time.time() - self.orders.window_seconds, severities)
        return told + len(new) <= self.orders.digest_after

    def _tell(self, alerts: Sequence[StoredAlert], level: int = 1) -> None:
        """Report alerts to a level, one by one or in a digest, as many as they are."""
        if len(alerts) > self.orders.digest_after:
            self._tell_digest(alerts, level)
        else:
            self._tell_each(alerts, level)

    def _tell_each(self, alerts: Sequence[StoredAlert], level: int = 1) -> None:
        for stored in alerts:
            message = message_of(stored.alert, count=stored.count, level=level)
            self.store.report([stored], self._addressed(message, level), desk=self.orders.desk, level=level)

    def _tell_digest(self, many: Sequence[StoredAlert], level: int = 1) -> None:
        """One digest for each channel of a level, of the alerts that are bad enough for it."""
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
        """A message with every channel of a level that wants it, and when it may be sent."""
        now = datetime.now()
        return [
            (channel.name, message, due_time(channel, message.severity, now).timestamp())
            for channel in self.channels
            if channel.level == level and wants(channel, message.severity)
        ]

    def _channel(self, name: str) -> Channel:
        return next(channel for channel in self.channels if channel.name == name)

    def _escalate(self) -> None:
        """Notify the next level of what nobody acknowledged in time."""
        due: dict[int, list[StoredAlert]] = {}
        for stored, level, moment in self._escalations():
            if moment <= time.time():
                due.setdefault(level, []).append(stored)
        for level, alerts in due.items():
            self._tell(alerts, level)

    def _escalations(self) -> list[tuple[StoredAlert, int, float]]:
        """Alerts that go on to a higher level unless acknowledged: to which, and when at the earliest.

        Levels hear in order: the time to acknowledge begins when a level was notified, and the next one waits
        for a message that is still on its way, but not for one that a channel refused.
        """
        now = time.time()
        top = max((channel.level for channel in self.channels), default=1)
        waiting = [
            (stored, level)
            for stored in self.store.open_below(self.orders.desk, top)
            for level in self._levels_above(stored.level)[:1]
            if self._escalation_time(stored, level, 0.0) is not None
        ]
        heard = self.store.heard([stored.alert.id for stored, _ in waiting]) if waiting else {}
        found = []
        for stored, level in waiting:
            below = heard.get((stored.alert.id, stored.level), Heard(stored.raised_at, None))
            moment = self._escalation_time(stored, level, below.since) or 0.0
            waits = below.waits_until or 0.0
            if waits > now + PATIENCE_SECONDS:  # left to a later courier
                continue
            if waits > now - CLAIM_SECONDS:  # one longer overdue is nobody's any more
                moment = max(moment, now, waits) + TICK_SECONDS
            found.append((stored, level, moment))
        return found

    def _escalation_time(self, stored: StoredAlert, level: int, since: float) -> float | None:
        """When a level's turn comes, if the one below heard at a moment; None: somebody else escalates."""
        if stored.ordered_level >= level:
            return 0.0
        if self.orders.escalate_seconds is None or stored.alert.how_bad == "info":
            return None
        return since + (level - stored.level) * self.orders.escalate_seconds

    def _resolve(self) -> None:
        """Tell channels that an alert which they heard of is over."""
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
        """Deliver a channel's messages one after another, whatever becomes of other channels."""
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
                "channel %s: gave up a message after %d tries: %s", channel.name, delivery.attempts, error
            )
            self.store.give_up(delivery, error)
        else:
            seconds = self.orders.retry_seconds * 2 ** (delivery.attempts - 1)
            log.warning("channel %s: %s; next try in %.0f s", channel.name, error, seconds)
            self.store.try_again(delivery, seconds, error)


def main() -> None:
    """Carry out the orders on standard input."""
    handler = logging.StreamHandler()
    handler.setFormatter(LogLines())
    logging.basicConfig(handlers=[handler], level=logging.WARNING)
    orders = CourierOrders.model_validate_json(sys.stdin.readline())
    courier = Courier(orders)
    # Python would print it as it is
    threading.excepthook = lambda args: log.error("%s failed", args.thread, exc_info=args.exc_value)

    def wait_for_the_raiser() -> None:
        sys.stdin.read()
        courier.raiser_gone.set()

    threading.Thread(target=wait_for_the_raiser, daemon=True).start()
    import apprise  # noqa: F401 - takes a second to load: before the first message, not with it

    try:
        courier.work()
    except Exception:
        log.exception("the courier failed")
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()

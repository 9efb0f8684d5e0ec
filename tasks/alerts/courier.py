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

from settings.operations import Channel
from tasks.alerts.channels import due_time, send, wants
from tasks.alerts.message import Message, digest_of, message_of
from tasks.alerts.rules import SEVERITIES, Severity
from tasks.alerts.store import AlertStore, Delivery, StoredAlert

log = logging.getLogger("workforce.courier")

TICK_SECONDS = 0.2
# What comes within this time of the first alert is looked at together, so that a storm is seen as one.
GATHER_SECONDS = 0.6
# Messages due later than this are left to a later courier once the raiser is gone (quiet hours).
PATIENCE_SECONDS = 3600.0


class Orders(BaseModel):
    """What a courier is to do."""

    model_config = ConfigDict(frozen=True)

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

    def __init__(self, orders: Orders) -> None:
        self.orders = orders
        self.store = AlertStore(orders.store)
        self.channels = orders.channels
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
                time.sleep(TICK_SECONDS)
        finally:
            self.done.set()
            for thread in threads:
                thread.join()

    def _make_messages(self) -> None:
        """Tell each new alert, or all in a digest where they are many; then what occurred again."""
        now = time.time()
        gone = self.raiser_gone.is_set()
        new = self.store.untold(self.orders.desk)
        if new and (gone or now - new[0].raised_at > GATHER_SECONDS):
            critical = [stored for stored in new if stored.alert.how_bad == "critical"]
            others = [stored for stored in new if stored.alert.how_bad != "critical"]
            if not critical or self._are_few(
                critical, ("critical",)
            ):  # not held back by a flood of lesser ones
                self._tell_each(critical)
                new = others
            if self._are_few(others, ("warning", "info")) and new is others:
                self._tell_each(others)
            elif new and (gone or now - self.store.last_digest() > self.orders.window_seconds):
                self._tell_digest(new)
        again = self.store.repeated(self.orders.desk, now if gone else now - self.orders.window_seconds)
        if len(again) > self.orders.digest_after:
            self._tell_digest(again)
        else:
            self._tell_each(again)

    def _are_few(self, new: Sequence[StoredAlert], severities: Sequence[Severity]) -> bool:
        """Say whether alerts, with those told lately, are few enough to be told one by one."""
        told = self.store.told_since(time.time() - self.orders.window_seconds, severities)
        return told + len(new) <= self.orders.digest_after

    def _tell_each(self, alerts: Sequence[StoredAlert]) -> None:
        for stored in alerts:
            self._tell_one(stored)

    def _tell_one(self, stored: StoredAlert, level: int = 1) -> None:
        message = message_of(stored.alert, count=stored.count, level=level)
        self.store.tell([stored], self._addressed([(message, level)]), desk=self.orders.desk, level=level)

    def _tell_digest(self, many: Sequence[StoredAlert]) -> None:
        """One digest for each channel, of the alerts that are bad enough for it."""
        addressed = []
        for severity in SEVERITIES:
            wanted = [
                (stored.alert, stored.count)
                for stored in many
                if SEVERITIES.index(stored.alert.how_bad) >= SEVERITIES.index(severity)
            ]
            if wanted:
                message = digest_of(wanted)
                addressed += [
                    delivery
                    for delivery in self._addressed([(message, 1)])
                    if self._channel(delivery[0]).min_severity == severity
                ]
        self.store.tell(many, addressed, desk=self.orders.desk, digest=True)

    def _addressed(self, messages: Sequence[tuple[Message, int]]) -> list[tuple[str, Message, float]]:
        """Each message with every channel of its level that wants it, and when it may be sent."""
        now = datetime.now()
        return [
            (channel.name, message, due_time(channel, message.severity, now).timestamp())
            for message, level in messages
            for channel in self.channels
            if channel.level == level and wants(channel, message.severity)
        ]

    def _channel(self, name: str) -> Channel:
        return next(channel for channel in self.channels if channel.name == name)

    def _escalate(self) -> None:
        """Tell the next level of what nobody acknowledged in time."""
        for stored, level, due in self._escalations():
            if due <= time.time():
                self._tell_one(stored, level)

    def _escalations(self) -> list[tuple[StoredAlert, int, float]]:
        """Alerts that go on to a higher level unless acknowledged: to which, and when."""
        found = []
        seconds = self.orders.escalate_seconds
        for stored in self.store.unacknowledged(self.orders.desk):
            above = self._levels_above(stored.level)
            if stored.ordered_level > stored.level:
                found.append((stored, stored.ordered_level, 0.0))
            elif seconds is not None and above and stored.alert.how_bad != "info":
                found.append((stored, above[0], stored.raised_at + (above[0] - 1) * seconds))
        return found

    def _levels_above(self, level: int) -> list[int]:
        return sorted({channel.level for channel in self.channels if channel.level > level})

    def _nothing_left(self) -> bool:
        names = [channel.name for channel in self.channels]
        return not (
            self.store.untold(self.orders.desk)
            or self.store.repeated(self.orders.desk, time.time())
            or self.store.pending(self.orders.desk, names, time.time() + PATIENCE_SECONDS)
            or self._escalations()
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
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.WARNING)
    orders = Orders.model_validate_json(sys.stdin.readline())
    courier = Courier(orders)

    def wait_for_the_raiser() -> None:
        sys.stdin.read()
        courier.raiser_gone.set()

    threading.Thread(target=wait_for_the_raiser, daemon=True).start()
    import apprise  # noqa: F401 - takes a second to load: before the first message, not with it

    courier.work()


if __name__ == "__main__":
    main()

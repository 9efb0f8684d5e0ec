"""The outbox: messages to channels that are pending, claimed by a courier, delivered or failed."""

import json
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass

from tasks.alerts.message import Message
from tasks.alerts.store_file import StoreFile, execute

#: After this time (seconds), another courier takes over a delivery whose courier's process ended.
CLAIM_SECONDS = 120.0


@dataclass(frozen=True)
class Delivery:
    """A message to one channel."""

    id: int
    channel: str
    message: Message
    created_at: float
    attempts: int
    status: str
    error: str | None


class Outbox(StoreFile):
    """The deliveries of a store. Each method is one transaction."""

    def claim(self, desk: str | None, channel: str) -> Delivery | None:
        """Claim a channel's oldest due message for this process; None if no message is due.

        `desk` limits this to the messages of one desk (None: all), since two desks may have channels of the
        same name.
        """
        now = time.time()
        if not self._read("is_delivery_due", channel=channel, now=now):  # the usual case takes no lock
            return None
        with self._transaction() as connection:
            row = execute(
                connection,
                "claim_delivery",
                now=now,
                channel=channel,
                desk=desk,
                stale=now - CLAIM_SECONDS,
            ).fetchone()
        return _delivery(row) if row else None

    def delivered(self, delivery: Delivery) -> None:
        """Mark a message as delivered."""
        self._finish(delivery, "delivered", None)

    def give_up(self, delivery: Delivery, error: str) -> None:
        """Mark a message as failed; it is not tried again."""
        self._finish(delivery, "failed", error)

    def try_again(self, delivery: Delivery, seconds: float, error: str) -> None:
        """Release a claimed message, due again after some seconds."""
        with self._transaction() as connection:
            execute(connection, "postpone_delivery", id=delivery.id, due=time.time() + seconds, error=error)

    def resend(self, channels: Sequence[str]) -> int:
        """Retry the failed messages to these channels; return their number."""
        with self._transaction() as connection:
            return execute(
                connection, "resend_failed", channels=json.dumps(channels), now=time.time()
            ).rowcount

    def undelivered(self) -> list[Delivery]:
        """Return messages that failed or are overdue, oldest first."""
        return [
            _delivery(row) for row in self._read("undelivered_messages", overdue=time.time() - CLAIM_SECONDS)
        ]

    def pending(self, desk: str | None, channels: Sequence[str], before: float) -> bool:
        """Return whether a message to one of the channels is due before a time."""
        found = self._read("pending_messages", desk=desk, channels=json.dumps(channels), before=before)
        return bool(found)

    def deliveries(self) -> list[Delivery]:
        """Return all messages, oldest first."""
        return [_delivery(row) for row in self._select("select * from deliveries order by id")]

    def _finish(self, delivery: Delivery, status: str, error: str | None) -> None:
        with self._transaction() as connection:
            execute(
                connection, "finish_delivery", id=delivery.id, status=status, error=error, now=time.time()
            )


def put(
    connection: sqlite3.Connection, desk: str | None, channel: str, message: Message, due: float, level: int
) -> None:
    """Add a message for a channel, within a transaction."""
    execute(
        connection,
        "insert_delivery",
        desk=desk,
        channel=channel,
        severity=message.severity,
        subject=message.subject,
        text=message.text,
        markdown=message.markdown,
        alert_ids=json.dumps(message.alert_ids),
        now=time.time(),
        due=due,
        level=level,
        is_good=message.is_good,
    )


def _delivery(row: sqlite3.Row) -> Delivery:
    message = Message(
        row["severity"],
        row["subject"],
        row["text"],
        row["markdown"],
        tuple(json.loads(row["alert_ids"])),
        bool(row["is_good"]),
    )
    return Delivery(
        row["id"], row["channel"], message, row["created_at"], row["attempts"], row["status"], row["error"]
    )

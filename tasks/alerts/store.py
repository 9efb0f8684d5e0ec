"""The alerts of an output directory and the messages still to be delivered: DIR/.alerts.sqlite.

Several processes share it: runs that raise alerts, couriers that deliver them, people who acknowledge
them. SQLite serialises them; each method is one transaction.
"""

import json
import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tasks.alerts.alert import Alert
from tasks.alerts.message import Message

# A delivery whose courier died is taken over by another after this time.
CLAIM_SECONDS = 120.0
# For so long a courier looks for channels that should hear that an alert is over.
RESOLUTION_SECONDS = 86_400.0

# The schema, a step per change of it: a store outlives versions of the program.
_STEPS = (
    """
create table if not exists alerts (
    id text primary key,
    desk text,  -- who raised it
    fingerprint text not null,
    severity text not null,
    document text not null,
    raised_at real not null,
    last_at real not null,
    count integer not null default 1,
    told_count integer not null default 0,  -- of the count, how many were reported; 0: no message yet
    level integer not null default 1,  -- the highest that was notified
    ordered_level integer not null default 1,  -- the highest that is to be notified now
    acknowledged_at real,
    acknowledged_by text
);
create index if not exists alerts_fingerprint on alerts (fingerprint, raised_at);
create table if not exists deliveries (
    id integer primary key,
    desk text,  -- whose courier delivers it
    channel text not null,
    severity text not null,
    subject text not null,
    text text not null,
    markdown text not null,
    alert_ids text not null,
    created_at real not null,
    due_at real not null,
    claimed_at real,
    attempts integer not null default 0,
    status text not null default 'pending',  -- pending, delivered, failed
    finished_at real,
    error text
);
create table if not exists digests (sent_at real not null)
""",
    # resolved_desk: who found out, and reports it; is_good: a message that alerts are over
    """
alter table alerts add column resolved_at real;
alter table alerts add column resolved_how text;
alter table alerts add column resolved_desk text;
alter table alerts add column resolution_told integer not null default 0;
alter table deliveries add column level integer not null default 1;
alter table deliveries add column is_good integer not null default 0
""",
)


@dataclass(frozen=True)
class StoredAlert:
    """An alert and what became of it."""

    alert: Alert
    raised_at: float
    last_at: float
    count: int
    told_count: int
    level: int
    ordered_level: int
    acknowledged_at: float | None
    acknowledged_by: str | None
    resolved_at: float | None
    resolved_how: str | None

    @property
    def handled(self) -> str | None:
        """Why nobody needs to look at it, None where somebody does."""
        if self.resolved_at:
            return f"resolved: {self.resolved_how}"
        return f"acknowledged by {self.acknowledged_by}" if self.acknowledged_by else None


@dataclass(frozen=True)
class Heard:
    """What the channels of one level heard of an alert."""

    since: float  # when the first of them had it; where none could, when the message was made
    waits_until: float | None  # when a message is due that was not tried yet; None: there is none


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


def store_of(output: Path) -> "AlertStore":
    """The store of a directory of runs."""
    return AlertStore(output / ".alerts.sqlite")


class AlertStore:
    """The alerts and deliveries of one directory of runs."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._kept = threading.local()

    @property
    def exists(self) -> bool:
        """Say whether any alert was ever raised here."""
        return self.path.exists()

    def add(self, alert: Alert, window_seconds: float, desk: str | None = None) -> bool:
        """Put an alert in; one equal to another of the window only counts. Says whether it is new.

        Where another rule of the same family reported the trouble, it does not even count. What was resolved
        meanwhile is a new trouble.
        """
        now = time.time()
        with self._transaction() as connection:
            counted = connection.execute(
                "update alerts set last_at = :now, "
                "count = count + (json_extract(document, '$.rule') = :rule) where id = ("
                "select id from alerts where fingerprint = :fingerprint and raised_at > :since "
                "and resolved_at is null order by raised_at desc limit 1)",
                {
                    "now": now,
                    "rule": alert.rule,
                    "fingerprint": alert.fingerprint,
                    "since": now - window_seconds,
                },
            ).rowcount
            if not counted:
                connection.execute(
                    "insert into alerts (id, desk, fingerprint, severity, document, raised_at, last_at) "
                    "values (?, ?, ?, ?, ?, ?, ?)",
                    (alert.id, desk, alert.fingerprint, alert.how_bad, alert.to_json(), now, now),
                )
        return not counted

    def has(self, alert: Alert, since: float) -> bool:
        """Say whether an equal alert was raised after a moment (seconds of the epoch)."""
        with self._transaction() as connection:
            found = connection.execute(
                "select 1 from alerts where fingerprint = ? and raised_at > ?", (alert.fingerprint, since)
            ).fetchone()
        return found is not None

    def order_level(self, alert: Alert, level: int, desk: str | None = None) -> None:
        """Have a level notified of an alert at once; the alert is put in, as reported, if it is not here."""
        now = time.time()
        with self._transaction() as connection:
            connection.execute(
                "insert or ignore into alerts "
                "(id, desk, fingerprint, severity, document, raised_at, last_at, told_count, level) "
                "values (?, ?, ?, ?, ?, ?, ?, 1, ?)",
                (alert.id, desk, alert.fingerprint, alert.how_bad, alert.to_json(), now, now, level - 1),
            )
            connection.execute(
                "update alerts set ordered_level = max(ordered_level, ?) where id = ?", (level, alert.id)
            )

    def untold(self, desk: str | None) -> list[StoredAlert]:
        """Alerts that no message has reported yet, oldest first; of one desk, or (None) of all."""
        return self._alerts("told_count = 0 and coalesce(?1, desk) is desk", desk)

    def repeated(self, desk: str | None, before: float) -> list[StoredAlert]:
        """Alerts raised before a time that occurred again after they were reported."""
        return self._alerts(
            "told_count > 0 and count > told_count and acknowledged_at is null and resolved_at is null "
            "and raised_at < ?2 "
            "and coalesce(?1, desk) is desk",
            desk,
            before,
        )

    def open_below(self, desk: str | None, level: int) -> list[StoredAlert]:
        """Alerts that were reported, but not to this level, and that nobody acknowledged or solved."""
        return self._alerts(
            "acknowledged_at is null and resolved_at is null and told_count > 0 and level < ?2 "
            "and coalesce(?1, desk) is desk",
            desk,
            level,
        )

    def heard(self, alert_ids: Sequence[str]) -> dict[tuple[str, int], Heard]:
        """What levels heard of alerts, by alert and level; no entry where no channel of it wanted them."""
        rows = self._read(
            "select value as alert_id, level, min(created_at) as made_at, min(finished_at) filter "
            "(where status = 'delivered') as heard_at, min(due_at) filter (where status = 'pending' "
            "and error is null) as waits_until from deliveries, json_each(alert_ids) "
            "where not is_good and value in (select value from json_each(?)) group by value, level",
            json.dumps(alert_ids),
        )
        return {
            (row["alert_id"], row["level"]): Heard(row["heard_at"] or row["made_at"], row["waits_until"])
            for row in rows
        }

    def resolve(self, rules: Sequence[str], how: str, *, desk: str | None, **of: str | None) -> list[Alert]:
        """Call the open alerts of some rules resolved; `of` are values of an alert that one of must agree."""
        wanted = {name: value for name, value in of.items() if value is not None}
        agrees = " or ".join(f"json_extract(document, '$.{name}') = ?" for name in wanted)
        with self._transaction() as connection:
            rows = connection.execute(
                "update alerts set resolved_at = ?, resolved_how = ?, resolved_desk = ? "  # noqa: S608 - our names
                "where resolved_at is null and json_extract(document, '$.rule') in (select value from "
                f"json_each(?)) and ({agrees}) returning document",
                (time.time(), how, desk, json.dumps(rules), *wanted.values()),
            ).fetchall()
        return [Alert.from_json(row["document"]) for row in rows]

    def unreported_resolutions(self, desk: str | None) -> dict[str, list[StoredAlert]]:
        """Resolved alerts by channel that heard of them and not yet of that."""
        found: dict[str, list[StoredAlert]] = {}
        for stored in self._alerts(
            "resolved_at > ?2 and not resolution_told and told_count > 0 "
            "and coalesce(?1, resolved_desk) is resolved_desk",
            desk,
            time.time() - RESOLUTION_SECONDS,
        ):
            for row in self._read(
                "select channel from deliveries, json_each(alert_ids) where value = ? "
                "group by channel having max(not is_good and status = 'delivered') and not max(is_good)",
                stored.alert.id,
            ):
                found.setdefault(row["channel"], []).append(stored)
        return found

    def report_resolutions(
        self, resolved: Sequence[StoredAlert], channel: str, message: Message, due: float, desk: str | None
    ) -> None:
        """Put a message for a channel, that alerts are over, into the outbox; not twice."""
        with self._transaction() as connection:
            ids = json.dumps([stored.alert.id for stored in resolved])
            if not connection.execute(
                "select 1 from deliveries, json_each(alert_ids) where is_good and channel = ? "
                "and value in (select value from json_each(?))",
                (channel, ids),
            ).fetchone():
                _put(connection, desk, channel, message, due, 1)

    def close_resolutions(self, channels: Sequence[str], desk: str | None) -> None:
        """Look no more at resolved alerts of which nothing is left to be delivered to these channels."""
        with self._transaction() as connection:
            connection.execute(
                "update alerts set resolution_told = 1 where resolved_at is not null and not resolution_told "
                "and told_count > 0 and coalesce(:desk, resolved_desk) is resolved_desk and not exists ("
                "select 1 from deliveries, json_each(alert_ids) where value = alerts.id and not is_good "
                "and (status = 'pending' or channel not in (select value from json_each(:channels))))",
                {"desk": desk, "channels": json.dumps(channels)},
            )

    def recent(self, limit: int = 100) -> list[StoredAlert]:
        """The newest alerts, newest first."""
        return self._alerts("true", order=f"raised_at desc limit {int(limit)}")

    def find(self, alert_id: str) -> StoredAlert | None:
        """Return an alert, None if there is none of that id."""
        return next(iter(self._alerts("id = ?", alert_id)), None)

    def told_since(self, moment: float, severities: Sequence[str]) -> int:
        """How many alerts of these severities were raised since a moment, and reported."""
        marks = ", ".join("?" * len(severities))
        [row] = self._read(
            "select count(*) from alerts where told_count > 0 and raised_at > ? "  # noqa: S608 - marks
            f"and severity in ({marks})",
            moment,
            *severities,
        )
        return int(row[0])

    def last_digest(self) -> float:
        """When the last digest was made, 0 if never."""
        [row] = self._read("select coalesce(max(sent_at), 0) from digests")
        return float(row[0])

    def tell(
        self,
        told: Sequence[StoredAlert],
        deliveries: Sequence[tuple[str, Message, float]],
        *,
        desk: str | None = None,
        digest: bool = False,
        level: int = 1,
    ) -> bool:
        """Mark alerts as reported and put their messages, (channel, message, due time), into the outbox.

        Both or neither; says False, and does nothing, where another courier has reported them meanwhile.
        """
        now = time.time()
        with self._transaction() as connection:
            for stored in told:
                claimed = connection.execute(
                    "update alerts set told_count = :count, level = :level "
                    "where id = :id and told_count = :before and level = :old_level",
                    {
                        "count": stored.count,
                        "level": max(level, stored.level),
                        "id": stored.alert.id,
                        "before": stored.told_count,
                        "old_level": stored.level,
                    },
                ).rowcount
                if not claimed:
                    connection.rollback()
                    return False
            if digest:
                connection.execute("insert into digests values (?)", (now,))
            for channel, message, due in deliveries:
                _put(connection, desk, channel, message, due, level)
        return True

    def acknowledge(self, alert_id: str, by: str) -> bool:
        """Acknowledge an alert; says whether there is one of that id."""
        with self._transaction() as connection:
            found = connection.execute(
                "update alerts set acknowledged_at = coalesce(acknowledged_at, ?), "
                "acknowledged_by = coalesce(acknowledged_by, ?) where id = ?",
                (time.time(), by, alert_id),
            ).rowcount
        return bool(found)

    def claim(self, desk: str | None, channel: str) -> Delivery | None:
        """Take a channel's oldest message that is due, for this process alone; None if none is.

        Of one desk, or (None) of all: a channel's name is known by one desk for sure, by others by custom.
        """
        now = time.time()
        due = "select 1 from deliveries where channel = ? and status = 'pending' and due_at <= ? limit 1"
        if not self._read(due, channel, now):  # most often; nobody needs to wait for us
            return None
        with self._transaction() as connection:
            row = connection.execute(
                "update deliveries set claimed_at = :now, attempts = attempts + 1 where id = ("
                "select id from deliveries where channel = :channel and status = 'pending' "
                "and due_at <= :now and coalesce(:desk, desk) is desk "
                "and (claimed_at is null or claimed_at < :stale) order by due_at, id limit 1) returning *",
                {"now": now, "channel": channel, "desk": desk, "stale": now - CLAIM_SECONDS},
            ).fetchone()
        return _delivery(row) if row else None

    def delivered(self, delivery: Delivery) -> None:
        """Mark a message as delivered."""
        self._finish(delivery, "delivered", None)

    def give_up(self, delivery: Delivery, error: str) -> None:
        """Keep a message as one that could not be delivered."""
        self._finish(delivery, "failed", error)

    def try_again(self, delivery: Delivery, seconds: float, error: str) -> None:
        """Put a message back, due after some time."""
        with self._transaction() as connection:
            connection.execute(
                "update deliveries set claimed_at = null, due_at = ?, error = ? where id = ?",
                (time.time() + seconds, error, delivery.id),
            )

    def resend(self, channels: Sequence[str]) -> int:
        """Let messages to these channels that were given up be tried again; returns how many."""
        marks = ", ".join("?" * len(channels))
        with self._transaction() as connection:
            return connection.execute(
                "update deliveries set status = 'pending', claimed_at = null, attempts = 0, due_at = ? "  # noqa: S608 - marks
                f"where status = 'failed' and channel in ({marks})",
                (time.time(), *channels),
            ).rowcount

    def undelivered(self) -> list[Delivery]:
        """Messages that were given up, or whose time to be delivered has long passed, oldest first."""
        return self._deliveries(
            "status = 'failed' or (status = 'pending' and due_at < ?)", time.time() - CLAIM_SECONDS
        )

    def pending(self, desk: str | None, channels: Sequence[str], before: float) -> bool:
        """Say whether one of the channels has a message to be delivered before a time."""
        marks = ", ".join("?" * len(channels))
        where = f"status = 'pending' and coalesce(?, desk) is desk and due_at < ? and channel in ({marks})"
        return bool(self._deliveries(where, desk, before, *channels))

    def deliveries(self) -> list[Delivery]:
        """All messages, oldest first."""
        return self._deliveries("true")

    def _finish(self, delivery: Delivery, status: str, error: str | None) -> None:
        with self._transaction() as connection:
            connection.execute(
                "update deliveries set status = ?, error = ?, finished_at = ? where id = ?",
                (status, error, time.time(), delivery.id),
            )

    def _alerts(self, where: str, *parameters: object, order: str = "raised_at") -> list[StoredAlert]:
        rows = self._read(
            f"select * from alerts where {where} order by {order}",  # noqa: S608 - our own conditions
            *parameters,
        )
        return [
            StoredAlert(
                Alert.from_json(row["document"]),
                row["raised_at"],
                row["last_at"],
                row["count"],
                row["told_count"],
                row["level"],
                row["ordered_level"],
                row["acknowledged_at"],
                row["acknowledged_by"],
                row["resolved_at"],
                row["resolved_how"],
            )
            for row in rows
        ]

    def _deliveries(self, where: str, *parameters: object) -> list[Delivery]:
        rows = self._read(
            f"select * from deliveries where {where} order by id",  # noqa: S608 - our own conditions
            *parameters,
        )
        return [_delivery(row) for row in rows]

    def _read(self, query: str, *parameters: object) -> list[sqlite3.Row]:
        return self._connection().execute(query, parameters).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """A transaction that takes the writer's place at once, so that two never meet half-way."""
        connection = self._connection()
        connection.execute("begin immediate")
        try:
            yield connection
        except BaseException:
            connection.rollback()
            raise
        if connection.in_transaction:
            connection.execute("commit")

    def _connection(self) -> sqlite3.Connection:
        """This thread's connection, kept: a courier looks several times a second."""
        kept: sqlite3.Connection | None = getattr(self._kept, "connection", None)
        if kept and self.path.exists():
            return kept
        if not self.path.exists():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(self.path, os.O_CREAT | os.O_WRONLY, 0o600))  # runs and people are named in it
        connection = sqlite3.connect(self.path, timeout=30, isolation_level=None)
        connection.row_factory = sqlite3.Row
        connection.execute("pragma synchronous = normal")
        _bring_up_to_date(connection)
        self._kept.connection = connection
        return connection


def _bring_up_to_date(connection: sqlite3.Connection) -> None:
    """Make the tables, or add what later versions of them have."""
    query = "pragma user_version"
    if connection.execute(query).fetchone()[0] >= len(_STEPS):
        return
    connection.execute("pragma journal_mode = wal")
    connection.execute("begin immediate")  # another process may be at it
    for step in _STEPS[connection.execute(query).fetchone()[0] :]:
        for statement in step.split(";\n"):  # executescript would end our transaction
            connection.execute(statement)
    connection.execute(f"pragma user_version = {len(_STEPS)}")
    connection.execute("commit")


def _put(
    connection: sqlite3.Connection, desk: str | None, channel: str, message: Message, due: float, level: int
) -> None:
    connection.execute(
        "insert into deliveries (desk, channel, severity, subject, text, markdown, alert_ids, created_at, "
        "due_at, level, is_good) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            desk,
            channel,
            message.severity,
            message.subject,
            message.text,
            message.markdown,
            json.dumps(message.alert_ids),
            time.time(),
            due,
            level,
            message.is_good,
        ),
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

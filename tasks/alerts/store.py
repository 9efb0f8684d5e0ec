"""The store of alerts of an output directory and their states: DIR/.alerts.sqlite.

`outbox` has the messages, `store_file` the file and its schema. The columns told_count and resolution_told
keep their names from the first version of the file.
"""

import json
import sqlite3
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tasks.alerts.alert import Alert
from tasks.alerts.message import Message
from tasks.alerts.outbox import Outbox, put
from tasks.alerts.store_file import execute

#: Couriers report the resolution of an alert for this time after it (seconds).
RESOLUTION_SECONDS = 86_400.0


@dataclass(frozen=True)
class StoredAlert:
    """An alert and its state."""

    alert: Alert
    raised_at: float
    last_at: float
    count: int
    reported_count: int  # how many of `count` were reported by messages; 0: no message yet
    level: int
    ordered_level: int
    acknowledged_at: float | None
    acknowledged_by: str | None
    resolved_at: float | None
    resolved_how: str | None

    @property
    def handled(self) -> str | None:
        """The reason why the alert needs no attention; None if it needs attention."""
        if self.resolved_at:
            return f"resolved: {self.resolved_how}"
        return f"acknowledged by {self.acknowledged_by}" if self.acknowledged_by else None


@dataclass(frozen=True)
class LevelMessages:
    """The messages about an alert to the channels of one level."""

    since: float  # when the first was delivered; if none was, when the message was created
    waits_until: float | None  # when the message that was not tried yet is due; None: no such message


def store_of(output: Path) -> "AlertStore":
    """Return the store of a directory of runs."""
    return AlertStore(output / ".alerts.sqlite")


class AlertStore(Outbox):
    """The alerts and deliveries of one directory of runs. Each method is one transaction."""

    def add(self, alert: Alert, window_seconds: float, desk: str | None = None) -> bool:
        """Store an alert, or count it if an equal one was raised within the window. Return whether it is new.

        If another rule of the same family raised the equal alert, its count does not change. After a
        resolution, an equal alert is new.
        """
        now = time.time()
        with self._transaction() as connection:
            counted = execute(
                connection,
                "count_again",
                now=now,
                rule=alert.rule,
                fingerprint=alert.fingerprint,
                since=now - window_seconds,
            ).rowcount
            if not counted:
                execute(connection, "insert_alert", desk=desk, now=now, **_columns(alert))
        return not counted

    def has(self, alert: Alert, since: float) -> bool:
        """Return whether an equal alert was raised after a moment (seconds of the epoch)."""
        with self._transaction() as connection:
            found = connection.execute(
                "select 1 from alerts where fingerprint = ? and raised_at > ?", (alert.fingerprint, since)
            ).fetchone()
        return found is not None

    def is_open(self, alert: Alert) -> bool:
        """Return whether an equal alert was raised and is not resolved."""
        with self._transaction() as connection:
            found = connection.execute(
                "select 1 from alerts where fingerprint = ? and resolved_at is null", (alert.fingerprint,)
            ).fetchone()
        return found is not None

    def order_level(self, alert: Alert, level: int, desk: str | None = None) -> None:
        """Request that a level is notified of an alert at once; an unknown alert is stored as reported."""
        with self._transaction() as connection:
            execute(
                connection,
                "insert_reported_alert",
                desk=desk,
                now=time.time(),
                level=level - 1,
                **_columns(alert),
            )
            connection.execute(
                "update alerts set ordered_level = max(ordered_level, ?) where id = ?", (level, alert.id)
            )

    def unreported(self, desk: str | None) -> list[StoredAlert]:
        """Return alerts that no message has reported yet, oldest first, of one desk or (None) of all."""
        return _stored(self._read("unreported_alerts", desk=desk))

    def repeated(self, desk: str | None, before: float) -> list[StoredAlert]:
        """Return alerts raised before a time that occurred again after they were reported."""
        return _stored(self._read("repeated_alerts", desk=desk, before=before))

    def open_below(self, desk: str | None, level: int) -> list[StoredAlert]:
        """Return alerts reported only to a lower level, and neither acknowledged nor resolved."""
        return _stored(self._read("open_alerts_below_level", desk=desk, level=level))

    def level_messages(self, alert_ids: Sequence[str]) -> dict[tuple[str, int], LevelMessages]:
        """Return the messages about alerts by alert and level; no entry if no channel accepts the alert."""
        rows = self._read("messages_by_alert_and_level", alert_ids=json.dumps(alert_ids))
        return {
            (row["alert_id"], row["level"]): LevelMessages(
                row["heard_at"] or row["made_at"], row["waits_until"]
            )
            for row in rows
        }

    def resolve(
        self,
        rules: Sequence[str],
        how: str,
        *,
        desk: str | None,
        run_id: str | None = None,
        source: str | None = None,
    ) -> list[Alert]:
        """Mark the open alerts of some rules as resolved, of a run or of a source. Return them."""
        with self._transaction() as connection:
            rows = execute(
                connection,
                "resolve_alerts",
                now=time.time(),
                how=how,
                desk=desk,
                rules=json.dumps(rules),
                run_id=run_id,
                source=source,
            ).fetchall()
        return [Alert.from_json(row["document"]) for row in rows]

    def unreported_resolutions(self, desk: str | None) -> dict[str, list[StoredAlert]]:
        """Return resolved alerts by channel that received the alert but not yet its resolution."""
        found: dict[str, list[StoredAlert]] = {}
        since = time.time() - RESOLUTION_SECONDS
        for stored in _stored(self._read("unreported_resolutions", since=since, desk=desk)):
            for row in self._read("channels_without_resolution", alert_id=stored.alert.id):
                found.setdefault(row["channel"], []).append(stored)
        return found

    def report_resolutions(
        self, resolved: Sequence[StoredAlert], channel: str, message: Message, due: float, desk: str | None
    ) -> None:
        """Add a message that alerts are resolved for a channel, unless it has one."""
        ids = json.dumps([stored.alert.id for stored in resolved])
        with self._transaction() as connection:
            if not execute(connection, "has_resolution", channel=channel, alert_ids=ids).fetchone():
                put(connection, desk, channel, message, due, 1)

    def close_resolutions(self, channels: Sequence[str], desk: str | None) -> None:
        """Stop reporting resolved alerts without undelivered messages to these channels."""
        with self._transaction() as connection:
            execute(connection, "close_resolutions", desk=desk, channels=json.dumps(channels))

    def recent(self, limit: int = 100) -> list[StoredAlert]:
        """Return the newest alerts, newest first."""
        query = "select * from alerts order by raised_at desc limit ?"
        return _stored(self._select(query, (limit,)))

    def find(self, alert_id: str) -> StoredAlert | None:
        """Return an alert by its id, None if it does not exist."""
        rows = self._select("select * from alerts where id = ?", (alert_id,))
        return next(iter(_stored(rows)), None)

    def reported_since(self, moment: float, severities: Sequence[str]) -> int:
        """Count the alerts of these severities that were raised since a moment and reported."""
        [row] = self._read("count_reported", since=moment, severities=json.dumps(severities))
        return int(row["alerts"])

    def last_digest(self) -> float:
        """Return when the last digest was created (seconds of the epoch), 0 if never."""
        [row] = self._select("select coalesce(max(sent_at), 0) as sent_at from digests")
        return float(row["sent_at"])

    def report(
        self,
        reported: Sequence[StoredAlert],
        deliveries: Sequence[tuple[str, Message, float]],
        *,
        desk: str | None = None,
        digest: bool = False,
        level: int = 1,
    ) -> bool:
        """Mark alerts as reported and add their messages, (channel, message, due time), to the outbox.

        Returns False, and changes nothing, if another courier has reported one of the alerts meanwhile.
        """
        with self._transaction() as connection:
            for stored in reported:
                claimed = execute(
                    connection,
                    "mark_reported",
                    count=stored.count,
                    level=level,
                    id=stored.alert.id,
                    reported_before=stored.reported_count,
                    level_before=stored.level,
                ).rowcount
                if not claimed:
                    connection.rollback()
                    return False
            if digest:
                connection.execute("insert into digests values (?)", (time.time(),))
            for channel, message, due in deliveries:
                put(connection, desk, channel, message, due, level)
        return True

    def acknowledge(self, alert_id: str, by: str) -> bool:
        """Acknowledge an alert; return whether it exists."""
        with self._transaction() as connection:
            found = execute(connection, "acknowledge_alert", id=alert_id, by=by, now=time.time()).rowcount
        return bool(found)


def _columns(alert: Alert) -> dict[str, object]:
    """Return the columns of an alert that do not change."""
    return {
        "id": alert.id,
        "fingerprint": alert.fingerprint,
        "severity": alert.how_bad,
        "document": alert.to_json(),
    }


def _stored(rows: Iterable[sqlite3.Row]) -> list[StoredAlert]:
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

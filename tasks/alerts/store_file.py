"""The SQLite file of an alert store: its schema, connections and transactions.

Several processes share the file: runs that raise alerts, couriers that deliver them, commands that
acknowledge them. SQLite serialises their transactions.
"""

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tasks.system.queries import read_query

#: The queries that create the schema, one per version of it: newer versions of the program open older stores.
SCHEMA_STEPS = ("schema_1", "schema_2")


class StoreFile:
    """A SQLite file with the tables of an alert store, created on first use."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._kept = threading.local()

    @property
    def exists(self) -> bool:
        """Whether the file exists, that is, whether an alert was ever stored."""
        return self.path.exists()

    def _read(self, query: str, **parameters: object) -> list[sqlite3.Row]:
        """Return the rows of a query of this room."""
        return self._connection().execute(read_query(__package__, query), parameters).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """Open a transaction that takes the write lock at its start, so that no two interleave."""
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
        """Return this thread's connection, which stays open, since a courier reads several times a second."""
        kept: sqlite3.Connection | None = getattr(self._kept, "connection", None)
        if kept and self.path.exists():
            return kept
        if not self.path.exists():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            os.close(
                os.open(self.path, os.O_CREAT | os.O_WRONLY, 0o600)
            )  # readable by the owner only: it contains names of people
        connection = sqlite3.connect(self.path, timeout=30, isolation_level=None)
        connection.row_factory = sqlite3.Row
        connection.execute("pragma synchronous = normal")
        _migrate(connection)
        self._kept.connection = connection
        return connection


def execute(connection: sqlite3.Connection, query: str, **parameters: object) -> sqlite3.Cursor:
    """Execute a query of this room within a transaction."""
    return connection.execute(read_query(__package__, query), parameters)


def _migrate(connection: sqlite3.Connection) -> None:
    """Create the tables, or upgrade them to the newest version of the schema."""
    version = "pragma user_version"
    if connection.execute(version).fetchone()[0] >= len(SCHEMA_STEPS):
        return
    connection.execute("pragma journal_mode = wal")
    connection.execute("begin immediate")  # another process may migrate at the same time
    for step in SCHEMA_STEPS[connection.execute(version).fetchone()[0] :]:
        for statement in read_query(__package__, step).split(";\n"):  # executescript would commit first
            connection.execute(statement)
    connection.execute(f"pragma user_version = {len(SCHEMA_STEPS)}")
    connection.execute("commit")

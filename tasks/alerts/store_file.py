"""The SQLite file of an alert store: its schema, connections and transactions.

Several processes share the file: runs that raise alerts, couriers that deliver them, commands that
acknowledge them. SQLite serialises their transactions.
"""

import os
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tasks.system.queries import read_query

#: The queries that create the schema, one per version of it: newer versions of the program open older stores.
SCHEMA_STEPS = ("schema_1", "schema_2")
#: How long to wait for another process's transaction.
LOCK_SECONDS = 30.0
#: What to do, by SQLite's primary result code.
_ADVICE = {
    sqlite3.SQLITE_FULL: "make room on its disk",
    sqlite3.SQLITE_BUSY: "another process is writing it; try again",
    sqlite3.SQLITE_LOCKED: "another process is writing it; try again",
    sqlite3.SQLITE_READONLY: "this user needs write access to the file and its directory",
    sqlite3.SQLITE_PERM: "this user needs write access to the file and its directory",
    sqlite3.SQLITE_CANTOPEN: "this user needs write access to the file and its directory",
    sqlite3.SQLITE_IOERR: "see whether its disk is full or damaged",
    sqlite3.SQLITE_CORRUPT: "move it away, and the next alert creates it again; the alerts in it are lost",
    sqlite3.SQLITE_NOTADB: "move it away, and the next alert creates it again; the alerts in it are lost",
}
_PRIMARY = 0xFF  # the bits of SQLite's extended result codes that hold the primary one


class StoreTrouble(OSError):
    """The file of an alert store cannot be read or written: full disk, lock, no permission, damage."""


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
        return self._select(read_query(__package__, query), parameters)

    def _select(
        self, sql: str, parameters: Sequence[object] | Mapping[str, object] = ()
    ) -> list[sqlite3.Row]:
        """Return the rows of a statement."""
        with _trouble(self.path):
            return self._connection().execute(sql, parameters).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """Open a transaction that takes the write lock at its start, so that no two interleave."""
        with _trouble(self.path):
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
        connection = sqlite3.connect(self.path, timeout=LOCK_SECONDS, isolation_level=None)
        connection.row_factory = sqlite3.Row
        connection.execute("pragma synchronous = normal")
        try:
            _migrate(connection)
        except BaseException:
            connection.close()
            raise
        self._kept.connection = connection
        return connection


@contextmanager
def _trouble(path: Path) -> Iterator[None]:
    """Raise SQLite's errors in the block as StoreTrouble, with the path and what to do."""
    try:
        yield
    except sqlite3.Error as error:
        advice = _ADVICE.get(getattr(error, "sqlite_errorcode", 0) & _PRIMARY)
        raise StoreTrouble(
            f"the alerts in {path} cannot be read or written: {error}" + (f" ({advice})" if advice else "")
        ) from error


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

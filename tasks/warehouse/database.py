"""The DuckDB file of a run: one configuration for every connection, ours and dbt's.

DuckDB shares one instance between the connections of a process only if all have the same configuration, so
only this module builds it. There are never two writers: if another process has the file open, `connect`
fails and names the id of that process.
"""

import glob
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import psutil

from settings.models.operations import MachineSettings, bytes_of
from tasks.system.files import scratch_folder

InputRow = tuple[Any, ...]

# A year's write-ahead log, of what does not fill whole row groups, is below 10 MB. At DuckDB's 16 MB, every
# other year pays for a checkpoint, which compresses tables that the next year replaces: a sixth of the time.
CHECKPOINT_AT = "256MiB"

# Working rows of a year live in memory, and spill if it is short: in the file they take a quarter of a year's
# time. As with the file, connections of one process share them. dbt_project/profiles.yml does the same.
ATTACH_WORK = "attach if not exists ':memory:' as work"


@dataclass(frozen=True)
class Database:
    """The file of a run's database, and the resources that DuckDB may use."""

    path: Path
    threads: int
    memory_limit: str
    spill_directory: Path

    @classmethod
    def of(cls, path: Path, machine: MachineSettings) -> "Database":
        """Resolve the settings; by default all cores, 80 % of the memory, spilling beside the file."""
        return cls(
            path=path.absolute(),  # dbt reads a relative path that begins with md: as a MotherDuck address
            threads=machine.threads or os.cpu_count() or 1,
            memory_limit=machine.memory_limit or f"{int(psutil.virtual_memory().total * 0.8) >> 20}MiB",
            spill_directory=machine.spill_directory or path.parent / ".spill",
        )

    @property
    def memory_bytes(self) -> int:
        """The memory limit in bytes."""
        return bytes_of(self.memory_limit)

    @property
    def config(self) -> dict[str, str | bool | int | float | list[str]]:
        """DuckDB's configuration, with values as text, since dbt's profile has text as well."""
        return {
            "threads": str(self.threads),
            "memory_limit": self.memory_limit,
            "temp_directory": str(self.spill_directory),
            "checkpoint_threshold": CHECKPOINT_AT,
        }

    @property
    def environment(self) -> dict[str, str]:
        """The variables that dbt_project/profiles.yml reads."""
        return {
            "WORKFORCE_DATABASE": str(_for_dbt(self.path)),
            "WORKFORCE_DUCKDB_THREADS": str(self.threads),
            "WORKFORCE_DUCKDB_MEMORY": self.memory_limit,
            "WORKFORCE_DUCKDB_SPILL": str(self.spill_directory),
            "WORKFORCE_DUCKDB_CHECKPOINT": CHECKPOINT_AT,
        }

    @contextmanager
    def connect(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Open the file for reading and writing, and close it at the end of the block.

        Raises duckdb.IOException if another process has it open, duckdb.Error if it is damaged.
        """
        connection = duckdb.connect(self.path, config=self.config)
        try:
            connection.execute(ATTACH_WORK)
            yield connection
        finally:
            connection.close()

    def remove(self) -> None:
        """Remove the file and its write-ahead log."""
        self.path.unlink(missing_ok=True)
        self.path.with_name(f"{self.path.name}.wal").unlink(missing_ok=True)


def _for_dbt(path: Path) -> Path:
    """Return a path without '#', through a link if necessary: dbt parses the path as a URL to get a name.

    DuckDB resolves links, so our connections and dbt's still share one instance.
    """
    return _link_to(path.parent) / path.name if "#" in str(path) else path


@cache
def _link_to(folder: Path) -> Path:
    """Return a link to a folder under another name; it exists until this process ends."""
    link = scratch_folder("link") / "run"
    link.symlink_to(folder)
    return link


def literal(path: Path) -> str:
    """Return a path for DuckDB's readers in which `*`, `[` and `?` are escaped."""
    return glob.escape(str(path))


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Commit what the block did; if it raises, roll all of it back."""
    connection.begin()
    try:
        yield
    except BaseException:
        connection.rollback()
        raise
    connection.commit()


def insert_rows(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[InputRow]) -> None:
    """Insert rows into a table in one statement, since `executemany` takes milliseconds per row.

    Values are passed as text, which DuckDB casts exactly to the table's types: DECIMAL, DOUBLE or DATE.
    """
    if not rows:
        return
    texts = [[None if value is None else str(value) for value in row] for row in rows]
    names = [f"column_{place}" for place in range(len(rows[0]))]
    connection.register(
        "rows_to_insert", pl.DataFrame(texts, schema=dict.fromkeys(names, pl.String), orient="row")
    )
    connection.execute(f"insert into {table} select * from rows_to_insert")  # noqa: S608 - a constant name
    connection.unregister("rows_to_insert")

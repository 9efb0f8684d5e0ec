"""The DuckDB file of a run: one configuration for every connection, ours and dbt's.

DuckDB shares one instance between the connections of a process only if all ask for the same
configuration, so it is built here and nowhere else. Never two writers: another process that has
the file open makes `connect` fail, naming its process id.
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


@dataclass(frozen=True)
class Database:
    """Where a run's database is and what DuckDB may use of the machine."""

    path: Path
    threads: int
    memory_limit: str
    spill_directory: Path

    @classmethod
    def of(cls, path: Path, machine: MachineSettings) -> "Database":
        """Resolve the settings; by default all cores, 80 % of the memory, spilling beside the file."""
        return cls(
            path=path.absolute(),  # dbt would take one that begins with md: for an address
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
        """DuckDB's configuration, as text, since dbt's profile holds it as text too."""
        return {
            "threads": str(self.threads),
            "memory_limit": self.memory_limit,
            "temp_directory": str(self.spill_directory),
        }

    @property
    def environment(self) -> dict[str, str]:
        """The variables that dbt_project/profiles.yml reads."""
        return {
            "WORKFORCE_DATABASE": str(_for_dbt(self.path)),
            "WORKFORCE_DUCKDB_THREADS": str(self.threads),
            "WORKFORCE_DUCKDB_MEMORY": self.memory_limit,
            "WORKFORCE_DUCKDB_SPILL": str(self.spill_directory),
        }

    @contextmanager
    def connect(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Open the file for reading and writing; closed on every way out.

        Raises duckdb.IOException where another process holds it, duckdb.Error on a damaged file.
        """
        connection = duckdb.connect(self.path, config=self.config)
        try:
            yield connection
        finally:
            connection.close()

    def remove(self) -> None:
        """Remove the file, and what DuckDB keeps beside it."""
        self.path.unlink(missing_ok=True)
        self.path.with_name(f"{self.path.name}.wal").unlink(missing_ok=True)


def _for_dbt(path: Path) -> Path:
    """A path from which dbt gets the database's name, which it reads as a URL: with no '#'.

    DuckDB goes by the real path, so that our connections and dbt's are of one instance.
    """
    return _link_to(path.parent) / path.name if "#" in str(path) else path


@cache
def _link_to(folder: Path) -> Path:
    """A link to a folder under another name, for as long as this process lives."""
    link = scratch_folder("link") / "run"
    link.symlink_to(folder)
    return link


def literal(path: Path) -> str:
    """A path as DuckDB's readers take it, with no character that stands for others (`*`, `[`, `?`)."""
    return glob.escape(str(path))


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Commit what the block did, or nothing of it."""
    connection.begin()
    try:
        yield
    except BaseException:
        connection.rollback()
        raise
    connection.commit()


def insert_rows(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[InputRow]) -> None:
    """Insert rows into a table of ours, all at once: `executemany` takes milliseconds for each.

    They travel as text, which DuckDB casts to the table's types exactly, be it a DECIMAL, DOUBLE or DATE.
    """
    if not rows:
        return
    texts = [[None if value is None else str(value) for value in row] for row in rows]
    names = [f"column_{place}" for place in range(len(rows[0]))]
    connection.register(
        "rows_to_insert", pl.DataFrame(texts, schema=dict.fromkeys(names, pl.String), orient="row")
    )
    connection.execute(f"insert into {table} select * from rows_to_insert")  # noqa: S608 - a name of ours
    connection.unregister("rows_to_insert")

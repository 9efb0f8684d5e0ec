"""Reading what a run has published: views over its Parquet partitions, never its database.

So a reader never waits for the writer or disturbs it, and sees complete years only.
"""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

Rows = duckdb.DuckDBPyRelation


@contextmanager
def published(
    results: Path, tables: Collection[str] | None = None, part: Callable[[Rows], Rows] = lambda rows: rows
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a connection of its own with a view per published table, or for those of `tables` alone.

    `part` says which rows of each table the views show; by default all.

    Every column is in the files, scenario and year too: DuckDB 1.5 fails on max() of a column that
    comes from folders' names.
    """
    connection = duckdb.connect()
    try:
        for folder in sorted(results.iterdir()) if results.is_dir() else ():
            if (tables is None or folder.name in tables) and any(folder.glob("simulation_year=*")):
                part(_rows(connection, folder)).create_view(folder.name)
        yield connection
    finally:
        connection.close()


def _rows(connection: duckdb.DuckDBPyConnection, folder: Path) -> Rows:
    files = folder / "simulation_year=*" / "**" / "*.parquet"
    return connection.read_parquet(str(files), hive_partitioning=False)

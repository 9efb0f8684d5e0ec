"""The ledger: the state of each year of a run.

A year is complete or it does not count: `open_year` drops the rows of an interrupted attempt, and
`complete_year`, the last step, marks the year complete with the hash of its rows.
"""

import hashlib
from collections.abc import Sequence

import duckdb

from tasks.system.queries import read_query
from tasks.warehouse.database import transaction
from tasks.warehouse.inputs import set_simulation_year
from tasks.warehouse.publish import PUBLISHED


def create_ledger(connection: duckdb.DuckDBPyConnection) -> None:
    """Create table year_ledger, one row per simulated year."""
    connection.execute(read_query(__package__, "create_ledger"))


def open_year(connection: duckdb.DuckDBPyConnection, year: int, year_tables: Sequence[str]) -> None:
    """Begin a year: drop its rows and those of later years, enter it as running, set it for dbt."""
    with transaction(connection):
        drop_years(connection, year, year_tables)
        connection.execute(
            "insert into year_ledger values (?, 'running', now(), null, null, null, version())", [year]
        )
        set_simulation_year(connection, year)


def drop_years(connection: duckdb.DuckDBPyConnection, from_year: int, year_tables: Sequence[str]) -> None:
    """Drop a year and all later ones from every table with rows by year, and from the ledger."""
    present = {row[0] for row in connection.execute("select table_name from duckdb_tables()").fetchall()}
    for table in ("year_ledger", "operations.step_log", *year_tables):
        # before the baseline is built, the models' tables do not exist
        if table.removeprefix("operations.") in present:
            # the names are those of our models; SQL cannot bind a table's name as a parameter
            connection.execute(f"delete from {table} where simulation_year >= ?", [from_year])  # noqa: S608


def complete_year(connection: duckdb.DuckDBPyConnection, year: int) -> tuple[str, int]:
    """Mark a year complete, as its last step. Returns content hash and number of rows."""
    digest, rows = content_hash(connection, year)
    connection.execute(
        read_query(__package__, "complete_year"), {"content_hash": digest, "rows": rows, "year": year}
    )
    return digest, rows


def fail_year(connection: duckdb.DuckDBPyConnection, year: int) -> None:
    """Mark a year failed, unless it is complete."""
    connection.execute(read_query(__package__, "fail_year"), {"year": year})


def complete_years(connection: duckdb.DuckDBPyConnection) -> list[int]:
    """Return the complete years in order, up to the first gap."""
    rows = connection.execute(
        "select simulation_year from year_ledger where status = 'complete' order by simulation_year"
    ).fetchall()
    years = [year for (year,) in rows]
    return [year for place, year in enumerate(years) if year == years[0] + place]


def rows_of(connection: duckdb.DuckDBPyConnection, year: int) -> int:
    """Count the rows of a year in the published tables."""
    total = 0
    for table in PUBLISHED:
        found = connection.execute(
            "select count(*) from query_table($table) where simulation_year = $year",
            {"table": table, "year": year},
        ).fetchone()
        total += int(found[0]) if found else 0
    return total


def content_hash(connection: duckdb.DuckDBPyConnection, year: int) -> tuple[str, int]:
    """Return a hash of a year's rows in the published tables, independent of their order, and their number.

    Each row is hashed by DuckDB's hash() over its typed columns. That hash may differ between versions of
    DuckDB, so the ledger records the version. Row hashes are combined by exclusive or and by sum, tables by
    SHA-256.
    """
    digest = hashlib.sha256()
    total = 0
    for table in PUBLISHED:
        found = connection.execute(
            read_query(__package__, "content_hash"),
            {"table": table, "year": year},
        ).fetchone()
        assert found is not None  # an aggregate has one row
        digest.update(f"{table}|{found[0]}|{found[1]}|{found[2]}\n".encode())
        total += int(found[0])
    return digest.hexdigest(), total

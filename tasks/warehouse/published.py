"""Read published results: views over a run's Parquet partitions, without its database.

So readers and the writer do not block each other, and readers see complete years only.
"""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from settings.errors import InputError
from tasks.warehouse.database import literal

Rows = duckdb.DuckDBPyRelation

#: Columns of fct_year_summary that the results of earlier versions of the program lack.
NEWEST_COLUMNS = frozenset({"ending_fte", "transfers"})


class ResultsDamaged(duckdb.Error):
    """Published files of a run are missing or damaged."""


@contextmanager
def published(
    results: Path, tables: Collection[str] | None = None, part: Callable[[Rows], Rows] = lambda rows: rows
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a separate connection with a view per published table, or per table in `tables`.

    `part` selects the rows of each table that the view shows; by default all. Raises ResultsDamaged if the
    block queries rows whose files are missing or not readable.

    Every column is in the files, scenario and year too, since DuckDB 1.5 fails on max() of a column that
    it takes from folder names.
    """
    connection = duckdb.connect()
    try:
        for folder in sorted(results.iterdir()) if results.is_dir() else ():
            if tables is not None and folder.name not in tables:
                continue
            files = sorted(folder.glob("simulation_year=*/**/*.parquet"))
            if files:
                rows = connection.read_parquet([*map(literal, files)], hive_partitioning=False)
                part(rows).create_view(folder.name)
        yield connection
    except duckdb.Error as error:
        # a table without files, or a file that cannot be read
        if not isinstance(error, duckdb.CatalogException) and str(results) not in str(error):
            raise
        run_id = results.parent.name
        raise ResultsDamaged(
            f"{results} lacks files of run {run_id}, or they are damaged ({str(error).splitlines()[0]}); "
            f"{_remedy(run_id)}"
        ) from error
    finally:
        connection.close()


def without_files(results: Path) -> str:
    """Return the sentence on a complete run whose published files are missing."""
    run_id = results.parent.name
    return f"run {run_id} is complete, but its files in {results} are missing; {_remedy(run_id)}"


def _remedy(run_id: str) -> str:
    return f"--resume {run_id} writes them again from the run's database"


def view_names(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Return the sorted names of the published tables that a connection of `published` has as views."""
    query = "select view_name from duckdb_views() where not internal order by view_name"
    return [name for (name,) in connection.execute(query).fetchall()]


def require_columns(connection: duckdb.DuckDBPyConnection, run_id: str) -> None:
    """Raise InputError if the results are of an earlier version of the program, which published less."""
    if "fct_year_summary" not in view_names(connection):
        return
    lacking = NEWEST_COLUMNS - set(connection.view("fct_year_summary").columns)
    if lacking:
        raise InputError(
            f"run {run_id} is of an earlier version of the program, and its results lack "
            f"{', '.join(sorted(lacking))}: look at it with that version, or simulate the same input again"
        )

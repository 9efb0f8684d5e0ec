"""SQL that Python executes: one query per file, in the folder `queries` beside the module that executes it.

The files hold plain DuckDB SQL with parameters as `$name`, so that sqlfluff lints them as they are.
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import duckdb


@cache
def read_query(package: str, name: str) -> str:
    """Return the text of queries/`name`.sql in a package, as in `read_query(__package__, "year_means")`.

    Raises FileNotFoundError if the package has no such query.
    """
    return files(package).joinpath("queries", f"{name}.sql").read_text(encoding="utf-8")


def query_rows(
    connection: duckdb.DuckDBPyConnection, query: str, parameters: Mapping[str, Any] | None = None
) -> list[dict[str, Any]]:
    """Execute a query and return its rows by column name. Raises duckdb.Error as DuckDB does."""
    cursor = connection.execute(query, dict(parameters or {}))
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

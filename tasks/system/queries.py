"""SQL that Python executes: one query per file, in the folder `queries` beside the module that executes it.

The files hold plain DuckDB SQL with parameters as `$name`, so that sqlfluff lints them as they are.
"""

from functools import cache
from importlib.resources import files


@cache
def read_query(package: str, name: str) -> str:
    """Return the text of queries/`name`.sql in a package, as in `read_query(__package__, "year_means")`.

    Raises FileNotFoundError if the package has no such query.
    """
    return files(package).joinpath("queries", f"{name}.sql").read_text(encoding="utf-8")

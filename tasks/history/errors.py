"""The error of a history that cannot be used, and the form of its bad rows."""

import polars as pl

from tasks.census.errors import REJECTS_SCHEMA, TableError

#: The bad rows of all files: as of one file, with the file's name in front.
HISTORY_REJECTS = pl.Schema([("file", pl.String), *REJECTS_SCHEMA.items()])


class HistoryError(TableError):
    """The history cannot be used; `rejects` has the bad rows of all files, with HISTORY_REJECTS."""

    def __init__(self, message: str, rejects: pl.DataFrame | None = None) -> None:
        super().__init__(message, pl.DataFrame(schema=HISTORY_REJECTS) if rejects is None else rejects)

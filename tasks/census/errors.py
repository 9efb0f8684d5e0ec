"""The errors of files with one row per employee or action, and the form of their bad rows.

They have their own module so that every module of the room can import them.
"""

import polars as pl

from settings.errors import InputError, legible
from tasks.census.reading.header import cut

#: One line per bad cell. Only cells of mapped columns may appear here: others may be confidential.
REJECTS_SCHEMA = pl.Schema(
    {"row_number": pl.Int64, "column": pl.String, "value": pl.String, "reason": pl.String}
)


class TableError(InputError):
    """A file cannot be used; `rejects` has its bad rows, none if the error is not about single rows."""

    def __init__(self, message: str, rejects: pl.DataFrame | None = None) -> None:
        super().__init__(message)
        self.rejects = pl.DataFrame(schema=REJECTS_SCHEMA) if rejects is None else rejects


class CensusError(TableError):
    """The census cannot be used."""


def abbreviated(names: list[str], limit: int = 12) -> str:
    """Return the names joined by commas, long names cut; a long list ends in the number of names left out."""
    shown = ", ".join(legible(cut(name)) for name in names[:limit])
    return f"{shown} and {len(names) - limit} more" if len(names) > limit else shown

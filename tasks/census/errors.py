"""The census's own input error, apart so that every census module can raise it."""

import polars as pl

from settings.errors import InputError, legible
from tasks.census.reading.header import cut

#: One line per bad cell. Only cells of mapped columns may ever appear here.
REJECTS_SCHEMA = pl.Schema(
    {"row_number": pl.Int64, "column": pl.String, "value": pl.String, "reason": pl.String}
)


class CensusError(InputError):
    """The census cannot be used; `rejects` holds its bad rows, empty where the file as a whole is wrong."""

    def __init__(self, message: str, rejects: pl.DataFrame | None = None) -> None:
        super().__init__(message)
        self.rejects = pl.DataFrame(schema=REJECTS_SCHEMA) if rejects is None else rejects


def abbreviated(names: list[str], limit: int = 12) -> str:
    """The names joined by commas, long ones cut; a long list ends in how many more there are."""
    shown = ", ".join(legible(cut(name)) for name in names[:limit])
    return f"{shown} and {len(names) - limit} more" if len(names) > limit else shown

"""Whether a simulation has the part of the workforce that a goal or objective is about."""

from typing import Protocol

import duckdb

from settings.errors import InputError, nearest
from tasks.studies.figures import BY_NAME


class OfPart(Protocol):
    """A figure of everybody, or of an item of a breakdown."""

    @property
    def figure(self) -> str:
        """The name of the figure."""

    @property
    def breakdown(self) -> str:
        """The breakdown of `create_figures` that has the figure."""

    @property
    def item(self) -> str | None:
        """The item of the breakdown; None: everybody."""


def missing_part(connection: duckdb.DuckDBPyConnection, wanted: OfPart) -> str:
    """Return what is missing in view `figures`, and what is there; empty if nothing is missing."""
    if wanted.item is None:
        return ""
    query = "select distinct item from figures where breakdown = ? and figure = ? order by item"
    items = [item for (item,) in connection.execute(query, [wanted.breakdown, wanted.figure]).fetchall()]
    if not items:
        return f"there is no {BY_NAME[wanted.figure].title.lower()} by {wanted.breakdown}"
    if wanted.item not in items:
        return f"there is no {wanted.breakdown} {wanted.item!r}; {nearest(wanted.item, items)}"
    return ""


def check_part(connection: duckdb.DuckDBPyConnection, wanted: OfPart) -> None:
    """Raise InputError if view `figures` lacks the part."""
    if problem := missing_part(connection, wanted):
        raise InputError(f"[{wanted.breakdown}={wanted.item}]: {problem}")

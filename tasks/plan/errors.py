"""The input error of a file of actions."""

from tasks.census.errors import TableError


class ActionsError(TableError):
    """A file of known actions cannot be used."""

"""What a failure says to the user: the message of a library, with advice in terms of our settings."""

import re

#: DuckDB's own advice names statements that a user of this program cannot give.
_DUCKDB_ADVICE = re.compile(r"\s*Possible solutions:.*?https://duckdb\.org/\S*", re.DOTALL)
_OUT_OF_MEMORY = (
    ". The run needs more than machine.memory_limit: raise it (a resumed run may have another, as in "
    "--resume ID --set machine.memory_limit=4GB), lower machine.threads, or split the run (ensemble.shards)"
)


def explained(message: str) -> str:
    """Return the message of a failure, with our advice in place of DuckDB's where memory ran out.

    >>> explained("a table is missing")
    'a table is missing'
    """
    if "Out of Memory Error" not in message:
        return message
    return _DUCKDB_ADVICE.sub("", message).rstrip() + _OUT_OF_MEMORY

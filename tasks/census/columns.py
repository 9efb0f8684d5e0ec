"""Select the columns of the file to read, and their names. Other columns are not read."""

from collections.abc import Mapping, Sequence

from settings.errors import nearest
from tasks.census.errors import CensusError
from tasks.census.reading.header import Wanted, plain

REQUIRED = ("employee_id", "birth_date", "hire_date", "salary")
OPTIONAL = ("termination_date", "level", "fte")
DATES = ("birth_date", "hire_date", "termination_date")

#: Names that a dimension cannot have: the census has columns of these names.
TAKEN = (*REQUIRED, *OPTIONAL, "row_number", "level_inferred")


def wanted_columns(columns: Mapping[str, str], dimensions: Sequence[str]) -> Wanted:
    """Return the columns to read according to `census.columns` and `census.dimensions`.

    Raises CensusError if a dimension has a reserved name or a mapped column is unknown.
    """
    known = (*REQUIRED, *OPTIONAL, *dimensions)
    for name in dimensions:
        if name in TAKEN or known.count(name) > 1:
            raise CensusError(
                f"census.dimensions: {name!r} is taken. Allowed: names other than "
                f"{', '.join(TAKEN)}, each once."
            )
    for ours in columns:
        if ours not in known:
            raise CensusError(
                f"census.columns.{ours}: not a census column; {nearest(ours, known)}. To keep further "
                "columns, name them in census.dimensions."
            )
    return Wanted(
        columns={ours: plain(columns.get(ours, ours)) for ours in known},
        required=frozenset(REQUIRED),
        mapped=frozenset(columns),
        dates=DATES,
    )

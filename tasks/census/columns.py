"""Which of the file's columns are read, and under which name. Every other column is left in the file."""

from collections.abc import Mapping, Sequence

from settings.errors import nearest
from tasks.census.errors import CensusError
from tasks.census.reading.header import Wanted, plain

REQUIRED = ("employee_id", "birth_date", "hire_date", "salary")
OPTIONAL = ("termination_date", "level")
DATES = ("birth_date", "hire_date", "termination_date")

#: Names that a dimension cannot have, because the census has a column of that name already.
TAKEN = (*REQUIRED, *OPTIONAL, "row_number", "level_inferred")


def wanted_columns(columns: Mapping[str, str], dimensions: Sequence[str]) -> Wanted:
    """The columns to read under the settings' `census.columns` and `census.dimensions`."""
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
                f"census.columns.{ours}: not a census column; {nearest(ours, known)}. Further columns to "
                "keep are named in census.dimensions."
            )
    return Wanted(
        columns={ours: plain(columns.get(ours, ours)) for ours in known},
        required=frozenset(REQUIRED),
        mapped=frozenset(columns),
        dates=DATES,
    )

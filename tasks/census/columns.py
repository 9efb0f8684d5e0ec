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


def wanted_columns(
    columns: Mapping[str, str],
    dimensions: Sequence[str],
    *,
    required: Sequence[str] = REQUIRED,
    optional: Sequence[str] = OPTIONAL,
    mapped_by: str = "census",
) -> Wanted:
    """Return the columns to read according to a mapping of names and `census.dimensions`.

    `mapped_by` is the section of the settings whose `columns` the mapping is. Raises CensusError if a
    dimension has a reserved name or a mapped column is unknown.
    """
    known = (*required, *optional, *dimensions)
    for name in dimensions:
        if name in TAKEN or known.count(name) > 1:
            taken = dict.fromkeys((*TAKEN, *required, *optional))
            raise CensusError(
                f"census.dimensions: {name!r} is taken. Allowed: names other than {', '.join(taken)}, each "
                "once."
            )
    for ours in columns:
        if ours not in known:
            raise CensusError(
                f"{mapped_by}.columns.{ours}: not a {mapped_by} column; {nearest(ours, known)}. To keep "
                "further columns, name them in census.dimensions."
            )
    return Wanted(
        columns={ours: plain(columns.get(ours, ours)) for ours in known},
        required=frozenset(required),
        mapped=frozenset(columns),
        dates=DATES,
        mapped_by=mapped_by,
    )

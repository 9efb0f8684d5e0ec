"""Which of the file's columns are read, and under which name. Every other column is left in the file."""

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tasks.census_error import CensusError, abbreviated

REQUIRED = ("employee_id", "birth_date", "hire_date", "salary")
OPTIONAL = ("termination_date", "level")
DATES = ("birth_date", "hire_date", "termination_date")

#: Names that a dimension cannot have, because the census has a column of that name already.
TAKEN = (*REQUIRED, *OPTIONAL, "row_number", "level_inferred")


@dataclass(frozen=True)
class ColumnMap:
    """What to look for in a header: our name → the file's own name."""

    wanted: Mapping[str, str]
    mapped: frozenset[str]  # our names that the settings map: these must be in the file

    def positions(self, header: Sequence[str], file: str) -> dict[str, int]:
        """Our name → position in the header, for each wanted column that the file has."""
        names = [name.strip() for name in header]
        found = {ours: names.index(theirs) for ours, theirs in self.wanted.items() if theirs in names}
        missing = [
            ours for ours in self.wanted if ours not in found and (ours in REQUIRED or ours in self.mapped)
        ]
        if missing:
            raise CensusError(self._missing_message(missing, names, file))
        twice = sorted({self.wanted[ours] for ours in found if names.count(self.wanted[ours]) > 1})
        if twice:
            raise CensusError(
                f"{file}: the header has more than one column named {', '.join(twice)}. "
                "Each column that is read needs a name of its own: rename or remove the others."
            )
        return found

    def _missing_message(self, missing: list[str], names: list[str], file: str) -> str:
        wanted = ", ".join(
            ours if self.wanted[ours] == ours else f"{ours} (census.columns maps it to {self.wanted[ours]!r})"
            for ours in missing
        )
        if any(re.fullmatch(r"[\d\W]*\d[\d\W]*", name) for name in names):
            # The cells of a first row of data may be anybody's SSN: do not repeat them.
            return (
                f"{file}: missing column: {wanted}. The first row seems to hold data: it must hold the "
                f"column names, at least {', '.join(REQUIRED)}."
            )
        nearest = _nearest_names(missing, [name for name in names if name not in self.wanted.values()])
        hints = "\n".join(f"      {ours}: {nearest.get(ours, '<name in the file>')}" for ours in missing)
        return (
            f"{file}: missing column: {wanted}. Found: {abbreviated([n for n in names if n]) or 'none'}.\n"
            f"  A column of another name is mapped in the settings, for example:\n"
            f"  census:\n    columns:\n{hints}"
        )


def column_map(columns: Mapping[str, str], dimensions: Sequence[str]) -> ColumnMap:
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
            nearest = difflib.get_close_matches(ours, known, 1, 0.0)[0]
            raise CensusError(
                f"census.columns.{ours}: not a census column; the nearest is {nearest}. Allowed: "
                f"{', '.join(known)}. Further columns to keep are named in census.dimensions."
            )
    return ColumnMap({ours: columns.get(ours, ours).strip() for ours in known}, frozenset(columns))


def _nearest_names(missing: list[str], names: list[str]) -> dict[str, str]:
    """For each missing column the file's name most like it, where one is; each name for one column only."""
    plain = {re.sub(r"\W+", "_", name.lower()): name for name in names if name}
    likeness = {
        (ours, theirs): difflib.SequenceMatcher(None, ours, theirs).ratio()
        for ours in missing
        for theirs in plain
    }
    found: dict[str, str] = {}
    for (ours, theirs), ratio in sorted(likeness.items(), key=lambda item: -item[1]):
        if ratio >= 0.5 and ours not in found and plain[theirs] not in found.values():
            found[ours] = plain[theirs]
    return found

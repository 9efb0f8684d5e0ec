"""Which columns of a file are wanted, where its header has them, and the message where it does not."""

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tasks.census.reading.synonyms import SYNONYMS, bare, likely
from tasks.system.guarded_child import Refused

LONGEST_NAME = 40
ROWS_SEARCHED = 50
#: The columns of what a row or cell says of its salary's currency, beside the salary itself.
CURRENCY_OF_ROW, CURRENCY_OF_CELL = "currency of the row", "currency of the cell"
#: A row further down is called the header if it has at least so many of the names.
ENOUGH_NAMES = 2

_LINE_END = re.compile(r"_x000[dDaA]_")  # as Excel's XML writes it where it cannot be written
#: Of data, not of names: numbers, dates and amounts; addresses; markup; digits that are no year.
_NUMBER = re.compile(r"[\d\W]*\d[\d\W]*")
_DATA = re.compile(r"@|<[^<>]*>|\d[\d./ -]*\d[\d./ -]*\d[\d./ -]*\d")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


def plain(name: str) -> str:
    """A column's name as it is seen: blanks and line ends are one blank, invisible characters none."""
    composed = unicodedata.normalize("NFC", _LINE_END.sub(" ", name))
    seen = "".join(c for c in composed if unicodedata.category(c) != "Cf")
    return " ".join(seen.split())


@dataclass(frozen=True)
class Wanted:
    """The columns to look for: our name → the file's own name."""

    columns: Mapping[str, str]
    required: frozenset[str]
    mapped: frozenset[str] = frozenset()  # names that the settings map: these must be in the file
    dates: tuple[str, ...] = ()
    section: str = "census"  # of the settings, for messages

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Wanted":
        """Read what `document` wrote."""
        return cls(
            columns={ours: plain(theirs) for ours, theirs in document["columns"].items()},
            required=frozenset(document["required"]),
            mapped=frozenset(document["mapped"]),
            dates=tuple(document["dates"]),
            section=document["section"],
        )

    def document(self) -> dict[str, Any]:
        """The same as JSON can hold it."""
        return {
            "columns": dict(self.columns), "required": sorted(self.required), "mapped": sorted(self.mapped),
            "dates": list(self.dates), "section": self.section,
        }  # fmt: skip

    def found_in(self, names: Sequence[str]) -> dict[str, int]:
        """Our name → position, of each wanted column that plain names have."""
        return {ours: names.index(theirs) for ours, theirs in self.columns.items() if theirs in names}

    def missing_from(self, names: Sequence[str]) -> list[str]:
        """Our names of the columns that must be there and are not."""
        found = self.found_in(names)
        return [ours for ours in self.columns if ours not in found and ours in self.required | self.mapped]


@dataclass(frozen=True)
class Place:
    """A row that may be the header, and where a user finds it."""

    where: str  # such as: row 4 of sheet 'Employees'
    cells: Sequence[str]
    advice: str = ""  # what to do if this is the header
    names: list[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", [plain(cell) for cell in self.cells])


def locate(wanted: Wanted, header: Place, others: Iterable[Place], file: str) -> dict[str, int]:
    """Our name → position in the header, for each wanted column that it has.

    Raises Refused where a column is missing that must be there. `others` are rows that may be meant instead,
    looked at only then.
    """
    missing = wanted.missing_from(header.names)
    if missing:
        raise Refused(_missing(wanted, missing, header, others, file))
    found = wanted.found_in(header.names)
    twice = sorted({wanted.columns[ours] for ours in found if header.names.count(wanted.columns[ours]) > 1})
    if twice:
        raise Refused(
            f"{file}: the header ({header.where}) has more than one column named {', '.join(twice)}. "
            "Each column that is read needs a name of its own: rename or remove the others."
        )
    if "salary" in found:
        free = [name for name in header.names if name not in wanted.columns.values()]
        currency = likely("currency", free)
        if currency and free.count(currency) == 1:
            found[CURRENCY_OF_ROW] = header.names.index(currency)
    return found


def listed(names: Sequence[str], first: Sequence[str] = (), limit: int = 12) -> str:
    """The names for a message, cut where they are long; of many only some, those of `first` among them."""
    shown = [name for name in names if name in first][:limit]
    rest = [name for name in names if name not in first][: limit - len(shown)]
    kept = [name for name in names if name in shown or name in rest]
    more = f" and {len(names) - len(kept)} more" if len(names) > len(kept) else ""
    return ", ".join(map(cut, kept)) + more


def cut(name: str) -> str:
    """A name for a message: as it is seen, and not too long."""
    seen = plain(name)
    return seen if len(seen) <= LONGEST_NAME else f"{seen[:LONGEST_NAME]}…"


def holds_data(names: Sequence[str]) -> bool:
    """Whether a row looks like data, which no message may repeat: it may be anybody's."""
    without_years = [_YEAR.sub("", name) for name in names]
    return any(_NUMBER.fullmatch(name) or _DATA.search(name) for name in without_years)


def _missing(wanted: Wanted, missing: list[str], header: Place, others: Iterable[Place], file: str) -> str:
    lacking = ", ".join(
        ours
        if wanted.columns[ours] == ours
        else f"{ours} ({wanted.section}.columns maps it to {cut(wanted.columns[ours])!r})"
        for ours in missing
    )
    start = f"{file}: missing column: {lacking}. The header was looked for in {header.where}"
    here = len(_meant(wanted, header.names))
    best = max(others, key=lambda place: len(_meant(wanted, place.names)), default=None)
    if best:
        meant = _meant(wanted, best.names)
        if len(meant) > here and len(meant) >= ENOUGH_NAMES:
            hints = _hints(wanted, wanted.missing_from(best.names), best.names)
            found = listed(list(meant.values()), limit=20)
            return f"{start}; {best.where} has {found}. {best.advice}." + (f"\n{hints}" if hints else "")
    if len(header.names) == 1:
        start += ", which has one column (columns are parted by , ; | or a tab)"
    if holds_data(header.names):
        return (
            f"{start}. That row seems to hold data: it must hold the column names, at least "
            f"{', '.join(ours for ours in wanted.columns if ours in wanted.required)}."
        )
    names = [name for name in header.names if name]
    found = listed(names, first=list(_meant(wanted, names).values())) or "none"
    return f"{start}. Found: {found}.\n{_hints(wanted, missing, header.names)}"


def _meant(wanted: Wanted, names: Sequence[str]) -> dict[str, str]:
    """Our name → the file's, where it is the wanted one or known to mean the same."""
    meant = {}
    for ours, theirs in wanted.columns.items():
        if theirs in names:
            meant[ours] = theirs
        elif known := _likely(wanted, ours, names):
            meant[ours] = known
    return meant


def _likely(wanted: Wanted, ours: str, names: Sequence[str]) -> str | None:
    free = [name for name in names if name and name not in wanted.columns.values()]
    same = [name for name in free if bare(name) == bare(wanted.columns[ours])]  # but for case and blanks
    return same[0] if same else likely(ours, free)


def _hints(wanted: Wanted, missing: Sequence[str], names: Sequence[str]) -> str:
    """Lines of settings that map the missing columns; with them columns that would otherwise go unread."""
    if not missing:
        return ""
    unread = [
        ours for ours, theirs in wanted.columns.items()
        if ours in SYNONYMS and ours not in missing and theirs not in names and _likely(wanted, ours, names)
    ]  # fmt: skip
    lines = [
        f"      {ours}: {as_yaml(known) if (known := _likely(wanted, ours, names)) else '<name in the file>'}"
        for ours in wanted.columns
        if ours in (*missing, *unread)
    ]
    return (
        "  A column of another name is mapped in the settings, for example:\n"
        f"  {wanted.section}:\n    columns:\n" + "\n".join(lines)
    )


def as_yaml(text: str) -> str:
    """A text as YAML: plain where that is safe, else quoted as JSON, which YAML understands."""
    safe = re.fullmatch(r"[A-Za-z][\w./()-]*(?: [\w./()-]+)*", text, re.ASCII)
    words = ("null", "true", "false", "yes", "no", "on", "off", "y", "n")
    return text if safe and text.lower() not in words else json.dumps(text, ensure_ascii=False)

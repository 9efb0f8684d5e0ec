"""Find the wanted columns in the header of a file, and word the message if one is missing."""

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
#: Columns with the currency of the salary: from a column of currencies, and from the cell's number format.
CURRENCY_OF_ROW, CURRENCY_OF_CELL = "currency of the row", "currency of the cell"
#: A row further down is taken for the header if it has at least this number of the names.
ENOUGH_NAMES = 2

_LINE_END = re.compile(r"_x000[dDaA]_")  # how Excel's XML escapes a line end
#: Signs of data instead of column names: numbers, dates and amounts; e-mail addresses; markup; long numbers.
_NUMBER = re.compile(r"[\d\W]*\d[\d\W]*")
_DATA = re.compile(r"@|<[^<>]*>|\d[\d./ -]*\d[\d./ -]*\d[\d./ -]*\d")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


def plain(name: str) -> str:
    """Return a column's name as displayed: blanks and line ends become one blank, invisible characters go."""
    composed = unicodedata.normalize("NFC", _LINE_END.sub(" ", name))
    visible = "".join(c for c in composed if unicodedata.category(c) != "Cf")
    return " ".join(visible.split())


@dataclass(frozen=True)
class Wanted:
    """The columns to find: census column → name in the file."""

    columns: Mapping[str, str]
    required: frozenset[str]
    mapped: frozenset[str] = frozenset()  # columns mapped in the settings: these must be in the file
    dates: tuple[str, ...] = ()
    section: str = "census"  # section of the settings that messages name
    mapped_by: str = "census"  # … and the one whose `columns` maps names
    aliases: Mapping[str, str] = field(default_factory=dict)  # column → a second name that it may have
    has_settings: bool = True  # whether the section has settings that map columns and choose the sheet
    row: str = "employee"  # what a row describes
    named_by: str = "the census with --census or census.path"  # how the file is named

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Wanted":
        """Create it from the result of `document`."""
        return cls(
            columns={ours: plain(theirs) for ours, theirs in document["columns"].items()},
            required=frozenset(document["required"]),
            mapped=frozenset(document["mapped"]),
            dates=tuple(document["dates"]),
            section=document["section"],
            mapped_by=document["mapped_by"],
            aliases=document["aliases"],
            has_settings=document["has_settings"],
            row=document["row"],
            named_by=document["named_by"],
        )

    def document(self) -> dict[str, Any]:
        """Return it as a mapping for JSON."""
        return {
            "columns": dict(self.columns), "required": sorted(self.required), "mapped": sorted(self.mapped),
            "dates": list(self.dates), "section": self.section, "mapped_by": self.mapped_by,
            "aliases": dict(self.aliases), "has_settings": self.has_settings, "row": self.row,
            "named_by": self.named_by,
        }  # fmt: skip

    def found_in(self, names: Sequence[str]) -> dict[str, int]:
        """Return census column → position for each wanted column among the names, which must be `plain`."""
        named = {
            ours: theirs if theirs in names else self.aliases.get(ours)
            for ours, theirs in self.columns.items()
        }
        return {ours: names.index(name) for ours, name in named.items() if name in names}

    @property
    def names(self) -> frozenset[str]:
        """All names in the file by which a wanted column is found."""
        return frozenset((*self.columns.values(), *self.aliases.values()))

    def other_sheet(self, name: str | None = None) -> str:
        """Return what to do so that another sheet is read."""
        if not self.has_settings:
            return f"move sheet {cut(name)!r} to the front" if name else "move it to the front"
        return f"set {self.section}.sheet" + (f": {as_yaml(name)}" if name else "")

    def missing_from(self, names: Sequence[str]) -> list[str]:
        """Return the required or mapped columns that are not among the names."""
        found = self.found_in(names)
        return [ours for ours in self.columns if ours not in found and ours in self.required | self.mapped]


@dataclass(frozen=True)
class Place:
    """A row that may be the header, and its location for messages."""

    where: str  # such as: row 4 of sheet 'Employees'
    cells: Sequence[str]
    advice: str = ""  # what to do if this is the header
    names: list[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", [plain(cell) for cell in self.cells])


def locate(wanted: Wanted, header: Place, others: Iterable[Place], file: str) -> dict[str, int]:
    """Return census column → position, for each wanted column in the header.

    Raises Refused if a required or mapped column is missing. Only then `others` is read: other rows that may
    be the header.
    """
    missing = wanted.missing_from(header.names)
    if missing:
        raise Refused(_missing(wanted, missing, header, others, file))
    found = wanted.found_in(header.names)
    duplicates = sorted(
        {name for name in (header.names[i] for i in found.values()) if header.names.count(name) > 1}
    )
    if duplicates:
        raise Refused(
            f"{file}: the header ({header.where}) has more than one column named {', '.join(duplicates)}. "
            "Each column that is read needs a unique name: rename or remove the others."
        )
    if "salary" in found:
        free = [name for name in header.names if name not in wanted.names]
        currency = likely("currency", free)
        if currency and free.count(currency) == 1:
            found[CURRENCY_OF_ROW] = header.names.index(currency)
    return found


def listed(names: Sequence[str], first: Sequence[str] = (), limit: int = 12) -> str:
    """Return the names for a message, long ones cut; at most `limit` of them, those in `first` preferred."""
    shown = [name for name in names if name in first][:limit]
    rest = [name for name in names if name not in first][: limit - len(shown)]
    kept = [name for name in names if name in shown or name in rest]
    more = f" and {len(names) - len(kept)} more" if len(names) > len(kept) else ""
    return ", ".join(map(cut, kept)) + more


def cut(name: str) -> str:
    """Return a name for a message: as displayed, cut to LONGEST_NAME characters."""
    visible = plain(name)
    return visible if len(visible) <= LONGEST_NAME else f"{visible[:LONGEST_NAME]}…"


def holds_data(names: Sequence[str]) -> bool:
    """Return whether a row looks like data, which no message may repeat: it may be confidential."""
    without_years = [_YEAR.sub("", name) for name in names]
    return any(_NUMBER.fullmatch(name) or _DATA.search(name) for name in without_years)


def _missing(wanted: Wanted, missing: list[str], header: Place, others: Iterable[Place], file: str) -> str:
    lacking = ", ".join(
        ours
        if wanted.columns[ours] == ours
        else f"{ours} ({wanted.mapped_by}.columns maps it to {cut(wanted.columns[ours])!r})"
        for ours in missing
    )
    start = f"{file}: missing column: {lacking}. The header was expected in {header.where}"
    here = len(_matches(wanted, header.names))
    best = max(others, key=lambda place: len(_matches(wanted, place.names)), default=None)
    if best:
        matches = _matches(wanted, best.names)
        if len(matches) > here and len(matches) >= ENOUGH_NAMES:
            hints = _hints(wanted, wanted.missing_from(best.names), best.names)
            found = listed(list(matches.values()), limit=20)
            return f"{start}; {best.where} has {found}. {best.advice}." + (f"\n{hints}" if hints else "")
    if len(header.names) == 1:
        start += ", which has one column (columns are separated by , ; | or a tab)"
    if holds_data(header.names):
        return (
            f"{start}. That row seems to contain data: it must contain the column names, at least "
            f"{', '.join(ours for ours in wanted.columns if ours in wanted.required)}."
        )
    names = [name for name in header.names if name]
    found = listed(names, first=list(_matches(wanted, names).values())) or "none"
    return f"{start}. Found: {found}.\n{_hints(wanted, missing, header.names)}".rstrip()


def _matches(wanted: Wanted, names: Sequence[str]) -> dict[str, str]:
    """Return census column → name in the file, for names that equal the wanted one or are synonyms of it."""
    matches = {}
    for ours, theirs in wanted.columns.items():
        if theirs in names:
            matches[ours] = theirs
        elif known := _likely(wanted, ours, names):
            matches[ours] = known
    return matches


def _likely(wanted: Wanted, ours: str, names: Sequence[str]) -> str | None:
    free = [name for name in names if name and name not in wanted.columns.values()]
    same = [name for name in free if bare(name) == bare(wanted.columns[ours])]  # apart from case and blanks
    return same[0] if same else likely(ours, free)


def _hints(wanted: Wanted, missing: Sequence[str], names: Sequence[str]) -> str:
    """Return lines of settings that map the missing columns, and optional columns found under a synonym."""
    if not missing:
        return ""
    if not wanted.has_settings:
        likely_names = {ours: _likely(wanted, ours, names) for ours in missing}
        renamed = [f"{cut(name)!r} to {ours}" for ours, name in likely_names.items() if name]
        return f"  Rename columns of the file: {', '.join(renamed)}" if renamed else ""
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
        "  To map a column of another name, set, for example:\n"
        f"  {wanted.mapped_by}:\n    columns:\n" + "\n".join(lines)
    )


def as_yaml(text: str) -> str:
    """Return a text as YAML: plain if that is safe, else quoted as JSON, which is valid YAML."""
    safe = re.fullmatch(r"[A-Za-z][\w./()-]*(?: [\w./()-]+)*", text, re.ASCII)
    words = ("null", "true", "false", "yes", "no", "on", "off", "y", "n")
    return text if safe and text.lower() not in words else json.dumps(text, ensure_ascii=False)

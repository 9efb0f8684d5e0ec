"""Find the lists of employees in a folder, and their dates in the files' names."""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from settings.errors import legible
from tasks.census.errors import abbreviated
from tasks.census.reading.kinds import SUFFIXES
from tasks.history.errors import HistoryError

#: 2020-12-31, 2020_12_31 or 20201231, and a year alone, which no number that may be a month or day follows.
_DATE = re.compile(r"(?<!\d)(\d{4})(?:-(\d\d)-|_(\d\d)_|\.(\d\d)\.|(\d\d))(\d\d)(?!\d)")
_YEAR = re.compile(r"(?<!\d)(?<!\d[-_.])((?:19|20|21)\d\d)(?!\d)(?![-_.]\d)")
_ALLOWED = "2020-12-31.csv, list_20201231.xlsx, or census_2020.csv for 31 December 2020"


@dataclass(frozen=True)
class ListFile:
    """A list of employees and the date that it shows."""

    path: Path
    date: date


def find_lists(folder: Path, until: date | None = None, least: int = 2) -> list[ListFile]:
    """Return the lists in a folder up to a date, ascending by date.

    Hidden files, folders and files of other kinds are ignored. Raises HistoryError if a list has no date, if
    two have the same, or if there are fewer lists than `least`.
    """
    paths = sorted(path for path in folder.iterdir() if _is_list(path))
    lists = sorted((ListFile(path, date_of(path)) for path in paths), key=lambda each: each.date)
    for earlier, later in itertools.pairwise(lists):
        if earlier.date == later.date:
            raise HistoryError(
                f"{folder}: {earlier.path.name} and {later.path.name} are both lists of {later.date}. One "
                "list per date is allowed: remove or rename one of them."
            )
    for each in lists:
        if each.date > date.today():
            raise HistoryError(
                f"{legible(str(each.path))}: its name says {each.date}, which lies in the future. Each list "
                "is named by the date that it shows: rename the file."
            )
    used = [each for each in lists if until is None or each.date <= until]
    if len(used) < least:
        found = abbreviated([each.path.name for each in lists]) or "none"
        limit = f" up to {until}" if until else ""
        needed = "at least two are needed, since who left is known from the next list"
        raise HistoryError(
            f"{folder}: {len(used)} list{'' if len(used) == 1 else 's'} of employees{limit}; "
            f"{needed if least > 1 else 'at least one is needed'}. Found: {found}. Allowed: files "
            f"{', '.join(SUFFIXES)}, each named by its date, such as {_ALLOWED}."
        )
    return used


def _is_list(path: Path) -> bool:
    # ~$ is the lock that Excel leaves beside an open workbook
    is_named = not path.name.startswith((".", "~$")) and path.suffix.lower() in SUFFIXES
    if is_named and path.is_symlink() and not path.exists():
        raise HistoryError(
            f"{legible(str(path))}: this link leads to no file. Mend it, or remove it if the list is not "
            "meant to be read."
        )
    return is_named and path.is_file()


def date_of(path: Path) -> date:
    """Return the date in a file's name; a year alone is its 31 December. Raises HistoryError without one."""
    dates = set(_dates_in(path.stem))
    if not dates:
        dates = {date(int(year), 12, 31) for year in _YEAR.findall(path.stem)}
    if len(dates) == 1:
        return dates.pop()
    found = f"more than one date ({', '.join(map(str, sorted(dates)))})" if dates else "no date"
    raise HistoryError(
        f"{legible(str(path))}: {found} in the name. Each list is named by the date that it shows, such as "
        f"{_ALLOWED}. Rename the file, or move it out of the folder if it is not a list."
    )


def _dates_in(name: str) -> Iterator[date]:
    for match in _DATE.finditer(name):
        year, *months, day = match.groups()
        month = next(each for each in months if each)
        try:
            found = date(int(year), int(month), int(day))
        except ValueError:  # a number of eight digits that is no date
            continue
        if 1900 <= found.year <= 2199:
            yield found

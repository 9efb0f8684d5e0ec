"""Puts a new list of employees where the next reforecast finds it, complete or not at all."""

import hashlib
import os
import shutil
import stat
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

from settings import InputError, ResolvedSettings
from settings.errors import legible
from settings.models.location import Url, shown
from tasks.census.accepted import Census
from tasks.census.reading.kinds import SUFFIXES
from tasks.history.files import ListFile, date_of, find_lists
from tasks.reforecast.lists import Lists, names_in, open_storage, place_of, storage_errors
from tasks.reforecast.request import ReforecastRequest, run_of
from tasks.runs.request import accept_census, accept_settings
from tasks.system.files import replacing

CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class NewList:
    """A file that becomes a list, and the date that it shows."""

    file: Path
    day: date

    @classmethod
    def of(cls, file: Path, day: date | None) -> "NewList":
        """Return the list of a file; without a date, the one in its name. Raises InputError."""
        if file.suffix.lower() not in SUFFIXES:
            raise InputError(f"{legible(str(file))}: a file that ends with {', '.join(SUFFIXES)} is expected")
        if day is None:
            day = date_of(file)
        if day > date.today():
            raise InputError(
                f"{legible(str(file))}: a list of {day} lies in the future; --date DATE states the date that "
                "it shows"
            )
        return cls(file, day)

    @property
    def name(self) -> str:
        """The name among the lists: the date, as in 2026-03-31.csv."""
        return f"{self.day}{self.file.suffix.lower()}"


@dataclass(frozen=True)
class Submitted:
    """What became of a list."""

    name: str
    place: str  # the folder or URL, without secrets
    was_there: bool  # with the same content
    replaced: tuple[str, ...]  # names of the lists of the same date that it replaced


def accepted_list(
    request: ReforecastRequest, settings: ResolvedSettings, new: NewList
) -> tuple[Census, ResolvedSettings]:
    """Read a list as the census of a reforecast that opens at its date, with that run's settings.

    Raises CensusError.
    """
    run = run_of(request, settings, Lists(ListFile(new.file, new.day), new.file.parent, ""))
    resolved = accept_settings(run)
    return accept_census(resolved)[0], resolved


def submit(settings: ResolvedSettings, new: NewList, sha256: str, *, replace: bool) -> Submitted:
    """Copy a list to where the settings say, under its date.

    A reader sees no list of the date or the whole one; a list that was replaced is seen until then.

    Args:
        settings: The settings, with reforecast.path.
        new: The list, which was read and accepted.
        sha256: Digest of the content that was accepted.
        replace: Whether a list of the same date with other content is replaced.

    Raises InputError if there is such a list and it is not to be replaced, or if the file has changed since.
    """
    where = place_of(settings.base)
    if isinstance(where, Url):
        with storage_errors(where):
            return _submit_to_storage(where, new, sha256, replace)
    if not where.is_dir():
        raise InputError(f"reforecast.path: {where}: no such folder; create it, or correct the path")
    found = [each.path for each in find_lists(where, least=0) if each.date == new.day]
    if any(_digest_of(path) == sha256 for path in found):
        return Submitted(found[0].name, str(where), True, ())
    _may_replace([path.name for path in found], str(where), new, replace)
    with replacing(where / new.name) as target:
        _copy(new, target, sha256)
        # the worker may be another user than the one who submits
        os.fchmod(target.fileno(), stat.S_IMODE(new.file.stat().st_mode))
    for path in found:
        if path.name != new.name:
            path.unlink()
    return Submitted(new.name, str(where), False, tuple(path.name for path in found))


def _submit_to_storage(url: Url, new: NewList, sha256: str, replace: bool) -> Submitted:
    files, path = open_storage(url)
    found = [name for name in _names_if_any(url, files, path) if _is_of(name, new.day)]
    for name in found:
        with files.open(f"{path}/{name}", "rb") as existing:
            if _digest(existing) == sha256:
                return Submitted(name, shown(url), True, ())
    _may_replace(found, shown(url), new, replace)
    with tempfile.TemporaryFile() as copy:
        _copy(new, copy, sha256)
        copy.seek(0)
        hidden = f"{path}/.{new.name}.submitting"
        with files.open(hidden, "wb") as target:
            shutil.copyfileobj(copy, target, CHUNK_BYTES)
        files.mv(hidden, f"{path}/{new.name}")
    for name in found:
        if name != new.name:
            files.rm_file(f"{path}/{name}")
    return Submitted(new.name, shown(url), False, tuple(found))


def _names_if_any(url: Url, files: Any, path: str) -> list[str]:
    """Return the names in a folder of an object storage, which exists only once something is in it."""
    files.invalidate_cache()
    return names_in(url, files, path) if files.exists(path) else []


def _is_of(name: str, day: date) -> bool:
    is_list = not name.startswith((".", "~$")) and Path(name).suffix.lower() in SUFFIXES
    return is_list and date_of(Path(name)) == day


def _may_replace(found: list[str], place: str, new: NewList, replace: bool) -> None:
    if found and not replace:
        raise InputError(
            f"{place} has a list of {new.day} with other content, {' and '.join(found)}. Nothing was "
            "copied: --replace replaces it, --date DATE states another date"
        )


def _copy(new: NewList, target: BinaryIO, sha256: str) -> None:
    """Copy the file, and raise InputError if it is not the content that was accepted."""
    digest = hashlib.sha256()
    with new.file.open("rb") as source:
        while chunk := source.read(CHUNK_BYTES):
            digest.update(chunk)
            target.write(chunk)
    if digest.hexdigest() != sha256:
        raise InputError(f"{legible(str(new.file))} changed while it was read; submit it again")


def _digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return _digest(file)


def _digest(file: Any) -> str:
    return hashlib.file_digest(file, "sha256").hexdigest()

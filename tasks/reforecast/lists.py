"""The lists of employees from which a reforecast opens: a folder, or a folder of an object storage."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any

from fsspec.core import url_to_fs

from settings import InputError, Settings
from settings.models.calendar import ONE_DAY, FiscalCalendar
from settings.models.location import Location, Url, location, shown
from tasks.census.fetch import S3_OPTIONS, short_reason
from tasks.history.actuals import OLDEST_LIST
from tasks.history.errors import HistoryError
from tasks.history.files import ListFile, find_lists
from tasks.system.files import private_files, scratch_folder


@dataclass(frozen=True)
class Lists:
    """The newest list, and the local folder that has it and the lists before it."""

    newest: ListFile
    folder: Path
    shown: str  # where the lists lie, for messages, without secrets


def place_of(settings: Settings) -> Location:
    """Return where the lists lie. Raises InputError if the settings do not say it, or it is a web address."""
    if settings.reforecast.path is None:
        raise InputError(
            "reforecast.path names no lists of employees: set it to a folder, or to the URL of one such as "
            "s3://bucket/lists"
        )
    where = location(settings.reforecast.path)
    if isinstance(where, Url) and where.lower().startswith(("http://", "https://")):
        raise InputError(
            f"reforecast.path: {shown(where)}: files at a web address cannot be listed; a folder, or the URL "
            "of one in an object storage such as s3://bucket/lists, is allowed"
        )
    return where


def newest_lists(settings: Settings) -> Lists:
    """Return the newest list with those before it; lists of an object storage are fetched.

    What is fetched is removed when this process ends. Raises InputError if there is no list.
    """
    where = place_of(settings)
    if isinstance(where, Url):
        return _fetched(where, settings)
    if not where.is_dir():
        raise InputError(
            f"reforecast.path: {where}: no such folder; a folder of lists of employees is expected"
        )
    return Lists(find_lists(where, least=1)[-1], where, str(where))


def open_storage(url: Url) -> tuple[Any, str]:
    """Return the file system of a URL, and the path in it. Raises InputError if it cannot be used."""
    options = S3_OPTIONS if url.partition("://")[0].lower() in ("s3", "s3a") else {}
    with storage_errors(url):
        files, path = url_to_fs(str(url), **options)
    return files, str(path).rstrip("/")


@contextmanager
def storage_errors(url: Url) -> Iterator[None]:
    """Raise an InputError, which names the place without secrets, for each error of an object storage.

    The error of the library is not its cause: Prefect logs causes, and this one may hold the URL's password.
    """
    try:
        yield
    except InputError:
        raise
    except Exception as error:  # noqa: BLE001 - unknown protocol, no such bucket: each library has its own
        raise InputError(_trouble(url, error)) from None


def names_in(url: Url, files: Any, path: str) -> list[str]:
    """Return the names of the files in a folder of an object storage. Raises InputError if it has none."""
    files.invalidate_cache()
    with storage_errors(url):
        try:
            found = files.ls(path, detail=True)
        except FileNotFoundError:
            raise InputError(f"reforecast.path: {url.masked}: no such folder, or nothing in it") from None
    return [PurePosixPath(one["name"]).name for one in found if one["type"] == "file" and one["name"] != path]


def _fetched(url: Url, settings: Settings) -> Lists:
    files, path = open_storage(url)
    with private_files():
        folder = scratch_folder("lists")
        for name in names_in(url, files, path):
            (folder / name).touch()  # find_lists checks the names before anything is fetched
        try:
            lists = find_lists(folder, least=1)
        except HistoryError as error:
            raise InputError(str(error).replace(str(folder), url.masked)) from None
        for one in _needed(lists, settings):
            with storage_errors(url):
                files.get_file(f"{path}/{one.path.name}", str(one.path))
    return Lists(lists[-1], folder, url.masked)


def _needed(lists: Sequence[ListFile], settings: Settings) -> list[ListFile]:
    """Return the lists that the newest one's fiscal year needs; remove the names of the others."""
    first = first_day_needed(lists[-1].date, settings.simulation.fiscal_year_start)
    for one in lists:
        if one.date < first:
            one.path.unlink()
    return [one for one in lists if one.date >= first]


def first_day_needed(newest: date, fiscal_year_start: str) -> date:
    """Return the date before which a list shows nothing of the fiscal year in which a run opens."""
    calendar = FiscalCalendar.of(fiscal_year_start, newest, newest.year)
    return calendar.first_day(calendar.first_year) - OLDEST_LIST - ONE_DAY


def _trouble(url: Url, error: Exception) -> str:
    return (
        f"reforecast.path: {url.masked} cannot be used ({type(error).__name__}: "
        f"{short_reason(error, url, url.masked)}); the URL of a folder that the environment may use is "
        "expected, such as s3://bucket/lists (which needs the extra: pip install '.[s3]')"
    )

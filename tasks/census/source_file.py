"""The file to read: a local path, or a temporary copy of a URL."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from settings.errors import InputError
from settings.models.location import Location, Url
from tasks.census.reading.kinds import SUFFIXES
from tasks.system.guarded import Limits, Refused, run_guarded


@dataclass(frozen=True)
class LocalFile:
    """A file on this machine, and its names in messages."""

    path: Path
    name: str  # the file name, without folders
    where: str  # as the user gave it, without secrets
    kind_by_content: bool = False  # the extension does not determine the kind of file


@contextmanager
def local_file(where: Location, limits: Limits) -> Iterator[LocalFile]:
    """Yield the file at a location; a fetched copy exists during the block only.

    Raises InputError if it cannot be fetched.
    """
    if isinstance(where, Path):
        yield LocalFile(where, where.name, str(where))
        return
    with tempfile.TemporaryDirectory(prefix="workforce-census-") as folder:
        path = Path(folder) / "file"
        name = _fetched(where, path, limits)
        yield LocalFile(path, name, where.masked, Path(name).suffix.lower() not in SUFFIXES)


def _fetched(url: Url, path: Path, limits: Limits) -> str:
    """Fetch a URL into a file; return the file name on the server."""
    with path.open("wb") as target:
        try:
            given: str | None = run_guarded(
                "tasks.census.fetch:fetch",
                {"url": str(url), "masked": url.masked, "most_bytes": limits.memory_bytes},
                target,
                limits,
                subject=url.masked,
            )
        except Refused as refusal:
            raise InputError(str(refusal)) from None
    if Path(url.name).suffix.lower() not in SUFFIXES and given:
        return Path(given).name
    return url.name

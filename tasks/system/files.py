"""Files that other processes read while they are written: they are replaced atomically."""

import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any, BinaryIO

from settings.errors import InputError


def check_target(path: Path, *, folder: bool = False, flag: str = "--file") -> None:
    """Raise InputError if the file (or folder) of a flag cannot be created; called before any work is done.

    Missing parent folders are created later, when the file is written.
    """
    if path.exists() and path.is_dir() != folder:
        kinds = ("a file", "a folder")
        raise InputError(f"{flag}: {path} is {kinds[not folder]}; {kinds[folder]} is expected")
    there = next(parent for parent in (path, *path.absolute().parents) if parent.exists())
    if there != path and not (there.is_dir() and os.access(there, os.W_OK)):
        raise InputError(f"{flag}: {path}: {there} is not writable")


def scratch_folder(purpose: str) -> Path:
    """Create a folder that is removed when this process ends, also in a pool's process, without `atexit`."""
    folder = tempfile.TemporaryDirectory(prefix=f"workforce-{purpose}-", ignore_cleanup_errors=True)
    Finalize(None, folder.cleanup, exitpriority=0)
    return Path(folder.name)


@contextmanager
def private_files() -> Iterator[None]:
    """Create files within the block readable for the user only, since they hold people's pay."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Give the name of a file to an OSError of the block that names none, as of a full disk."""
    try:
        yield
    except OSError as error:
        error.filename = error.filename or str(path)
        raise


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Yield a file that replaces another at the end of the block: a reader sees the old or the new content.

    Only the user may read it, unless the block changes its mode. An OSError that names no file, as of a full
    disk, gets the name of `path`.
    """
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with naming(path), os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    finally:
        Path(temporary).unlink(missing_ok=True)


def replace_text(path: Path, text: str) -> None:
    """Write a file by `replacing`."""
    with replacing(path) as file:
        file.write(text.encode())


def replace_json(path: Path, document: Mapping[str, Any]) -> None:
    """Write a JSON document by `replace_text`; dates and decimals as text."""
    replace_text(path, json.dumps(document, indent=2, default=str) + "\n")


def replace_link(path: Path, target: str) -> None:
    """Point a symbolic link at another name in its folder."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(target)
    temporary.replace(path)

"""Files that other processes read while we write them: replaced whole, never half-written."""

import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any

from settings.errors import InputError


def check_target(path: Path, *, folder: bool = False) -> None:
    """Make sure that the file (or folder) of --file can be made there, before any work is done for it.

    Folders on the way are made when it is written. Raises InputError.
    """
    if path.exists() and path.is_dir() != folder:
        kinds = ("a file", "a folder")
        raise InputError(f"--file: {path} is {kinds[not folder]}; {kinds[folder]} is expected")
    there = next(parent for parent in (path, *path.absolute().parents) if parent.exists())
    if there != path and not (there.is_dir() and os.access(there, os.W_OK)):
        raise InputError(f"--file: {path}: nothing can be written into {there}")


def scratch_folder(purpose: str) -> Path:
    """Make a folder that is removed when this process ends, also one of a pool, which runs no `atexit`."""
    folder = tempfile.TemporaryDirectory(prefix=f"workforce-{purpose}-", ignore_cleanup_errors=True)
    Finalize(None, folder.cleanup, exitpriority=0)
    return Path(folder.name)


@contextmanager
def private_files() -> Iterator[None]:
    """Files made within the block are for the user's own eyes: they hold people's pay."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def replace_text(path: Path, text: str) -> None:
    """Write a file so that a reader sees the old content or the new; only the user may read it."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def replace_json(path: Path, document: Mapping[str, Any]) -> None:
    """Write a JSON document by `replace_text`; dates and decimals as text."""
    replace_text(path, json.dumps(document, indent=2, default=str) + "\n")


def replace_link(path: Path, target: str) -> None:
    """Point a symbolic link at another name in its folder."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(target)
    temporary.replace(path)

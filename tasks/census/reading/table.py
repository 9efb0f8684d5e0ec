"""The entry of this package: one file in, one table of text cells out."""

import hashlib
import os
import stat
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any, BinaryIO

from tasks.census.reading.cells import Cells
from tasks.census.reading.header import Wanted
from tasks.census.reading.kinds import check_kind, family, family_of_content
from tasks.system.guarded_child import Refused


def read(
    output: BinaryIO,
    *,
    path: str,
    where: str,
    name: str,
    wanted: Mapping[str, Any],
    encoding: str,
    sheet: str | None,
    memory_bytes: int,
    by_content: bool = False,
) -> dict[str, Any]:
    """Read the wanted columns of a file and write them to `output` as an Arrow stream.

    `where` is the location as the user gave it, `name` the file name in most messages. The extension of the
    name determines the kind of file, or, with `by_content`, the content. Returns what the stream does not
    contain: header, faults, and detected properties of the file. Raises Refused.
    """
    columns = Wanted.of(wanted)
    data = _content(path, where, columns.named_by, memory_bytes)
    kind = family_of_content(data) if by_content else family(PurePath(name).suffix.lower(), name)
    check_kind(data, kind, name)
    cells = _cells(kind, data, name, columns, encoding, sheet, memory_bytes)
    cells.frame.write_ipc_stream(output)
    return {
        "header": cells.header,
        "faults": cells.faults,
        "numeric": cells.numeric,
        "found": cells.found,
        "notes": cells.notes,
        "warnings": cells.warnings,
        "sha256": hashlib.sha256(data).hexdigest(),
    }


def _cells(
    kind: str, data: bytes, name: str, wanted: Wanted, encoding: str, sheet: str | None, memory_bytes: int
) -> Cells:
    # Import only the library that is needed: each takes 0.1 s or more.
    if kind == "CSV":
        from tasks.census.reading.delimited import read_delimited

        return read_delimited(data, name, wanted, encoding)
    if kind == "Parquet":
        from tasks.census.reading.parquet import read_parquet

        return read_parquet(data, name, wanted, memory_bytes)
    from tasks.census.reading.spreadsheet import read_spreadsheet

    return read_spreadsheet(data, name, wanted, sheet, memory_bytes)


def _content(path: str, where: str, named_by: str, memory_bytes: int) -> bytes:
    try:
        # Non-blocking, since opening a pipe would wait for its writer.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError:
        raise Refused(f"{where}: no such file. Name {named_by}.") from None
    except (OSError, ValueError) as error:
        raise Refused(f"{where}: cannot be read: {getattr(error, 'strerror', None) or error}.") from None
    try:
        status = os.fstat(handle)
        if stat.S_ISDIR(status.st_mode):
            raise Refused(f"{where}: a directory. One file is expected: CSV, Parquet or Excel.")
        if not stat.S_ISREG(status.st_mode):
            raise Refused(f"{where}: a device or pipe. A regular file is expected: save its output as one.")
        if status.st_size > memory_bytes:
            raise Refused(
                f"{where}: the file has {status.st_size / 1e9:,.1f} GB, more than the "
                f"{memory_bytes / 1e9:,.1f} GB of memory that reading may take (machine.reader_memory)."
            )
        with os.fdopen(handle, "rb", closefd=False) as file:
            data = file.read()
    finally:
        os.close(handle)
    if not data:
        raise Refused(f"{where}: the file is empty. It needs a header and one row per employee.")
    return data

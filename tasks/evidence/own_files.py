"""Files that a command writes together and replaces when it is called again, but never another's."""

from collections.abc import Sequence
from pathlib import Path

from settings import InputError
from tasks.system.files import check_target


def check_own_files(main: Path, others: Sequence[Path], *, flag: str, begins: str, command: str) -> None:
    """Raise InputError if a file cannot be written, or may hold what the command did not write.

    Args:
        main: The file that the flag names; it begins with `begins` if the command wrote it.
        others: The files beside it, which are the command's if `main` is.
        flag: Names the file in messages, such as --out.
        begins: The first characters of `main`.
        command: Names the command in messages.
    """
    for file in (main, *others):
        check_target(file, flag=flag)
    if main.exists():
        with main.open(encoding="utf-8", errors="replace") as written:
            if written.read(len(begins)) != begins:
                raise InputError(
                    f"{flag} {main} exists and was not written by `{command}`; name another file"
                )
        return
    for file in others:
        if file.exists():
            raise InputError(
                f"{flag} {main}: {file} exists, and {main} does not, so that it may be another's. Name "
                "another file, or remove it"
            )

"""`workforce init`: creates a folder with settings, example scenarios, a file of actions and a README."""

import os
import shlex
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from settings import InputError, default_settings
from settings.starter import starter_text
from tasks.plan.columns import COLUMNS
from tasks.system.project import EXAMPLES
from tasks.text.terminal import say, say_command

README = """\
Workforce simulation: `workforce --help` lists the commands; call them in this folder.
- settings.yaml has every setting with its default; change it, then `workforce settings show --config settings.yaml`.
- Simulate: `workforce run --config settings.yaml`; results are in runs/latest, with report.html to open first.
- Your census: `workforce census check FILE`, then `workforce run --census FILE --config settings.yaml`.
- Known leaves, hires, promotions: a row each in actions.csv (such as `ret-1,leave,2026-06-30,0017`); `workforce actions check actions.csv`, then add `--actions actions.csv`.
- Scenarios, side by side: add `--scenario scenarios/growth.yaml --scenario scenarios/hiring_freeze.yaml`.
"""  # noqa: E501


def init(directory: Annotated[Path, typer.Argument(help="Folder; created if missing.")]) -> None:
    """Write a settings file, example scenarios, a file for known actions and a README.

    No file is overwritten: if one of them exists, nothing is written (exit status 2).
    """
    actions = ",".join((*COLUMNS, *default_settings().census.dimensions)) + "\n"
    own = {"settings.yaml": starter_text(), "actions.csv": actions, "README.md": README}
    files = own | {
        f"scenarios/{file.name}": file.read_text("utf-8")
        for file in sorted((EXAMPLES / "scenarios").glob("*.yaml"))
    }
    write_new(directory, files)
    for name in own:
        say(f"Written: {directory / name}")
    say(f"Written: {directory / 'scenarios'}, {len(files) - len(own)} files")
    change = "" if directory.resolve() == Path.cwd() else f"cd {shlex.quote(str(directory))} && "
    say_command(f"Next: {change}workforce run --config settings.yaml")


def write_new(directory: Path, files: dict[str, str]) -> None:
    """Write all the files below a folder, or none of them.

    Raises InputError if one exists already, or if the folder may not be written to.
    """
    targets = [directory / name for name in files]
    existing = [str(target) for target in targets if os.path.lexists(target)]
    if existing:
        raise InputError(f"already exists: {', '.join(existing)}. Nothing was written; name another folder")
    folders = dict.fromkeys(
        [*(target.parent for target in targets), directory, *directory.absolute().parents]
    )
    for folder in folders:
        if os.path.lexists(folder) and not folder.is_dir():
            raise InputError(f"{folder} is a file; a folder is expected. Nothing was written")
    missing = sorted((folder for folder in folders if not folder.exists()), key=lambda one: -len(one.parts))
    written = []
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=directory, prefix=".workforce-init-") as scratch:
            ready = [Path(scratch, str(number)) for number in range(len(files))]
            for file, text in zip(ready, files.values(), strict=True):
                file.write_text(text, encoding="utf-8")
            for file, target in zip(ready, targets, strict=True):
                target.parent.mkdir(exist_ok=True)
                file.rename(target)
                written.append(target)
    except BaseException as error:
        for target in written:
            target.unlink()
        for folder in missing:
            with suppress(OSError):  # not created, or in use by another process
                folder.rmdir()
        if isinstance(error, PermissionError):
            raise InputError(f"{directory} cannot be written to. Nothing was written") from error
        raise

"""A what-if as a scenario file, which `--scenario FILE` takes."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from settings import InputError
from settings.errors import legible

#: As scenario files demand it.
ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
#: One folder below the one in which the dashboard was started.
FOLDER = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,99}")


def check_id(scenario_id: str) -> None:
    """Raise InputError if a text is no id of a scenario."""
    if not ID.fullmatch(scenario_id):
        raise InputError(
            f"Id {legible(scenario_id)!r}: 1 to 64 of a-z, 0-9, _ and - are allowed, the first being a "
            "letter or digit"
        )


def scenario_yaml(scenario_id: str, description: str, overrides: Mapping[str, Any]) -> str:
    """Return the content of a scenario file. Raises InputError if the id is not allowed."""
    check_id(scenario_id)
    content = {"id": scenario_id, "description": description, "overrides": _plain(overrides)}
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=100)


def save(folder: str, scenario_id: str, text: str, base: Path) -> Path:
    """Write a scenario file into a folder below `base` and return its path; the folder is made if needed.

    Raises InputError if the folder's name is more than a name, the file exists, or it cannot be written.
    """
    check_id(scenario_id)
    if not FOLDER.fullmatch(folder):
        raise InputError(
            f"Folder {legible(folder)!r}: the name of a folder in {base.resolve()} is expected: letters, "
            "digits, blanks, ., _ and -, the first being a letter or digit"
        )
    path = base / folder / f"{scenario_id}.yaml"
    try:
        if path.parent.is_symlink():
            raise InputError(f"Folder {folder}: it is a link; choose a folder")
        path.parent.mkdir(exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            try:
                file.write(text)
                file.flush()
            except OSError:  # a full disk: half a file would take the name
                path.unlink(missing_ok=True)
                raise
    except FileExistsError:
        what = path if path.exists() else path.parent
        raise InputError(f"{what} exists already; choose another id or folder") from None
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}") from None
    return path


def _plain(value: Any) -> Any:
    """Return the value with years as numbers, as people write them."""
    if isinstance(value, Mapping):
        return {
            int(key) if isinstance(key, str) and re.fullmatch(r"\d{4}", key) else key: _plain(item)
            for key, item in value.items()
        }
    return [_plain(item) for item in value] if isinstance(value, list) else value

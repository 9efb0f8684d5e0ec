"""Prefect's settings: the values that this product needs, the sources of values, and unreadable files.

Prefect reads its settings when it is first imported: from variables, from .env, prefect.toml and
pyproject.toml in the working folder, and from a profile in PREFECT_HOME.
"""

import os
import sys
import tomllib
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dotenv
from pydantic import ValidationError

from settings.errors import InputError

if TYPE_CHECKING:
    from prefect.settings.base import PrefectBaseSettings

#: Defaults of this product, in any folder, unless the user gives another value. For Prefect's own commands,
#: called in the project's folder, [tool.prefect] in pyproject.toml has the same values.
OUR_DEFAULTS = {
    # The first start of a machine migrates Prefect's database, which takes longer than the default 20 s.
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",
    # No usage statistics.
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    # A run that loses its server ends within a minute or two and can be resumed; with Prefect's default, 5,
    # it would wait for more than five minutes.
    "PREFECT_CLIENT_MAX_RETRIES": "2",
}

HOMELESS = "Failed to create the Prefect home directory"


def prepare_environment() -> None:
    """Set the variables that libraries read on import, for this process and its children."""
    try:
        Path.home()
    except RuntimeError:  # no HOME, and a user that the system does not know, as in some containers
        os.environ["HOME"] = os.devnull  # no file can exist or be created below it
    os.environ.setdefault("DO_NOT_TRACK", "1")
    _set_aside_missing_certificates()


def prepare() -> None:
    """Import Prefect with OUR_DEFAULTS, for this process and its children.

    Raises InputError that names the settings or files that Prefect cannot read.
    """
    prepare_environment()
    try:
        _import_prefect()
    except ValidationError as error:
        faults = "; ".join(_fault(error.title, fault["loc"], fault["msg"]) for fault in error.errors())
        raise InputError(f"Prefect's own settings are wrong: {faults}") from None
    except Exception as error:
        faults = "; ".join(_unreadable_files()) or (
            f"{type(error).__name__}: {error} (in .env, prefect.toml or pyproject.toml in {Path.cwd()}, or "
            "in the profile)"
        )
        raise InputError(
            f"Prefect cannot read its own settings: {faults}. Correct that, or call the command from another "
            "folder"
        ) from error


def source_of(group: "type[PrefectBaseSettings]", field: str) -> str:
    """Return where a Prefect setting is given: its variable, or the file and the key in it.

    The order is Prefect's. If the setting is not given, returns its variable.
    """
    from prefect.settings import sources

    config: dict[str, Any] = dict(group.model_config)
    name = f"{config['env_prefix']}{field}".upper()
    key = ".".join((*config["prefect_toml_table_header"], field))
    if name in os.environ:
        return name
    if Path(".env").is_file() and dotenv.dotenv_values(".env").get(name) is not None:
        return f"{name} in {Path('.env').absolute()}"
    if sources.PrefectTomlConfigSettingsSource(group).toml_data.get(field) is not None:
        return f"{key} in {Path('prefect.toml').absolute()}"
    if sources.PyprojectTomlConfigSettingsSource(group).toml_data.get(field) is not None:
        return f"tool.prefect.{key} in {Path('pyproject.toml').absolute()}"
    profile = sources.ProfileSettingsTomlLoader(group)
    if profile.profile_settings.get(name) is not None:
        return f"{name} in the profile in {profile.profiles_path}"
    return name


def refresh() -> None:
    """Make Prefect read its settings again after variables were changed."""
    with _captured_output():
        from prefect.context import refresh_global_settings_context

        refresh_global_settings_context()


@contextmanager
def _captured_output() -> Iterator[StringIO]:
    """Capture Prefect's output while it reads its settings; PREFECT_HOME may be missing."""
    with warnings.catch_warnings(), redirect_stderr(StringIO()) as captured:
        warnings.filterwarnings("ignore", HOMELESS)
        yield captured


def _import_prefect() -> None:
    with _captured_output() as captured:
        from prefect.settings import get_current_settings

        settings = get_current_settings()
    print(captured.getvalue(), end="", file=sys.stderr)
    if not settings.home.exists():  # the warning of each process that a run starts
        before = os.environ.get("PYTHONWARNINGS")
        os.environ["PYTHONWARNINGS"] = ",".join(filter(None, (before, f"ignore:{HOMELESS}")))
    given = settings.to_environment_variables(exclude_unset=True)
    absent = {name: value for name, value in OUR_DEFAULTS.items() if name not in given}
    if absent:
        os.environ.update(absent)
        refresh()


def _set_aside_missing_certificates() -> None:
    """Move a missing certificate file from SSL_CERT_FILE to Prefect's setting.

    So only requests to a configured server report it. httpx would fail whenever a client is created, and
    Prefect creates one on import.
    """
    file = os.environ.get("SSL_CERT_FILE")
    if file and not Path(file).is_file():
        del os.environ["SSL_CERT_FILE"]
        os.environ.setdefault("PREFECT_API_SSL_CERT_FILE", file)


def _fault(title: str, location: tuple[int | str, ...], message: str) -> str:
    """Return the message for one wrong setting: where it is given, and the error."""
    from prefect.settings.base import PrefectBaseSettings
    from prefect.settings.models.api import APISettings

    if not location:
        address = source_of(APISettings, "url")
        return f"{message} (is {address} an http or https address, as http://HOST:4200/api?)"
    field = str(location[-1])
    group = next((one for one in PrefectBaseSettings.__subclasses__() if one.__name__ == title), None)
    where = source_of(group, field) if group and field in group.model_fields else f"{title} {field}"
    return f"{where}: {message}"


def _unreadable_files() -> Iterator[str]:
    """Yield the files of Prefect's settings that cannot be read, each with the error."""
    home = os.environ.get("PREFECT_HOME", "~/.prefect")
    profiles = os.environ.get("PREFECT_PROFILES_PATH", f"{home}/profiles.toml")
    for name in (".env", "prefect.toml", "pyproject.toml", profiles):
        file = Path(name).expanduser().absolute()
        try:
            if file.is_file() and name == ".env":
                dotenv.dotenv_values(file)
            elif file.is_file():
                tomllib.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:  # not TOML, or not UTF-8
            yield f"{file}: {error}"

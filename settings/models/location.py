"""Location of a file: a path on this machine, or a URL to fetch (https://, s3://, …)."""

import re
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import unquote

from pydantic import PlainValidator
from pydantic_core import PydanticCustomError

from settings.models.base import expand_home, no_null_character

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
#: User information, up to the last @; a password may contain slashes that should have been encoded.
_USER = re.compile(r"://(?:[^?#]*:[^?#]*@|[^/?#]*@)")
_QUERY_VALUE = re.compile(r"([?&][^=&#]*=)[^&#]*")
_SECRET_NAME = re.compile(
    r"[?&][^=&#]*(?:sig|token|secret|password|credential|auth|key)[^=&#]*=", re.IGNORECASE
)


class Url(str):
    """The address of a remote file. It may contain a password: use `masked` in messages and records."""

    @property
    def name(self) -> str:
        """The file's name: the last part of the path."""
        path = re.split(r"[?#]", _USER.sub("://", self).partition("://")[2])[0]
        return unquote(path.rstrip("/").rpartition("/")[2]) or "census"

    @property
    def masked(self) -> str:
        """The address without user information and without the values of its query, such as signatures."""
        return _QUERY_VALUE.sub(r"\1***", _USER.sub("://***@", self))

    @property
    def holds_secret(self) -> bool:
        """Whether it must not be stored where others can read it."""
        return bool(_USER.search(self) or _SECRET_NAME.search(self))


Location = Path | Url


def holds_secret(text: str) -> bool:
    """Return whether a text is or contains an address that must not be stored where others can read it."""
    return "://" in text and Url(text).holds_secret


def location(text: str | Path) -> Location:
    """Return the URL or path that a text names; `~` is the home folder, as in a shell."""
    return Url(text) if isinstance(text, str) and _SCHEME.match(text) else expand_home(text)


def shown(where: Location) -> str:
    """Return a location as text for messages and records, without secrets."""
    return where.masked if isinstance(where, Url) else str(where)


def _validated(value: Any) -> Location:
    if not isinstance(value, str | Path):
        raise PydanticCustomError("location", "a path or URL is expected")
    found = location(value)
    no_null_character(found)
    return found


#: Type of a setting that names a local or remote file.
FileLocation = Annotated[Path | str, PlainValidator(_validated, json_schema_input_type=Path)]

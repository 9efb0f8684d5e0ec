"""JSON files that programs of other versions write or read: typed, with a format version.

An added key does not change the format version: readers of an older file use the key's default, and an older
program keeps or ignores the key. The format version rises if an older program would misread the file.
"""

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from settings.errors import InputError
from tasks.system.files import replace_json

#: Format version of files that were written before format versions existed.
UNVERSIONED = 0


def _is_moment(text: str) -> str:
    if datetime.fromisoformat(text).tzinfo is None:
        raise ValueError("a time zone is expected")
    return text


#: A date and time with its zone, as text: what is read is what is written again.
Moment = Annotated[str, AfterValidator(_is_moment)]


class Part(BaseModel):
    """A part of a document: immutable. Keys that this version does not know are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Document(Part):
    """The content of one file. Each kind states the newest format that it reads; it writes that one."""

    newest_format: ClassVar[int]
    #: What a user can do about a file that is damaged.
    advice: ClassVar[str]

    format_version: Annotated[int, Field(strict=True, ge=UNVERSIONED)] = UNVERSIONED

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read the file.

        Raises FileNotFoundError if it does not exist, and InputError, in one sentence, if the file is
        damaged or of a newer format than this version reads.
        """
        content = path.read_bytes()
        try:
            document = cls.model_validate_json(content)
        except ValidationError as error:
            _refuse_newer(_format_of(content), cls.newest_format, path)
            raise InputError(_problem(path, error, cls.advice)) from None
        _refuse_newer(document.format_version, cls.newest_format, path)
        return document

    def write(self, path: Path) -> None:
        """Replace the file in one step, in the newest format; dates and decimals become text."""
        content = self.model_dump(exclude={"format_version"})
        replace_json(path, {"format_version": self.newest_format, **content})


def _format_of(content: bytes) -> int:
    """Return the format version of a file with invalid content; UNVERSIONED if it has none."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return UNVERSIONED
    found = document.get("format_version") if isinstance(document, dict) else None
    return found if type(found) is int else UNVERSIONED


def _refuse_newer(found: int, newest: int, path: Path) -> None:
    if found > newest:
        raise InputError(
            f"{path} has format version {found}, and this version of the program reads up to {newest}: use "
            "the version that wrote it, or a newer one"
        )


def _problem(path: Path, error: ValidationError, advice: str) -> str:
    """What is wrong with a file, in one sentence: no JSON, a key is missing, or a value does not fit."""
    wrong = error.errors(include_url=False, include_input=False)
    absent = [_key(one["loc"]) for one in wrong if one["type"] == "missing"]
    if wrong[0]["type"] == "json_invalid":
        return f"{path} is damaged: it is no JSON ({wrong[0]['ctx']['error']}); {advice}"
    if absent:
        return (
            f"{path} lacks {', '.join(sorted(absent))}: it is damaged, or of another version of the program; "
            f"{advice}"
        )
    key = _key(wrong[0]["loc"])
    return f"{path} is damaged: {f'{key}: ' if key else ''}{wrong[0]['msg']}; {advice}"


def _key(place: tuple[Any, ...]) -> str:
    return ".".join(map(str, place))

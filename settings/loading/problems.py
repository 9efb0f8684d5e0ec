"""What is wrong with settings, reported so that the reader can correct it.

One line per problem: where it was found, the key, the value found, what is allowed.
No line shows a secret: values under `alerts` and values that look like a URL are masked,
values of unknown keys are omitted.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from settings.errors import InputError, nearest
from settings.loading.catalog import Schema, schema_at
from settings.loading.yaml_tree import KeyPath
from settings.models.base import NUMBER_TAG, YEARS_TAG
from settings.models.rules import Violation

SourceOf = Callable[[KeyPath], str]

MASK = "**********"
_LONGEST = 80
#: Problems examined and problems printed: a wrong file may have one in every line.
MOST_PROBLEMS = 1000
MOST_SHOWN = 50
_HARMLESS_ALERT_KEYS = {
    "name",
    "min_severity",
    "level",
    "quiet_hours",
    "watch",
    "window_seconds",
    "digest_after",
    "escalate_seconds",
    "retries",
    "retry_seconds",
}


@dataclass(frozen=True)
class Problem:
    """One error in the settings."""

    source: str
    key: str
    found: str | None
    allowed: str

    def __str__(self) -> str:
        key = f"{self.key} = {self.found}" if self.found is not None else self.key
        line = ": ".join(part for part in (self.source, key, self.allowed) if part)
        # Control characters and broken text must not reach the terminal.
        return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line)


class SettingsError(InputError):
    """Raised for invalid settings; `problems` lists every error."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(dict.fromkeys(problems))
        count = len(self.problems)
        lines = "".join(f"\n  {problem}" for problem in self.problems[:MOST_SHOWN])
        if count > MOST_SHOWN:
            lines += "\n  and more"
        many = f"{MOST_PROBLEMS} or more" if count >= MOST_PROBLEMS else str(count)
        super().__init__(f"{many} problem{'s' if count > 1 else ''} in the settings:{lines}")


def shown(path: KeyPath, value: Any) -> str:
    """Render a value for a message: short, and without secrets."""
    text = text_of(value)
    secret = path[:1] == ("alerts",) and path[-1] not in _HARMLESS_ALERT_KEYS
    if (secret and value is not None) or "://" in text:
        return MASK
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def text_of(value: Any) -> str:
    """Write a value in YAML notation, on one line."""
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case dict():
            return "{" + ", ".join(f"{key}: {text_of(item)}" for key, item in value.items()) + "}"
        case list():
            return "[" + ", ".join(text_of(item) for item in value) + "]"
        case "":
            return '""'
    return str(value)


#: Keys of earlier versions -> what to write now.
RENAMED = {
    "workforce.termination_hazard": "workforce.termination.voluntary, with base and factors: {age, tenure}",
    "workforce.promotion_hazard": "workforce.promotion, with base, factors: {age, tenure} and level_damping",
}


def unknown_key(path: KeyPath) -> str:
    """Return the message for an unknown key: its new name, or the nearest valid one here or elsewhere."""
    for length in range(1, len(path) + 1):
        if new_name := RENAMED.get(".".join(path[:length])):
            return f"this key has a new name: {new_name}"
    siblings = list((schema_at(path[:-1]) or {}).get("properties", {}))
    elsewhere = [key for key in _every_key() if key.rpartition(".")[2] == path[-1]]
    if elsewhere and path[-1] not in siblings:
        return f"unknown key; did you mean {' or '.join(elsewhere)}?"
    return f"unknown key; {nearest(path[-1], siblings)}"


@cache
def _every_key() -> tuple[str, ...]:
    return tuple(_all_keys(()))


def _all_keys(path: KeyPath) -> Iterator[str]:
    for name in (schema_at(path) or {}).get("properties", {}):
        yield ".".join((*path, name))
        yield from _all_keys((*path, name))


def allowed(path: KeyPath, given: str = "") -> str:
    """Describe what is allowed at a key, and what was given instead: type, range, meaning and unit."""
    schema = schema_at(path)
    if schema is None:
        return "not allowed"
    kind = kind_of(schema)
    if "oneOf" in schema:
        kind = f"{kind_of(schema['oneOf'][0])}, or one for each year (2025: …)"
    if schema.get("nullable"):
        kind += ", or null"
    description = schema.get("description", "")
    return f"{kind} is allowed{given}" + (f" ({description})" if description else "")


def kind_of(schema: Schema) -> str:
    """Describe the type of a setting with its range."""
    if "enum" in schema:
        return " or ".join(text_of(item) for item in schema["enum"])
    match schema.get("type"):
        case "integer":
            return f"a whole number{_range(schema)}"
        case "number":
            return f"a number{_range(schema)}"
        case "boolean":
            return "true or false"
        case "array":
            return f"a list{_size(schema.get('minItems', 0), schema.get('maxItems'))}"
        case "object":
            return (
                f"a mapping (key: value){_size(schema.get('minProperties', 0), schema.get('maxProperties'))}"
            )
    if schema.get("format") == "date":
        return "a date YYYY-MM-DD such as 2026-06-30"
    length = (
        f" of {schema.get('minLength', 0)} to {schema['maxLength']} characters"
        if "maxLength" in schema
        else ""
    )
    form = f" of the form {schema['pattern']}" if "pattern" in schema else ""
    return f"a text{length}{form}"


def _size(least: int, most: int | None) -> str:
    """Describe how many entries a list or a mapping has; nothing if any number is allowed."""
    if most is None:
        return f" of {least} or more entries" if least else ""
    if least == most:
        return f" of {most} entries"
    return f" of {least} to {most} entries" if least else f" of at most {most} entries"


def _range(schema: Schema) -> str:
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    high = schema.get("maximum", schema.get("exclusiveMaximum"))
    parts = []
    if low is not None:
        parts.append(f"{'above' if 'exclusiveMinimum' in schema else 'from'} {_number(low)}")
    if high is not None:
        parts.append(f"{'to below' if 'exclusiveMaximum' in schema else 'to'} {_number(high)}")
    return "".join(f" {part}" for part in parts)


def _number(bound: float) -> str:
    return str(bound) if isinstance(bound, int) else f"{Decimal(str(bound)).normalize():f}"


def problems_of(error: ValidationError, source_of: SourceOf, tree: Any) -> Iterator[Problem]:
    """Translate pydantic's errors of single fields into problems; `violations_of` returns the others."""
    for details in error.errors(include_url=False)[:MOST_PROBLEMS]:
        if details["type"] != "relations":
            yield _problem_of(details, source_of, tree)


def violations_of(error: ValidationError) -> list[Violation]:
    """Return the violated relations in an error; empty while any single field is wrong."""
    found = [details["ctx"]["violations"] for details in error.errors() if details["type"] == "relations"]
    return [violation for violations in found for violation in violations][:MOST_PROBLEMS]


def _problem_of(details: ErrorDetails, source_of: SourceOf, tree: Any) -> Problem:
    location = [str(part) for part in details["loc"] if part not in (NUMBER_TAG, YEARS_TAG)]
    path = tuple(part for part in location if part != "[key]")
    about_key = location[-1:] == ["[key]"]
    found = None if about_key else found_at(tree, path)
    message = details["msg"][:1].lower() + details["msg"][1:]
    match details["type"]:
        case "extra_forbidden":
            found, text = None, unknown_key(path)
        case "missing":
            text = f"missing; {allowed(path)}"
        case "value_error":
            text = str(details["ctx"]["error"])
        case "decimal_max_places":
            text = f"{allowed(path)}, with at most {details['ctx']['decimal_places']} decimals"
        case "too_short" | "too_long":  # a list or a mapping
            count = details["ctx"]["actual_length"]
            text = allowed(path, f", {count or 'none'} {'was' if count in (0, 1) else 'were'} given")
        case _:
            text = f"not allowed as a key: {message}" if about_key else allowed(path)
    return Problem(source_of(path), ".".join(path), found, text)


def found_at(tree: Any, path: KeyPath) -> str | None:
    """Return the value at a path as text; None if the tree has no such path."""
    value = tree
    for key in path:
        if isinstance(value, list) and key.isdigit() and int(key) < len(value):
            value = value[int(key)]
        elif isinstance(value, dict) and key in value:
            value = value[key]
        else:
            return None
    return shown(path, value)

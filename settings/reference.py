"""docs/settings.md: every setting with meaning, type, unit, default, what is allowed, and origin.

Types, bounds, meanings and units come from the Pydantic models, defaults and origins from defaults.yaml.
`python -m settings.reference` writes the page; a test compares it.
"""

import re
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

from settings.loading.catalog import Schema, default_tree, schema_at
from settings.loading.problems import kind_of, text_of
from settings.loading.yaml_tree import KeyPath
from settings.models.shaping import MODEL_SECTIONS

PAGE = Path(__file__).parent.parent / "docs" / "settings.md"

HEAD = """# Settings

Made by `python -m settings.reference` from the models in `settings/`; do not edit it here.

A settings file names what it changes; the rest keeps the default. `workforce settings show` prints what \
holds and where each value comes from. Order: defaults < `--config FILE` < environment \
(`WORKFORCE__SECTION__KEY`) < `--set key=value` and flags < scenario files. "Per year" means: one value, \
or a mapping year → value that covers all years of the run. Settings of the sections {scenario} may stand \
in a scenario file too, but for years, seed and replicates.

Where no origin is named, the default is that of the product's design (sections {design}) or this \
project's choice (all others). Origins in short: {file} spells them out.
"""
_COLUMNS = ("Setting", "What it is", "Type", "Unit", "Default", "Allowed", "Origin")
_UNIT = re.compile(r"\s*\(([^()]+)\)")
_TYPES = {"integer": "whole number", "number": "number", "boolean": "true or false", "string": "text"}


def reference() -> str:
    """Return the text of docs/settings.md."""
    design = [section for section in MODEL_SECTIONS if section != "cost"]
    head = HEAD.replace("\\\n", "").format(
        scenario=_code(MODEL_SECTIONS),
        design=_code(design),
        file="[defaults.yaml](../settings/defaults.yaml)",
    )
    comments = _comments()
    parts = [head]
    for section in default_tree().content:
        parts.append(f"\n## {section}\n\n{_schema((section,))['description']}.\n\n")
        parts.append(_row(_COLUMNS) + _row(["---"] * len(_COLUMNS)))
        parts += [_row(_cells(path, comments)) for path in _settings((section,))]
        parts.append(_of_items(section))
    return "".join(parts).rstrip() + "\n"


def _settings(path: KeyPath) -> Iterator[KeyPath]:
    """Every setting below a key, in the order of the models."""
    properties = _schema(path).get("properties")
    if properties is None:
        yield path
    for name in properties or ():
        yield from _settings((*path, name))


def _cells(path: KeyPath, comments: dict[int, str]) -> list[str]:
    schema = _schema(path)
    meaning, unit = _meaning(schema["description"])
    return [
        f"`{'.'.join(path)}`",
        meaning,
        _type(schema),
        unit,
        f"`{text_of(_default(path))}`",
        _allowed(path, schema),
        _origin(path, comments),
    ]


def _meaning(description: str) -> tuple[str, str]:
    """Part a description from the unit that it holds in brackets."""
    unit = _UNIT.search(description)
    return (_UNIT.sub("", description, count=1), unit[1]) if unit else (description, "")


def _type(schema: Schema) -> str:
    if "oneOf" in schema:
        return f"{_type(schema['oneOf'][0])}, per year"
    if "enum" in schema:
        return "choice"
    if schema.get("type") == "array":
        return "list"
    if schema.get("type") == "object":
        return "mapping"
    return _TYPES.get(schema.get("type", ""), "number or text")


def _allowed(path: KeyPath, schema: Schema) -> str:
    if schema.get("type") == "object":
        entry = _entry(path, schema)
        if not entry:
            return "a mapping (key: value)"
        if "properties" in entry:
            return f"for each: {', '.join(entry['properties'])}"
        return f"for each: {_allowed((*path, '1'), entry)}"
    kind = kind_of(schema["oneOf"][0]) if "oneOf" in schema else kind_of(schema)
    return kind + (", or null" if schema.get("nullable") else "")


def _entry(path: KeyPath, schema: Schema) -> Schema:
    """The schema of an entry of a mapping, whatever its key; empty where anything may be in it."""
    return next(
        (
            found
            for key in (*schema.get("properties", ()), "1", "01-01")
            if (found := schema_at((*path, key))) is not None
        ),
        {},
    )


def _of_items(section: str) -> str:
    """A table for settings that are mappings or lists of groups, such as a level or a channel."""
    text = ""
    for path in _settings((section,)):
        entry = schema_at((*path, "1")) or {}
        for name, field in entry.get("properties", {}).items():
            schema = schema_at((*path, "1", name)) or field
            meaning, unit = _meaning(schema["description"])
            default = f"`{text_of(field['default'])}`" if "default" in field else "needed"
            text += _row(
                [
                    f"`{'.'.join(path)}.*.{name}`",
                    meaning,
                    _type(schema),
                    unit,
                    "as above" if isinstance(_default(path), dict) and _default(path) else default,
                    _allowed((*path, "1", name), schema),
                    "",
                ]
            )
    return text


def _default(path: KeyPath) -> Any:
    """The default at a key."""
    value: Any = default_tree().content
    for key in path:
        value = value[key]
    return value


def _origin(path: KeyPath, comments: dict[int, str]) -> str:
    """What defaults.yaml says behind "|" at the key and the entries below it."""
    lines: dict[int, KeyPath] = {}
    for key, line in default_tree().lines.items():
        if key[: len(path)] == path:
            lines.setdefault(line, key)  # of several keys on a line the outermost comes first
    found = []
    for line, key in sorted(lines.items()):
        origin = f" {comments.get(line, '')}".partition(" | ")[2].strip()
        if origin:
            found.append(origin if key == path else f"{key[-1]}: {origin}")
    return "; ".join(found)


def _comments() -> dict[int, str]:
    """The comment at the end of each line of defaults.yaml."""
    text = resources.files("settings").joinpath("defaults.yaml").read_text("utf-8")
    return {
        number: line.partition("  #")[2]
        for number, line in enumerate(text.splitlines(), start=1)
        if not line.lstrip().startswith("#")
    }


def _schema(path: KeyPath) -> Schema:
    found = schema_at(path)
    if found is None:
        raise KeyError(".".join(path))
    return found


def _code(names: list[str] | tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _row(cells: list[str] | tuple[str, ...]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


if __name__ == "__main__":
    PAGE.write_text(reference(), "utf-8")

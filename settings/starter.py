"""The settings file with which a planner begins: every setting with its default and what it means.

Settings that shape results stand as values, so that the file records them if defaults change later.
All others are commented out, since a value given in a file also replaces what is deployed on a server.
"""

import json
import re
import textwrap
from collections.abc import Iterator
from typing import Any

from settings.loading.catalog import is_merged_mapping, is_section, schema_at
from settings.loading.document import settings_document
from settings.loading.loader import default_settings
from settings.loading.yaml_tree import KeyPath
from settings.models.shaping import MODEL_SECTIONS

WIDTH = 100
HEAD = """\
# Settings of the workforce simulation: every setting, with its default.
# Change values, and give the file to a run: workforce run --config settings.yaml
# What is commented out keeps its default; remove "# " from its line and from its section's to set it.
# Each rate is one number, or a mapping year -> number that covers every year of the run:
#   total_termination_rate: {2025: 0.12, 2026: 0.11, 2027: 0.11, 2028: 0.10, 2029: 0.10}
"""


def starter_text() -> str:
    """Return a settings file that names every setting with its default and, as a comment, what it is."""
    parts = [HEAD]
    for section, values in settings_document(default_settings()).items():
        mark = "" if section in MODEL_SECTIONS else "# "
        content = (
            [f"{section}:", *_lines((section,), values, "  ")]
            if isinstance(values, dict)
            else [f"{section}: {_yaml(values)}"]
        )
        lines = [f"{mark}{line}" for line in content]
        parts.append("\n".join((*_comment((section,), ""), *lines, "")))
    return "\n".join(parts)


def _lines(path: KeyPath, values: dict[str, Any], indent: str) -> Iterator[str]:
    """The settings of a section, each below its description."""
    for name, value in values.items():
        key = (*path, name)
        yield from _comment(key, indent)
        if isinstance(value, dict) and is_section(key) and not is_merged_mapping(key):
            yield f"{indent}{name}:"
            yield from _lines(key, value, f"{indent}  ")
        elif isinstance(value, dict) and value:
            yield f"{indent}{name}:"
            for entry, item in value.items():
                line = f"{indent}  {_yaml(entry)}: {_yaml(item)}"
                if len(line) > WIDTH and is_section((*key, entry)):
                    yield f"{indent}  {_yaml(entry)}:"
                    yield from _lines((*key, entry), item, f"{indent}    ")
                else:
                    yield line
        elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
            yield f"{indent}{name}:"
            yield from (f"{indent}  - {_yaml(item)}" for item in value)
        else:
            yield f"{indent}{name}: {_yaml(value)}"


def _comment(path: KeyPath, indent: str) -> Iterator[str]:
    schema = schema_at(path)
    if schema and schema.get("description"):
        mark = f"{indent}# "
        yield from textwrap.wrap(
            schema["description"], WIDTH, initial_indent=mark, subsequent_indent=mark, break_on_hyphens=False
        )


def _yaml(value: Any) -> str:
    """A value on one line of YAML."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_yaml(key)}: {_yaml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_yaml, value)) + "]"
    text = json.dumps(value, ensure_ascii=False)
    plain = text[1:-1]
    return plain if isinstance(value, str) and re.fullmatch(r"\d+|[A-Za-z][\w /]*", plain) else text

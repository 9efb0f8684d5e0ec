"""The JSON Schema of a settings file, which editors use for completion and checks.

`python -m settings.schema` writes schema.json; a test compares that with the models.
"""

import json
import re
from copy import deepcopy
from pathlib import Path
from typing import Any

from settings.loading.catalog import Schema, default_tree, model_schema
from settings.models.base import MERGED


def json_schema() -> Schema:
    """Return the JSON Schema of a settings file, defaults included."""
    schema = deepcopy(model_schema())
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "Settings of the workforce simulation"
    _add_defaults(schema, schema["$defs"], default_tree().content)
    for definition in schema["$defs"].values():
        definition.pop("title", None)
    return schema


def _add_defaults(node: Schema, definitions: Schema, defaults: dict[str, Any]) -> None:
    """Add the values of defaults.yaml to their properties; with defaults, no key is required in a file."""
    node.pop("required", None)
    for key, prop in node["properties"].items():
        target = definitions[prop["$ref"].rpartition("/")[2]] if "$ref" in prop else prop
        if "properties" in target:
            _add_defaults(target, definitions, defaults[key])
            continue
        prop["default"] = _typed(defaults[key])
        if MERGED in prop:
            _allow_partial_entries(prop, definitions)


def _allow_partial_entries(mapping: Schema, definitions: Schema) -> None:
    """Allow an entry of a merged mapping to be partial, or null to remove it."""
    entries = mapping.get("patternProperties", mapping)
    key = "additionalProperties" if entries is mapping else next(iter(entries))
    if "$ref" in entries[key]:
        definitions[entries[key]["$ref"].rpartition("/")[2]].pop("required", None)
    entries[key] = {"anyOf": [entries[key], {"type": "null"}]}


def _typed(value: Any) -> Any:
    """Convert the texts of defaults.yaml to JSON types."""
    if isinstance(value, dict):
        return {key: _typed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_typed(item) for item in value]
    if isinstance(value, str) and re.fullmatch(r"-?\d+(\.\d+)?|true|false", value):
        return json.loads(value)
    return value


def schema_text() -> str:
    """Return the text of schema.json."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    Path(__file__).with_name("schema.json").write_text(schema_text(), "utf-8")

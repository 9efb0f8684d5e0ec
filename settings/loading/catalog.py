"""The catalogue of settings: the models' JSON Schema looked up by key, and the defaults.

The loader uses it to find which keys exist, which keys merge, and what each key allows.
"""

from functools import cache, lru_cache
from importlib import resources
from typing import Any, Literal

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema
from typing_extensions import override

from settings.loading.yaml_tree import KeyPath, YamlTree, parse_yaml
from settings.models.base import MERGED
from settings.models.settings import Settings

Schema = dict[str, Any]
_BOUNDS: tuple[Literal["ge", "gt", "le", "lt"], ...] = ("ge", "gt", "le", "lt")


@cache
def default_tree() -> YamlTree:
    """Return defaults.yaml, the only source of defaults."""
    return parse_yaml(resources.files("settings").joinpath("defaults.yaml").read_text("utf-8"))


def in_defaults(path: KeyPath) -> bool:
    """Return whether the defaults have an entry."""
    here: Any = default_tree().content
    for name in path:
        if not isinstance(here, dict) or name not in here:
            return False
        here = here[name]
    return True


class _ShortSchema(GenerateJsonSchema):
    """Omits titles that repeat the key, and describes a Decimal as a number only."""

    @override
    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    @override
    def decimal_schema(self, schema: core_schema.DecimalSchema) -> JsonSchemaValue:
        bounds: Any = {name: float(schema[name]) for name in _BOUNDS if name in schema}
        return self.float_schema(core_schema.float_schema(**bounds))


@cache
def model_schema() -> Schema:
    """Return the models' JSON Schema, without defaults. Shared: do not change it."""
    return Settings.model_json_schema(schema_generator=_ShortSchema)


def _resolved(schema: Schema) -> Schema:
    """Resolve a reference; for an optional setting, return the schema of its values other than null."""
    if "$ref" in schema:
        target = model_schema()["$defs"][schema["$ref"].rpartition("/")[2]]
        return {**target, **{key: value for key, value in schema.items() if key != "$ref"}}
    options = [option for option in schema.get("anyOf", []) if option.get("type") != "null"]
    if len(options) == 1:
        rest = {key: value for key, value in schema.items() if key != "anyOf"}
        return {**_resolved(options[0]), **rest, "nullable": True}
    return schema


@lru_cache(maxsize=1000)
def schema_at(path: KeyPath) -> Schema | None:
    """Return the schema of a setting; None if the key is unknown."""
    schema: Schema = _resolved(model_schema())
    for key in path:
        if key in schema.get("properties", {}):
            schema = _resolved(schema["properties"][key])
            continue
        # An entry of a mapping (also of a yearly one), or of a list.
        options = [schema, *schema.get("oneOf", [])]
        entry: Any = False
        for option in options:
            entry = option.get("additionalProperties") or entry
            if isinstance(option.get("patternProperties"), dict):
                entry = next(iter(option["patternProperties"].values()))
            if key.isdigit() and "items" in option:
                entry = option["items"]
        if not isinstance(entry, dict):
            return None
        schema = _resolved({"description": schema.get("description", ""), **_resolved(entry)})
    return schema


def is_section(path: KeyPath) -> bool:
    """Return whether a key holds settings that are overridden one by one."""
    schema = schema_at(path)
    return schema is not None and ("properties" in schema or is_merged_mapping(path))


def is_merged_mapping(path: KeyPath) -> bool:
    """Return whether a key holds a mapping whose entries are overridden one by one."""
    schema = schema_at(path)
    return schema is not None and MERGED in schema


def is_optional_section(path: KeyPath) -> bool:
    """Return whether a key holds settings that are overridden one by one, or null for none of them."""
    schema = schema_at(path)
    return schema is not None and "properties" in schema and bool(schema.get("nullable"))


def key_path(dotted: str) -> KeyPath:
    """Split a dotted key, as in workforce.levels.3.name.

    What follows a mapping of numbers or texts is one key, which may have dots: factors.location.St. Louis.
    """
    return joined((), dotted)


def joined(path: KeyPath, dotted: str) -> KeyPath:
    """Return a path followed by the parts of a dotted key below it."""
    parts = dotted.split(".")
    for number, part in enumerate(parts):
        if _holds_values(path):
            return (*path, ".".join(parts[number:]))
        path = (*path, part)
    return path


@lru_cache(maxsize=1000)
def _holds_values(path: KeyPath) -> bool:
    """Return whether a key holds a merged mapping of which each entry is one number or text."""
    entry = schema_at((*path, "1")) if is_merged_mapping(path) else None
    return entry is not None and entry.get("type") in ("number", "integer", "string")

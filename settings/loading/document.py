"""Settings as a document: for run.json, for their hash and for `workforce settings show`."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from pydantic import BaseModel, ConfigDict, SecretStr

from settings.loading.catalog import is_section, key_path
from settings.loading.problems import MASK
from settings.models.base import Yearly
from settings.models.location import Url
from settings.models.settings import Settings
from settings.models.shaping import MODEL_SECTIONS, shapes_results

if TYPE_CHECKING:
    from settings.loading.loader import ResolvedSettings

_VALUE_WIDTH = 40


class ExplainedSetting(NamedTuple):
    """A row of `workforce settings show`."""

    key: str
    value: str
    layer: str
    source: str


class RecordedScenario(BaseModel):
    """A scenario as run.json holds it; `settings` are those of the run with its overrides.

    Keys that this version does not know are kept, as in all of run.json.
    """

    model_config = ConfigDict(frozen=True, extra="allow")

    id: str
    description: str
    overrides: dict[str, Any]  # dotted key -> value; None for an entry that was removed
    settings: dict[str, Any]


class RecordedSettings(Protocol):
    """The settings that a run began with, as its run.json holds them."""

    @property
    def settings(self) -> Mapping[str, Any]:
        """What `settings_document` returned."""

    @property
    def scenarios(self) -> Sequence[RecordedScenario]:
        """The scenarios, in the order in which they were given."""


def settings_document(settings: Settings) -> dict[str, Any]:
    """Return the settings as JSON types, secrets masked; `settings_from_document` reads it back.

    Numbers are JSON numbers: none has more than 15 significant digits, so none is lost.
    """
    document: dict[str, Any] = _jsonable(settings)
    return document


def _jsonable(value: Any) -> Any:
    match value:
        case BaseModel():
            return {name: _jsonable(getattr(value, name)) for name in type(value).model_fields}
        case Yearly():
            return _jsonable(value.value)
        case dict():
            return {str(key): _jsonable(item) for key, item in value.items()}
        case list():
            return [_jsonable(item) for item in value]
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case SecretStr():
            return MASK
        case Url():
            return value.masked
        case PurePath() | date():
            return str(value)
    return value


def leaves(document: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return a mapping of dotted key to value for every leaf, in the order of the models."""
    found: dict[str, Any] = {}
    for name, value in document.items():
        key = f"{prefix}{name}"
        if isinstance(value, dict) and value and is_section(key_path(key)):
            found |= leaves(value, f"{key}.")
        else:
            found[key] = value
    return found


def settings_hash(resolved: "ResolvedSettings") -> str:
    """Return the SHA-256 (hex) of all settings that shape the results; files that they name have hashes.

    These are the model's sections of every scenario (settings/models/shaping.py), including years, seed and
    replicates, and the dimensions.
    """
    content = [
        {
            "id": scenario.id,
            "dimensions": scenario.settings.census.dimensions,
            **{group: _shaping(group, getattr(scenario.settings, group)) for group in MODEL_SECTIONS},
        }
        for scenario in resolved.scenarios
    ]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _shaping(section: str, values: BaseModel | None) -> Any:
    """Return the settings of a section that shape results, as JSON types."""
    document = _jsonable(values) or {}
    return {name: value for name, value in document.items() if shapes_results(f"{section}.{name}")}


def explain(resolved: "ResolvedSettings") -> list[ExplainedSetting]:
    """Return one row per setting with its value and origin, then the overrides of each scenario."""
    rows = [
        ExplainedSetting(key, json.dumps(value, ensure_ascii=False), origin.layer, origin.source)
        for key, value in leaves(settings_document(resolved.base)).items()
        for origin in [resolved.provenance[key]]
    ]
    for scenario in resolved.scenarios:
        for key, value in scenario.overrides.items():
            origin = scenario.provenance.get(key)
            rows.append(
                ExplainedSetting(
                    key,
                    json.dumps(value, ensure_ascii=False),
                    f"scenario {scenario.id}",
                    origin.source if origin else "",
                )
            )
    return rows


def as_lines(rows: Sequence[ExplainedSetting]) -> list[str]:
    """Return a heading and one line per row, in columns; no cell is truncated."""
    table = [("Key", "Value", "Layer", "Source"), *rows]
    key, value, layer, _ = (max(len(row[column]) for row in table) for column in range(4))
    value = min(value, _VALUE_WIDTH)  # a longer value shifts the rest of its line
    return [f"{row[0]:{key}}  {row[1]:{value}}  {row[2]:{layer}}  {row[3]}".rstrip() for row in table]

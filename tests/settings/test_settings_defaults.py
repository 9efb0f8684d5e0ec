"""The bundled defaults match the design and the schema, and each one is described."""

import re
from collections.abc import Iterator
from decimal import Decimal
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
import yaml

from settings import Settings, default_settings, load_settings, settings_document
from settings.loading.document import leaves
from settings.models.workforce import band_labels
from settings.reference import PAGE, PLANNING, reference
from settings.schema import json_schema, schema_text


def test_defaults_are_those_of_the_design() -> None:
    settings = default_settings()
    assert settings.simulation.years == range(2025, 2030)
    assert settings.simulation.random_seed == 42
    assert settings.simulation.target_growth_rate.at(2027) == Decimal("0.03")
    assert settings.workforce.total_termination_rate.at(2025) == Decimal("0.12")
    assert settings.workforce.new_hire_termination_rate.at(2025) == Decimal("0.25")
    assert [
        (number, level.name, level.min_salary.at(2025), level.max_salary.at(2025))
        for number, level in settings.workforce.levels.items()
    ] == [
        (1, "Staff", 56_000, 80_000),
        (2, "Manager", 81_000, 120_000),
        (3, "Senior manager", 121_000, 160_000),
        (4, "Director", 161_000, 250_000),
        (5, "VP", 275_000, 400_000),
    ]
    assert (list(settings.workforce.termination), settings.workforce.transfer) == (["voluntary"], None)
    termination, promotion = settings.workforce.termination["voluntary"], settings.workforce.promotion
    assert [float(x) for x in termination.factors["age"].values()] == [0.7, 1.3, 1.0, 1.6, 1.0, 1.2]
    assert [float(x) for x in termination.factors["tenure"].values()] == [1.8, 0.6, 0.5, 0.4, 0.3]
    assert [float(x) for x in promotion.factors["age"].values()] == [1.6, 1.4, 1.1, 0.7, 0.3, 0.1]
    assert [float(x) for x in promotion.factors["tenure"].values()] == [0.5, 1.5, 1.8, 0.8, 0.2]
    assert (termination.base.at(2025), promotion.base.at(2025)) == (Decimal("0.04"), Decimal("0.10"))
    assert [float(x) for x in settings.compensation.merit_multipliers.values()] == [1.0, 1.05, 1.1, 1.15, 1.2]
    assert [float(x) for x in settings.hiring.level_mix.values()] == [0.4, 0.3, 0.2, 0.08, 0.02]
    assert settings.alerts.channels == []
    assert (settings.sla.run_seconds, settings.sla.year_seconds) == (1800, 600)


@pytest.mark.parametrize(
    ("bounds", "labels"),
    [
        ([0, 25, 35, 45, 55, 65], ("<25", "25-34", "35-44", "45-54", "55-64", "65+")),
        ([0, 2, 5, 10, 20], ("<2", "2-4", "5-9", "10-19", "20+")),
        ([0], ("0+",)),
        ([0, 1, 2], ("<1", "1", "2+")),
    ],
)
def test_band_labels(bounds: list[int], labels: tuple[str, ...]) -> None:
    assert band_labels(bounds) == labels


def test_schema_file_is_up_to_date() -> None:
    on_disk = resources.files("settings").joinpath("schema.json").read_text("utf-8")
    assert on_disk == schema_text(), "run: python -m settings.schema"


def test_schema_is_valid_and_accepts_the_defaults() -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())
    jsonschema.validate(settings_document(default_settings()), json_schema())


@pytest.mark.parametrize(
    ("document", "valid"),
    [
        ({"workforce": {"levels": {"3": {"max_salary": 170000}}}}, True),
        ({"workforce": {"levels": {"5": None}}}, True),
        ({"workforce": {"total_termination_rate": {"2025": 0.1}}}, True),
        ({"workforce": {"total_termination_rate": 1.1}}, False),
        ({"workforce": {"total_termination_rat": 0.1}}, False),
        ({"simulation": {"replicates": 0}}, False),
        ({"census": {"decimal_comma": True}}, True),
        ({"census": {"decimal_comma": "perhaps"}}, False),
        ({"alerts": {"channels": [{"name": "ops"}]}}, False),
    ],
)
def test_schema_accepts_and_rejects_documents(document: dict[str, Any], valid: bool) -> None:
    assert jsonschema.Draft202012Validator(json_schema()).is_valid(document) is valid


def test_every_setting_has_a_description_and_a_default() -> None:
    schema = json_schema()

    def properties(node: dict[str, Any], prefix: str) -> Iterator[tuple[str, dict[str, Any], bool]]:
        for name, prop in node["properties"].items():
            target = schema["$defs"][prop["$ref"].rpartition("/")[2]] if "$ref" in prop else prop
            group = "properties" in target
            yield f"{prefix}{name}", prop, group
            if group:
                yield from properties(target, f"{prefix}{name}.")

    for key, prop, group in properties(schema, ""):
        assert prop.get("description"), f"{key} has no description"
        assert group or "default" in prop, f"{key} has no default"


def test_every_number_of_the_default_file_has_a_comment_on_its_line_or_its_groups() -> None:
    text = resources.files("settings").joinpath("defaults.yaml").read_text("utf-8")
    assert text.startswith("# yaml-language-server: $schema=schema.json")
    commented = {-1: False}  # indent -> whether the line there, or one that it belongs to, has a comment
    previous = ""
    for line in text.splitlines():
        indent = len(line) - len(line.lstrip())
        commented = {other: has for other, has in commented.items() if other < indent}
        commented[indent] = commented[max(commented)] or "#" in line or previous.lstrip().startswith("#")
        if any(c.isdigit() for c in line.partition("#")[0].partition(": ")[2]):
            assert commented[indent], f"no unit or origin: {line}"
        previous = line


def test_the_spread_of_dates_shown_as_an_example_is_valid() -> None:
    text = resources.files("settings").joinpath("defaults.yaml").read_text("utf-8")
    example = text.partition("#   merit: ")[2].partition("}")[0].replace("#", "") + "}"
    shares = yaml.safe_load(example)
    document = settings_document(default_settings())
    document["compensation"]["effective_dates"]["merit"] = shares
    assert len(Settings.model_validate(document).compensation.effective_dates.merit) == 12


def test_the_settings_reference_is_up_to_date() -> None:
    assert PAGE.read_text("utf-8") == reference(), "run: python -m settings.reference"


def test_the_examples_of_the_settings_reference_are_valid(tmp_path: Path) -> None:
    examples = re.findall(r"```yaml\n(.*?)```", PLANNING.read_text("utf-8"), re.DOTALL)
    assert len(examples) == 3
    for text in examples:
        (tmp_path / "example.yaml").write_text(text, "utf-8")
        assert load_settings(tmp_path / "example.yaml", environ={}).base != default_settings()


def test_the_settings_reference_has_every_setting_and_every_origin() -> None:
    page = PAGE.read_text("utf-8")
    for key in leaves(settings_document(default_settings())):
        parts = key.split(".")
        shown = (".".join(parts[:length]) for length in range(min(2, len(parts)), len(parts) + 1))
        assert any(f"| `{name}` |" in page for name in shown), key
    text = resources.files("settings").joinpath("defaults.yaml").read_text("utf-8")
    for line in text.splitlines():
        origin = line.partition("  #")[2].partition(" | ")[2]
        assert origin in page, f"{origin!r} is in defaults.yaml, not in {PAGE.name}"

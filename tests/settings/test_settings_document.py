"""Settings as a document: lossless, without secrets, and with a hash that follows the model."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from settings import (
    SettingsError,
    as_lines,
    explain,
    load_settings,
    settings_document,
    settings_from_document,
    settings_hash,
)

CHANNELS = "alerts.channels=[{name: ops, url: 'slack://s3cret'}]"


@hypothesis_settings(max_examples=50)
@given(
    rate=st.decimals(0, 1, places=12),
    pay=st.decimals("400000", "999999999.99", places=2),
    multiplier=st.decimals(0, 999, places=12),
)
def test_document_survives_json_without_loss(rate: Decimal, pay: Decimal, multiplier: Decimal) -> None:
    sets = [
        f"workforce.total_termination_rate={{2025: {rate}, 2026: 0, 2027: 1, 2028: 0.57, 2029: 1e-12}}",
        f"workforce.levels.5.max_salary={pay}",
        f"workforce.termination.voluntary.factors.age.<25={multiplier}",
        "census.path=some/census.csv",
        "census.decimal_comma=true",
    ]
    settings = load_settings(sets=sets, environ={}).base
    document = json.loads(json.dumps(settings_document(settings)))
    assert settings_from_document(document, "run.json") == settings


def test_no_text_shows_a_secret() -> None:
    resolved = load_settings(sets=[CHANNELS], environ={})
    for text in (
        json.dumps(settings_document(resolved.base)),
        str(explain(resolved)),
        repr(resolved),
        str(resolved.base),
    ):
        assert "s3cret" not in text
    assert settings_document(resolved.base)["alerts"]["channels"][0]["url"] == "**********"
    assert resolved.base.alerts.channels[0].url.get_secret_value() == "slack://s3cret"


def test_a_tampered_document_is_refused() -> None:
    document = settings_document(load_settings(environ={}).base)
    document["workforce"]["total_termination_rate"] = 3
    document["simulation"]["random_seed"] = True
    with pytest.raises(SettingsError) as caught:
        settings_from_document(document, "run.json")
    assert {(p.source, p.key) for p in caught.value.problems} == {
        ("run.json", "workforce.total_termination_rate"),
        ("run.json", "simulation.random_seed"),
    }


def test_hash_follows_the_model_and_nothing_else(tmp_path: Path) -> None:
    def digest(*sets: str) -> str:
        return settings_hash(load_settings(sets=sets, environ={}))

    same = digest()
    assert len(same) == 64
    for assignment in (
        "workforce.total_termination_rate=0.120",
        "machine.threads=1",
        "sla.run_seconds=5",
        "census.path=x.csv",
        "dbt.node_tasks=true",
        CHANNELS,
    ):
        assert digest(assignment) == same, assignment
    for assignment in (
        "workforce.total_termination_rate=0.121",
        "simulation.random_seed=43",
        "simulation.replicates=2",
        "compensation.effective_dates.cola={02-01: 1}",
        "census.dimensions=[department]",
    ):
        assert digest(assignment) != same, assignment
    scenario = tmp_path / "s.yaml"
    scenario.write_text("id: other\n")
    assert settings_hash(load_settings(scenarios=[scenario], environ={})) != same


def test_explain_names_every_leaf_and_its_origin(tmp_path: Path) -> None:
    scenario = tmp_path / "s.yaml"
    scenario.write_text("id: low\noverrides:\n  compensation.cola_rate: 0\n")
    config = tmp_path / "config.yaml"
    config.write_text("census:\n  columns:\n    salary: Annual Pay\n")
    resolved = load_settings(config, flags={"--seed": 5}, scenarios=[scenario], environ={})
    rows = {(row.key, row.layer): row for row in explain(resolved)}
    assert rows["simulation.random_seed", "flag"][1:] == ("5", "flag", "--seed")
    assert rows["census.columns.salary", "file"][1:] == ('"Annual Pay"', "file", f"{config}, line 3")
    assert rows["compensation.cola_rate", "default"].value == "0.025"
    assert rows["compensation.cola_rate", "scenario low"][1:] == ("0", "scenario low", f"{scenario}, line 3")
    assert rows["workforce.levels.3.max_salary", "default"].value == "160000"
    assert set(resolved.provenance) == {key for key, layer in rows if not layer.startswith("scenario")}


def test_no_cell_of_settings_show_is_truncated(tmp_path: Path) -> None:
    config = tmp_path / f"{'long' * 20}.yaml"
    config.write_text(
        "compensation:\n  cola_rate: {2025: 0.1, 2026: 0.2, 2027: 0.1, 2028: 0.1, 2029: 0.123456}\n"
    )
    rows = explain(load_settings(config, environ={}))
    heading, *lines = as_lines(rows)
    assert heading.split() == ["Key", "Value", "Layer", "Source"]
    for row, line in zip(rows, lines, strict=True):
        assert all(cell in line for cell in row), line
        assert line[heading.index("Value") :].startswith(row.value), line


def test_an_entry_removed_by_a_scenario_is_recorded(tmp_path: Path) -> None:
    scenario = tmp_path / "s.yaml"
    scenario.write_text(
        "id: flat\noverrides:\n  workforce.levels.5: null\n  compensation.merit_multipliers.5: null\n"
        "  hiring.level_mix: {1: 1}\n"
    )
    (flat,) = load_settings(scenarios=[scenario], environ={}).scenarios
    assert flat.overrides == {
        "workforce.levels.5": None,
        "compensation.merit_multipliers.5": None,
        "hiring.level_mix": {"1": 1},
    }

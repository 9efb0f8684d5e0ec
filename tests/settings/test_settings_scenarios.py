"""Scenario files: what they may override, and what is refused."""

import re
from pathlib import Path

import pytest

from settings import SettingsError, load_settings

EXAMPLES = sorted((Path(__file__).parents[2] / "examples" / "scenarios").glob("*.yaml"))


def write(folder: Path, text: str, name: str = "s.yaml") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_the_examples_run_side_by_side() -> None:
    resolved = load_settings(scenarios=EXAMPLES, environ={})
    assert [scenario.id for scenario in resolved.scenarios] == [path.stem for path in EXAMPLES]
    assert len(EXAMPLES) == 6
    for path, scenario in zip(EXAMPLES, resolved.scenarios, strict=True):
        assert scenario.description
        assert re.match(r"# .+\n# Reference: .+", path.read_text("utf-8")), (
            f"{path.name} lacks title or reference"
        )
        assert bool(scenario.overrides) == (scenario.id != "baseline")


@pytest.mark.parametrize("years", ["2025-2034", "2030-2031"])
def test_the_examples_hold_for_any_years(years: str) -> None:
    load_settings(scenarios=EXAMPLES, flags={"--years": years}, environ={})


def test_identical_scenarios_are_allowed_if_ids_differ(tmp_path: Path) -> None:
    files = [write(tmp_path, f"id: {name}\n", f"{name}.yaml") for name in ("a", "b")]
    one, other = load_settings(scenarios=files, environ={}).scenarios
    assert one.settings == other.settings


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("description: x\n", "id: missing"),
        ("id: Growth\n", "id = Growth: 1 to 64 of"),
        (f"id: {'a' * 65}\n", "1 to 64 of"),
        ("id: null\n", "1 to 64 of"),
        ("id: a\noveride: {}\n", "line 2: overide: unknown key; did you mean overrides"),
        ("id: a\noverrides: [1]\n", "overrides = \\[1\\]: a mapping"),
        ("id: a\ndescription: [1]\n", "description = .*: a text"),
        ("", "a scenario is expected.*the file is empty"),
        ("# nothing\n", "a scenario is expected.*the file is empty"),
        ("- id: a\n", "a scenario is expected: a mapping of id, description, overrides$"),
        ("text\n", "a scenario is expected"),
        ("id: a\nid: b\n", "occurs twice"),
        ("id: a\noverrides: {workforce.total: 1}\n", "line 2: workforce.total: unknown key"),
        (
            "id: a\noverrides: {workforce: {total_termination_rate: 2}}\n",
            "total_termination_rate = 2: a number from 0",
        ),
        ("id: a\noverrides: {simulation.target_growth_rate: 0.3}\n", "from -0.10 to 0.20"),
        ("id: a\noverrides: {hiring.level_mix: {1: 0.5, 1: 0.5}}\n", "occurs twice"),
        ("id: a\noverrides: {compensation: {cola_rate: 0}, compensation.cola_rate: 0}\n", "already set in"),
    ],
)
def test_wrong_scenario_file(tmp_path: Path, text: str, expected: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(SettingsError) as caught:
        load_settings(scenarios=[path], environ={})
    assert re.search(expected, str(caught.value)), str(caught.value)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        (
            "workforce.promotion_raise.min: 0.5",
            r"workforce.promotion_raise.min = 0.5: conflicts with workforce.promotion_raise.max = 0.25 "
            r"\(settings/defaults.yaml, line \d+\), for which at least min \(0.5\) is allowed; set both",
        ),
        (
            "workforce.levels.1.min_salary: 90000",
            "levels.1.min_salary = 90000: conflicts with .*max_salary",
        ),
        (
            "workforce.levels.1.min_salary: 90000",
            "min_salary = 90000: conflicts with .*levels.2.min_salary",
        ),
        (
            "workforce.levels.6: {name: CEO, min_salary: 500000, max_salary: 900000}",
            "workforce.levels.6 = {.*: conflicts with compensation.merit_multipliers.*missing: 6",
        ),
        ("workforce.levels.5: null", "workforce.levels.5 = null: conflicts with hiring.level_mix"),
        ("workforce.levels.2: null", "workforce.levels = .*numbered from 1 without a gap"),
        ("compensation.merit_multipliers.1: null", "compensation.merit_multipliers = .*missing: 1"),
        ("workforce.age_bands: [0, 30]", "are expected too, because other bands remove the old factors"),
        ("compensation: {cola_rate: 7}, workforce.promotion_raise.min: 0.5", "min = 0.5: conflicts with"),
    ],
)
def test_a_conflict_with_a_default_is_reported_for_the_scenario(
    tmp_path: Path, override: str, expected: str
) -> None:
    path = write(tmp_path, f"id: a\noverrides: {{{override}}}\n")
    with pytest.raises(SettingsError) as caught:
        load_settings(scenarios=[path], environ={})
    assert re.search(expected, str(caught.value)), str(caught.value)
    for problem in caught.value.problems:
        assert problem.source == f"{path}, line 2"


@pytest.mark.parametrize("rate", ["0.3", "11", "-7", "{2025: 0, 2026: 99, 2027: 0, 2028: 0, 2029: 0}"])
def test_growth_out_of_range_reports_the_limits_and_how_far_they_widen(tmp_path: Path, rate: str) -> None:
    path = write(tmp_path, f"id: a\noverrides: {{simulation.target_growth_rate: {rate}}}\n")
    with pytest.raises(SettingsError) as caught:
        load_settings(scenarios=[path], environ={})
    (problem,) = caught.value.problems
    assert "from -0.10 to 0.20 is allowed; simulation.limits widens it" in problem.allowed
    assert "to -1 to 10 at most" in problem.allowed


@pytest.mark.parametrize(
    "override",
    [
        "simulation: {start_year: 2026}",
        "simulation: {end_year: 2026}",
        "simulation.random_seed: 1",
        "simulation.replicates: 2",
        "simulation.limits.max_growth: 1",
        "census.dimensions: []",
        "census: {path: x}",
        "sla: {run_seconds: 1}",
        "alerts.channels: []",
        "machine.threads: 1",
        "dbt: {threads: 1}",
    ],
)
def test_what_belongs_to_the_run_is_refused(tmp_path: Path, override: str) -> None:
    path = write(tmp_path, f"id: a\noverrides: {{{override}}}\n")
    with pytest.raises(SettingsError, match="this belongs to the run"):
        load_settings(scenarios=[path], environ={})


def test_ids_must_differ(tmp_path: Path) -> None:
    files = [write(tmp_path, "id: a\n", name) for name in ("one.yaml", "two.yaml")]
    with pytest.raises(SettingsError, match=r"two.yaml: id = a: each scenario needs .*one.yaml has this one"):
        load_settings(scenarios=files, environ={})
    with pytest.raises(SettingsError, match=r"one.yaml: id = a: .*the file is given twice"):
        load_settings(scenarios=[files[0], files[0]], environ={})

"""The order of layers, the origin of each value, and the equivalence of layers."""

import json
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from settings import Origin, SettingsError, default_settings, load_settings, settings_document
from settings.models.shaping import RUN_KEYS

RATE = "workforce.total_termination_rate"
VARIABLE = "WORKFORCE__WORKFORCE__TOTAL_TERMINATION_RATE"


def write(folder: Path, text: str, name: str = "config.yaml") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_nothing_given_means_the_defaults_and_one_baseline_scenario() -> None:
    resolved = load_settings(environ={})
    assert resolved.base == default_settings()
    assert [(s.id, s.overrides, s.settings) for s in resolved.scenarios] == [("baseline", {}, resolved.base)]
    assert {origin.layer for origin in resolved.provenance.values()} == {"default"}


def test_each_layer_overrides_those_before_it(tmp_path: Path) -> None:
    config = write(tmp_path, "simulation:\n  random_seed: 1\n")
    environ = {"WORKFORCE__SIMULATION__RANDOM_SEED": "2"}
    flags = {"--seed": 3}
    sets = ["simulation.random_seed=4"]

    def seed(*args: Any, **kwargs: Any) -> tuple[int, Origin]:
        resolved = load_settings(*args, **{"environ": {}, **kwargs})
        return resolved.base.simulation.random_seed, resolved.provenance["simulation.random_seed"]

    assert seed()[0] == 42
    assert seed(config) == (1, Origin("file", f"{config}, line 2"))
    assert seed(config, environ=environ) == (2, Origin("environment", "WORKFORCE__SIMULATION__RANDOM_SEED"))
    assert seed(config, environ=environ, flags=flags) == (3, Origin("flag", "--seed"))
    assert seed(config, environ=environ, flags=flags, sets=sets) == (
        4,
        Origin("set", "--set simulation.random_seed"),
    )


def test_a_scenario_overrides_every_layer_and_leaves_the_base_alone(tmp_path: Path) -> None:
    scenario = write(tmp_path, f"id: s\noverrides: {{{RATE}: 0.5}}\n")
    resolved = load_settings(environ={VARIABLE: "0.2"}, sets=[f"{RATE}=0.3"], scenarios=[scenario])
    assert resolved.base.workforce.total_termination_rate.at(2025) == Decimal("0.3")
    (only,) = resolved.scenarios
    assert only.settings.workforce.total_termination_rate.at(2025) == Decimal("0.5")
    assert only.overrides == {RATE: 0.5}
    assert only.provenance[RATE] == Origin("scenario", f"{scenario}, line 2")


def test_the_process_environment_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "0.07")
    assert load_settings().base.workforce.total_termination_rate.at(2025) == Decimal("0.07")


def test_flags_of_the_command_line() -> None:
    flags = {"--years": "2026-2027", "--replicates": 3, "--census": Path("mine.csv"), "--seed": None}
    base = load_settings(flags=flags, environ={}).base
    assert base.simulation.years == range(2026, 2028)
    assert base.simulation.replicates == 3
    assert base.census.path == Path("mine.csv")
    assert base.simulation.random_seed == 42
    with pytest.raises(KeyError):  # a programming error, not the user's
        load_settings(flags={"--sede": 1}, environ={})


def test_a_yearly_mapping_is_replaced_whole(tmp_path: Path) -> None:
    config = write(
        tmp_path,
        f"workforce: {{total_termination_rate: {json.dumps(dict.fromkeys(range(2025, 2030), 0.1))}}}",
    )
    with pytest.raises(SettingsError, match=r"missing: 2025, 2026, 2028, 2029"):
        load_settings(config, sets=[f"{RATE}.2027=0.2"], environ={})
    sets = [f"{RATE}.{year}=0.{year - 2024}" for year in range(2025, 2030)]
    rate = load_settings(config, sets=sets, environ={}).base.workforce.total_termination_rate
    assert [rate.at(year) for year in range(2025, 2030)] == [Decimal(f"0.{n}") for n in range(1, 6)]


def test_dates_are_replaced_whole_and_levels_merge() -> None:
    sets = ["compensation.effective_dates.cola={03-01: 1}", "workforce.levels.3.max_salary=170000"]
    base = load_settings(sets=sets, environ={}).base
    assert base.compensation.effective_dates.cola == {"03-01": Decimal(1)}
    level = base.workforce.levels[3]
    assert (level.name, level.min_salary.at(2025), level.max_salary.at(2025)) == (
        "Senior manager",
        121_000,
        170_000,
    )


def test_null_removes_a_level() -> None:
    sets = [
        "workforce.levels.5=null",
        "compensation.merit_multipliers.5=null",
        "hiring.level_mix={1: 0.5, 2: 0.3, 3: 0.2}",
    ]
    resolved = load_settings(sets=sets, environ={})
    assert sorted(resolved.base.workforce.levels) == [1, 2, 3, 4]
    assert not any(key.startswith("workforce.levels.5") for key in resolved.provenance)


def test_other_bands_drop_the_factors_of_lower_layers(tmp_path: Path) -> None:
    bands = "workforce.age_bands=[0, 40]"
    factors = "workforce.termination.voluntary.factors.age={'<40': 3, '40+': 2}"
    none = "workforce.promotion.factors.age={}"
    base = load_settings(sets=[factors, none, bands], environ={}).base  # whatever the order
    assert base.workforce.termination["voluntary"].factors["age"] == {"<40": Decimal(3), "40+": Decimal(2)}
    assert base.workforce.promotion.factors["age"] == {}
    for sets, missing in (
        ([bands], "termination.voluntary.factors.age and"),
        ([bands, factors], "promotion"),
    ):
        with pytest.raises(SettingsError, match=rf"set .*{missing}.* \(<40, 40\+\)"):
            load_settings(sets=sets, environ={})
    assert (
        load_settings(sets=["workforce.age_bands=[0,25,35,45,55,65]"], environ={}).base == default_settings()
    )


def test_factors_merge_value_by_value_whatever_the_value_is_called(tmp_path: Path) -> None:
    """Values of a dimension are texts of the census, which may have dots; `null` removes an entry."""
    factors = "workforce.termination.voluntary.factors"
    config = write(tmp_path, f"{factors}: {{location: {{St. Louis: 2, null: 3}}, tenure: {{'<2': null}}}}")
    sets = [f"{factors}.location.St. John's=0.5", f"{factors}.location.St. Louis=1.5"]
    scenario = write(tmp_path, f"id: s\noverrides: {{{factors}.location.St. Louis: null}}", "s.yaml")
    resolved = load_settings(config, sets=sets, scenarios=[scenario], environ={})
    found = resolved.base.workforce.termination["voluntary"].factors
    assert found["location"] == {"St. Louis": Decimal("1.5"), "null": 3, "St. John's": Decimal("0.5")}
    assert list(found["tenure"]) == ["2-4", "5-9", "10-19", "20+"] and len(found["age"]) == 6
    assert resolved.provenance[f"{factors}.location.St. Louis"].layer == "set"
    (only,) = resolved.scenarios
    assert only.settings.workforce.termination["voluntary"].factors["location"].keys() == {
        "null",
        "St. John's",
    }
    assert only.overrides == {f"{factors}.location.St. Louis": None}


def test_null_ends_an_optional_group_and_keys_complete_it(tmp_path: Path) -> None:
    config = write(tmp_path, "workforce: {transfer: {base: 0.1, by: department, factors: {level: {1: 2}}}}")
    sets = ["workforce.transfer.base=0.2", "workforce.transfer.factors.level.2=0.5"]
    scenario = write(tmp_path, "id: s\noverrides: {workforce.transfer: null}", "s.yaml")
    resolved = load_settings(config, sets=sets, scenarios=[scenario], environ={})
    transfer = resolved.base.workforce.transfer
    assert transfer is not None
    assert (transfer.base.at(2025), transfer.by, transfer.to) == (Decimal("0.2"), "department", None)
    assert transfer.factors == {"level": {"1": Decimal(2), "2": Decimal("0.5")}}
    (without,) = resolved.scenarios
    assert (without.settings.workforce.transfer, without.overrides) == (None, {"workforce.transfer": None})
    assert load_settings(config, sets=["workforce.transfer=null"], environ={}).base == default_settings()


def test_what_was_removed_stays_removed_in_the_settings_of_a_run(tmp_path: Path) -> None:
    """A run.json has mappings as they were; the defaults must not complete them."""
    config = write(
        tmp_path,
        "workforce: {levels: {5: null}, age_bands: [0, 40], termination: {voluntary: null, quit: {base: 0.1}}"
        ", promotion.factors: {age: {}, tenure: null}}\n"
        "compensation.merit_multipliers.5: null\nhiring.level_mix: {1: 1}\n",
    )
    run = load_settings(config, environ={}).base
    assert (list(run.workforce.termination), len(run.workforce.levels)) == (["quit"], 4)
    recorded = SimpleNamespace(settings=settings_document(run), scenarios=())
    assert load_settings(recorded=recorded, environ={}).base == run
    assert load_settings(deployed=settings_document(run), environ={}).base == run


def test_paths_in_a_file_start_at_its_folder(tmp_path: Path) -> None:
    config = write(tmp_path, "census: {path: data/census.csv}\nmachine: {spill_directory: /spill}\n")
    scenario = write(tmp_path, "id: s\noverrides: {plan.actions: actions.csv}\n", "s.yaml")
    (only,) = load_settings(scenarios=[scenario], environ={}).scenarios
    assert only.settings.plan.actions == tmp_path / "actions.csv"
    base = load_settings(config, environ={}).base
    assert base.census.path == tmp_path / "data" / "census.csv"
    assert base.machine.spill_directory == Path("/spill")
    assert load_settings(sets=["census.path=data/census.csv"], environ={}).base.census.path == Path(
        "data/census.csv"
    )


def test_empty_groups_and_files_override_nothing(tmp_path: Path) -> None:
    for text in ("", "# nothing\n", "workforce:\ncensus: {columns: {}}\n", "---\n"):
        assert load_settings(write(tmp_path, text), environ={}).base == default_settings()


def test_text_stays_as_it_was_written(tmp_path: Path) -> None:
    """YAML 1.1 would make false of NO, 7 of 007 and 0.1 + 2e-17 of long decimals."""
    config = write(
        tmp_path,
        "census: {sheet: 007}\n"
        "hiring: {dimension_mix: [{values: {location: NO}, share: 0.3},"
        " {values: {location: null}, share: 0.7}]}\n"
        "workforce: {total_termination_rate: 0.123456789012}\n",
    )
    base = load_settings(config, environ={}).base
    assert base.census.sheet == "007"
    assert base.hiring.dimension_mix is not None
    assert [entry.values for entry in base.hiring.dimension_mix] == [{"location": "NO"}, {"location": None}]
    assert base.workforce.total_termination_rate.at(2025) == Decimal("0.123456789012")


share = st.decimals(0, 1, places=6).map(str)
LEAVES: dict[str, st.SearchStrategy[Any]] = {
    "simulation.random_seed": st.integers(0, 2**63 - 1).map(str),
    "simulation.mode": st.sampled_from(["exact", "expected"]),
    "simulation.target_growth_rate": st.decimals("-0.1", "0.2", places=12).map(str),
    RATE: share | st.fixed_dictionaries({str(year): share for year in range(2025, 2030)}),
    "workforce.levels.2.name": st.sampled_from(["null point", "NO", "0x10", "1.0", "Führung", "a: b", "#1"]),
    "workforce.levels.5.max_salary": st.decimals(300_000, 500_000, places=2).map(str),
    "workforce.termination.voluntary.base": share,
    "workforce.termination.retirement": st.sampled_from([{"base": "0.1", "mandatory_age": "67"}]),
    "workforce.termination.voluntary.factors.level.2": st.sampled_from(["0.5", "2"]),
    "workforce.transfer": st.sampled_from(
        [None, {"base": "0.1", "by": "location", "to": {"St. Louis": "1"}}]
    ),
    "targets": st.sampled_from(
        [None, {"by": ["level"], "segments": [{"where": {"level": "2"}, "headcount": "300"}]}]
    ),
    "hiring.hires": st.sampled_from([None, "250"]),
    "plan.actions": st.sampled_from([None, "/data/actions.csv"]),
    "workforce.promotion_raise.max": st.decimals("0.25", "1", places=6).map(str),
    "compensation.effective_dates.merit": st.sampled_from(
        [{"07-01": "1"}, {"01-01": "0.25", "12-31": "0.75"}]
    ),
    "hiring.level_mix": st.sampled_from([{"1": "1"}, {"1": "0.1", "5": "0.9"}]),
    "census.dimensions": st.lists(st.sampled_from(["team", "site", "country"]), unique=True),
    "census.columns.salary": st.sampled_from(["Annual Pay", "Gehalt (€)", "[x]", "'"]),
    "machine.memory_limit": st.sampled_from([None, "4GB", "1.5GiB"]),
    "dbt.node_tasks": st.sampled_from(["true", "false"]),
}


@hypothesis_settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(sorted(LEAVES)).flatmap(lambda key: st.tuples(st.just(key), LEAVES[key])))
def test_every_way_of_overriding_a_leaf_ends_in_the_same_settings(
    tmp_path: Path, leaf: tuple[str, Any]
) -> None:
    key, value = leaf
    as_json = json.dumps(value)
    nested: Any = value
    for part in reversed(key.split(".")):
        nested = {part: nested}
    by_set = load_settings(sets=[f"{key}={as_json}"], environ={}).base
    by_variable = load_settings(environ={"WORKFORCE__" + key.upper().replace(".", "__"): as_json}).base
    by_file = load_settings(write(tmp_path, json.dumps(nested)), environ={}).base
    assert by_set == by_variable == by_file
    if not any(key == run or key.startswith(f"{run}.") for run in RUN_KEYS):
        for overrides in (nested, {key: value}):
            file = write(tmp_path, json.dumps({"id": "s", "overrides": overrides}), "s.yaml")
            assert load_settings(scenarios=[file], environ={}).scenarios[0].settings == by_set
    if key == "simulation.random_seed":
        assert load_settings(flags={"--seed": int(value)}, environ={}).base == by_set


def test_a_removal_that_a_lower_layer_made_already_is_accepted(tmp_path: Path) -> None:
    """A run is resumed with the settings that it began with, which removed entries of the defaults."""
    file = tmp_path / "mine.yaml"
    file.write_text(
        "workforce: {termination: {voluntary: null, retirement: {base: 0.1, factors: {tenure: {<2: 1.5}}}}, "
        "promotion: {factors: {age: {65+: null}}}}\n",
        "utf-8",
    )
    begun = load_settings(file, environ={})
    recorded = SimpleNamespace(settings=settings_document(begun.base), scenarios=[])
    again = load_settings(file, environ={}, recorded=recorded)
    assert settings_document(again.base) == settings_document(begun.base)
    assert list(again.base.workforce.termination) == ["retirement"]
    file.write_text("workforce: {termination: {voluntray: null}}\n", "utf-8")
    with pytest.raises(SettingsError, match="voluntray"):
        load_settings(file, environ={})

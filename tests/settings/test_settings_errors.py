"""Every wrong input gives one SettingsError that says where, what was found and what is allowed."""

import re
from pathlib import Path

import pytest

from settings import InputError, SettingsError, load_settings


def problems(*sets: str, config: Path | None = None, environ: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load_settings(config, sets=sets, environ=environ or {})
    return [str(problem) for problem in caught.value.problems]


def config_of(folder: Path, content: str | bytes) -> Path:
    path = folder / "config.yaml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


SALES = "{where: {department: Sales}"


@pytest.mark.parametrize(
    ("assignment", "expected"),
    [
        # numbers and their bounds
        ("workforce.total_termination_rate=1.01", "1.01: a number from 0 to 1"),
        ("workforce.total_termination_rate=-0.01", "-0.01: a number from 0 to 1"),
        ("workforce.total_termination_rate=nan", "a number from 0 to 1"),
        ("workforce.total_termination_rate=.inf", "a number from 0 to 1"),
        ("workforce.total_termination_rate=1e999999", "a number from 0 to 1"),
        ("workforce.total_termination_rate=true", "true: a number from 0 to 1"),
        ("workforce.total_termination_rate=null", "null: a number from 0 to 1"),
        ("workforce.total_termination_rate=[0.1]", r"\[0.1\]: a number from 0 to 1"),
        ("workforce.total_termination_rate=0.1234567890123", "at most 12 decimals"),
        ("workforce.total_termination_rate={}", "a number from 0 to 1, or one for each year"),
        (
            "workforce.total_termination_rate={2025: 2}",
            "total_termination_rate.2025 = 2: a number from 0 to 1",
        ),
        ("workforce.total_termination_rate={next: 0.1}", "not allowed as a key"),
        ("workforce.total_termination_rate={2025: 0.1, 2027: 0.1}", "missing: 2026, 2028, 2029"),
        ("workforce.new_hire_termination_rate=1", "1: a number from 0 to below 1"),
        ("workforce.levels.1.min_salary=100.001", "at most 2 decimals"),
        ("simulation.random_seed=-1", "-1: a whole number from 0 to"),
        ("simulation.random_seed=1.5", "1.5: a whole number"),
        ("simulation.random_seed=true", "true: a whole number"),
        (f"simulation.random_seed={'9' * 5000}", "9…: a whole number from 0 to 9223372036854775807"),
        ("simulation.replicates=0", "0: a whole number from 1"),
        ("simulation.start_year=99", "99: a whole number from 1900"),
        ("simulation.opening_date=xx", "xx: a date YYYY-MM-DD such as 2026-06-30, or null is allowed"),
        ("history.start=2024-02-30", "2024-02-30: a date YYYY-MM-DD such as 2026-06-30, or null is allowed"),
        ("simulation.mode=fast", "fast: exact or expected or rates is allowed"),
        # growth and years
        (
            "simulation.target_growth_rate=0.21",
            "0.21: a number from -0.10 to 0.20 .*simulation.limits widens it",
        ),
        ("simulation.target_growth_rate=-0.11", "-0.11: a number from -0.10 to 0.20"),
        ("simulation.target_growth_rate=-2", "-2: a number from -0.10 to 0.20 .* to -1 to 10 at most"),
        ("simulation.end_year=2024", r"2024: a year from 2025 \(simulation.start_year\) to 2034"),
        ("simulation.end_year=2035", "2035: a year from 2025 .* simulation.limits.max_years widens it"),
        ("simulation.limits.min_growth=0.3", r"at most max_growth \(0.20\)"),
        # levels and bands
        ("workforce.levels.7={name: x, min_salary: 500000, max_salary: 600000}", "found: 1, 2, 3, 4, 5, 7"),
        ("workforce.levels.9=null", "null removes an entry; existing entries: 1, 2, 3, 4, 5"),
        ("workforce.levels.6.name=x", r"levels.6.min_salary: missing; a number"),
        ("workforce.levels.one.name=x", "levels.one: not allowed as a key"),
        ("workforce.levels.2.max_salary=80000", "at least 81000 is allowed"),
        ("workforce.levels.2.min_salary=56000", "more than 56000 is allowed, level 1's min_salary"),
        ("workforce.levels.5=null", "merit_multipliers.*unknown: 5"),
        ("workforce.age_bands=[25, 35]", "0 first, then strictly increasing"),
        ("workforce.tenure_bands=[0, 5, 5]", "0 first, then strictly increasing"),
        # lists and mappings of the wrong length
        ("workforce.age_bands=[]", "a list of 1 to 100 entries is allowed, none was given"),
        (f"workforce.age_bands={[*range(101)]}", "a list of 1 to 100 entries is allowed, 101 were given"),
        (
            f"census.dimensions={[f'd{i}' for i in range(21)]}",
            "a list of at most 20 entries .*, 21 were given",
        ),
        ("hiring.months=[1, 2, 3]", r"a list of 12 entries, or null is allowed, 3 were given \(Twelve"),
        ("hiring.months=[1]", "a list of 12 entries, or null is allowed, 1 was given"),
        ("hiring.months=3", "3: a list of 12 entries, or null is allowed"),
        ("hiring.dimension_mix=[]", "a list of 1 or more entries, or null is allowed, none was given"),
        (
            "hiring.dimension_mix=[{values: {}, share: 1}]",
            r"a mapping \(key: value\) of 1 or more entries is allowed, none was given",
        ),
        ("workforce.age_bands=[0, 30]", r"set workforce.termination.voluntary.factors.age .* \(<30, 30\+\)"),
        ("workforce.termination.voluntary.factors.age.25-35=1", "age_bands is expected; did you mean 25-34"),
        ("workforce.termination.voluntary.factors.level.6=1", "a level is expected; .*1, 2, 3, 4, 5"),
        ("workforce.promotion.factors.departement.Sales=1", "census.dimensions; did you mean department"),
        ("workforce.termination.voluntary=null", "workforce.termination = {}: a mapping"),
        ("workforce.termination.reduction_in_force.base=0.1", "the model's own cause"),
        ("workforce.termination.Retired.base=0.1", "not allowed as a key"),
        ("workforce.termination.quit.mandatory_age=67", "quit.base: missing; a number from 0 to 1"),
        (
            "workforce.termination.quit={base: 0.1, eligible: {min_age: 65}, mandatory_age: 65}",
            r"eligible.min_age = 65: at most 64 is allowed: everyone leaves at 65 \(workforce.*.quit.mandat",
        ),
        (
            "workforce.termination.quit={base: 0.1, eligible: {min_tenure: 51}, mandatory_age: 65}",
            "min_tenure = 51: at most 50 is allowed: everyone leaves at 65 .*, and nobody is hired below 14",
        ),
        ("workforce.termination_hazard.base=0.1", "a new name: workforce.termination.voluntary"),
        ("workforce.promotion_hazard.age.<25=1", "a new name: workforce.promotion, with"),
        ("workforce.termination_months=[1, 2]", "a list of 12 entries, or null is allowed, 2 were given"),
        ("hiring.months=[0,0,0,0,0,0,0,0,0,0,0,0]", "at least one weight above 0"),
        # transfer
        ("workforce.transfer.base=0.1", "workforce.transfer.by: missing"),
        ("workforce.transfer={base: 0.1, by: team}", "by = team: a dimension of census.dimensions"),
        ("workforce.transfer={base: 0.1, by: location, to: {Oslo: 0.9}}", "exactly 1"),
        # targets
        ("targets=1", "targets = 1: a mapping"),
        (
            f"targets={{by: [departmen], segments: [{SALES}, growth: 0}}]}}",
            "targets.by = .*; did you mean department",
        ),
        (f"targets={{by: [location], segments: [{SALES}, growth: 0}}]}}", "an attribute of targets.by"),
        (f"targets={{by: [department], segments: [{SALES}}}]}}", "at least one of growth, headcount"),
        (f"targets={{by: [department], segments: [{SALES}, growth: 4}}]}}", "4: a number from -1 to 3"),
        (
            f"targets={{by: [department], segments: [{SALES}, growth: 0, headcount: 1}}]}}",
            "growth or headcount is allowed, not both",
        ),
        (
            f"targets={{by: [department, level], segments: [{SALES}, growth: 0}}, "
            "{where: {level: 2}, headcount: 9}]}",
            r"segments.1.where = {level: 2}: .* overlaps with targets.segments.0.where \(department=Sales\)",
        ),
        ("targets={by: [level], segments: [{where: {level: 6}, growth: 0}]}", "a level is expected"),
        (
            f"targets={{by: [department], segments: [{SALES}, growth: {{2025: 0}}}}]}}",
            "missing: 2026, 2027, 2028, 2029",
        ),
        ("workforce.promotion_raise.min=0.3", r"at least min \(0.3\)"),
        # pay
        ("compensation.merit_multipliers.6=1", "unknown: 6"),
        ("compensation.merit_multipliers.1=0", "a number above 0 to 20"),
        ("compensation.merit_spread=1.5", "a number from 0 to 1"),
        ("compensation.eligibility_cutoff.day=32", "32: a whole number from 1 to 31"),
        ("compensation.eligibility_cutoff={month: 2, day: 29}", "every year has"),
        ("compensation.eligibility_cutoff.year_offset=-2", "a whole number from -1 to 0"),
        ("compensation.effective_dates.cola={02-29: 1}", "cola.02-29: a date MM-DD that every year has"),
        ("compensation.effective_dates.cola={13-01: 1}", "cola.13-01: a date MM-DD"),
        ("compensation.effective_dates.cola={1-1: 1}", "cola.1-1: not allowed as a key"),
        ("compensation.effective_dates.merit={01-01: 0.5, 07-01: 0.4}", "exactly 1, they add up to 0.9"),
        ("compensation.effective_dates.merit=07-01", "07-01: a mapping"),
        # hiring
        ("hiring.level_mix={1: 0.5}", "exactly 1, they add up to 0.5"),
        ("hiring.level_mix={1: 0.5, 6: 0.5}", "unknown: 6"),
        ("hiring.hires=-1", "a whole number from 0"),
        ("hiring.fte_mix={1: 0.5, 1.5: 0.5}", "fte_mix.1.5: not allowed as a key"),
        ("hiring.age_weights={13: 1}", "age_weights.13: not allowed as a key"),
        ("hiring.age_weights={30: 0.333}", "add up to 0.333"),
        ("hiring.dimension_mix=[{values: {team: a}, share: 1}]", "unknown: team"),
        ("hiring.dimension_mix=[{values: {location: a}, share: 0.9}]", "exactly 1"),
        (
            "hiring.dimension_mix=[{values: {location: a}, share: 0.5}, {values: {location: a}, share: 0.5}]",
            "may occur once",
        ),
        (
            "hiring.dimension_mix=[{values: {location: a}, share: 0.5}, "
            "{values: {department: a}, share: 0.5}]",
            "the same dimensions",
        ),
        # census
        ("census.dimensions=[salary]", "'salary' is already a column of the results"),
        ("census.dimensions=[total]", "'total' is already a column of the results"),
        ("census.dimensions=[Team Name]", "Team Name: a text of the form"),
        ("census.dimensions=[a, a]", "found twice: a"),
        ("census.columns.salaray=x", "census.columns.salaray = x: a census column or a dimension"),
        ("census.max_rejected_share=2", "a number from 0 to 1"),
        ("census.decimal_comma=perhaps", "auto or true or false is allowed"),
        ('census.sheet=""', "a text"),
        # operations
        ("sla.run_seconds=0", "a number from 0.001"),
        ("alerts.channels=[{name: ops}]", "alerts.channels.0.url: missing"),
        (
            "alerts.channels=[{name: ops, url: 'a://b', min_severity: high}]",
            "high: info or warning or critical",
        ),
        ("alerts.channels=[{name: a, url: 'a://b'}, {name: a, url: 'a://b'}]", "a unique name"),
        ("machine.threads=0", "a whole number from 1 to 1024, or null"),
        ("machine.memory_limit=lots", "such as 4GB"),
        ("dbt.node_tasks=perhaps", "perhaps: true or false is allowed"),
        # keys
        ("workforce.total_terminaton_rate=0.1", "did you mean total_termination_rate?"),
        ("wrkforce.total_termination_rate=0.1", "did you mean workforce?"),
        ("cola_rate=0.1", "did you mean compensation.cola_rate?"),
        ("workforce.levels.1.nam=x", "did you mean name?"),
        ("simulation=5", "simulation = 5: a mapping"),
        ("simulation.random_seed.x=5", "a whole number"),
        # form
        ("simulation.random_seed", "key=value is expected"),
        ("=5", "key=value is expected"),
        ("workforce.age_bands=[0,", "not valid YAML"),
    ],
)
def test_wrong_value(assignment: str, expected: str) -> None:
    found = problems(assignment)
    key = assignment.partition("=")[0]
    assert any(re.search(expected, line) for line in found), found
    assert all("--set" in line or "settings/defaults.yaml" in line for line in found), found
    if "." in key:
        assert any(key.split(".")[0] in line for line in found)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("simulation:\n  random_seed: [1\n", r"line 3, column 1: not valid YAML"),
        ("simulation:\n\trandom_seed: 1\n", "line 2, column 1: not valid YAML"),
        (
            "simulation: {random_seed: 1}\nsimulation: {random_seed: 2}\n",
            "line 2.* occurs twice, first in line 1",
        ),
        ("simulation: {random_seed: 1, random_seed: 1}\n", "the key simulation.random_seed occurs twice"),
        ("simulation.random_seed: 1\nsimulation: {random_seed: 2}\n", "line 2.*already set in .*line 1"),
        ("just text", "found a text or list"),
        ("- a\n- b\n", "found a text or list"),
        ("a: &x 1\nb: *x\n", "anchors"),
        ("a: !!python/object:os.system x\n", r"tags \(!\) are not supported"),
        ("? [a, b]\n: 1\n", "a key must be"),
        ("--- a\n--- b\n", "not valid YAML"),
        ("a: \x00\n", "control character"),
        ('a: "\\ud800"\n', "escape that is not a character"),
        ('a: "\\U00110000"\n', "escape that is not a character"),
        ("[" * 5000, "nested too deeply"),
        ("a: caf\xe9\n".encode("latin-1"), "line 1: byte 6 .0xe9. is not UTF-8"),
        ("a: 1\n".encode("utf-16"), "is not UTF-8"),
    ],
)
def test_unusable_file(tmp_path: Path, content: str | bytes, expected: str) -> None:
    config = config_of(tmp_path, content)
    (found,) = problems(config=config)
    assert found.startswith(str(config))
    assert re.search(expected, found), found


def test_missing_file_and_folder(tmp_path: Path) -> None:
    assert "no such file" in problems(config=tmp_path / "nope.yaml")[0]
    assert "a folder" in problems(config=tmp_path)[0]
    assert "cannot be read" in problems(config=Path("a\0b"))[0]


def test_byte_order_mark_is_fine(tmp_path: Path) -> None:
    config = config_of(tmp_path, "simulation: {random_seed: 7}\n".encode("utf-8-sig"))
    assert load_settings(config, environ={}).base.simulation.random_seed == 7


def test_all_problems_are_reported_at_once_with_their_places(tmp_path: Path) -> None:
    config = config_of(
        tmp_path,
        "simulation:\n  target_growth_rate: 0.5\nworkforce:\n  total_termination_rate: 2\n"
        "  levels: {2: {min_salary: 1}}\ncensus: {dimnsions: [a]}\n",
    )
    scenario = tmp_path / "s.yaml"
    scenario.write_text("id: s\noverrides: {compensation.cola_rate: 9, sla.run_seconds: 1}\n")
    with pytest.raises(SettingsError) as caught:
        load_settings(
            config,
            environ={"WORKFORCE__DBT__THREADS": "x"},
            flags={"--years": "soon"},
            sets=["sla.run_seconds=-1"],
            scenarios=[scenario],
        )
    reported = [(problem.source, problem.key) for problem in caught.value.problems]
    assert sorted(reported) == sorted(
        [
            (f"{config}, line 2", "simulation.target_growth_rate"),
            (f"{config}, line 4", "workforce.total_termination_rate"),
            (f"{config}, line 5", "workforce.levels.2.min_salary"),
            (f"{config}, line 6", "census.dimnsions"),
            ("WORKFORCE__DBT__THREADS", "dbt.threads"),
            ("--years", ""),
            ("--set sla.run_seconds", "sla.run_seconds"),
            (f"{scenario}, line 2", "compensation.cola_rate"),
            (f"{scenario}, line 2", "sla.run_seconds"),
        ]
    )
    assert isinstance(caught.value, InputError)
    assert all(str(problem) in str(caught.value) for problem in caught.value.problems)


def test_a_wrong_year_reports_no_follow_up_problems() -> None:
    rates = "{" + ", ".join(f"{year}: 0.1" for year in range(2040, 2045)) + "}"
    found = problems(
        f"workforce.total_termination_rate={rates}", "simulation.start_year=x", "simulation.end_year=2044"
    )
    assert len(found) == 1 and "simulation.start_year = x" in found[0]


def test_limits_can_be_widened() -> None:
    sets = ["simulation.target_growth_rate=0.5", "simulation.limits.max_growth=0.5"]
    load_settings(sets=sets, environ={})
    sets = ["simulation.end_year=2054", "simulation.limits.max_years=30"]
    load_settings(sets=sets, environ={})


@pytest.mark.parametrize(
    "sets",
    [
        ["alerts.channels=[{name: ops, url: 'slack://s3cret', level: 0}]"],
        ["alerts.channels=[{name: ops, url: s3cret}]"],
        ["alerts.channels=[{name: ops, ulr: s3cret}]"],
        ["alerts.channels=[s3cret]"],
        ["alerts.channels=s3cret"],
        ["alerts=s3cret"],
        ["alerts.chanels=s3cret"],
        ["alert.channels=[{url: s3cret}]"],
        ["alert=s3cret"],
        ["alerts.channels=[{name: ops, url: 's3cret"],
        ["slack://s3cret"],
        ["census.encoding=slack://s3cret", "simulation.mode=slack://s3cret"],
        ["alerts.channels=[{name: a, url: 'a://s3cret'}, {name: a, url: 'a://s3cret'}]"],
    ],
)
def test_no_error_shows_a_secret(sets: list[str]) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(sets=sets, environ={})
    assert "s3cret" not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_control_characters_of_the_input_do_not_reach_the_terminal() -> None:
    (found,) = problems("simulation.mode=\x1b[31mred")
    assert "\x1b" not in found and "\\x1b" in found


def test_the_mandatory_age_of_one_cause_limits_who_is_eligible_for_another() -> None:
    early = "workforce.termination.health={base: 0, mandatory_age: 60}"
    least = "eligible: {min_age: %s, min_tenure: 45}"
    cause = f"workforce.termination.retirement={{base: 0.2, {least}, mandatory_age: 67}}"
    load_settings(sets=[early, cause % 59], environ={})
    (problem,) = problems(early, cause % 60)
    assert "health.mandatory_age" in problem and "60" in problem

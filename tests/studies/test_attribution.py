"""What each setting contributes to a difference, against runs of every combination of settings."""

import json
import resource
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from itertools import combinations, permutations
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from flows.cli import attribute as cli
from flows.cli.main import app
from settings import InputError, SettingsError
from tasks.census.sample import sample_census
from tasks.results.report.charts import charts_of
from tasks.results.report.figures import tables
from tasks.runs.directory import RunDirectory
from tasks.runs.record import read_record
from tasks.runs.recorded import recorded_input
from tasks.studies.attribution import attribute as attribution
from tasks.studies.attribution import shapley
from tasks.studies.attribution.attribute import Attribution, Question, adding_up, ask, attribute
from tasks.studies.attribution.stored import store, stored
from tasks.studies.attribution.units import Side, find_mixtures, short_name
from tasks.studies.figures import create_figures
from tasks.warehouse.published import published
from tests.simulate import Finished, simulate

CHANGES: Mapping[str, Any] = {
    "simulation.target_growth_rate": 0.08,
    "compensation.cola_rate": 0.04,
    "workforce.total_termination_rate": 0.2,
}
PARTS = [part for size in range(4) for part in combinations(CHANGES, size)]


def named(part: tuple[str, ...]) -> str:
    return "baseline" if not part else "plan" if len(part) == 3 else f"part_{PARTS.index(part)}"


#: Sections of the settings that runs of earlier versions do not have.
NEWER = ("company", "goals")


@pytest.fixture(scope="module")
def every_part(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """A run whose scenarios are all combinations of three changes."""
    return simulate(
        tmp_path_factory.mktemp("parts"),
        sample_census(120),
        years="2025-2026",
        replicates=3,
        scenarios={named(part): {key: CHANGES[key] for key in part} for part in PARTS},
        report=False,
    )


def answer_of(finished: Finished, folder: Path, question: Question | None = None) -> Attribution:
    directory = finished.run.directory
    found = recorded_input(directory)
    (answer,) = attribute(directory, found, [question or ask(found, "plan", "baseline")], folder)
    return answer


@pytest.fixture(scope="module")
def answer(every_part: Finished, tmp_path_factory: pytest.TempPathFactory) -> Attribution:
    return answer_of(every_part, tmp_path_factory.mktemp("scratch"))


def values_of(finished: Finished) -> pl.DataFrame:
    with published(finished.run.directory.results) as connection:
        create_figures(connection, breakdowns=False)
        return connection.execute("from figures").pl().filter(breakdown="total")


@pytest.mark.slow
def test_contributions_are_means_over_all_orders_of_the_runs_of_every_combination(
    every_part: Finished, answer: Attribution
) -> None:
    """Computed again: the mean over 3! orders of what a change adds to a run of those before it."""
    keys = ["figure", "simulation_year"]
    values = values_of(every_part)
    by_part = {
        frozenset(part): values.filter(scenario_id=named(part)).sort(*keys, "replicate") for part in PARTS
    }
    orders = list(permutations(CHANGES))
    for setting in CHANGES:
        added = [
            by_part[frozenset(order[: order.index(setting) + 1])]["value"]
            - by_part[frozenset(order[: order.index(setting)])]["value"]
            for order in orders
        ]
        expected = (
            by_part[frozenset()]
            .select(*keys, share=sum(added) / len(orders))
            .group_by(keys)
            .agg(mean=pl.col("share").mean(), error=pl.col("share").std() / 3**0.5)
            .sort(keys)
        )
        found = answer.rows.filter(setting=setting).sort(keys)
        assert found.select(keys).equals(expected.select(keys))
        assert np.allclose(found["contribution"], expected["mean"], rtol=1e-9, atol=2e-6)
        assert np.allclose(found["standard_error"], expected["error"], rtol=1e-6, atol=1e-6)


@pytest.mark.slow
def test_contributions_add_up_to_the_published_difference(every_part: Finished, answer: Attribution) -> None:
    keys = ["figure", "simulation_year"]
    sums = answer.rows.group_by(keys).agg(pl.col("contribution").sum()).sort(keys)
    means = values_of(every_part).group_by("scenario_id", *keys).agg(pl.col("value").mean())
    both = (means.filter(scenario_id=each).sort(keys)["value"] for each in ("plan", "baseline"))
    plan, baseline = both
    assert sums.height == 2 * 15
    assert np.allclose(sums["contribution"], plan - baseline, rtol=1e-12, atol=2e-6)
    assert set(answer.rows["setting"]) == set(CHANGES)


@pytest.mark.slow
def test_a_setting_that_changes_only_cost_contributes_nothing_else(
    every_part: Finished, answer: Attribution
) -> None:
    raises = answer.rows.filter(setting="compensation.cola_rate")
    assert (raises.filter(figure="headcount")["contribution"] == 0).all()
    assert (raises.filter(figure="payroll", simulation_year=2026)["contribution"] > 0).all()


@pytest.mark.slow
def test_more_settings_than_all_combinations_allow_are_sampled(
    every_part: Finished, answer: Attribution, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attribution, "MOST_EXACT", 2)
    sampled = answer_of(every_part, tmp_path)
    assert len(sampled.question.orders) == 2 * attribution.PAIRS
    keys = ["setting", "figure", "simulation_year"]
    both = sampled.rows.join(answer.rows, on=keys, suffix="_exact")
    off = (both["contribution"] - both["contribution_exact"]).abs()
    assert both.height == answer.rows.height
    assert (
        off <= 4 * both["standard_error"] + 1e-5
    ).all()  # at 4 errors, 90 numbers: less than 1 % by chance
    sums = sampled.rows.group_by("figure", "simulation_year").agg(pl.col("contribution").sum()).sort(keys[1:])
    exact = answer.rows.group_by("figure", "simulation_year").agg(pl.col("contribution").sum()).sort(keys[1:])
    assert np.allclose(sums["contribution"], exact["contribution"], atol=2e-6, rtol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("most_exact", [2, 6])
def test_a_figure_without_value_in_a_combination_is_left_out(
    every_part: Finished, monkeypatch: pytest.MonkeyPatch, most_exact: int
) -> None:
    """As average pay where only one of the settings leaves nobody employed; other figures stay."""
    monkeypatch.setattr(attribution, "MOST_EXACT", most_exact)
    question = ask(recorded_input(every_part.run.directory), "plan", "baseline")

    def value(coalition: frozenset[int]) -> Any:
        pay = [np.nan] * 3 if len(coalition) == 2 else [1.0 + len(coalition)] * 3
        return np.array([pay, [2.0 * len(coalition)] * 3])

    rows = attribution._rows(question, [("average_pay", 2025), ("headcount", 2025)], value)
    assert {*rows["figure"]} == {"headcount"}
    assert rows["contribution"].to_list() == [2.0] * 3


@pytest.mark.slow
def test_the_report_shows_what_is_kept(every_part: Finished, answer: Attribution) -> None:
    directory = every_part.run.directory
    store(directory, [answer])
    with published(directory.results) as connection:
        (table,) = tables(connection, read_record(directory), ("attribution",), directory)
    assert {row["scenario_id"] for row in table.rows} == {"plan"}
    sums = {row["figure"]: row["last"] for row in table.rows if row["setting"] == "all settings"}
    for figure, total in sums.items():
        parts = [row["last"] for row in table.rows if row["figure"] == figure]
        assert sum(parts[:-1]) == pytest.approx(total, abs=1e-4)
    ((_, chart),) = charts_of(table)
    assert "+12 employees" in json.dumps(chart)  # 120 at 8 % for two years, less 4 at the default


@pytest.mark.slow
def test_what_is_kept_is_written_completely_or_not(
    every_part: Finished, answer: Attribution, tmp_path: Path
) -> None:
    directory = RunDirectory(tmp_path)
    store(directory, [answer])
    before = directory.attribution.read_bytes()
    _, hard = limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))  # as a full disk
    try:
        with pytest.raises(OSError, match=r"File too large.*attribution\.parquet"):
            store(directory, [answer])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [before]
    directory.attribution.write_bytes(before[:500])
    with pytest.raises(InputError, match=r"attribution\.parquet is damaged; remove it"):
        stored(directory)


# --- the arithmetic


def test_shapley_values_of_random_games() -> None:
    """They add up, are 0 for a player who adds nothing, and equal for players who add the same."""
    generator = np.random.default_rng(7)
    for players in (1, 2, 3, 4, 5):
        worth = {each: generator.normal(size=2) for each in shapley.all_coalitions(players)}

        def value(coalition: frozenset[int], worth: Any = worth, last: int = players - 1) -> Any:
            return worth[coalition - {last}]  # the last player adds nothing

        found = shapley.exact(players, value)
        everyone = frozenset(range(players))
        assert np.allclose(sum(found), value(everyone) - value(frozenset()))
        assert np.allclose(found[-1], 0)

        def symmetric(coalition: frozenset[int]) -> Any:
            return np.array([float(len(coalition) ** 2)])

        assert np.allclose(shapley.exact(players, symmetric), players)


def test_orders_come_in_pairs_and_are_the_same_for_a_seed() -> None:
    orders = shapley.permutations(8, 5, 42)
    assert orders == shapley.permutations(8, 5, 42) != shapley.permutations(8, 5, 43)
    assert all(one == other[::-1] for one, other in zip(orders[::2], orders[1::2], strict=True))


@pytest.mark.parametrize("decimals", [0, 3, 6])
def test_rounded_contributions_add_up(decimals: int) -> None:
    generator = np.random.default_rng(1)
    for _ in range(100):
        shares = generator.normal(scale=1e6, size=5).tolist()
        rounded = adding_up(shares, sum(shares), decimals)
        assert round(sum(rounded), decimals) == pytest.approx(round(sum(shares), decimals), rel=1e-12)
        assert all(abs(one - other) <= 4 * 10**-decimals for one, other in zip(shares, rounded, strict=True))


# --- what differs


def sides(finished: Finished, **changes: Any) -> tuple[Side, Side]:
    """Return the recorded baseline, and one with other values at these sections."""
    settings = recorded_input(finished.run.directory).record.scenarios[0].settings
    return Side(settings, None), Side({**settings, **changes}, None)


@pytest.mark.slow
def test_known_actions_count_by_their_content(every_part: Finished) -> None:
    one, _ = sides(every_part)
    moved = {**one.settings, "plan": {**one.settings["plan"], "actions": "elsewhere.csv"}}
    plan, other = pl.DataFrame({"action_id": ["a"]}), pl.DataFrame({"action_id": ["b"]})
    same = find_mixtures(Side(one.settings, plan), Side(moved, plan), "run.json")
    assert same.units == ()
    found = find_mixtures(Side(one.settings, plan), Side(one.settings, other), "run.json")
    assert [unit.name for unit in found.units] == ["plan.actions"]
    assert found.mixed([0], "x")[1] is other
    assert found.mixed([], "x")[1] is plan


@pytest.mark.slow
def test_a_part_that_one_side_lacks_is_one_setting(every_part: Finished) -> None:
    workforce = dict(sides(every_part)[0].settings["workforce"])
    causes = {**workforce["termination"], "retirement": workforce["termination"]["voluntary"]}
    found = find_mixtures(*sides(every_part, workforce={**workforce, "termination": causes}), "run.json")
    assert [unit.name for unit in found.units] == ["workforce.termination.retirement"]
    assert "retirement" in found.mixed([0], "x")[0].settings.workforce.termination
    assert "retirement" not in found.mixed([], "x")[0].settings.workforce.termination


@pytest.mark.slow
def test_settings_that_are_valid_only_together_are_one(every_part: Finished) -> None:
    """Other bands need other factors; the merit budget does not."""
    found = recorded_input(every_part.run.directory)
    (baseline,) = (entry for entry in found.record.scenarios if entry.id == "baseline")
    settings = deepcopy(baseline.settings)
    settings["workforce"]["age_bands"] = [0, 30, 50]
    for hazard in (settings["workforce"]["termination"]["voluntary"], settings["workforce"]["promotion"]):
        hazard["factors"]["age"] = {"<30": 2, "30-49": 1, "50+": 1}
    settings["compensation"]["merit_budget"] = 0.01
    bands = baseline.model_copy(update={"id": "bands", "settings": settings})
    record = found.record.model_copy(update={"scenarios": [baseline, bands]})
    names = [unit.name for unit in ask(replace(found, record=record), "bands", "baseline").mixtures.units]
    assert len(names) == 2
    assert "compensation.merit_budget" in names
    (together,) = (name for name in names if name != "compensation.merit_budget")
    assert together.startswith("workforce.age_bands + ")


@pytest.mark.slow
def test_a_run_of_an_earlier_version_has_its_settings_one_by_one(every_part: Finished) -> None:
    """It lacks sections that were added since; one whose settings are refused now is refused."""
    found = recorded_input(every_part.run.directory)
    before = [
        entry.model_copy(
            update={"settings": {key: entry.settings[key] for key in entry.settings if key not in NEWER}}
        )
        for entry in found.record.scenarios
    ]
    record = found.record.model_copy(update={"scenarios": before})
    other = next(entry.id for entry in before if entry.id != "baseline")
    now, then = (ask(each, other, "baseline") for each in (found, replace(found, record=record)))
    assert [unit.name for unit in then.mixtures.units] == [unit.name for unit in now.mixtures.units]
    refused = before[0].model_copy(update={"settings": {**before[0].settings, "census": {}}})
    record = record.model_copy(update={"scenarios": [refused, *before[1:]]})
    with pytest.raises(SettingsError, match="census"):
        ask(replace(found, record=record), other, refused.id)


# --- the command


def invoke(finished: Finished, *arguments: str) -> Any:
    output = str(finished.run.directory.path.parent)
    return CliRunner().invoke(app, ["attribute", "run", "--output", output, *arguments])


@pytest.mark.slow
def test_json_of_one_replicate_adds_up(every_part: Finished) -> None:
    found = invoke(every_part, "--scenario", "plan", "--json", "--replicates", "1")
    assert found.exit_code == 0, found.output
    rows = pl.DataFrame(json.loads(found.stdout))
    assert {"setting", "figure", "simulation_year", "contribution", "standard_error"} <= {*rows.columns}
    first = values_of(every_part).filter(replicate=1, figure="payroll", simulation_year=2026)
    plan, baseline = (first.filter(scenario_id=each)["value"].item() for each in ("plan", "baseline"))
    of_payroll = rows.filter(figure="payroll", simulation_year=2026)
    assert of_payroll["contribution"].sum() == pytest.approx(plan - baseline, abs=1e-5)
    assert of_payroll["standard_error"].null_count() == 3


@pytest.fixture
def simulated_before(answer: Attribution, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command prints the module's answer, without simulating again."""
    monkeypatch.setattr(cli, "attribute", lambda *_arguments: [answer])


@pytest.mark.slow
@pytest.mark.usefixtures("simulated_before")
def test_csv_has_every_figure(every_part: Finished, answer: Attribution) -> None:
    found = invoke(every_part, "--scenario", "plan", "--csv")
    assert found.exit_code == 0, found.output
    rows = pl.read_csv(found.stdout.encode())
    assert rows["contribution"].to_list() == answer.rows["contribution"].to_list()
    assert {*rows["scenario"]} == {"plan"}


@pytest.mark.slow
@pytest.mark.usefixtures("simulated_before")
def test_the_printed_columns_add_up(every_part: Finished, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("LINES", raising=False)
    found = invoke(every_part, "--scenario", "plan", "--figure", "payroll")
    assert found.exit_code == 0, found.output
    assert max(map(len, found.stdout.splitlines())) <= 80
    rows = [line.split() for line in found.stdout.splitlines() if line.startswith("  ")][1:]
    assert sorted(row[0] for row in rows[1:-1]) == sorted(CHANGES)
    first = [0.0 if row[1] == "–" else float(row[1]) for row in rows]
    assert sum(first[:-1]) == pytest.approx(first[-1], abs=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "--scenario: one of part_1,"),
        (["--scenario", "baseline"], "it is the baseline"),
        (["--scenario", "plam"], "--scenario: 'plam'"),
        (["--scenario", "plan", "--figure", "pay"], "--figure: 'pay' is not a figure"),
        (["--scenario", "plan", "--replicates", "9"], "run run has 3"),
        (["--scenario", "plan", "--json", "--csv"], "one of them"),
        (["--scenario", "plan", "--save", "--replicates", "1"], "--save"),
    ],
)
def test_wrong_flags(every_part: Finished, arguments: list[str], message: str) -> None:
    found = invoke(every_part, *arguments)
    assert isinstance(found.exception, InputError)  # flows/cli/main.py ends with status 2
    assert message in str(found.exception)


def test_a_unit_of_many_settings_is_named_by_its_first() -> None:
    keys = [f"workforce.bands.{number}" for number in range(20)]
    assert short_name(" + ".join(keys[:3])) == " + ".join(keys[:3])
    assert short_name(" + ".join(keys)) == "workforce.bands.0 + 19 more"

"""The commands `compare`, `precision` and `solve` as a user calls them."""

import math
import re
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from flows.cli.main import app
from settings import InputError
from tasks.studies.precision_tables import note_on_same
from tests.simulate import Finished


def call(*arguments: object) -> str:
    """Return the output of a command; errors propagate, as to `workforce`, which prints them."""
    done = CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def output_of(finished: Finished) -> Path:
    return finished.run.directory.path.parent


def test_compare_shows_settings_differences_and_what_pairing_gains(
    finished: Finished, tmp_path: Path
) -> None:
    file = tmp_path / "differences.csv"
    shown = call("compare", "run", "--output", output_of(finished), "--file", file)
    assert "compensation.merit_budget" in shown
    assert "squeeze against baseline" in shown
    assert "Replicates are paired (5)" in shown
    rows = pl.read_csv(file)
    squeeze = rows.filter(
        (pl.col("scenario_id") == "squeeze")
        & (pl.col("figure") == "payroll")
        & (pl.col("breakdown") == "total")
        & (pl.col("simulation_year") == 2026)
    ).row(0, named=True)
    assert f"{squeeze['difference'] / 1e6:+,.3f} ± {squeeze['standard_error'] / 1e6:,.3f}" in shown


def test_compare_by_department(finished: Finished) -> None:
    shown = call("compare", "run", "--output", output_of(finished), "--by", "department")
    assert "Engineering" in shown
    with pytest.raises(InputError, match=r"--by: 'departmnt' is not a breakdown .* did you mean department"):
        call("compare", "run", "--output", output_of(finished), "--by", "departmnt")


def test_compare_refuses_a_file_it_cannot_write(finished: Finished) -> None:
    with pytest.raises(InputError, match=r"allowed are \.csv and \.parquet"):
        call("compare", "run", "--output", output_of(finished), "--file", "differences.xml")


def test_precision_reports_the_figures_with_spread(finished: Finished) -> None:
    shown = call("precision", "run", "--output", output_of(finished), "--want", "payroll=0.05%")
    assert "by construction: headcount, hires, leavers, total turnover" in shown
    assert "wanted ±0.050%" in shown


def test_counts_are_not_said_to_be_given_where_they_vary() -> None:
    """In a stub, chance decides how many of those hired before the opening leave."""
    assert note_on_same(["headcount", "severance"], exact=True) == (
        "The same in every replicate: headcount, severance."
    )
    assert "who, not how many" in note_on_same(["headcount", "hires", "leavers"], exact=True)


@pytest.mark.slow
def test_solve_shows_its_path_or_says_that_there_is_no_answer(census: pl.DataFrame, tmp_path: Path) -> None:
    census.write_parquet(tmp_path / "census.parquet")
    common = ["--census", str(tmp_path / "census.parquet"), "--years", "2025-2025"]
    asked = ["--by", "workforce.total_termination_rate", "--between", "0,0.2", "--step", "0.05", *common]
    shown = call("solve", "--goal", "leavers<=25", *asked)
    assert "gives" in shown and "the next value" in shown
    answer = re.search(r"(?m)^workforce\.total_termination_rate = (\S+) gives", shown)
    assert answer, shown
    flags = f"--census {tmp_path / 'census.parquet'} --years 2025-2025"
    run = f"workforce run {flags} --set workforce.total_termination_rate={answer[1]}"
    assert f"To run it: {run}" in shown
    none = CliRunner().invoke(app, ["solve", "--goal", "leavers>=500", *asked])
    assert none.exit_code == 1
    assert "No answer: no value within the bounds meets the goal leavers in every year >= 500" in none.output


@pytest.mark.slow  # a search by many simulations
def test_solve_meets_a_goal_of_cost_by_a_cost_rate(census: pl.DataFrame, tmp_path: Path) -> None:
    """Severance is in proportion to its rate, so the answer is known from any other trial."""
    census.write_parquet(tmp_path / "census.parquet")
    common = ["--census", str(tmp_path / "census.parquet"), "--years", "2025-2025"]
    shrink = ["--set", "simulation.target_growth_rate=-0.1", "--set", "workforce.total_termination_rate=0"]
    asked = ["--by", "cost.severance.rate", "--between", "0,1", "--step", "0.01", *common, *shrink]
    shown = call("solve", "--goal", "severance@2025<=400k", *asked)
    trials = dict(re.findall(r"(?m)^ +\d+ +(\S+) +([\d,.]+) +(?:met|–)", shown))
    amounts = {float(rate): float(amount.replace(",", "")) for rate, amount in trials.items()}
    answer = re.search(r"(?m)^cost\.severance\.rate = (\S+) gives", shown)
    assert answer, shown
    assert amounts[0] == 0 and amounts[1] > 400_000, "many are laid off"
    for rate, amount in amounts.items():
        assert amount == pytest.approx(rate * amounts[1], abs=1), "rounded once per month, level and place"
    assert float(answer[1]) == math.floor(100 * 400_000 / amounts[1]) / 100
    loaded = call("solve", "--goal", "loaded_cost<=1bn", *asked)
    assert "every value tried meets the goal" in loaded.lower() and "Loaded cost (highest year)" in loaded

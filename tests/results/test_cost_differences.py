"""Scenarios and runs that differ only in a cost rate differ in cost, in each command and in the report.

Scenario `dear` of the shared run is `base` with higher benefits and bonuses.
"""

import json
from pathlib import Path
from shutil import copytree, rmtree

import duckdb
import polars as pl
import pytest
from typer.testing import CliRunner

from flows.cli.main import app
from tasks.results.report.figures import tables
from tasks.runs.directory import RunDirectory
from tasks.runs.record import read_record
from tasks.studies.figures import COSTS
from tasks.text.costs import COST_COLUMNS, LOADED, PARTS
from tasks.warehouse.published import Rows, published
from tests.simulate import Finished

#: The costs in which `dear` differs from `base`: tax is paid on the bonus too.
DEARER = {"bonus", "benefits", "payroll_tax", "loaded_cost"}


def call(output: Path, *arguments: object) -> str:
    """Return the output of a command on a run of the directory, with single blanks."""
    words = [*map(str, arguments), "--output", str(output)]
    done = CliRunner().invoke(app, words, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return " ".join(done.output.split())


@pytest.fixture
def output(finished: Finished) -> Path:
    return finished.run.directory.path.parent


@pytest.fixture
def earlier(finished: Finished, tmp_path: Path) -> Path:
    """The run, and `old`: the same as an earlier version would have published it, without the year's cost."""
    for name in ("new", "old"):
        copytree(finished.run.directory.path, tmp_path / "runs" / name)
    for part in (tmp_path / "runs" / "old").glob("results/fct_year_summary/*/*/part.parquet"):
        pl.read_parquet(part, hive_partitioning=False).drop(COST_COLUMNS).write_parquet(part)
    return tmp_path / "runs"


def differing(rows: pl.DataFrame) -> set[str]:
    """Return the figures in which the scenario or run differs."""
    return {*rows.filter(pl.col("difference").abs() > 1e-6)["figure"]}


@pytest.mark.parametrize("by", [None, "level", "department"])
def test_compare(finished: Finished, output: Path, tmp_path: Path, by: str | None) -> None:
    file = tmp_path / "differences.parquet"
    shown = call(output, "compare", "run", "--file", file, *(["--by", by] if by else []))
    assert "dear against base: difference ± standard error in cost (millions)" in shown
    rows = pl.read_parquet(file).filter(scenario_id="dear", breakdown=by or "total")
    assert differing(rows) == DEARER
    summary = finished.summary.filter(pl.col("scenario_id").is_in(["base", "dear"]))
    mean = summary.group_by("scenario_id", "simulation_year").agg(pl.col(COST_COLUMNS).cast(float).mean())
    for cost in (*PARTS, LOADED):
        for year in (2027, 2028):
            dear, base = (
                mean.filter(scenario_id=name, simulation_year=year)[cost.column].item()
                for name in ("dear", "base")
            )
            found = rows.filter(figure=cost.name, simulation_year=year)["difference"].sum()
            assert found == pytest.approx(dear - base, abs=0.01), (cost.name, year)


def test_the_reports_tables(finished: Finished) -> None:
    record = read_record(finished.run.directory)
    with published(finished.run.directory.results) as connection:
        found = {
            table.key: table for table in tables(connection, record, ["differences", "cost_differences"])
        }
    whole = [row for row in found["differences"].rows if row["scenario_id"] == "dear"]
    parts = [row for row in found["cost_differences"].rows if row["scenario_id"] == "dear"]
    assert len(whole) == len(parts) == 2
    for row, part in zip(whole, parts, strict=True):
        assert row["payroll_difference"] == row["paid_difference"] == part["severance_difference"] == 0
        assert row["loaded_cost_difference"] == part["loaded_cost_difference"] > 0
        of_parts = sum(part[f"{cost.name}_difference"] for cost in PARTS) + part["paid_difference"]
        assert of_parts == pytest.approx(part["loaded_cost_difference"], abs=0.01)
    keys = {column.key for column in found["cost_differences"].columns}
    assert {f"{name}_difference" for name in ("paid", *COSTS)} <= keys, "scenario cut differs in all of them"


def test_a_part_in_which_no_scenario_differs_is_left_out(finished: Finished) -> None:
    two = ["base", "dear"]
    of_two = duckdb.ColumnExpression("scenario_id").isin(*map(duckdb.ConstantExpression, two))

    def part(rows: Rows) -> Rows:
        return rows.filter(of_two) if "scenario_id" in rows.columns else rows

    with published(finished.run.directory.results, part=part) as connection:
        record = read_record(finished.run.directory).of_scenarios(two)
        (table,) = tables(connection, record, ["cost_differences"])
    assert {column.key for column in table.columns if column.key.endswith("_difference")} == {
        f"{name}_difference" for name in ("paid", *DEARER)
    }


def test_runs_compare(finished: Finished, tmp_path: Path) -> None:
    """Run `dear` is one in which scenario `base` has the settings, and so the figures, of scenario `dear`."""
    runs = tmp_path / "runs"
    for name in ("cheap", "dear"):
        copytree(finished.run.directory.path, runs / name)
    for year in (runs / "dear" / "results").glob("*/simulation_year=*"):
        if (year / "scenario_id=dear").is_dir():
            rmtree(year / "scenario_id=base")
            copytree(year / "scenario_id=dear", year / "scenario_id=base")
            (part,) = (year / "scenario_id=base").glob("*.parquet")
            rows = pl.read_parquet(part, hive_partitioning=False)
            rows.with_columns(scenario_id=pl.lit("base")).write_parquet(part)
    record = RunDirectory(runs / "dear").record
    document = json.loads(record.read_text())
    document["scenarios"][0]["settings"] = document["scenarios"][1]["settings"]
    record.write_text(json.dumps(document))
    shown = call(runs, "runs", "compare", "cheap", "dear")
    assert "base: cost.benefits.amount 9000 19000" in shown
    of_base = shown.partition("dear, scenario base, against cheap")[2].partition("dear, scenario dear,")[0]
    people, _, costs = of_base.partition("in cost (millions)")
    assert "+0.000" in people and all(float(number) == 0 for number in signed(people))
    mean = (
        finished.summary.filter(simulation_year=2028)
        .group_by("scenario_id")
        .agg(pl.col("loaded_cost").mean())
    )
    base, dear = (float(mean.filter(scenario_id=name)["loaded_cost"].item()) for name in ("base", "dear"))
    assert signed(costs)[-1] == pytest.approx((dear - base) / 1e6, abs=0.0006)


def signed(text: str) -> list[float]:
    """Return the differences in a text: the numbers with a sign."""
    return [float(word) for word in text.replace(",", "").split() if word[0] in "+-" and word[1:2].isdigit()]


def test_precision(output: Path) -> None:
    shown = call(output, "precision", "run", "--want", "loaded_cost=0.1%", "--want", "severance=1%")
    assert "Loaded cost: ±" in shown and "Severance: ±" in shown
    assert all(title in shown.partition("wanted")[0] for title in ("Bonus ±", "Benefits ±", "Payroll tax ±"))


def test_show(finished: Finished, output: Path) -> None:
    shown = call(output, "show", "run")
    assert "payroll and loaded cost in millions" in shown
    mean = finished.summary.filter(scenario_id="dear", simulation_year=2028)["loaded_cost"].cast(float).mean()
    assert f"{mean / 1e6:.1f}" in shown


def test_a_run_of_an_earlier_version_is_compared_without_cost(earlier: Path) -> None:
    missing = (
        "Left out: loaded cost and its parts, which earlier versions of the program did not record by year"
    )
    between = call(earlier, "runs", "compare", "new", "old")
    assert f"{missing}: old." in between and "in cost (" not in between
    assert "Headcount" in between and "Average pay" in between
    assert f"{missing}: new, old." not in between
    alone = call(earlier, "compare", "old")
    assert f"{missing}." in alone and "in cost (" not in alone
    assert missing not in call(earlier, "runs", "compare", "new", "new")


def test_a_run_of_an_earlier_version_is_shown_and_reported_without_cost(earlier: Path) -> None:
    assert "Workforce by year, payroll in millions" in call(earlier, "show", "old")
    call(earlier, "precision", "old")
    old = RunDirectory(earlier / "old")
    with published(old.results) as connection:
        found = {table.key: table for table in tables(connection, read_record(old))}
    assert "cost_differences" not in found and "cost" in found, "the months have the cost"
    assert "loaded_cost_difference" not in {column.key for column in found["differences"].columns}
    assert "loaded_cost" not in {row["figure_key"] for row in found["spread"].rows}
    call(earlier, "report", "old")

"""`workforce variance` and the report's table on simulated runs: output, what is compared and refused."""

import json
import shutil
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from shutil import copytree
from typing import Any

import polars as pl
import pytest
from typer.testing import CliRunner

from flows.cli.main import app
from settings import InputError
from tasks.results.report.charts import charts_of
from tasks.results.report.figures import tables
from tasks.results.report.table import Table
from tasks.results.report.write import write_report
from tasks.runs.budget import check_budget
from tasks.runs.directory import RunDirectory
from tasks.runs.record import read_record
from tasks.runs.request import RunRequest, accept
from tasks.simulation.opening import create_run
from tasks.studies.variance.bridge import BRIDGES, EFFECTS
from tasks.system.project import ROOT
from tasks.warehouse.published import published
from tests.records import edit
from tests.simulate import Finished, finish
from tests.studies.bridged import bridged
from tests.studies.test_commands import call, output_of
from tests.studies.test_variance import hand_example

EXAMPLES = ROOT / "examples" / "variance"
Copy = Callable[..., RunDirectory]


@pytest.fixture
def copy(finished: Finished, tmp_path: Path) -> Copy:
    """Copy the run beside none other, with changes of its record."""

    def copied(name: str, change: Callable[[dict[str, Any]], None] | None = None) -> RunDirectory:
        directory = RunDirectory(tmp_path / "runs" / name)
        copytree(finished.run.directory.path, directory.path)
        record = json.loads(directory.record.read_text())
        if change:
            change(record)
        directory.record.write_text(json.dumps(record))
        return directory

    return copied


def as_json(*arguments: object) -> list[dict[str, Any]]:
    """Return what the command prints on standard output with --json."""
    command = ["variance", *map(str, arguments), "--json"]
    found: list[dict[str, Any]] = json.loads(CliRunner().invoke(app, command, catch_exceptions=False).stdout)
    return found


def rows(finished: Finished, *flags: object) -> list[dict[str, Any]]:
    """Return the bridges of the run against itself with these flags."""
    return as_json("run", "--budget", "run", "--output", output_of(finished), *flags)


def test_a_lower_merit_budget_is_raises(finished: Finished) -> None:
    found = rows(finished, "--scenario", "squeeze")
    amounts = {(row["bridge"], row["effect"]): row["amount"] for row in found}
    others = set(EFFECTS) - {"raises", "residual"}
    assert amounts["payroll", "raises"] < -10_000 and amounts["cost", "raises"] < amounts["payroll", "raises"]
    assert not any(amounts.get((bridge, effect)) for bridge in ("payroll", "cost") for effect in others)
    assert ("payroll", "cost_rates") not in amounts


@pytest.mark.parametrize("by", ["level", "department", "month"])
def test_a_breakdown_has_the_published_amounts_and_adds_up(finished: Finished, by: str) -> None:
    found = pl.DataFrame(rows(finished, "--scenario", "growth", "--year", 2026, "--by", by))
    months = finished.query(
        f"select {by}::varchar as item, sum(salary_cost) / 5 as payroll, sum(loaded_cost) / 5 as cost "
        "from fct_month_summary where scenario_id = 'growth' and year(month) = 2026 group by all"
    )
    for bridge in ("payroll", "cost"):
        of_bridge = found.filter(bridge=bridge).with_columns(pl.col("item").cast(pl.String))
        items = of_bridge.group_by("item").agg(pl.col("forecast", "budget").first(), pl.col("amount").sum())
        assert (items["budget"] + items["amount"] - items["forecast"]).abs().max() < 1e-6
        joined = items.join(months, on="item", how="full")
        assert joined.height == months.height == items.height
        assert (joined["forecast"] - joined[bridge].cast(pl.Float64)).abs().max() <= 0.011
    assert set(found["by"]) == {by} and set(found["simulation_year"]) == {2026}


def test_the_table_fits_a_terminal_and_the_file_has_its_rows(
    finished: Finished, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("LINES", raising=False)
    file = tmp_path / "effects.csv"
    flags = ("--scenario", "growth", "--file", file)
    shown = call("variance", "run", "--budget", "run", "--output", output_of(finished), *flags)
    assert all(len(line) <= 80 or str(file) in line for line in shown.splitlines())
    written = pl.read_csv(file)
    assert written.columns == [
        "bridge",
        "simulation_year",
        "by",
        "item",
        "effect",
        "amount",
        "budget",
        "forecast",
    ]
    for row in written.iter_rows(named=True):
        sign = "+" if row["amount"] else ""
        assert f"{row['amount']:{sign},.2f}" in shown and f"{row['forecast']:,.2f}" in shown
    assert "Residual" in shown and "Employed at the start" in shown


def test_what_cannot_be_compared_is_refused_with_what_can(finished: Finished, copy: Copy) -> None:
    def refused(match: str, *flags: object, output: Path | None = None) -> None:
        with pytest.raises(InputError, match=match):
            call("variance", "run", "--output", output or output_of(finished), *flags)

    refused("--budget: .*the settings of run run name no budget")
    refused("there is no run 'nothing'", "--budget", "nothing")
    refused("--year: 2031 is not in both runs: run has 2025 to 2026", "--budget", "run", "--year", 2031)
    refused(
        r"--scenario: run run has no 'growt'; did you mean growth\?", "--budget", "run", "--scenario", "growt"
    )
    refused("--budget-scenario: run run has no 'x'", "--budget", "run", "--budget-scenario", "x")
    refused(r"--by: 'departmen'; did you mean department\?", "--budget", "run", "--by", "departmen")
    euros = copy("run", lambda record: record["census"].update(currency="EUR"))
    crowns = copy("crowns", lambda record: record["census"].update(currency="SEK"))
    refused("crowns is in SEK", "--budget", "crowns", output=euros.path.parent)
    assert crowns.path.parent == euros.path.parent


def test_runs_without_a_common_year_are_refused(finished: Finished, copy: Copy) -> None:
    directory, other = copy("run"), copy("other")
    for results, year in ((directory.results, 2026), (other.results, 2025)):
        for folder in results.glob(f"*/simulation_year={year}"):
            folder.rename(folder.with_name(f".{folder.name}"))
    with pytest.raises(
        InputError, match="no complete year is in both runs: other has 2026 to 2026; run has 2025"
    ):
        call("variance", "run", "--budget", "other", "--output", directory.path.parent)


def test_other_dimensions_and_levels_are_stated(copy: Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    def other(record: dict[str, Any]) -> None:
        record["census"]["dimensions"] = ["department"]
        for scenario in record["scenarios"]:
            scenario["settings"]["workforce"]["levels"]["2"]["name"] = "Lead"

    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.delenv("LINES", raising=False)
    directory = copy("run")
    copy("other", other)
    shown = call("variance", "run", "--budget", "other", "--output", directory.path.parent)
    assert "Only run has 'location'; people are not told apart by it." in shown
    assert "2 is Lead in other, Manager in run" in shown


def test_only_months_that_both_runs_have_are_compared(
    finished: Finished, copy: Copy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.delenv("LINES", raising=False)
    directory = copy("run")
    copy("stub", lambda record: record["settings"]["simulation"].update(opening_date="2025-06-15"))
    flags = ("--budget", "run", "--by", "month", "--output", directory.path.parent)
    found = as_json("stub", *flags)
    assert {row["item"][:7] for row in found} == {f"2025-{month:02}" for month in range(7, 13)}
    assert {row["amount"] for row in found} == {0}, "the same run: people at the start are those of 1 July"
    assert "Only 2025-07 to 2025-12 are compared" in call("variance", "stub", *flags)


def test_the_report_has_the_bridge_from_the_budget_of_the_settings(finished: Finished, copy: Copy) -> None:
    def with_budget(record: dict[str, Any]) -> None:
        record["settings"]["budget"] = {"run": str(finished.run.directory.path), "scenario": "squeeze"}

    directory = copy("forecast", with_budget)
    table = _table(directory)
    assert "Against budget run, scenario squeeze, 2025" in table.title
    by_scenario = dict(_totals(table))
    expected = {
        row["effect"]: row["amount"]
        for row in rows(finished, "--scenario", "growth", "--budget-scenario", "squeeze")
        if row["bridge"] == "cost"
    }
    assert {name: float(by_scenario["growth"][name]) for name in EFFECTS} == expected
    for row in table.rows:
        assert row["forecast"] == row["budget"] + sum(row[name] or 0 for name in EFFECTS)
    charts = dict(charts_of(table))
    assert set(charts) == {"baseline", "growth", "squeeze"}
    bars = charts["growth"]["concat"][1]["data"]["values"]
    assert [bar["Effect"] for bar in bars] == [*(effect.label for effect in EFFECTS.values()), "Difference"]
    assert all(before["to"] == after["from"] for before, after in pairwise(bars[:-1]))
    assert bars[-1]["to"] == pytest.approx(
        float(by_scenario["growth"]["forecast"] - by_scenario["growth"]["budget"])
    )


def _table(directory: RunDirectory) -> Table:
    with published(directory.results) as connection:
        (table,) = tables(connection, read_record(directory), ("variance",), directory)
    return table


def _totals(table: Table) -> list[tuple[str, Any]]:
    return [
        (row["scenario_id"], row)
        for row in table.rows
        if (row["bridge"], row["breakdown"]) == ("Cost", "Total")
    ]


@pytest.mark.slow  # writes a report
def test_a_budget_that_was_removed_does_not_stop_the_report(copy: Copy, tmp_path: Path) -> None:
    directory = copy("forecast", lambda record: record["settings"].update(budget={"run": "gone"}))
    assert "there is no run 'gone'" in _table(directory).rows[0]["problem"]
    write_report(directory, tmp_path / "report.html")
    assert "Against the budget: not compared" in (tmp_path / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"budget.run": "gone"}, "budget.run: there is no run 'gone'"),
        ({"budget.run": "begun"}, "budget.run: run begun is running; a complete run is needed"),
        ({"budget.run": "emptied"}, "budget.run: run emptied is complete, but its files in .* are missing"),
        ({"budget.run": "run", "budget.scenario": "grwth"}, "did you mean growth"),
        (
            {"budget.run": "run", "simulation.start_year": 2027, "simulation.end_year": 2028},
            "run has 2025 to 2026",
        ),
        ({"budget.run": "latest"}, "latest is another run after every run"),
        ({"budget.run": "../run"}, "an absolute path"),
    ],
)
def test_a_budget_is_checked_before_the_run(copy: Copy, settings: dict[str, object], message: str) -> None:
    directory = copy("run")
    edit(copy("begun").record, status="running")
    shutil.rmtree(copy("emptied").results)
    with pytest.raises(InputError, match=message):
        check_budget(
            accept(RunRequest(sets=tuple(f"{key}={value}" for key, value in settings.items()))),
            directory.path.parent,
        )


@pytest.mark.slow
def test_the_example_of_the_documents_is_simulated(tmp_path: Path) -> None:
    for name in ("budget", "forecast"):
        request = RunRequest(config=EXAMPLES / f"{name}.yaml", output=tmp_path, run_id=name)
        finish(create_run(RunDirectory(tmp_path / name), accept(request)))
    by_hand = dict(zip(BRIDGES, bridged(*hand_example()).items(), strict=True))
    for row in as_json("forecast", "--budget", "budget", "--output", tmp_path):
        step = by_hand[row["bridge"]]
        assert row["amount"] == float(step.effects[row["effect"]]), row
        assert (row["budget"], row["forecast"]) == (float(step.budget), float(step.forecast))

"""What-if figures are those of a real run with the same settings, whatever was asked before."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Thread
from typing import Any

import polars as pl
import pytest

from settings import InputError
from tasks.simulation.in_memory import simulate
from tasks.simulation.prepared import Cancelled, PreparedSimulation
from tasks.studies.what_if import COLUMNS, StartingPoint, bands, figures
from tasks.warehouse.database import Database
from tests.simulate import Finished
from tests.studies.conftest import SCENARIOS

ALL = range(1, 6)
#: Every lever of the page once, far from the baseline's value, so that statements meet other rows than those
#: for which they were planned: growth becomes a reduction, nobody is promoted, and most people leave.
MOVES: tuple[dict[str, Any], ...] = (
    {"simulation.target_growth_rate": {2025: 0.15, 2026: -0.08}},
    {"workforce.total_termination_rate": 0.45, "workforce.new_hire_termination_rate": 0},
    {"workforce.promotion.base": 0},
    {"compensation.cola_rate": 0, "compensation.merit_budget": 0.12},
    {"cost.benefits.rate": 0.4, "cost.payroll_tax.rate": 0},
    {"simulation.mode": "rates", "workforce.termination.voluntary.base": 0.3},
    {"workforce.transfer": {"base": 0.2, "by": "department"}, "compensation.enforce_minimum": True},
    {
        "targets": {
            "by": ["department"],
            "segments": [{"where": {"department": "Sales"}, "growth": 0.2}],
            "others": "same",
        }
    },
    {},
)


@pytest.fixture(scope="module")
def start(finished: Finished) -> StartingPoint:
    return StartingPoint.of(finished.run.directory, "baseline")


@pytest.fixture(scope="module")
def simulation(start: StartingPoint) -> Iterator[PreparedSimulation]:
    with closing(start.prepared(Path("unused"))) as prepared:
        yield prepared


@pytest.mark.parametrize("scenario", [*SCENARIOS, "baseline"])
def test_the_figures_are_those_of_the_run(
    finished: Finished, start: StartingPoint, simulation: PreparedSimulation, scenario: str
) -> None:
    """All replicates of every scenario of the run, asked as changes of its first, to the cent."""
    rows = simulation.ask(start.changed(SCENARIOS[scenario], scenario), ALL)
    assert rows.equals(finished.summary.filter(scenario_id=scenario))


@pytest.mark.slow
def test_the_figures_are_those_of_a_run_wherever_the_levers_are(
    start: StartingPoint, simulation: PreparedSimulation
) -> None:
    """The simulation in memory, which plans each statement anew, equals a run (test_quick.py)."""
    scenarios = {f"move-{number}": overrides for number, overrides in enumerate(MOVES)}
    changed = [start.changed(overrides, name) for name, overrides in scenarios.items()]
    with simulate(changed, start.census, Database.of(Path("unused"), start.base.machine)) as connection:
        expected = connection.execute("from fct_year_summary order by simulation_year").pl()
    for scenario in changed:
        rows = simulation.ask(scenario, start.first_replicate)
        wanted = expected.filter(scenario_id=scenario.id, replicate=1)
        assert rows.equals(wanted), scenario.overrides


def test_years_are_reported_and_an_interrupted_question_leaves_nothing(
    start: StartingPoint, simulation: PreparedSimulation
) -> None:
    seen: list[int] = []
    before = simulation.ask(start.scenario, ALL, seen.append)
    assert seen == [2025, 2026]

    def stop(_year: int) -> None:
        other = Thread(target=simulation.interrupt)  # as a newer move does, from the thread of the page
        other.start()
        other.join()

    with pytest.raises(Cancelled):
        simulation.ask(start.changed({"simulation.target_growth_rate": 0.1}), ALL, stop)
    with pytest.raises(Cancelled):
        simulation.ask(start.scenario, ALL)
    simulation.resume()
    assert simulation.ask(start.scenario, ALL).equals(before)


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"simulation.target_growth_rate": 0.5}, "simulation.target_growth_rate"),
        ({"workforce.total_termination_rate": 1.5}, "workforce.total_termination_rate"),
        ({"compensation.cola": 0.01}, "compensation.cola"),
        ({"nothing.there": 1}, "the settings have no nothing here"),
        (
            {"targets": {"by": ["department"], "segments": [{"where": {"department": "X"}, "growth": 0.1}]}},
            "nobody in the census has department X",
        ),
    ],
)
def test_values_that_the_settings_refuse(
    start: StartingPoint, overrides: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        start.changed(overrides)


def test_a_scenario_that_the_run_does_not_have(finished: Finished) -> None:
    with pytest.raises(InputError, match="it has baseline, growth, squeeze"):
        StartingPoint.of(finished.run.directory, "other")


def test_bands_are_those_of_the_run(finished: Finished) -> None:
    """Against fct_year_bands, the percentiles over replicates that reports show."""
    found = bands(figures(finished.summary.filter(scenario_id="growth")))
    published = finished.query("from fct_year_bands where scenario_id = 'growth'")
    common = {name: column for name, column in COLUMNS.items() if name != "leavers"}
    assert set(common.values()) <= set(published["metric"])
    for name, column in common.items():
        for row in found.filter(figure=name).to_dicts():
            [expected] = published.filter(metric=column, simulation_year=row["simulation_year"]).to_dicts()
            assert {key: row[key] for key in ("mean", "p05", "p95")} == pytest.approx(
                {key: expected[key] for key in ("mean", "p05", "p95")}
            )
    assert found["replicates"].unique().to_list() == [5]


def test_leavers_are_of_all_kinds(finished: Finished) -> None:
    rows = figures(finished.summary.filter(pl.col("scenario_id") == "baseline"))
    expected = finished.query(
        "select replicate, simulation_year, count(*) as leavers from fct_workforce_events "
        "where event_type = 'termination' and scenario_id = 'baseline' group by all order by all"
    )
    assert rows["leavers"].to_list() == expected["leavers"].to_list()

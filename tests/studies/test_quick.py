"""The cheap run of studies gives a run's own figures."""

from pathlib import Path

import pytest

from tasks.runs.resume import recorded_census
from tasks.simulation.in_memory import simulate
from tasks.text.costs import COST_COLUMNS
from tasks.warehouse.database import Database
from tests.simulate import Finished


@pytest.mark.parametrize("with_cost", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_the_year_summary_is_that_of_a_run(finished: Finished, with_cost: bool) -> None:
    """Every scenario, replicate and year, to the cent; a goal without cost needs no months."""
    settings = finished.run.settings
    database = Database.of(Path("unused"), settings.base.machine)
    census = recorded_census(finished.run.directory)
    with simulate(settings.scenarios, census, database, with_cost=with_cost) as connection:
        rows = connection.execute(
            "select * from fct_year_summary order by scenario_id, replicate, simulation_year"
        ).pl()
    assert rows.height == 3 * 5 * 2
    expected = finished.summary if with_cost else finished.summary.drop(COST_COLUMNS)
    assert rows.equals(expected)

"""The cheap run of studies gives a run's own figures."""

from pathlib import Path

from tasks.runs.resume import recorded_census
from tasks.simulation.in_memory import simulate
from tasks.warehouse.database import Database
from tests.simulate import Finished


def test_the_year_summary_is_that_of_a_run(finished: Finished) -> None:
    """Every scenario, replicate and year, to the cent."""
    settings = finished.run.settings
    database = Database.of(Path("unused"), settings.base.machine)
    with simulate(settings.scenarios, recorded_census(finished.run.directory), database) as connection:
        rows = connection.execute(
            "select * from fct_year_summary order by scenario_id, replicate, simulation_year"
        ).pl()
    assert rows.height == 3 * 5 * 2
    assert rows.equals(finished.summary)

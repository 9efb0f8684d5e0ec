"""The flow that simulates one year, for all scenarios and replicates at once."""

from pathlib import Path

from prefect import flow
from prefect.runtime import flow_run

from tasks.pipeline import (
    assert_year_complete,
    close_year,
    open_year,
    publish_year,
    show_year,
    simulation_year_state,
    year_in_run,
)
from tasks.server.flow_runs import within_flow_run
from tasks.simulation.year import simulate_year

YEAR_TASKS = (open_year, simulation_year_state, assert_year_complete, close_year, publish_year, show_year)


def _flow_run_name() -> str:
    parameters = flow_run.get_parameters()
    return f"{Path(parameters['run_directory']).name} {parameters['year']}"


@flow(name="single-year", flow_run_name=_flow_run_name, persist_result=False)
def single_year_simulation(run_directory: Path, year: int) -> None:
    """Simulate one year of the run in a directory; rows of that year and later years are removed first.

    If it fails, the year is marked as failed in the ledger, and the years before it stay complete. Deployed
    on its own, the flow takes the run's lock and leaves the run paused; `--resume` continues it.

    Args:
        run_directory: The run's directory, such as runs/first.
        year: The year to simulate: the first that is not complete.
    """
    with within_flow_run(), year_in_run(run_directory, year) as run:
        simulate_year(run, year, YEAR_TASKS)

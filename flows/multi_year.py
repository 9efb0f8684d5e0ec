"""The simulation over several years: `python -m flows.multi_year`."""

if __name__ == "__main__":  # before the imports below, because Prefect reads its settings on import
    from flows.cli.start import simulation

    simulation()

from pathlib import Path

from prefect import flow
from prefect.runtime import flow_run

from flows.shards import ensemble_simulation
from flows.single_year import single_year_simulation
from tasks.ensembles.replicates import plan
from tasks.pipeline import (
    baseline_workforce_validated,
    census_data_validation,
    close_run,
    open_run,
    show_run,
    simulation_config,
)
from tasks.runs.request import RunRequest
from tasks.server.flow_runs import continued, release_events, within_flow_run
from tasks.server.schedule_record import refuse_dropped_parameters


def _flow_run_name() -> str:
    parameters = flow_run.get_parameters()
    return str(parameters["resume"] or parameters["run_id"] or "new run")


@flow(name="multi-year", flow_run_name=_flow_run_name, persist_result=False)
def multi_year_simulation(
    config: Path | None = None,
    census: str | None = None,
    actions: str | None = None,
    scenario: list[Path] | None = None,
    replicates: int | None = None,
    seed: int | None = None,
    years: str | None = None,
    settings: list[str] | None = None,
    output: Path = Path("runs"),
    run_id: str | None = None,
    resume: str | None = None,
    from_year: int | None = None,
) -> Path:
    """Simulate the workforce year by year, all scenarios and replicates in one pass.

    A run that does not fit into memory, or that settings `ensemble.*` split, is first simulated in shards;
    each year then collects their rows. A flow run that is retried, or resumed after a suspension, resumes
    the run that it started.

    Args:
        config: Settings file (YAML), which overrides the defaults.
        census: Census file (CSV, Parquet or Excel), or its URL.
        actions: File of known actions (CSV, Parquet or Excel), or its URL.
        scenario: Scenario files, simulated side by side; default: one scenario with the settings unchanged.
        replicates: Monte Carlo replicates of each scenario.
        seed: Random seed; the same seed gives the same results.
        years: First and last year, as in 2025-2029.
        settings: Settings as key=value, as in workforce.total_termination_rate=0.1.
        output: Directory of runs.
        run_id: Name of the run's directory; default: generated from the time.
        resume: Resume this run from its last complete year; other flags must agree with it.
        from_year: With resume: simulate again from this year.

    Returns the run directory.
    """
    request = RunRequest(
        config=config,
        census=census,
        actions=actions,
        scenarios=tuple(scenario or ()),
        replicates=replicates,
        seed=seed,
        years=years,
        sets=tuple(settings or ()),
        output=output,
        run_id=run_id,
        resume=resume,
        from_year=from_year,
    )
    with within_flow_run():
        release_events()
        refuse_dropped_parameters()
        request = continued(request)
        resolved = simulation_config(request)
        accepted = census_data_validation(request, resolved)
        run = open_run(request, resolved, accepted)
        with run.at_work():
            if plan(run):
                ensemble_simulation(run.directory.path)
            for year in baseline_workforce_validated(run):
                single_year_simulation(run.directory.path, year)
            show_run(run)
            return close_run(run)

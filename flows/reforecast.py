"""The flow that simulates from the newest list on and compares with the budget: `workforce reforecast`."""

from pathlib import Path

from prefect import flow
from prefect.runtime import flow_run

from flows.multi_year import multi_year_simulation
from tasks.reforecast.request import ReforecastRequest
from tasks.reforecast_pipeline import (
    compared_with_budget,
    lists_at_hand,
    planned_reforecast,
    reforecast_settings,
    report_reforecast,
    show_reforecast,
)
from tasks.server.flow_runs import release_events, within_flow_run
from tasks.server.names import REFORECAST_BY
from tasks.server.schedule_record import refuse_dropped_parameters


def _flow_run_name() -> str:
    return f"{REFORECAST_BY}{flow_run.get_parameters()['config'] or 'the defaults'}"


@flow(name="reforecast", flow_run_name=_flow_run_name, persist_result=False)
def reforecast(
    config: Path | None = None,
    scenario: list[Path] | None = None,
    settings: list[str] | None = None,
    output: Path = Path("runs"),
    force: bool = False,
) -> Path:
    """Open at the date of the newest list in reforecast.path, simulate, and compare with the budget.

    Raises alert `budget_moved` if a year's headcount, payroll or loaded cost differs from the budget by more
    than reforecast.threshold. Does nothing if the same input was compared before. Started again after it was
    interrupted, it goes on with its run.

    Args:
        config: Settings file (YAML), which overrides the defaults.
        scenario: Scenario files, simulated side by side; `baseline`, or else the first, is compared.
        settings: Settings as key=value, as in reforecast.threshold=0.05.
        output: Directory of runs, which has the budget run unless budget.run is a path.
        force: Simulate and compare again, even if the same input was compared before.

    Returns the run directory.
    """
    request = ReforecastRequest(config, tuple(scenario or ()), tuple(settings or ()), output, force)
    with within_flow_run():
        release_events()
        refuse_dropped_parameters()
        resolved = reforecast_settings(request)
        lists = lists_at_hand(resolved)
        plan = planned_reforecast(request, resolved, lists)
        if not plan.is_simulated:
            multi_year_simulation(**plan.parameters)
        if not plan.is_compared:
            found = compared_with_budget(request, resolved, plan)
            show_reforecast(found)
            report_reforecast(request, resolved, found)
        return plan.directory.path

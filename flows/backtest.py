"""The flow that compares past forecasts with what happened, as `workforce backtest` does without Prefect."""

from datetime import date
from pathlib import Path

from prefect import flow
from prefect.runtime import flow_run

from settings.models.location import location, shown
from tasks.evidence.backtest_files import BacktestFiles
from tasks.evidence.request import Bands, EvidenceRequest
from tasks.evidence_pipeline import (
    compared_forecasts,
    evidence_settings,
    past_lists,
    report_newest_forecast,
    show_backtest,
    write_backtest_files,
)
from tasks.server.flow_runs import release_events, within_flow_run


def _flow_run_name() -> str:
    parameters = flow_run.get_parameters()
    return f"backtest of {shown(location(str(parameters['history'] or parameters['config'])))}"


@flow(name="backtest", flow_run_name=_flow_run_name, persist_result=False)
def backtest_from_history(
    config: Path | None = None,
    history: str | None = None,
    horizon: int = 3,
    by: list[str] | None = None,
    until: date | None = None,
    bands: Bands = "auto",
    settings: list[str] | None = None,
    file: Path = Path("backtest.csv"),
    output: Path = Path("runs"),
) -> Path:
    """Forecast from every past list on, as if later ones did not exist, and compare with what happened.

    Raises alert `forecast_missed` if the newest list lies outside the forecast of the list before it.

    Args:
        config: Settings file (YAML), which overrides the defaults.
        history: Folder of lists named by their date, or a file of hires and exits; default: history.path.
        horizon: Windows to forecast from each list on.
        by: Dimensions to break down by.
        until: Leave out what is later than this date; no alert is raised then.
        bands: auto: find bands of age and tenure in the history; keep: use those of the settings.
        settings: Settings as key=value, as in census.dimensions=[department].
        file: CSV to write; the page has the same name with .html.
        output: Directory of runs, where alerts are kept.

    Returns the CSV.
    """
    request = EvidenceRequest(config, history, tuple(settings or ()), until, bands)
    files = BacktestFiles(file)
    with within_flow_run():
        release_events()
        files.check()
        resolved = evidence_settings(request)
        past = past_lists(request, resolved)
        result = compared_forecasts(request, resolved, past, horizon, tuple(by or ()))
        write_backtest_files(result, files)
        show_backtest(result, files)
        report_newest_forecast(request, resolved, result, files, output)
        return files.table

"""The steps of a fit and of a backtest as Prefect tasks: thin wrappers of functions that need no Prefect.

Only steps that write are retried: the others would fail again.
"""

import logging
from collections.abc import Sequence
from pathlib import Path

from prefect import task
from prefect.utilities.urls import url_for

from settings import ResolvedSettings
from tasks.alerts.comparisons import FORECASTS
from tasks.alerts.events import emit_comparison
from tasks.evidence.artifacts import show_evidence, tables_text
from tasks.evidence.backtest.newest import newest_forecast
from tasks.evidence.backtest.origins import Backtest
from tasks.evidence.backtest_files import BacktestFiles, write_backtest
from tasks.evidence.estimate.fit import Fitted
from tasks.evidence.fit_files import FitFiles, not_estimated, write_fit
from tasks.evidence.forecast_alert import forecast_alert, history_name, report_forecast
from tasks.evidence.report.fit_text import fit_tables
from tasks.evidence.report.newest_text import newest_table
from tasks.evidence.report.scorecard_text import scorecard_markdown
from tasks.evidence.request import EvidenceRequest, check_forecasts, estimate, read
from tasks.history.accepted import History
from tasks.pipeline import ONCE, RETRIED
from tasks.server.flow_runs import own_flow_run
from tasks.server.secret_parameters import refuse_secrets

log = logging.getLogger("workforce")


@task(name="evidence_settings", **ONCE)
def evidence_settings(request: EvidenceRequest) -> ResolvedSettings:
    """Load and validate the settings, which name the history. Raises InputError."""
    refuse_secrets(request.sets, {"history": request.history})
    return request.settings()


@task(name="past_lists", **ONCE)
def past_lists(request: EvidenceRequest, settings: ResolvedSettings) -> History:
    """Read and validate the history, and log what may be wrong with it. Raises HistoryError."""
    history = read(request, settings.base)
    log.info(
        "%s lists of %s to %s, %s rows were rejected",
        *(len(history.dates), history.dates[0], history.dates[-1], f"{history.rejects.height:,}"),
    )
    for finding in history.findings:
        log.warning("%s: %s", finding.code, finding.text)
    return history


@task(name="estimated_assumptions", **ONCE)
def estimated_assumptions(request: EvidenceRequest, settings: ResolvedSettings, history: History) -> Fitted:
    """Estimate all that the history shows. Raises InputError if it is too short."""
    return estimate(request, settings.base, history)


@task(name="write_fit_files", **RETRIED)
def write_fit_files(fitted: Fitted, settings: ResolvedSettings, files: FitFiles) -> None:
    """Write settings, uncertainty and page, all of them or none."""
    write_fit(fitted, settings, files)


@task(name="show_fit", **RETRIED)
def show_fit(fitted: Fitted, settings: ResolvedSettings, files: FitFiles) -> None:
    """Show in Prefect's UI what was estimated and what was not, and where the files are."""
    key_figures, *others = fit_tables(fitted, not_estimated(fitted, settings))
    show_evidence(
        "fit",
        key_figures,
        tables_text(others),
        files.page,
        {
            files.settings: "the settings, for `workforce run --config`",
            files.uncertainty: "the uncertainty, which the settings name",
            files.page: "actual against expected, for a browser",
        },
    )


@task(name="compared_forecasts", **ONCE)
def compared_forecasts(
    request: EvidenceRequest, settings: ResolvedSettings, history: History, horizon: int, by: Sequence[str]
) -> Backtest:
    """Forecast from every list on and compare with what happened. Raises InputError."""
    return check_forecasts(
        request,
        settings.base,
        history,
        horizon=horizon,
        by=by,
        on_origin=lambda day: log.info("forecasts from %s on", day),
    )


@task(name="write_backtest_files", **RETRIED)
def write_backtest_files(result: Backtest, files: BacktestFiles) -> None:
    """Write table and page."""
    write_backtest(result, files)


@task(name="show_backtest", **RETRIED)
def show_backtest(result: Backtest, files: BacktestFiles) -> None:
    """Show the newest forecast and the scorecard in Prefect's UI, and where the files are."""
    show_evidence(
        "backtest",
        newest_table(newest_forecast(result.rows)),
        f"## Scorecard\n\n{scorecard_markdown(result)}",
        files.page,
        {files.table: "forecasts and what happened", files.page: "scorecard and charts, for a browser"},
    )


@task(name="report_newest_forecast", **RETRIED)
def report_newest_forecast(
    request: EvidenceRequest, settings: ResolvedSettings, result: Backtest, files: BacktestFiles, output: Path
) -> None:
    """Raise an alert if the newest list lies outside the forecast, else resolve that of an earlier list.

    Does nothing for a backtest until an earlier date, which says nothing about the newest list. If a server's
    automations watch (`alerts.watch: server`), they raise and resolve alerts.
    """
    if request.until is not None:
        log.info("no alert is raised or resolved: `until` leaves later lists out")
        return
    newest = newest_forecast(result.rows)
    if settings.base.alerts.watch == "server":
        flow_run = own_flow_run()
        link = url_for("flow-run", flow_run.id) if flow_run else None
        link = link or files.page.resolve().as_uri()
        alert = forecast_alert(newest, settings.base, link)
        emit_comparison(FORECASTS, history_name(settings.base), alert)
    else:
        report_forecast(newest, settings.base, output, files.page.resolve().as_uri())

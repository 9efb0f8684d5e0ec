"""The flow that estimates assumptions from history, as `workforce fit` does without Prefect."""

from datetime import date
from pathlib import Path

from prefect import flow
from prefect.runtime import flow_run

from settings.models.location import location, shown
from tasks.evidence.fit_files import FitFiles
from tasks.evidence.request import Bands, EvidenceRequest
from tasks.evidence_pipeline import (
    estimated_assumptions,
    evidence_settings,
    past_lists,
    show_fit,
    write_fit_files,
)
from tasks.server.flow_runs import release_events, within_flow_run


def _flow_run_name() -> str:
    parameters = flow_run.get_parameters()
    history = shown(location(str(parameters["history"] or parameters["config"])))
    return f"fit of {history} to {parameters['out']}"


@flow(name="fit", flow_run_name=_flow_run_name, persist_result=False)
def fit_from_history(
    config: Path | None = None,
    history: str | None = None,
    until: date | None = None,
    bands: Bands = "auto",
    settings: list[str] | None = None,
    out: Path = Path("fitted.yaml"),
) -> Path:
    """Estimate rates, raises and hires from past lists, with their uncertainty; write them as settings.

    Args:
        config: Settings file (YAML), which overrides the defaults.
        history: Folder of lists named by their date, or a file of hires and exits; default: history.path.
        until: Leave out what is later than this date.
        bands: auto: find bands of age and tenure in the history; keep: use those of the settings.
        settings: Settings as key=value, as in census.dimensions=[department].
        out: Settings file to write (.yaml); the uncertainty and the page have the same name with
            .uncertainty.json and .html. Only a file that a fit wrote is replaced.

    Returns the settings file.
    """
    request = EvidenceRequest(config, history, tuple(settings or ()), until, bands)
    files = FitFiles(out)
    with within_flow_run():
        release_events()
        files.check()
        resolved = evidence_settings(request)
        past = past_lists(request, resolved)
        fitted = estimated_assumptions(request, resolved, past)
        write_fit_files(fitted, resolved, files)
        show_fit(fitted, resolved, files)
        return files.settings

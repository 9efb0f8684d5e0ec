"""`workforce fit` and `workforce backtest`: assumptions from history, and whether such forecasts held."""

import shlex
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from flows.cli.history import HistoryPath, Until, until_date
from flows.cli.leave import FAILED
from flows.cli.options import AsCsv, AsJson, Config, RejectsFile, Sets
from flows.cli.printing import Printer, printing
from flows.cli.rejects import refuse_table, rejects_file, report_rejects
from settings import InputError, Settings
from tasks.census.opening import Opening
from tasks.evidence.backtest.newest import newest_forecast
from tasks.evidence.backtest.simulated import compare_with_simulation
from tasks.evidence.backtest_files import BacktestFiles, write_backtest
from tasks.evidence.fit_files import FitFiles, not_estimated, opening_of, write_fit
from tasks.evidence.forecast_alert import report_forecast
from tasks.evidence.report.fit_text import fit_tables
from tasks.evidence.report.scorecard_text import scorecard_tables
from tasks.evidence.report.simulation_text import simulation_table
from tasks.evidence.request import EvidenceRequest, check_forecasts, estimate, read
from tasks.history.accepted import History
from tasks.history.errors import HistoryError
from tasks.text.terminal import console


class BandsChoice(StrEnum):
    """What becomes of the bands of age and tenure."""

    auto = "auto"
    keep = "keep"


Bands = Annotated[
    BandsChoice, typer.Option(help="auto: find bands in the history; keep: use those of the settings.")
]


def fit(
    history: HistoryPath = None,
    out: Annotated[Path, typer.Option(help="Settings file to write; .yaml.")] = Path("fitted.yaml"),
    until: Until = None,
    bands: Bands = BandsChoice.auto,
    config: Config = None,
    set_: Sets = None,
    rejects: RejectsFile = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Estimate rates, raises and hires from past lists, with their uncertainty; write them as settings.

    Writes OUT.yaml for `workforce run --config`, OUT.uncertainty.json from
    which replicates draw, and OUT.html with actual against expected.
    """
    with printing(as_json, as_csv, "estimates", "factors", "not_estimated") as printer:
        files = FitFiles(out)
        files.check()
        request = EvidenceRequest(config, history, tuple(set_ or ()), until_date(until), bands.value)
        resolved = request.settings()
        past = _read(request, resolved.base, rejects, printer)
        fitted = estimate(request, resolved.base, past)
        write_fit(fitted, resolved, files)
        printer.table_with_rows(*fit_tables(fitted, not_estimated(fitted, resolved)))
        for what, file in (
            ("Settings", files.settings),
            ("Uncertainty", files.uncertainty),
            ("Page", files.page),
        ):
            printer.say(f"{what}: {file}")
        newest, opening = past.dates[-1], opening_of(fitted, resolved)
        if newest != opening:
            days = abs((opening - newest).days)
            printer.say(
                f"The newest list is of {newest}: a run takes its people for those of the opening date "
                f"{opening}, as if nobody had joined or left in the {days} day{'s' if days > 1 else ''} "
                f"between. To open on the list's date, set {Opening.of(resolved).fitting(newest)}."
            )
        printer.say_command(
            f"Next: workforce run --config {shlex.quote(str(files.settings))}{_census(past, resolved.base)}"
        )


def backtest(
    history: HistoryPath = None,
    horizon: Annotated[int, typer.Option(help="Windows to forecast from each list on.")] = 3,
    by: Annotated[list[str] | None, typer.Option(help="Dimension to break down by; may be repeated.")] = None,
    file: Annotated[Path, typer.Option(help="CSV to write; the page has the same name with .html.")] = Path(
        "backtest.csv"
    ),
    until: Until = None,
    bands: Bands = BandsChoice.auto,
    simulate: Annotated[
        bool, typer.Option("--simulate", help="Also simulate from the newest list on, and compare.")
    ] = False,
    alert: Annotated[
        bool,
        typer.Option(
            "--alert", help="Raise an alert if the newest list lies outside the forecast; for cron."
        ),
    ] = False,
    output: Annotated[
        Path, typer.Option(help="Directory of runs, where alerts are kept; for --alert.")
    ] = Path("runs"),
    config: Config = None,
    set_: Sets = None,
    rejects: RejectsFile = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Forecast from every past list on, as if later ones did not exist, and compare with what happened.

    Exit status: 0 done; 1 with --simulate, if the simulation and the direct forecast differ; 2 wrong input.
    """
    with printing(as_json, as_csv, "scores", "simulation") as printer:
        files = BacktestFiles(file)
        files.check()
        if alert and until:
            raise InputError("--alert with --until: an alert is about the newest list; leave out one of them")
        request = EvidenceRequest(config, history, tuple(set_ or ()), until_date(until), bands.value)
        resolved = request.settings()
        settings = resolved.base
        past = _read(request, settings, rejects, printer)
        with console(stderr=True).status("Forecasts") as status:
            result = check_forecasts(
                request,
                settings,
                past,
                horizon=horizon,
                by=tuple(by or ()),
                on_origin=lambda day: status.update(f"Forecasts from {day}"),
            )
        write_backtest(result, files)
        printer.table_with_rows(*scorecard_tables(result))
        printer.say(f"Forecasts and what happened: {files.table}")
        printer.say(f"Page: {files.page}")
        if alert:
            report_forecast(newest_forecast(result.rows), settings, output, files.page.resolve().as_uri())
        if simulate:
            with (
                console(stderr=True).status("Simulation"),
                TemporaryDirectory(prefix="workforce-backtest-") as scratch,
            ):
                both = compare_with_simulation(result.newest, resolved, horizon, Path(scratch))
            printer.table(simulation_table(both))
            if not all(each.agrees for each in both):
                raise typer.Exit(FAILED)


def _census(past: History, settings: Settings) -> str:
    """Return the flags of a run that begins with the newest list; an events file is no census."""
    folder = settings.history.path
    census = f" --census {shlex.quote(str(Path(str(folder), past.files[-1].name)))}"
    return f"{census if past.kind == 'snapshots' else ''} --replicates 100"


def _read(request: EvidenceRequest, settings: Settings, rejects: Path | None, printer: Printer) -> History:
    target = rejects_file(rejects)
    try:
        past = read(request, settings)
    except HistoryError as error:
        refuse_table(error, target)
    report_rejects(past.rejects, target)
    for finding in past.findings:
        number = f"{finding.number:,} " if finding.number else ""
        printer.say(f"{finding.code}: {number}{finding.text}; see `workforce history check`")
    return past

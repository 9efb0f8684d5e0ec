"""The command line of a run: `python -m flows.multi_year`, the same as `workforce run`.

Input is checked first: a typo fails within a second, before a server starts.
"""

import logging
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from flows.cli.leave import FAILED, WRONG_INPUT
from flows.cli.options import AsCsv, AsJson, Output
from flows.cli.printing import Printer, printing
from flows.cli.rejects import refuse_table
from settings import InputError, Settings, secrets_apart
from settings.models.location import holds_secret
from tasks.census.opening import Opening
from tasks.census.plausibility import Finding, reported
from tasks.census.read import CensusError
from tasks.plan.errors import ActionsError
from tasks.results.actuals import full_year_means
from tasks.results.summary import stub_line, summary_table, year_means
from tasks.runs.budget import check_budget
from tasks.runs.directory import RunDirectory, check_place, find_run_directory, new_run_directory
from tasks.runs.lock import RunLocked
from tasks.runs.log import show_log
from tasks.runs.progress import ending_of
from tasks.runs.record import read_record
from tasks.runs.request import RunRequest, accept, one_reading
from tasks.runs.resume import RunDamaged, find_finished, recorded_settings, reported_otherwise
from tasks.server.api import prefect_api
from tasks.studies.precision import parse_precision
from tasks.text.failures import explained
from tasks.text.terminal import console, say_error
from tasks.warehouse.dbt import parse_in_background
from tasks.warehouse.published import published

log = logging.getLogger("workforce")


def run(
    config: Annotated[Path | None, typer.Option(help="Settings YAML; it overrides the defaults.")] = None,
    census: Annotated[
        str | None,
        typer.Option(help="Census, a file or URL: CSV, Parquet or Excel. Default: the bundled sample."),
    ] = None,
    actions: Annotated[
        str | None,
        typer.Option(help="Known actions, a file or URL: CSV, Parquet or Excel. Default: none."),
    ] = None,
    scenario: Annotated[
        list[Path] | None, typer.Option(help="Scenario file; repeat it to run several side by side.")
    ] = None,
    replicates: Annotated[int | None, typer.Option(help="Monte Carlo replicates of each scenario.")] = None,
    precision: Annotated[
        list[str] | None,
        typer.Option(
            help="Add replicates until the mean's relative error is below this, as in payroll=0.1%; "
            "repeatable."
        ),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="Random seed; the same seed gives the same results.")
    ] = None,
    years: Annotated[str | None, typer.Option(help="First and last year, as in 2025-2029.")] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set", help="One setting, as in workforce.total_termination_rate=0.1; may be repeated."
        ),
    ] = None,
    output: Output = Path("runs"),
    run_id: Annotated[
        str | None, typer.Option(help="Name of the run's directory. Default: generated from the time.")
    ] = None,
    resume: Annotated[
        str | None,
        typer.Option(
            help="Resume this run (id or path) from its last complete year; other flags must agree with it."
        ),
    ] = None,
    from_year: Annotated[
        int | None, typer.Option(help="With --resume: simulate again from this year.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Run even if a finished run of the same input exists.")
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="Show Prefect's own log, and tracebacks.")
    ] = False,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Simulate the workforce over several years.

    Exit status: 0 done; 1 the run failed or a check stopped it; 2 the input is invalid.
    """
    # without a terminal to show progress on, log each step; log warnings always
    show_log(logging.INFO if verbose or not sys.stderr.isatty() else logging.WARNING)
    try:
        printed = printing(as_json, as_csv)
        request = RunRequest(
            config=config,
            census=census,
            actions=actions,
            scenarios=tuple(scenario or ()),
            replicates=replicates,
            seed=seed,
            years=years,
            sets=(*(set_ or ()), *_precision_settings(precision)),
            output=output,
            run_id=run_id,
            resume=resume,
            from_year=from_year,
        )
        with one_reading():
            directory, is_finished = _accepted(request, force)
            if not is_finished:
                parse_in_background()
                with failures_reported(directory, verbose), prefect_api(quiet=not verbose):
                    _simulate(request, directory)
    except InputError as error:
        say_error(str(error))
        raise typer.Exit(WRONG_INPUT) from None
    with printed as out:
        _show_results(directory, out)


def _simulate(request: RunRequest, directory: RunDirectory) -> None:
    """Call the flow. Secrets go through the environment, because Prefect stores a flow's parameters."""
    sets = list(request.sets)
    files = {"census.path": request.census, "plan.actions": request.actions}
    hidden = [f"{key}={file}" for key, file in files.items() if file is not None and holds_secret(str(file))]
    given, secret = secrets_apart([*hidden, *sets])
    shown = {
        key: None if file is None or _is_secret(key, secret) else str(file) for key, file in files.items()
    }
    os.environ.update(secret)
    # a run to resume may be given as a path, and be in another directory of runs
    is_there = directory.path.parent.resolve() == request.output.resolve()
    output = request.output if is_there else directory.path.parent
    # Prefect is imported once the input is accepted
    from flows.multi_year import multi_year_simulation

    multi_year_simulation(
        config=request.config,
        census=shown["census.path"],
        actions=shown["plan.actions"],
        scenario=list(request.scenarios),
        replicates=request.replicates,
        seed=request.seed,
        years=request.years,
        settings=given,
        output=output,
        run_id=None if request.resume else directory.run_id,
        resume=directory.run_id if request.resume else None,
        from_year=request.from_year,
    )


def _is_secret(key: str, secret: Mapping[str, str]) -> bool:
    """Return whether a variable that holds a secret sets the section of a key."""
    return any(name.startswith(f"WORKFORCE__{key.partition('.')[0].upper()}") for name in secret)


@contextmanager
def failures_reported(directory: RunDirectory, verbose: bool) -> Iterator[None]:
    """Print why a run failed and how to resume it, and end the command. InputError is left to the caller."""
    try:
        yield
    except InputError:  # a file that changed since it was accepted
        raise
    except (RunLocked, RunDamaged) as error:
        say_error(str(error))
        raise typer.Exit(FAILED) from None
    except BaseException as error:
        if ending_of(error) != "failed":  # Ctrl-C or SIGTERM
            _say_how_to_continue(directory)
            raise
        if verbose:
            console(stderr=True).print_exception()
        say_error(explained(str(error)), "The run failed:", "red")
        _say_how_to_continue(directory)
        raise typer.Exit(FAILED) from None


def _say_how_to_continue(directory: RunDirectory) -> None:
    if directory.log.exists():
        say_error(
            f"Complete years are kept; --resume {directory.run_id} continues the run. Log: {directory.log}"
        )


def _accepted(request: RunRequest, force: bool) -> tuple[RunDirectory, bool]:
    """Check and accept the input. Raises InputError.

    Returns the run directory, and whether it already holds a finished run of the same input.
    """
    _check_combination(request)
    check_place(request.output)
    if request.resume:
        directory = find_run_directory(request.output, request.resume)
        from tasks.ensembles.shards import read_plan  # needed to resume only

        read_plan(directory)  # refuses an unreadable plan here, before the run is marked as failed
        resolved = recorded_settings(directory, request)
        settings = resolved.base
        years = settings.simulation.years
        if request.from_year is not None and request.from_year not in years:
            raise InputError(
                f"--from-year = {request.from_year}: a year of the run, {years[0]} to {years[-1]}"
            )
        recorded = read_record(directory).census
        opening = Opening.of(resolved).text
        _show_opening(f"Census {recorded.file}. Opening date {opening}.", recorded.findings, settings)
        return directory, False
    directory = new_run_directory(request.output, request.run_id)
    try:
        accepted = accept(request)
    except CensusError as error:
        refuse_table(error, request.output / "rejected" / f"{directory.run_id}.csv")
    except ActionsError as error:
        refuse_table(error, request.output / "rejected" / f"{directory.run_id}-actions.csv")
    check_budget(accepted, request.output)
    base = accepted.settings.base
    _show_opening(accepted.opening_line, accepted.census.findings, base)
    for line in accepted.plans.lines:
        say_error(line)
    for warning in accepted.plans.warnings:
        say_error(warning, "warning:")
    rejected = accepted.census.rejects["row_number"].n_unique()
    if rejected:
        log.warning("%d bad census rows were left out, as the settings allow", rejected)
    # a named run is always simulated; with a precision, the number of replicates is not known in advance
    if not (force or request.run_id or accepted.settings.base.ensemble.precision):
        finished = find_finished(request.output, accepted)
        if finished:
            again = "--force simulates it again"
            say_error(f"A finished run of this input exists; {again}: {finished.path}")
            others = reported_otherwise(read_record(finished), base)
            if others:
                names = " and ".join(others)
                say_error(
                    f"Its report has other settings of {names}; --force makes one with yours", "warning:"
                )
            return finished, True
    return directory, False


def _show_opening(line: str, findings: Sequence[Finding], settings: Settings) -> None:
    """Print the opening date and the census's plausibility findings."""
    say_error(line)
    for finding in reported(findings, settings.checks.severities):
        say_error(finding)


def _precision_settings(precision: list[str] | None) -> list[str]:
    """The setting that flag --precision stands for."""
    if not precision:
        return []
    wanted = ", ".join(f"{figure}: {share!r}" for figure, share in parse_precision(precision).items())
    return [f"ensemble.precision={{{wanted}}}"]


def _check_combination(request: RunRequest) -> None:
    for flag, identifier in (("--resume", request.resume), ("--run-id", request.run_id)):
        if identifier == "":  # an unset shell variable must not select another run
            raise InputError(f"{flag}: a run's id is expected, found nothing")
    if request.resume and request.run_id:
        raise InputError("--run-id: a resumed run keeps its own id; leave the flag out")
    if request.from_year is not None and request.resume is None:
        raise InputError("--from-year: requires --resume ID")


def _show_results(directory: RunDirectory, out: Printer) -> None:
    with published(directory.results) as connection:
        means, full_years = year_means(connection), full_year_means(connection)
    record = read_record(directory)
    out.table(summary_table(means, record, full_years))
    if line := stub_line(record):
        out.say(line)
    files = "report.html, results.xlsx, simulation.duckdb, results/"
    out.say(f"Results: {directory.path}/ ({files})")


def command() -> None:
    """Run the command line of `python -m flows.multi_year`."""
    typer.run(run)

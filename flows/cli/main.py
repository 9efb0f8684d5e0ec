"""The `workforce` command: `run`, and everything else."""

if __name__ == "__main__":  # before the imports below: Prefect's settings come first
    from flows.cli.start import workforce

    workforce()

import itertools
import json
from datetime import date
from pathlib import Path
from typing import Annotated, NoReturn

import duckdb
import httpx
import typer
from prefect.settings import PREFECT_API_URL
from rich.console import Console

from flows.cli.alerts import alerts_app
from flows.cli.dashboard import app as dashboard_app
from flows.cli.deploy import app as deploy_app
from flows.cli.deploy import schedules_app
from flows.cli.leave import FAILED, WRONG_INPUT
from flows.cli.results import app as results_app
from flows.cli.run import refuse_census, report_rejects, run
from flows.cli.runs import runs_app
from flows.cli.solve import app as solve_app
from flows.cli.studies import app as studies_app
from settings import InputError, as_lines, explain
from settings.schema import json_schema
from tasks.alerts.dead_runs import alert_of_dead_runs
from tasks.census.plausibility import reported
from tasks.census.read import CensusError, census_summary, holds_rejects
from tasks.census.sample import sample_census, write_sample
from tasks.health.checks import FAILURES_COUNT_DAYS, as_document, findings
from tasks.results.report.write import require_years
from tasks.results.summary import console, say, summary_table, year_means
from tasks.runs.directory import find_run_directory
from tasks.runs.lock import RunLocked
from tasks.runs.record import read_record
from tasks.runs.request import RunRequest, accept_census, accept_settings
from tasks.runs.resume import RunDamaged
from tasks.server.api import ServerTrouble, trouble_with_server
from tasks.simulation.preparation import roll_back
from tasks.text.tables import TextTable
from tasks.warehouse.published import published

app = typer.Typer(no_args_is_help=True, help="Workforce simulation.", pretty_exceptions_enable=False)
settings_app = typer.Typer(no_args_is_help=True, help="Settings and where they come from.")
census_app = typer.Typer(no_args_is_help=True, help="Census files.")
app.add_typer(settings_app, name="settings")
app.add_typer(census_app, name="census")
app.add_typer(results_app)
app.add_typer(dashboard_app)
app.add_typer(studies_app)
app.add_typer(solve_app)
app.add_typer(alerts_app, name="alerts")
app.add_typer(deploy_app)
app.add_typer(schedules_app, name="schedules")
app.command("run")(run)

Config = Annotated[Path | None, typer.Option(help="Settings YAML.")]
Sets = Annotated[list[str] | None, typer.Option("--set", help="One setting as key=value; may be repeated.")]
Scenarios = Annotated[list[Path] | None, typer.Option(help="Scenario file; may be repeated.")]
Output = Annotated[Path, typer.Option(help="Directory of runs.")]


@app.command()
def show(
    run_id: Annotated[str, typer.Argument(help="A run's id, or `latest`.")], output: Output = Path("runs")
) -> None:
    """Print a run's years: headcount, hires, terminations, payroll."""
    directory = find_run_directory(output, run_id)
    with published(directory.results) as connection:
        require_years(connection, directory)
        means = year_means(connection)
    console().print(summary_table(means, read_record(directory)))


@runs_app.command("rollback")
def runs_rollback(
    run_id: Annotated[str, typer.Argument(help="A run's id.")],
    to_year: Annotated[int, typer.Option(help="The last year to keep.")],
    output: Output = Path("runs"),
) -> None:
    """Drop the years after one; --resume simulates them again."""
    kept = roll_back(find_run_directory(output, run_id), to_year)
    say(f"{run_id} holds {', '.join(map(str, kept))}; --resume {run_id} goes on.")


@app.command()
def health(
    output: Output = Path("runs"),
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
    alert: Annotated[
        bool, typer.Option("--alert", help="Alert of runs without a sign of life; for cron.")
    ] = False,
    days: Annotated[
        float, typer.Option(min=0, help="Days for which a failure counts that nobody acknowledged.")
    ] = FAILURES_COUNT_DAYS,
    config: Config = None,
    set_: Sets = None,
) -> None:
    """Check disk, memory, the newest runs, Prefect's API and our deployments; exit status 1 if one fails.

    A failed run counts until it completes, somebody acknowledges its alert, or --days have passed.
    """
    if alert:
        settings = accept_settings(RunRequest(config, sets=tuple(set_ or ())))
        is_given = settings.provenance["sla.heartbeat_seconds"].layer != "default"
        alert_of_dead_runs(output, settings.base, by_record=not is_given)
    found = findings(output, PREFECT_API_URL.value(), days)
    document = as_document(found)
    if as_json:
        print(json.dumps(document, indent=2))
    else:
        table = TextTable()
        for heading in ("Check", "Status"):
            table.add_column(heading, "key")
        for heading in ("Observed", "Expected", "What to do"):
            table.add_column(heading, "prose")
        for finding in found:
            cells = (finding.check, finding.status, finding.observed, finding.expected, finding.advice)
            table.add_row(*cells, style="" if finding.status == "ok" else "bold red")
        console().print(table)
    if document["status"] != "ok":
        raise typer.Exit(FAILED)


@settings_app.command("show")
def settings_show(
    config: Config = None,
    scenario: Scenarios = None,
    set_: Sets = None,
) -> None:
    """Print every setting that holds and where its value comes from."""
    request = RunRequest(config, scenarios=tuple(scenario or ()), sets=tuple(set_ or ()))
    print("\n".join(as_lines(explain(accept_settings(request)))))


@settings_app.command("schema")
def settings_schema() -> None:
    """Print the JSON Schema of the settings, for editors."""
    print(json.dumps(json_schema(), indent=2))


@census_app.command("sample")
def census_sample(
    employees: Annotated[int, typer.Option(min=1, max=10_000_000, help="Number of employees.")] = 2000,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same census.")] = 42,
    start_year: Annotated[int, typer.Option(min=1901, max=2199, help="First year to be simulated.")] = 2025,
    output: Annotated[Path, typer.Option(help="File to write: .csv or .parquet.")] = Path("census.csv"),
) -> None:
    """Write a made-up census that looks like a company's."""
    write_sample(sample_census(employees, seed, date(start_year - 1, 12, 31)), output)
    say(f"{employees:,} employees: {output}")


@census_app.command("check")
def census_check(
    file: Annotated[str, typer.Argument(help="The census: a file or URL.")],
    config: Config = None,
    set_: Sets = None,
    rejects: Annotated[
        Path | None,
        typer.Option(help="File for bad rows. Default: rejected.csv, or the next free name."),
    ] = None,
) -> None:
    """Validate a census without running anything.

    Exit status: 0 a run would accept it; 1 a check of severity error would stop the run; 2 it is refused.
    """
    settings = accept_settings(RunRequest(config, census=file, sets=tuple(set_ or ()))).base
    target = _rejects_file(rejects)
    try:
        census, _ = accept_census(settings)
    except CensusError as error:
        refuse_census(error, target)
    table = TextTable(header=False)
    table.add_column("What", "key")
    table.add_column("Value", "prose")
    for name, value in census_summary(census, settings.simulation.opening_date).items():
        table.add_row(name, value)
    console().print(table)
    findings = list(reported(census.findings, settings.checks.severities))
    for finding in findings or ["Plausibility: nothing odd found"]:
        say(finding)
    if findings:
        say("Where a finding is right as it is, checks.severities.NAME: off silences it.")
    if not report_rejects(census.rejects, target):
        raise typer.Exit(WRONG_INPUT)
    if any(finding.startswith("error") for finding in findings):
        raise typer.Exit(FAILED)


def _rejects_file(stated: Path | None) -> Path:
    """The file for bad rows: never one that somebody else wrote."""
    if stated is None:
        names = (f"rejected{'-' * bool(number)}{number or ''}.csv" for number in itertools.count())
        return next(path for path in map(Path, names) if not path.exists() or holds_rejects(path))
    if stated.exists() and not holds_rejects(stated):
        raise InputError(
            f"--rejects: {stated} is there already and does not hold rejected rows; name another file"
        )
    return stated


def command() -> None:
    """Run the `workforce` command; reports what is wrong in one message, with exit status 2 or 1."""
    try:
        app()
    except (InputError, RunLocked, RunDamaged, ServerTrouble, duckdb.Error, OSError) as error:
        _end(str(error), WRONG_INPUT if isinstance(error, InputError) else FAILED)
    except httpx.HTTPError as error:  # of a command that asks the Prefect server
        _end(trouble_with_server(error), FAILED)


def _end(message: str, status: int) -> NoReturn:
    Console(stderr=True, soft_wrap=True, emoji=False).print(message, markup=False)
    raise SystemExit(status) from None

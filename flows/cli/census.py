"""`workforce census`: checks a census, submits it for a reforecast, or generates a sample."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from flows.cli.history import a_date
from flows.cli.leave import FAILED, WRONG_INPUT
from flows.cli.options import Config, RejectsFile, Sets
from flows.cli.rejects import refuse_table, rejects_file, report_rejects
from flows.cli.submit import census_submit
from tasks.census.opening import Opening
from tasks.census.plausibility import reported
from tasks.census.read import CensusError, census_summary
from tasks.runs.request import RunRequest, accept_census, accept_settings
from tasks.text.tables import TextTable
from tasks.text.terminal import console, say

census_app = typer.Typer(no_args_is_help=True, help="Check a census file, submit it, or generate a sample.")
census_app.command("submit")(census_submit)


@census_app.command("sample")
def census_sample(
    employees: Annotated[int, typer.Option(min=1, max=10_000_000, help="Number of employees.")] = 2000,
    seed: Annotated[int, typer.Option(min=0, help="Random seed; the same seed gives the same census.")] = 42,
    start_year: Annotated[int, typer.Option(min=1901, max=2199, help="First year to simulate.")] = 2025,
    opening_date: Annotated[
        str | None,
        typer.Option(help="Date of the census, YYYY-MM-DD. Default: 31 December before --start-year."),
    ] = None,
    output: Annotated[Path, typer.Option(help="File to write: .csv or .parquet.")] = Path("census.csv"),
) -> None:
    """Write a generated census that resembles a company's."""
    from tasks.census.sample import sample_census, write_sample  # DuckDB, which `check` does not need

    day = a_date(opening_date, "--opening-date") if opening_date else date(start_year - 1, 12, 31)
    write_sample(sample_census(employees, seed, day), output)
    say(f"{employees:,} employees: {output}")


@census_app.command("check")
def census_check(
    file: Annotated[str, typer.Argument(help="The census: a file or URL.")],
    config: Config = None,
    set_: Sets = None,
    rejects: RejectsFile = None,
) -> None:
    """Validate a census without running a simulation.

    Exit status: 0 a run would accept it; 1 a check of severity error would stop the run; 2 it is invalid.
    """
    resolved = accept_settings(RunRequest(config, census=file, sets=tuple(set_ or ())))
    target = rejects_file(rejects)
    try:
        census, _ = accept_census(resolved)
    except CensusError as error:
        refuse_table(error, target)
    table = TextTable(header=False)
    table.add_column("What", "key")
    table.add_column("Value", "prose")
    for name, value in census_summary(census, Opening.of(resolved)).items():
        table.add_row(name, value)
    console().print(table)
    findings = list(reported(census.findings, resolved.base.checks.severities))
    for finding in findings or ["Plausibility: no findings"]:
        say(finding)
    if findings:
        say("If a finding is correct as it is, checks.severities.NAME: off silences it.")
    if not report_rejects(census.rejects, target):
        raise typer.Exit(WRONG_INPUT)
    if any(finding.startswith("error") for finding in findings):
        raise typer.Exit(FAILED)

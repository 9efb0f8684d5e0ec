"""`workforce census`: checks a census, submits it for a reforecast, or generates a sample."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from flows.cli.history import a_date
from flows.cli.leave import FAILED, WRONG_INPUT
from flows.cli.options import AsCsv, AsJson, Config, RejectsFile, Sets
from flows.cli.printing import printing
from flows.cli.rejects import refuse_table, rejects_file, report_rejects
from flows.cli.submit import census_submit
from tasks.census.opening import Opening
from tasks.census.plausibility import Finding, reported, with_severity
from tasks.census.read import CensusError, census_summary
from tasks.runs.request import RunRequest, accept_census, accept_settings
from tasks.text.advice import ADVICE
from tasks.text.facts import facts_table
from tasks.text.tables import TextTable
from tasks.text.terminal import say

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
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Validate a census without running a simulation.

    Exit status: 0 a run would accept it; 1 a check of severity error would stop the run; 2 it is invalid.
    """
    with printing(as_json, as_csv, "summary", "findings") as out:
        resolved = accept_settings(RunRequest(config, census=file, sets=tuple(set_ or ())))
        target = rejects_file(rejects)
        try:
            census, _ = accept_census(resolved)
        except CensusError as error:
            refuse_table(error, target)
        out.table(facts_table(census_summary(census, Opening.of(resolved)), "summary"))
        severities = resolved.base.checks.severities
        found = with_severity(census.findings, severities)
        out.table_with_rows(_findings(found))
        for message in reported(census.findings, severities):
            out.say(message)
        if found:
            out.say("If a finding is correct as it is, checks.severities.NAME: off silences it.")
        else:
            out.say("Plausibility: no findings")
        if not report_rejects(census.rejects, target):
            raise typer.Exit(WRONG_INPUT)
        if any(severity == "error" for severity, _ in found):
            raise typer.Exit(FAILED)


def _findings(found: Sequence[tuple[str, Finding]]) -> TextTable:
    """Return the findings for other programs; a terminal has a message for each."""
    table = TextTable(
        name="findings", fields=("check", "severity", "violations", "examined", "details", "advice")
    )
    for severity, finding in found:
        values = asdict(finding)
        table.add_values(
            {
                **{field: values[field] for field in ("check", "violations", "examined", "details")},
                "severity": severity,
                "advice": ADVICE[finding.check],
            }
        )
    return table

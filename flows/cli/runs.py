"""`workforce runs`: list, compare, roll back and remove runs."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from flows.cli.complete_run import check_published
from flows.cli.options import AsCsv, AsJson, Output, RunId
from flows.cli.printing import printing
from settings.loading.problems import text_of
from tasks.runs.directory import find_run_directory
from tasks.runs.listing import list_runs, remove_run
from tasks.runs.record import unreadable_records
from tasks.studies.difference_tables import COMPARED, difference_tables
from tasks.studies.figures import SEGMENT
from tasks.studies.run_compare import (
    common_calendar,
    common_money,
    compare_runs,
    record_to_compare,
    what_differs,
)
from tasks.text.tables import TextTable
from tasks.text.terminal import say, say_error
from tasks.text.terms import TOTAL_NOTE

#: Values of a difference for other programs; scenarios are compared with themselves in the other run.
_COMPARED = {{"baseline": "first", "scenario": "second"}.get(key, key): key for key in COMPARED}

_RUN_FIELDS = (
    *("run_id", "status", "started_at", "finished_at", "first_year", "last_year", "scenarios"),
    *("replicates", "employees", "megabytes", "is_latest"),
)

runs_app = typer.Typer(no_args_is_help=True, help="List, compare, roll back and remove runs.")


@runs_app.command("compare")
def runs_compare(
    first: RunId,
    second: Annotated[str, typer.Argument(help="The run to compare with it.")],
    by: Annotated[
        str | None,
        typer.Option(help="Break down by `level`, `segment` (of targets), or a dimension, as department."),
    ] = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    output: Output = Path("runs"),
) -> None:
    """Show the inputs in which two runs differ, and how the second run's figures differ from the first."""
    with printing(as_json, as_csv, "inputs", "differences") as out:
        directories = find_run_directory(output, first), find_run_directory(output, second)
        for directory in directories:
            check_published(directory)
        one, other = (directory.run_id for directory in directories)
        records = record_to_compare(directories[0]), record_to_compare(directories[1])
        money, on_currencies = common_money(*records)
        differences, note = compare_runs(*directories, by)
        common, on_years = common_calendar(*records)
        inputs = TextTable("Inputs that differ", name="inputs", fields=("input", "first", "second"))
        inputs.add_column("What", "key")
        for heading in (one, other):
            inputs.add_column(heading, "prose")
        for row in what_differs(*records):
            inputs.add_row(*map(text_of, row), values=dict(zip(inputs.fields, row, strict=True)))
        out.table_with_rows(inputs)
        if not inputs.row_count:
            out.say("Both runs have the same inputs.")
        for scenario, found in differences.items():
            # none without rows: the note says why
            rows, title = found.with_columns(scenario_id=pl.lit(scenario)), f"{other}, scenario {scenario},"
            out.table(*difference_tables(rows, title, one, money, by, common, _COMPARED))
        meaning = "" if by == SEGMENT else TOTAL_NOTE  # segments have no turnover
        for text in filter(None, (on_currencies, on_years, meaning, note)):
            out.say(text)


@runs_app.command("list")
def runs_list(
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    output: Output = Path("runs"),
) -> None:
    """List the runs, newest first."""
    table = TextTable(fields=_RUN_FIELDS)
    table.add_column("Run", "key")
    for heading in ("Status", "Started", "Years"):
        table.add_column(heading)
    table.add_column("Scenarios", "prose")
    for heading in ("Replicates", "Employees", "MB"):
        table.add_column(heading, "number")
    with printing(as_json, as_csv) as out:
        for entry in list_runs(output):
            values = asdict(entry)
            values["first_year"], values["last_year"] = values.pop("years")
            table.add_row(
                entry.run_id + (" (latest)" if entry.is_latest else ""),
                entry.status,
                entry.started_at[:16].replace("T", " "),
                f"{entry.years[0]}–{entry.years[1]}",
                ", ".join(entry.scenarios),
                str(entry.replicates),
                f"{entry.employees:,}",
                f"{entry.megabytes:,.1f}",
                values=values,
            )
        out.table(table)
    for directory, problem in unreadable_records(output):
        say_error(f"Not listed: {directory.run_id}: {problem}")


@runs_app.command("rm")
def runs_rm(
    run_ids: Annotated[list[str], typer.Argument(help="Runs to remove: ids, or paths of their directories.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    output: Output = Path("runs"),
) -> None:
    """Remove runs with all their files; refuses a run that a process is writing."""
    directories = [find_run_directory(output, run_id) for run_id in run_ids]
    if not yes:
        typer.confirm(f"Remove {', '.join(str(directory.path) for directory in directories)}?", abort=True)
    for directory in directories:
        remove_run(directory)
        say(f"Removed: {directory.path}")


@runs_app.command("rollback")
def runs_rollback(
    run_id: RunId,
    to_year: Annotated[int, typer.Option(help="The last year to keep.")],
    output: Output = Path("runs"),
) -> None:
    """Remove the years after a given year; --resume simulates them again."""
    from tasks.server.prefect_settings import prepare

    prepare()
    from tasks.simulation.preparation import roll_back

    kept = roll_back(find_run_directory(output, run_id), to_year)
    say(f"{run_id} holds {', '.join(map(str, kept))}; --resume {run_id} simulates the years after it.")

"""`workforce precision`: the Monte Carlo error of a run's means, and the sources of its spread."""

import tempfile
from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from flows.cli.complete_run import check_published
from flows.cli.options import AsCsv, AsJson, Output, RunId
from flows.cli.printing import Printer, printing
from settings.errors import InputError
from tasks.results.drawn import what_differs_between_replicates
from tasks.runs.calendar import recorded_calendar
from tasks.runs.directory import RunDirectory, find_run_directory
from tasks.runs.record import RunRecord, read_record
from tasks.studies.figures import without_equal_fte
from tasks.studies.precision import monte_carlo_errors, need_text, needs, parse_precision, without_spread
from tasks.studies.precision_tables import error_table, note_on_same, sources_table, wanted_values
from tasks.warehouse.published import published


def precision_command(
    run_id: RunId,
    want: Annotated[
        list[str] | None, typer.Option(help="Relative error to reach, as in payroll=0.1%; repeatable.")
    ] = None,
    sources: Annotated[
        bool,
        typer.Option(
            "--sources",
            help="Also print what chance, parameters and year effects each contribute to the spread, by "
            "simulating the run again with one of them frozen at a time.",
        ),
    ] = False,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    output: Output = Path("runs"),
) -> None:
    """Print the Monte Carlo error of a run's means, and how many replicates a smaller error needs."""
    with printing(as_json, as_csv, "errors", "wanted", "sources") as out:
        wanted = parse_precision(want or [])
        directory = find_run_directory(output, run_id)
        check_published(directory)
        record = read_record(directory)
        replicates = record.replicates
        if replicates < 2:
            raise InputError(
                f"run {directory.run_id} has one replicate, which has no Monte Carlo error; "
                "run it with --replicates 20"
            )
        with published(directory.results) as connection:
            errors = without_equal_fte(monte_carlo_errors(connection), "mean", "deviation")
        same = without_spread(errors)
        calendar = recorded_calendar(record)
        out.table(error_table(errors.filter(~pl.col("figure").is_in(same)), replicates, calendar))
        if same:
            modes = {entry.settings["simulation"]["mode"] for entry in record.scenarios}
            out.say(note_on_same(same, exact=modes == {"exact"} and record.uncertainty is None))
        found = needs(errors, wanted)
        out.table_with_rows(wanted_values(found, replicates, calendar))
        for need in found:
            out.say(need_text(need, replicates, calendar))
        out.say(what_differs_between_replicates(record))
        if sources:
            _print_sources(directory, record, errors, out)


def _print_sources(directory: RunDirectory, record: RunRecord, errors: pl.DataFrame, out: Printer) -> None:
    if record.uncertainty is None:
        out.say(
            "The run's assumptions are certain (simulation.uncertainty is null): all of the spread is chance "
            "per person."
        )
        return
    # imported here: it compiles the simulation's SQL, which the table of errors does not need
    from tasks.studies.sources import contributions

    with tempfile.TemporaryDirectory(prefix="workforce-sources-") as scratch:
        found, names = contributions(
            directory, errors, Path(scratch), lambda name: out.say(f"Simulating with {name} frozen …")
        )
    out.table(sources_table(found, names, record.replicates, recorded_calendar(record)))
    out.say(
        "Shares need not add up to 100 %: sources act together, and each variance is an estimate from "
        f"{record.replicates} replicates, so that a small share may be negative."
    )

"""`workforce compare`: the scenarios of a run against one of them."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from flows.cli.complete_run import check_published
from flows.cli.options import AsCsv, AsJson, Output, RunId
from flows.cli.printing import printing
from flows.cli.rows_file import check_file, write_rows
from settings.errors import InputError
from tasks.runs.calendar import recorded_calendar
from tasks.runs.directory import find_run_directory
from tasks.runs.record import RunRecord, read_record
from tasks.studies.common import Items, Side, items_of, left_out, nothing_in_common
from tasks.studies.compare import check_breakdown, choose_baseline, compare, settings_differences
from tasks.studies.difference_tables import (
    difference_tables,
    has_cost,
    pairing_note,
    settings_table,
)
from tasks.studies.figures import NO_COST, SEGMENT
from tasks.text.money import Money
from tasks.text.terms import TOTAL_NOTE
from tasks.warehouse.published import published


def compare_command(
    run_id: RunId,
    baseline: Annotated[
        str | None, typer.Option(help="Scenario to compare with. Default: `baseline`, else the first.")
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(help="Break down by `level`, `segment` (of targets), or a dimension, as department."),
    ] = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    file: Annotated[
        Path | None, typer.Option(help="Also write every figure to this file: .csv or .parquet.")
    ] = None,
    output: Output = Path("runs"),
) -> None:
    """Compare each scenario with the baseline, year by year, with standard errors."""
    with printing(as_json, as_csv, "settings", "differences") as out:
        directory = find_run_directory(output, run_id)
        record = read_record(directory)
        money, calendar = Money.of(record), recorded_calendar(record)
        chosen = choose_baseline(record, baseline)
        if file:
            check_file(file)
        check_published(directory)
        with published(directory.results) as connection:
            differences = compare(connection, chosen)
            items = items_of(connection)
        if by is not None:
            check_breakdown(by, items, directory.run_id)
        shown = differences.filter(pl.col("breakdown") == (by or "total"))
        scenarios = [each for each in record.scenario_ids if each != chosen]
        is_by_segment = by == SEGMENT or file is not None
        omitted = _segments_left_out(items, differences, record, scenarios, chosen) if is_by_segment else []
        if shown.is_empty():
            raise InputError(nothing_in_common(SEGMENT, omitted, items))
        out.table(settings_table(settings_differences(record, chosen), chosen))
        for scenario in scenarios:
            rows = shown.filter(pl.col("scenario_id") == scenario)
            out.table(*difference_tables(rows, scenario, chosen, money, by, calendar))
        meaning = [] if by == SEGMENT else [TOTAL_NOTE]  # segments have no turnover
        if by is None and not has_cost(shown):
            meaning.append(f"{NO_COST}.")
        for note in (*omitted, *meaning, pairing_note(differences, record.replicates)):
            out.say(note)
        if file:
            write_rows(differences, file)
            amounts = f", amounts in {money.currency}" if money.currency else ""
            out.say(f"Every figure, {differences.height:,} rows{amounts}: {file}")


def _segments_left_out(
    items: Items, differences: pl.DataFrame, record: RunRecord, scenarios: Iterable[str], baseline: str
) -> list[str]:
    """Return a sentence on each scenario whose comparison with the baseline leaves out segments."""
    one, *others = (Side.of(name, items, SEGMENT, record, name) for name in (baseline, *scenarios))
    of_segments = differences.filter(breakdown=SEGMENT)
    found = {
        each.name: left_out(each, one, set(of_segments.filter(scenario_id=each.name)["item"]))
        for each in others
    }
    return [
        f"{scenario} against {baseline} leaves out: {items}." for scenario, items in found.items() if items
    ]

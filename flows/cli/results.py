"""The `workforce` commands that read a run's results: show, report, export, employee, cost."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from flows.cli.options import AsCsv, AsJson, Output, RunId
from flows.cli.printing import printing
from settings.errors import InputError
from tasks.census.parse import NO_VALUE
from tasks.results.actuals import full_year_means
from tasks.results.drawn import has_own_draws, what_differs_between_replicates
from tasks.results.drill import AMOUNTS, Scope, employees_behind, period
from tasks.results.explain import timeline
from tasks.results.explanation import Moment, settings_of
from tasks.results.export import FileFormat, export_tables, write_csv
from tasks.results.export_rows import Choice, notes
from tasks.results.hazards import draw_text
from tasks.results.report.terminal import broken_down, tables_by, text_table
from tasks.results.report.write import require_years, write_report
from tasks.results.summary import stub_line, summary_table, year_means
from tasks.runs.calendar import recorded_calendar
from tasks.runs.directory import find_run_directory
from tasks.runs.record import RunRecord, read_record
from tasks.system.files import check_target
from tasks.text.calendar import year_values
from tasks.text.money import PLAIN, Money
from tasks.text.tables import Role, TextTable
from tasks.text.terminal import say, say_error
from tasks.warehouse.published import published


def show(
    run_id: RunId,
    by: Annotated[
        str | None,
        typer.Option(
            help="Break down by `segment` (of targets), `action` (known actions), `level`, or a dimension, "
            "as department."
        ),
    ] = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    output: Output = Path("runs"),
) -> None:
    """Print a run's years: headcount, hires, terminations, payroll, loaded cost."""
    with printing(as_json, as_csv, *tables_by(by)) as out:
        directory = find_run_directory(output, run_id)
        record = read_record(directory)
        with published(directory.results) as connection:
            require_years(connection, directory)
            found = (
                [summary_table(year_means(connection), record, full_year_means(connection))]
                if by is None
                else [text_table(table) for table in broken_down(connection, record, by)]
            )
        out.table(*found)
        if line := stub_line(record):
            out.say(line)
        if record.replicates > 1 and (by is not None or record.uncertainty):
            out.say(f"Means over {record.replicates} replicates. {what_differs_between_replicates(record)}")


def report(
    run_id: RunId,
    pdf: Annotated[bool, typer.Option("--pdf", help="Write a PDF instead of an HTML page.")] = False,
    pptx: Annotated[bool, typer.Option("--pptx", help="Write eight PowerPoint slides instead.")] = False,
    file: Annotated[
        Path | None,
        typer.Option(help="File to write. Default: report.html, .pdf or .pptx in the run directory."),
    ] = None,
    output: Output = Path("runs"),
) -> None:
    """Write a run's report of charts and tables: one HTML page that works offline, a PDF, or slides."""
    if pdf and pptx:
        raise InputError("--pdf and --pptx: give one of them; each writes a file of its own")
    directory = find_run_directory(output, run_id)
    flag = "pdf" if pdf else "pptx" if pptx else None
    path = file or (directory.report.with_suffix(f".{flag}") if flag else directory.report)
    if flag and path.suffix != f".{flag}":
        raise InputError(f"--file: {path}: a name that ends in .{flag} is expected with --{flag}")
    check_target(path)
    write_report(directory, path)
    say(f"Report: {path}")


def export(
    run_id: RunId,
    table: Annotated[
        list[str] | None, typer.Argument(help="Published tables, such as fct_workforce_events. Default: all.")
    ] = None,
    file_format: Annotated[
        FileFormat, typer.Option("--format", help="One workbook, or a file per table.")
    ] = "xlsx",
    mean: Annotated[
        bool,
        typer.Option(
            "--mean", help="Means over replicates, which can be summed, instead of each replicate's rows."
        ),
    ] = False,
    by: Annotated[
        list[str] | None,
        typer.Option(
            help="With --mean: a row per month of fct_month_summary and this, such as department or level; "
            "repeatable. `month`: a row per month."
        ),
    ] = None,
    scenario: Annotated[str | None, typer.Option(help="Only this scenario.")] = None,
    year: Annotated[int | None, typer.Option(help="Only this year.")] = None,
    replicate: Annotated[int | None, typer.Option(help="Only this replicate.")] = None,
    file: Annotated[
        Path | None,
        typer.Option(help="Workbook, or folder of files, to write. Default: export.xlsx, or folder export."),
    ] = None,
    output: Output = Path("runs"),
) -> None:
    """Export published tables as Excel workbook, CSV or Parquet: rows of each replicate, or means."""
    directory = find_run_directory(output, run_id)
    path = file or Path("export.xlsx" if file_format == "xlsx" else "export")
    if file_format == "xlsx" and path.suffix.lower() != ".xlsx":
        raise InputError(
            f"--file: {path}: a name that ends in .xlsx is expected for a workbook; with --format csv or "
            "parquet, a folder of files"
        )
    check_target(path, folder=file_format != "xlsx")
    choice = Choice(scenario, year, replicate, mean, tuple(by or ()))
    with published(directory.results) as connection:
        require_years(connection, directory)
        everything = [folder.name for folder in sorted(directory.results.iterdir()) if folder.is_dir()]
        tables = table or choice.tables(everything)
        record = read_record(directory)
        money, calendar = Money.of(record), recorded_calendar(record)
        written = export_tables(connection, tables, path, file_format, choice, money, calendar)
        for note in notes(connection, tables, choice):
            say_error(note)
    if money.note:
        say_error(money.note.strip())
    for name in written:
        say(str(name))


def employee(
    run_id: RunId,
    employee_id: Annotated[
        str, typer.Argument(help="The id in the census, verbatim, or of a hire, such as H2025-0000001.")
    ],
    scenario: Annotated[str | None, typer.Option(help="Scenario. Default: the run's first.")] = None,
    replicate: Annotated[int, typer.Option(help="Replicate.")] = 1,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    output: Output = Path("runs"),
) -> None:
    """Print one employee's years: each event with its hazard and draw, and why nothing else happened."""
    with printing(as_json, as_csv) as out:
        directory = find_run_directory(output, run_id)
        record = read_record(directory)
        scenario = scenario or record.scenario_ids[0]
        with published(directory.results) as connection:
            require_years(connection, directory)
            moments = timeline(connection, record, employee_id, scenario, replicate)
        calendar = recorded_calendar(record)
        table = TextTable(f"{employee_id}, scenario {scenario}, replicate {replicate}")
        for heading in ("Year", "Date"):
            table.add_column(heading, "key")
        for heading in ("What", "Why"):
            table.add_column(heading, "prose")
        shown_year = None
        for moment in moments:
            if shown_year not in (None, moment.year):
                table.add_section()
            year = "" if moment.year == shown_year else calendar.name(moment.year)
            values = {"date": moment.date, "what": moment.what, "why": moment.why}
            table.add_row(
                *(year, str(moment.date or "–"), moment.what, moment.why),
                values={"employee_id": employee_id, **year_values(calendar, moment.year), **values},
            )
            shown_year = moment.year
        out.table(table)
        draws = replicate if has_own_draws(settings_of(record, scenario)) else 1
        for line in _about_draws(record, moments, draws):
            out.say(line)


def cost(
    run_id: RunId,
    when: Annotated[str, typer.Argument(help="A (fiscal) year, as in 2026, or a month, as in 2026-03.")],
    level: Annotated[int | None, typer.Option(help="Only this level.")] = None,
    where: Annotated[
        list[str] | None, typer.Option(help="Only this value of a dimension, as in department=Sales.")
    ] = None,
    scenario: Annotated[str | None, typer.Option(help="Scenario. Default: the run's first.")] = None,
    replicate: Annotated[int, typer.Option(help="Replicate.")] = 1,
    rows: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="Number of employees to show, highest cost first. Default: 20; with --json or --csv all.",
        ),
    ] = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    file: Annotated[Path | None, typer.Option(help="Write all employees to this CSV file.")] = None,
    output: Output = Path("runs"),
) -> None:
    """List the employees behind a month's or year's cost; their salaries add up to it to the cent."""
    with printing(as_json, as_csv) as out:
        directory = find_run_directory(output, run_id)
        record = read_record(directory)
        money = Money.of(record)
        year, month = period(when, recorded_calendar(record))
        if file:
            check_target(file)
        scope = Scope(
            scenario or record.scenario_ids[0], replicate, year, month, level, dict(map(_pair, where or ()))
        )
        with published(directory.results) as connection:
            require_years(connection, directory)
            found = employees_behind(connection, record, scope)
            if file:
                write_csv(connection, found.employees, file)
        if rows is None:
            rows = found.employees.height if out.for_programs else 20
        out.table(_employees_table(found.employees.head(rows), money))
        more = max(0, found.employees.height - rows)
        costs = [money.to_the_cent(cost) for cost in (found.salary_cost, found.loaded_cost)]
        out.say(
            f"{found.employees.height:,} employees{f', {more:,} not shown' if more else ''}: "
            f"salary cost {costs[0]}, loaded cost {costs[1]}"
        )


def _employees_table(employees: pl.DataFrame, money: Money) -> TextTable:
    table = TextTable(fields=employees.columns)
    for name, kind in employees.schema.items():
        role: Role = "key" if name == "employee_id" else "number" if kind.is_numeric() else "prose"
        heading = name.replace("_", " ")
        table.add_column(money.headed(heading) if name in AMOUNTS else heading, role)
    for row in employees.iter_rows(named=True):
        table.add_row(*(_cell(value) for value in row.values()), values=row)
    return table


def _about_draws(record: RunRecord, moments: Sequence[Moment], replicate: int) -> Iterator[str]:
    """Yield which draws a timeline uses, by stream, and how one of them is computed."""
    used = [each for moment in moments for each in moment.draws]
    if not used:
        yield "No draw decided an event."
        return
    years: dict[str, set[int]] = {}
    for each in used:
        years.setdefault(each.stream, set()).add(each.year)
    streams = (f"{stream} {_spans(sorted(years[stream]))}" for stream in sorted(years))
    yield f"Draws that decided events, by stream: {'; '.join(streams)}."
    first = used[0]
    text = draw_text(record.seed, first.year, replicate, first.stream, first.of)
    others = "year and stream" + ("; stream action has the id of the action" if "action" in years else "")
    yield (
        f"To compute a draw: take the first 8 bytes of md5('{text}') as a little-endian number, shift it "
        f"right by 11 bits and divide by 2^53. For another draw, replace {others}."
    )


def _spans(years: Sequence[int]) -> str:
    """Return years in order as text, successive ones as a span: 2025–2027, 2029."""
    starts = [year for year in years if year - 1 not in years]
    ends = [year for year in years if year + 1 not in years]
    return ", ".join(
        f"{start}–{end}" if end > start else f"{start}" for start, end in zip(starts, ends, strict=True)
    )


def _pair(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator:
        raise InputError(f"--where: {text!r}: dimension=value is expected, as in department=Sales")
    return name, "" if value == NO_VALUE else value


def _cell(value: object) -> str:
    return "–" if value is None else PLAIN.to_the_cent(value) if isinstance(value, Decimal) else str(value)

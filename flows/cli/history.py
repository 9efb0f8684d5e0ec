"""`workforce history`: checks past lists of employees, or a file of hires and exits, or makes up lists."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from flows.cli.options import Config, RejectsFile, Sets
from flows.cli.rejects import refuse_table, rejects_file, report_rejects
from settings import InputError, load_settings
from tasks.history.accepted import Finding, History
from tasks.history.estimable import cannot_estimate
from tasks.history.read import HistoryError, read_history
from tasks.history.windows import leavers_by_reason, window_figures
from tasks.text.tables import TextTable
from tasks.text.terminal import console, say

history_app = typer.Typer(
    no_args_is_help=True,
    help="Check past lists of employees, from which rates are estimated, or generate sample lists.",
)

HistoryPath = Annotated[
    str | None,
    typer.Option("--history", help="Folder of lists named by their date, or a file of hires and exits."),
]
Until = Annotated[str | None, typer.Option(help="Leave out what is later than this date, as in 2020-12-31.")]


@history_app.command("check")
def history_check(
    history: HistoryPath = None,
    config: Config = None,
    set_: Sets = None,
    until: Until = None,
    rejects: RejectsFile = None,
) -> None:
    """Print what a history shows: exposure, leavers and joiners by window, doubts, and what it cannot show.

    Exit status: 0 the history can be used; 2 it cannot.
    """
    settings = load_settings(config, flags={"--history": history}, sets=tuple(set_ or ())).base
    target = rejects_file(rejects)
    try:
        read = read_history(settings, until=until_date(until))
    except HistoryError as error:
        refuse_table(error, target)
    if not read.findings:
        say("No findings: nothing in the history looks wrong.")
    for table in (_files(read), _windows(read), _reasons(read), _findings(read.findings), _missing(read)):
        if table.row_count:
            console().print(table)
    report_rejects(read.rejects, target)


@history_app.command("sample")
def history_sample(
    lists: Annotated[int, typer.Option(help="Number of lists, a year apart; 2 to 40.")] = 6,
    employees: Annotated[int, typer.Option(help="Employees on the first list; 20 to 1,000,000.")] = 2000,
    seed: Annotated[int, typer.Option(min=0, help="Random seed; the same seed gives the same lists.")] = 42,
    last: Annotated[str, typer.Option(help="Date of the newest list.")] = "2024-12-31",
    output: Annotated[Path, typer.Option(help="Folder to write; new or empty.")] = Path("lists"),
) -> None:
    """Write yearly lists of a made-up company, with those who left; nobody in them exists.

    The newest list is a census that can be simulated. tasks/history/sample_year.py states the true rates.
    """
    from tasks.history.sample import README, sample_history, write_sample_history  # DuckDB, as in census

    given = {"lists": lists, "employees": employees, "seed": seed}
    made = sample_history(**given, last=a_date(last, "--last"))
    write_sample_history(made, README.format(**given, last=last), output)
    say(f"{lists} lists from {min(made)} to {max(made)}, of people who do not exist: {output}/")


def until_date(text: str | None) -> date | None:
    """Return the date of --until. Raises InputError if it is not a date."""
    return None if text is None else a_date(text, "--until")


def a_date(text: str, flag: str) -> date:
    """Return the date of a flag. Raises InputError if it is not a date."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(f"{flag} {text}: a date is expected, such as 2020-12-31.") from None


def _files(history: History) -> TextTable:
    title = "Lists of employees" if history.kind == "snapshots" else "File of hires and exits"
    table = TextTable(title)
    table.add_column("File", "key")
    table.add_column("Date" if history.kind == "snapshots" else "Last date", "text")
    for heading in ("Rows", "Rejected", "Employed"):
        table.add_column(heading, "number")
    employed = dict(history.people.group_by("list").len().iter_rows())
    for number, file in enumerate(history.files):
        there = employed[number if history.kind == "snapshots" else history.windows]
        table.add_row(file.name, str(file.date), f"{file.rows_read:,}", f"{file.rejected:,}", f"{there:,}")
    return table


def _windows(history: History) -> TextTable:
    table = TextTable("Windows: person-years, leavers and joiners of those employed at the start")
    table.add_column("From", "key")
    table.add_column("To", "text")
    figures = window_figures(history)
    has_excluded = bool(figures["excluded"].sum())
    has_brief = bool(figures["joined_and_left"].sum())
    headings = ["Days", "Exposure", "Leavers", "Rate", "Joiners", "Returns"]
    if has_excluded:
        headings.insert(3, "Excluded")
    if has_brief:
        headings.append("In and out")
    for heading in headings:
        table.add_column(heading, "number")
    for row in figures.iter_rows(named=True):
        cells = {
            "Days": f"{row['days']:,}",
            "Exposure": f"{row['exposure']:,.1f}",
            "Leavers": f"{row['leavers']:,}",
            "Excluded": f"{row['excluded']:,}",
            "Rate": "–" if row["rate"] is None else f"{100 * row['rate']:.1f} %",
            "Joiners": f"{row['joiners']:,}",
            "Returns": f"{row['returns']:,}",
            "In and out": f"{row['joined_and_left']:,}",
        }
        table.add_row(str(row["start"]), str(row["end"]), *(cells[heading] for heading in headings))
    return table


def _reasons(history: History) -> TextTable:
    table = TextTable("Leavers by reason")
    table.add_column("Reason", "key")
    table.add_column("Leavers", "number")
    table.add_column("", "prose")
    if "reason" in history.columns:
        for reason, excluded, leavers in leavers_by_reason(history).iter_rows():
            table.add_row(
                reason or "(none)", f"{leavers:,}", "excluded: not counted as an exit" if excluded else ""
            )
    return table


def _findings(findings: tuple[Finding, ...]) -> TextTable:
    table = TextTable("Findings: what may be wrong; nothing was changed because of it")
    table.add_column("Finding", "key")
    table.add_column("Cases", "number")
    table.add_column("What", "prose")
    for finding in findings:
        examples = f". {'; '.join(finding.examples)}" if finding.examples else ""
        number = f"{finding.number:,}" if finding.number else "–"
        table.add_row(finding.code, number, f"{finding.text}{examples}")
    return table


def _missing(history: History) -> TextTable:
    table = TextTable("Cannot be estimated from this history")
    table.add_column("What", "prose")
    table.add_column("Why", "prose")
    for what, why in cannot_estimate(history):
        table.add_row(what, why)
    return table

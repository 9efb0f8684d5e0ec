"""`workforce history`: checks past lists of employees, or a file of hires and exits, or makes up lists."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from flows.cli.options import AsCsv, AsJson, Config, RejectsFile, Sets
from flows.cli.printing import printing
from flows.cli.rejects import refuse_table, rejects_file, report_rejects
from settings import InputError, load_settings
from tasks.history.read import HistoryError, read_history
from tasks.history.text import history_tables
from tasks.text.terminal import say

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
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Print what a history shows: exposure, leavers and joiners by window, doubts, and what it cannot show.

    Exit status: 0 the history can be used; 2 it cannot.
    """
    with printing(as_json, as_csv, "files", "windows", "reasons", "findings", "not_estimable") as out:
        settings = load_settings(config, flags={"--history": history}, sets=tuple(set_ or ())).base
        target = rejects_file(rejects)
        try:
            read = read_history(settings, until=until_date(until))
        except HistoryError as error:
            refuse_table(error, target)
        if not read.findings:
            out.say("No findings: nothing in the history looks wrong.")
        out.table_with_rows(*history_tables(read))
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

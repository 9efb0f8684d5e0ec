"""`workforce attribute`: how much of the difference of two scenarios each setting makes."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from flows.cli.complete_run import check_published
from flows.cli.options import AsCsv, AsJson, Output, RunId
from flows.cli.printing import printing
from settings.errors import InputError, nearest
from tasks.runs.calendar import recorded_calendar
from tasks.runs.directory import RunDirectory, find_run_directory
from tasks.runs.lock import sole_writer
from tasks.runs.record import RunRecord, read_record
from tasks.runs.recorded import RecordedInput, recorded_input
from tasks.studies.attribution.attribute import (
    MOST_EXACT,
    Attribution,
    Question,
    adding_up,
    ask,
    attribute,
)
from tasks.studies.attribution.stored import rows_of, store
from tasks.studies.attribution.units import short_name
from tasks.studies.compare import choose_baseline
from tasks.studies.figures import BY_NAME, Figure
from tasks.system.files import check_target
from tasks.text.calendar import year_label
from tasks.text.costs import LOADED
from tasks.text.money import MILLION, Money
from tasks.text.numbers import written
from tasks.text.tables import TextTable
from tasks.text.terminal import console

SHOWN = ("headcount", "payroll", "paid", LOADED.name, "hires", "leavers")


def attribute_command(
    run_id: RunId,
    scenario: Annotated[
        str | None, typer.Option(help="Scenario. Default: the run's other one, if it has two.")
    ] = None,
    baseline: Annotated[
        str | None, typer.Option(help="Scenario to compare with. Default: `baseline`, else the first.")
    ] = None,
    figure: Annotated[
        list[str] | None,
        typer.Option(
            help=f"Figure to print; repeatable. Default: {', '.join(SHOWN)}. JSON and CSV have all."
        ),
    ] = None,
    replicates: Annotated[
        int | None, typer.Option(min=1, help="Use the run's first replicates only, which is faster.")
    ] = None,
    save: Annotated[
        bool, typer.Option("--save", help="Keep the result beside the run, for `workforce report`.")
    ] = False,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    output: Output = Path("runs"),
) -> None:
    """Print how much of the difference of two scenarios each changed setting makes; the shares add up."""
    with printing(as_json, as_csv) as out:
        shown = _figures(figure)
        directory = find_run_directory(output, run_id)
        check_published(directory)
        record = read_record(directory)
        chosen = choose_baseline(record, baseline)
        other = _scenario(record, scenario, chosen)
        if replicates is not None and replicates > record.replicates:
            raise InputError(f"--replicates {replicates}: run {directory.run_id} has {record.replicates}")
        if save and (replicates, chosen) != (None, choose_baseline(record, None)):
            raise InputError(
                "--save: the report compares all replicates with the run's own baseline; leave out "
                "--replicates and --baseline"
            )
        if save:
            check_target(directory.attribution, flag="--save")
        found = recorded_input(directory)
        question = ask(found, other, chosen, replicates)
        if not question.mixtures.units:
            raise InputError(f"--scenario {other}: it has the settings and known actions of {chosen}")
        answer = _answer(directory, found, question)
        rows = rows_of(answer)
        if out.for_programs:
            out.table(_of_all_figures(rows))
        else:
            tables = (_table(rows.filter(figure=name), BY_NAME[name], question, record) for name in shown)
            out.table(*(table for table in tables if table))
        for note in _notes(question, record):
            out.say(note)
        if save:
            with sole_writer(directory):  # two at once would each drop the other's answer
                store(directory, [answer])
            out.say(f"Kept for the report: workforce report {directory.run_id}")


def _of_all_figures(rows: pl.DataFrame) -> TextTable:
    """Return the records for other programs, without cells."""
    table = TextTable(fields=rows.columns)
    table.add_values(*rows.iter_rows(named=True))
    return table


def _figures(asked: Sequence[str] | None) -> Sequence[str]:
    """Return the figures to print. Raises InputError if there is no such figure."""
    for name in asked or ():
        if name not in BY_NAME:
            raise InputError(f"--figure: {name!r} is not a figure; {nearest(name, BY_NAME)}")
    return asked or SHOWN


def _scenario(record: RunRecord, asked: str | None, baseline: str) -> str:
    """Return the scenario asked for, or the only other one. Raises InputError."""
    others = [each for each in record.scenario_ids if each != baseline]
    if asked is None and len(others) > 1:
        raise InputError(f"--scenario: one of {', '.join(others)} is expected, to compare with {baseline}")
    if asked is not None and asked not in others:
        same = f"it is the baseline; one of {', '.join(others)} is expected"
        raise InputError(f"--scenario: {asked!r}: {same if asked == baseline else nearest(asked, others)}")
    return asked or others[0]


def _answer(directory: RunDirectory, found: RecordedInput, question: Question) -> Attribution:
    """Simulate the combinations of settings, and show on a terminal how far it is."""
    with (
        console(stderr=True).status("Compiling the models") as status,
        tempfile.TemporaryDirectory(prefix="workforce-attribute-") as scratch,
    ):
        (answer,) = attribute(
            directory,
            found,
            [question],
            Path(scratch),
            lambda done, of: status.update(f"Simulating combinations of settings: {done} of {of} done"),
        )
    return answer


def _table(rows: pl.DataFrame, figure: Figure, question: Question, record: RunRecord) -> TextTable | None:
    """Return the table of a figure: the baseline, each setting's contribution, and the scenario, by year."""
    if rows.is_empty():
        return None
    money, calendar = Money.of(record), recorded_calendar(record)
    show = _Shown(figure, rows)
    unit = f" ({money.unit if show.in_millions else money.name})" if figure.is_amount else show.unit
    title = f"{figure.title}: what makes {question.scenario} differ from {question.baseline}{unit}"
    table = TextTable(title)
    table.add_column("Setting", "key")
    years = rows["simulation_year"].unique().sort().to_list()
    for year in years:
        table.add_column(year_label(calendar, year), "number")
    of_years = {year: rows.filter(simulation_year=year) for year in years}
    columns = [show.column(of_years[year]) for year in years]
    for place, name in enumerate((question.baseline, *map(short_name, _settings(rows)), question.scenario)):
        table.add_row(name, *(column[place] for column in columns))
    return table


def _settings(rows: pl.DataFrame) -> list[str]:
    return rows["setting"].unique(maintain_order=True).to_list()


class _Shown:
    """How a figure is printed: in millions, in points, as a count; rounded so that a column adds up."""

    def __init__(self, figure: Figure, rows: pl.DataFrame) -> None:
        self.in_millions = figure.is_amount and figure.name != "average_pay"
        self._scale = 1 / MILLION if self.in_millions else 100 if figure.name == "turnover" else 1
        self.unit = " (percentage points)" if figure.name == "turnover" else ""
        values = (rows["contribution"], rows["baseline_value"], rows["scenario_value"])
        is_whole = all((each.round(6) % 1 == 0).all() for each in values)
        self._decimals = (
            3 if self.in_millions else 2 if self.unit else 0 if is_whole or figure.is_amount else 1
        )

    def column(self, rows: pl.DataFrame) -> list[str]:
        """Return the cells of a year: baseline, contributions with their errors, scenario."""
        before, after = (
            round(rows[name][0] * self._scale, self._decimals)
            for name in ("baseline_value", "scenario_value")
        )
        scaled = (rows["contribution"] * self._scale).to_list()
        shares = adding_up(scaled, after - before, self._decimals)
        return [
            self._text(before, ""),
            *map(self._share, shares, rows["standard_error"]),
            self._text(after, ""),
        ]

    def _share(self, share: float, error: float | None) -> str:
        if share == 0 and not error:
            return "–"
        return self._text(share, "+") + (
            f" ± {self._text(error * self._scale, '')}" if error is not None else ""
        )

    def _text(self, value: float, sign: str) -> str:
        return written(value, f"{sign}z,.{self._decimals}f")


def _notes(question: Question, record: RunRecord) -> list[str]:
    """Return what the numbers mean, as sentences."""
    units = question.mixtures.units
    notes = [
        "Each share is the effect of a setting on top of the others, averaged over all orders in which they "
        "can be changed (Shapley value)."
        if not question.orders
        else f"More than {MOST_EXACT} settings differ: shares are averaged over {len(question.orders)} "
        "orders in which they are changed, drawn at random; ± includes the error of drawing."
    ]
    together = [unit.name for unit in units if len(unit.paths) > 1]
    if together:
        notes.append(f"Valid only together, and counted as one: {'; '.join(together)}.")
    if question.replicates > 1:
        notes.append(f"Means over {question.replicates} replicates, which use the same draws in all runs.")
    elif not question.orders:
        notes.append(
            "One replicate gives no standard errors."
            if record.replicates == 1
            else "Of one replicate, so without standard errors."
        )
    return notes

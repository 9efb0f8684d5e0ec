"""Studies of runs: `workforce compare` and `workforce precision`."""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer

from flows.cli.options import Output, RunId
from settings.errors import InputError
from settings.loading.problems import text_of
from settings.models.calendar import FiscalCalendar
from tasks.results.drawn import what_differs_between_replicates
from tasks.results.report.write import require_years
from tasks.runs.calendar import recorded_calendar
from tasks.runs.directory import RunDirectory, find_run_directory
from tasks.runs.record import RunRecord, read_record
from tasks.studies.common import Items, Side, items_of, left_out, nothing_in_common
from tasks.studies.compare import (
    NO_ERRORS,
    check_breakdown,
    choose_baseline,
    compare,
    settings_differences,
)
from tasks.studies.figures import (
    BY_NAME,
    FIGURES,
    NO_COST,
    SEGMENT,
    SEGMENT_FIGURES,
    without_equal_fte,
)
from tasks.studies.precision import monte_carlo_errors, need_text, needs, parse_precision, without_spread
from tasks.system.files import check_target
from tasks.text.calendar import CALENDAR_YEARS, year_label
from tasks.text.costs import LOADED, PARTS
from tasks.text.money import PLAIN, Money, in_millions
from tasks.text.tables import TextTable
from tasks.text.terminal import console, say
from tasks.text.terms import TOTAL_NOTE
from tasks.warehouse.published import published

SHOWN = ("headcount", "fte", "payroll", "hires", "turnover", "average_pay")
#: The figures of the second table: the parts of the loaded cost, and their sum.
SHOWN_COSTS = ("paid", *(part.name for part in PARTS), LOADED.name)


def compare_command(
    run_id: RunId,
    baseline: Annotated[
        str | None, typer.Option(help="Scenario to compare with. Default: `baseline`, else the first.")
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(help="Break down by `level`, `segment` (of targets), or a dimension, as department."),
    ] = None,
    file: Annotated[
        Path | None, typer.Option(help="Also write every figure to this file: .csv or .parquet.")
    ] = None,
    output: Output = Path("runs"),
) -> None:
    """Compare each scenario with the baseline, year by year, with standard errors."""
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
    out = console()
    out.print(settings_table(settings_differences(record, chosen), chosen))
    for scenario in scenarios:
        rows = shown.filter(pl.col("scenario_id") == scenario)
        for table in difference_tables(rows, scenario, chosen, money, by, calendar):
            out.print(table)
    meaning = [] if by == SEGMENT else [TOTAL_NOTE]  # segments have no turnover
    if by is None and not has_cost(shown):
        meaning.append(f"{NO_COST}.")
    for note in (*omitted, *meaning, _pairing_note(differences, record.replicates)):
        out.print(note, highlight=False, markup=False)
    if file:
        write_rows(differences, file)
        amounts = f", amounts in {money.currency}" if money.currency else ""
        say(f"Every figure, {differences.height:,} rows{amounts}: {file}")


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
    output: Output = Path("runs"),
) -> None:
    """Print the Monte Carlo error of a run's means, and how many replicates a smaller error needs."""
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
    out = console()
    calendar = recorded_calendar(record)
    out.print(_error_table(errors.filter(~pl.col("figure").is_in(same)), replicates, calendar))
    if same:
        modes = {entry.settings["simulation"]["mode"] for entry in record.scenarios}
        said = note_on_same(same, exact=modes == {"exact"} and record.uncertainty is None)
        out.print(said, highlight=False, markup=False)
    for need in needs(errors, wanted):
        out.print(need_text(need, replicates, calendar), highlight=False, markup=False)
    out.print(what_differs_between_replicates(record), highlight=False, markup=False)
    if sources:
        _print_sources(directory, record, errors)


def note_on_same(same: Sequence[str], *, exact: bool) -> str:
    """Return which figures are the same in every replicate, and why if all counts are given by targets.

    In a stub they are not: how many of those hired before the opening leave, and so the hires, is by chance.
    """
    names = ", ".join(BY_NAME[name].title.lower() for name in same)
    if not (exact and {"hires", "leavers"} <= set(same)):
        return f"The same in every replicate: {names}."
    return (
        f"The same in every replicate, by construction: {names}. In mode exact the draws decide who, not "
        "how many: only pay and promotions vary; in mode expected counts vary too."
    )


def _print_sources(directory: RunDirectory, record: RunRecord, errors: pl.DataFrame) -> None:
    if record.uncertainty is None:
        say(
            "The run's assumptions are certain (simulation.uncertainty is null): all of the spread is chance "
            "per person."
        )
        return
    # imported here: it compiles the simulation's SQL, which the table of errors does not need
    from tasks.studies.sources import contributions

    with tempfile.TemporaryDirectory(prefix="workforce-sources-") as scratch:
        found, names = contributions(
            directory, errors, Path(scratch), lambda name: say(f"Simulating with {name} frozen …")
        )
    out = console()
    out.print(_sources_table(found, names, record.replicates, recorded_calendar(record)))
    out.print(
        "Shares need not add up to 100 %: sources act together, and each variance is an estimate from "
        f"{record.replicates} replicates, so that a small share may be negative.",
        highlight=False,
        markup=False,
    )


def _sources_table(
    found: pl.DataFrame, sources: Iterable[str], replicates: int, calendar: FiscalCalendar
) -> TextTable:
    """The spread of each figure and year, and the share of its variance by source."""
    sources = list(sources)
    table = TextTable(
        f"Standard deviation over {replicates} replicates, as a share of the mean, and the share of the "
        "variance that disappears when a source is frozen"
    )
    table.add_column("Scenario", "group")
    table.add_column("Figure", "key")
    for heading in ("Year", "Deviation", *(source.capitalize() for source in sources)):
        table.add_column(heading, "number")
    for scenario in found["scenario_id"].unique(maintain_order=True):
        for name in BY_NAME:
            rows = found.filter(scenario_id=scenario, figure=name).sort("simulation_year")
            for row in rows.iter_rows(named=True):
                deviation = f"{row['deviation'] / abs(row['mean']):.2%}" if row["mean"] else "–"
                shares = (f"{row[source]:.0%}" for source in sources)
                year = year_label(calendar, row["simulation_year"])
                table.add_row(scenario, BY_NAME[name].title, year, deviation, *shares)
    return table


def _error_table(errors: pl.DataFrame, replicates: int, calendar: FiscalCalendar) -> TextTable:
    table = TextTable(
        f"Error of means over {replicates} replicates: half-width of the 95 % confidence interval as a share "
        "of the mean, in the scenario and year with the largest error"
    )
    table.add_column("Figure", "key")
    for heading in ("Error", "Replicates for 1 %", "for 0.1 %"):
        table.add_column(heading, "number")
    table.add_column("Scenario and year")
    figures = [name for name in BY_NAME if name in errors["figure"].to_list()]
    for percent, tenth in zip(
        needs(errors, dict.fromkeys(figures, 0.01)), needs(errors, dict.fromkeys(figures, 0.001)), strict=True
    ):
        table.add_row(
            BY_NAME[percent.figure].title,
            f"±{percent.reached:.3%}",
            f"{percent.replicates:,}",
            f"{tenth.replicates:,}",
            f"{percent.scenario_id}, {year_label(calendar, percent.simulation_year)}",
        )
    return table


def settings_table(differences: Iterable[tuple[str, str, Any, Any]], baseline: str) -> TextTable:
    """A table of the settings in which scenarios differ from the baseline."""
    table = TextTable(f"Settings that differ from {baseline}")
    table.add_column("Scenario", "group")
    table.add_column("Setting", "key")
    for heading in (baseline, "in the scenario"):
        table.add_column(heading, "prose")
    for scenario, key, before, value in differences:
        table.add_row(scenario, key, text_of(before), text_of(value))
    return table


def difference_tables(
    rows: pl.DataFrame,
    scenario: str,
    baseline: str,
    money: Money | None,
    by: str | None = None,
    calendar: FiscalCalendar = CALENDAR_YEARS,
) -> Iterator[TextTable]:
    """Yield the differences by year, or by year and item of a breakdown: of people and pay, and of cost.

    Without amounts if `money` is None, without cost where it is not known, and no table without rows.
    """
    if rows.is_empty():
        return
    has_errors = rows["standard_error"].is_not_null().any()
    title = f"{scenario} against {baseline}: {'difference ± standard error' if has_errors else 'difference'}"
    units = "" if by == SEGMENT else _units(money)  # segments have no amounts
    yield _difference_table(rows, f"{title}{units}", _figures_of(rows, money, by), by, calendar)
    if money and by != SEGMENT and has_cost(rows):
        costs = [name for name in SHOWN_COSTS if name in _that_occur(rows)]
        yield _difference_table(rows, f"{title} in cost ({money.unit})", costs, by, calendar)


def has_cost(rows: pl.DataFrame) -> bool:
    """Return whether a comparison has the loaded cost."""
    return rows.filter(figure=LOADED.name).height > 0


def _difference_table(
    rows: pl.DataFrame, title: str, shown: Sequence[str], by: str | None, calendar: FiscalCalendar
) -> TextTable:
    table = TextTable(title)
    table.add_column("Year", "group" if by else "key")
    if by:
        table.add_column(by.capitalize(), "key")
    titles = {figure.name: figure.title for figure in (SEGMENT_FIGURES if by == SEGMENT else FIGURES)}
    for name in shown:
        table.add_column(titles[name], "number")
    cells = {(row["simulation_year"], row["item"], row["figure"]): row for row in rows.iter_rows(named=True)}
    previous = None
    for year, item in rows.select("simulation_year", "item").unique().sort("simulation_year", "item").rows():
        if by and previous not in (None, year):
            table.add_section()
        previous = year
        found = [cells.get((year, item, name)) for name in shown]
        table.add_row(year_label(calendar, year), *([str(item)] if by else []), *map(_cell, found))
    return table


def _figures_of(rows: pl.DataFrame, money: Money | None, by: str | None) -> list[str]:
    """Return the figures to show: of segments those that occur, else the usual ones."""
    if by == SEGMENT:
        return [figure.name for figure in SEGMENT_FIGURES if figure.name in _that_occur(rows)]
    kept = without_equal_fte(rows, "baseline", "scenario")["figure"].unique().to_list()
    shown = [name for name in SHOWN if money or not BY_NAME[name].is_amount]
    return [name for name in shown if name != "fte" or name in kept]


def _that_occur(rows: pl.DataFrame) -> set[str]:
    """Return the figures that are not 0 everywhere."""
    return {*rows.filter((pl.col("baseline") != 0) | (pl.col("scenario") != 0))["figure"]}


def _units(money: Money | None) -> str:
    """The units of amounts, for a title."""
    if money is None:
        return ""
    return f" (payroll in {money.unit}{f', average pay in {money.currency}' if money.currency else ''})"


def _cell(row: dict[str, Any] | None) -> str:
    if row is None:
        return "–"
    figure, error = row["figure"], row["standard_error"]
    difference = _amount(figure, row["difference"], "+")
    text = difference if error is None else f"{difference} ± {_amount(figure, error, '')}"
    return f"{text} pp" if figure == "turnover" else text


def _amount(figure: str, value: float, sign: str) -> str:
    """Format a figure: payroll and cost in millions, turnover in points, average pay without decimals."""
    if figure == "average_pay":
        return PLAIN.without_cents(value, sign=sign)
    if figure in BY_NAME and BY_NAME[figure].is_amount:
        return in_millions(value, digits=3, sign=sign)
    if figure == "turnover":
        return f"{100 * value:{sign}.2f}"
    return f"{value:{sign},.{0 if value == int(value) else 1}f}"


def _pairing_note(differences: pl.DataFrame, replicates: int) -> str:
    """Return by how much pairing reduces the variance of the last year's differences, as sentences."""
    if replicates < 2:
        return NO_ERRORS
    last = differences.filter(
        (pl.col("breakdown") == "total") & (pl.col("simulation_year") == pl.col("simulation_year").max())
    )
    lines = [
        f"Replicates are paired ({replicates}): both scenarios use the same draws. Variance of the "
        "difference of independent runs, as a multiple of the paired variance, in the last year"
        + (":" if replicates >= 20 else "; a rough estimate below 20 replicates:")
    ]
    for (scenario,), rows in last.group_by("scenario_id", maintain_order=True):
        ratios = [
            f"{BY_NAME[row['figure']].title.lower()} {row['variance_ratio']:,.1f}"
            for row in rows.iter_rows(named=True)
            if row["figure"] in (*SHOWN, LOADED.name) and row["variance_ratio"] is not None
        ]
        lines.append(f"  {scenario}: {', '.join(ratios) or 'no difference varies'}")
    return "\n".join(lines)


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


def check_file(file: Path) -> None:
    """Raise InputError if rows cannot be written to this file."""
    check_target(file)
    if file.suffix not in (".csv", ".parquet"):
        raise InputError(f"--file {file}: the name ends in {file.suffix!r}; allowed are .csv and .parquet")


def check_published(directory: RunDirectory) -> None:
    """Raise InputError if the run has no complete year yet."""
    with published(directory.results, ["fct_year_summary"]) as connection:
        require_years(connection, directory)


def write_rows(rows: pl.DataFrame, file: Path) -> None:
    """Write rows to a file that passed `check_file`."""
    file.parent.mkdir(parents=True, exist_ok=True)
    if file.suffix == ".parquet":
        rows.write_parquet(file)
    else:
        rows.write_csv(file)

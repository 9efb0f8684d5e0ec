"""The tables of a comparison: the settings that differ, and the differences of figures."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from settings.loading.problems import text_of
from settings.models.calendar import FiscalCalendar
from tasks.studies.compare import NO_ERRORS
from tasks.studies.figures import BY_NAME, FIGURES, SEGMENT, SEGMENT_FIGURES, without_equal_fte
from tasks.text.calendar import CALENDAR_YEARS, year_label, year_values
from tasks.text.costs import LOADED, PARTS
from tasks.text.money import PLAIN, Money, in_millions
from tasks.text.tables import Record, TextTable

SHOWN = ("headcount", "fte", "payroll", "hires", "turnover", "average_pay")
#: The figures of the second table: the parts of the loaded cost, and their sum.
SHOWN_COSTS = ("paid", *(part.name for part in PARTS), LOADED.name)
#: Values of a difference for other programs, by their column of `tasks.studies.compare.compare`.
COMPARED = {
    "baseline": "baseline",
    "scenario": "scenario",
    "difference": "difference",
    "standard_error": "standard_error",
    "independent_standard_error": "independent_standard_error",
    "variance_ratio": "variance_ratio",
}


def settings_table(differences: Iterable[tuple[str, str, Any, Any]], baseline: str) -> TextTable:
    """Return a table of the settings in which scenarios differ from the baseline."""
    table = TextTable(
        f"Settings that differ from {baseline}",
        name="settings",
        fields=("scenario_id", "setting", "baseline", "scenario"),
    )
    table.add_column("Scenario", "group")
    table.add_column("Setting", "key")
    for heading in (baseline, "in the scenario"):
        table.add_column(heading, "prose")
    for scenario, key, before, value in differences:
        table.add_row(
            scenario,
            key,
            text_of(before),
            text_of(value),
            values={"scenario_id": scenario, "setting": key, "baseline": before, "scenario": value},
        )
    return table


def difference_tables(
    rows: pl.DataFrame,
    scenario: str,
    baseline: str,
    money: Money | None,
    by: str | None = None,
    calendar: FiscalCalendar = CALENDAR_YEARS,
    compared: Mapping[str, str] = COMPARED,
) -> Iterator[TextTable]:
    """Yield the differences by year, or by year and item of a breakdown: of people and pay, and of cost.

    Args:
        rows: Rows of `tasks.studies.compare.compare` on one scenario and one breakdown.
        scenario: What the titles call the scenario.
        baseline: What they call the baseline.
        money: The format of amounts; None if there are none to show.
        by: The breakdown; none: the total.
        calendar: What names the years.
        compared: The columns of `rows` that records have, by their keys there.

    There is no table of cost where it is not known, and none without rows.
    """
    if rows.is_empty():
        return
    has_errors = rows["standard_error"].is_not_null().any()
    title = f"{scenario} against {baseline}: {'difference ± standard error' if has_errors else 'difference'}"
    units = "" if by == SEGMENT else _units(money)  # segments have no amounts
    shown = [(f"{title}{units}", _figures_of(rows, money, by))]
    if money and by != SEGMENT and has_cost(rows):
        costs = [name for name in SHOWN_COSTS if name in _that_occur(rows)]
        shown.append((f"{title} in cost ({money.unit})", costs))
    for name, figures in shown:
        table = _difference_table(rows, name, figures, by, calendar)
        of_figures = rows.filter(pl.col("figure").is_in(figures)).iter_rows(named=True)
        table.add_values(*(_record(row, calendar, compared) for row in of_figures))
        yield table


def has_cost(rows: pl.DataFrame) -> bool:
    """Return whether a comparison has the loaded cost."""
    return rows.filter(figure=LOADED.name).height > 0


def _record(row: Mapping[str, Any], calendar: FiscalCalendar, compared: Mapping[str, str]) -> Record:
    return {
        "scenario_id": row["scenario_id"],
        **year_values(calendar, row["simulation_year"]),
        "by": row["breakdown"],
        "item": row["item"],
        "figure": row["figure"],
        **{key: row[column] for key, column in compared.items()},
    }


def _difference_table(
    rows: pl.DataFrame, title: str, shown: Sequence[str], by: str | None, calendar: FiscalCalendar
) -> TextTable:
    table = TextTable(title, name="differences")
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


def pairing_note(differences: pl.DataFrame, replicates: int) -> str:
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

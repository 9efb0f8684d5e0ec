"""What a move does: the figures of baseline and what-if as sentence, key figures, table and charts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from settings.models.calendar import FiscalCalendar
from tasks.dashboard.data import SMALLEST_GROUP
from tasks.results.report.marks import (
    EMPLOYEES,
    YEARS,
    Measure,
    Spec,
    beside,
    by_category,
    by_line,
    line,
    mark,
    panel,
    silent,
)
from tasks.results.report.table import YEAR, Column, Row, Table
from tasks.studies.what_if import bands
from tasks.text.calendar import year_label
from tasks.text.money import Money
from tasks.text.numbers import written

WHAT_IF = "What-if"


@dataclass(frozen=True)
class Shown:
    """How a figure is shown."""

    title: str
    meaning: str
    measure: Measure
    is_flow: bool  # adds up over years

    @property
    def is_money(self) -> bool:
        """Whether it is an amount."""
        return self.measure.kind in ("money", "pay")


SHOWN: Mapping[str, Shown] = {
    "headcount": Shown("Headcount", "People employed at the end of the year", EMPLOYEES, False),
    "payroll": Shown(
        "Payroll at close",
        "Annual salaries of those employed at the end of the year",
        Measure("Payroll at close", "money"),
        False,
    ),
    "paid": Shown("Paid", "Salaries paid in the year", Measure("Paid", "money"), True),
    "loaded_cost": Shown(
        "Loaded cost", "Paid, and all other costs of employing", Measure("Loaded cost", "money"), True
    ),
    "hires": Shown("Hires", "People hired in the year", Measure("Hires", "count", "people"), True),
    "leavers": Shown("Leavers", "People who left in the year", Measure("Leavers", "count", "people"), True),
    "average_pay": Shown(
        "Average pay", "Annual salary per person at the end of the year", Measure("Average pay", "pay"), False
    ),
}
#: Figures with a chart: lines, or bars from zero for what happens in a year.
CHARTED = ("headcount", "payroll", "loaded_cost", "average_pay", "hires", "leavers")
BARS = ("hires", "leavers")
#: Figures above the charts; the table has all.
KEY_FIGURES = ("headcount", "payroll", "average_pay", "loaded_cost", "hires", "leavers")


@dataclass(frozen=True)
class Outcome:
    """The figures of both, and their bands once these are simulated."""

    name: str  # of the baseline
    baseline: pl.DataFrame  # rows of tasks.studies.what_if.figures, of one replicate
    changed: pl.DataFrame
    money: Money
    calendar: FiscalCalendar
    show_pay: bool
    bands: tuple[pl.DataFrame, pl.DataFrame] | None = None  # rows of many replicates

    @property
    def years(self) -> list[int]:
        """The simulated years."""
        return self.baseline["simulation_year"].to_list()

    def label(self, year: int) -> str:
        """Return what a year is called."""
        return year_label(self.calendar, year)

    def values(self, figure: str, year: int) -> tuple[float | None, float | None]:
        """Return a figure of baseline and what-if; None for money of fewer than SMALLEST_GROUP people."""
        return self._value(self.baseline, figure, year), self._value(self.changed, figure, year)

    def text(self, figure: str, value: float, *, sign: str = "") -> str:
        """Return a value with its unit."""
        return SHOWN[figure].measure.of(self.money).text(value, sign=sign)

    def _value(self, rows: pl.DataFrame, figure: str, year: int) -> float | None:
        [row] = rows.filter(simulation_year=year).to_dicts()
        is_few = 0 < row["headcount"] < SMALLEST_GROUP
        if row[figure] is None or (SHOWN[figure].is_money and is_few and not self.show_pay):
            return None
        return float(row[figure])


def sentence(outcome: Outcome) -> str:
    """Return the answer in words: loaded cost, headcount and payroll of the last year, and differences."""
    year = outcome.years[-1]
    parts = []
    for figure in ("loaded_cost", "headcount", "payroll"):
        before, after = outcome.values(figure, year)
        if before is not None and after is not None:
            parts.append((SHOWN[figure].title.lower(), figure, before, after))
    if not parts:
        return f"Amounts of fewer than {SMALLEST_GROUP} people are not shown."
    if all(before == after for _, _, before, after in parts):
        return f"In {outcome.label(year)} everything is as in {outcome.name}."
    words = [
        f"{title} is {outcome.text(figure, after)}, {_against(outcome, figure, before, after)}"
        for title, figure, before, after in parts
    ]
    return f"In {outcome.label(year)}, against {outcome.name}: " + "; ".join(words) + "."


def _against(outcome: Outcome, figure: str, before: float, after: float) -> str:
    if after == before:
        return "the same"
    share = f" ({written(after / before - 1, '+.1%')})" if before else ""
    return outcome.text(figure, after - before, sign="+") + share


def key_figures(outcome: Outcome) -> list[tuple[str, str, str, str]]:
    """Return label, value, difference and meaning: stocks of the last year, flows added up over the years."""
    first, last = outcome.years[0], outcome.years[-1]
    found = []
    for figure in KEY_FIGURES:
        shown = SHOWN[figure]
        pairs = [outcome.values(figure, year) for year in (outcome.years if shown.is_flow else [last])]
        when = f"{outcome.label(first)}–{outcome.label(last)}" if shown.is_flow else outcome.label(last)
        befores, afters = (
            [value for value in side if value is not None] for side in zip(*pairs, strict=True)
        )
        if len(befores) < len(pairs) or len(afters) < len(pairs):
            found.append((f"{shown.title}, {when}", "–", "", shown.meaning))
            continue
        before, after = sum(befores), sum(afters)
        found.append(
            (
                f"{shown.title}, {when}",
                outcome.text(figure, after),
                "" if before == after else _against(outcome, figure, before, after),
                shown.meaning,
            )
        )
    return found


def table(outcome: Outcome) -> Table:
    """Return a row per figure and year: baseline, what-if, difference, and the bands if they are there."""
    spans = _spans(outcome)
    columns = [
        Column("figure", "Figure", "text", "What is counted or paid; amounts are rounded"),
        YEAR,
        Column("before", outcome.name, "figure", "The scenario from which the levers start"),
        Column("after", WHAT_IF, "figure", "With the levers as they are"),
        Column("difference", "Difference", "figure", f"{WHAT_IF} less {outcome.name}"),
        Column("change", "Change", "change", f"The difference as a share of {outcome.name}"),
    ]
    if spans:
        number = outcome.bands[1]["replicate"].n_unique() if outcome.bands else 0
        columns += [
            Column("mean", f"{WHAT_IF}, mean", "figure", f"Mean of {number} replicates"),
            Column("p05", "5 %", "figure", f"5 % of {number} replicates are lower"),
            Column("p95", "95 %", "figure", f"5 % of {number} replicates are higher"),
        ]
    rows = tuple(_rows(outcome, spans))
    note = "Every figure of every year."
    return Table("what_if", "Figures", note, tuple(columns), rows, outcome.money, outcome.calendar)


def _rows(outcome: Outcome, spans: Mapping[tuple[str, str, int], Row]) -> Iterator[Row]:
    for figure, shown in SHOWN.items():
        title = outcome.money.headed(shown.title) if shown.is_money else shown.title
        for year in outcome.years:
            before, after = outcome.values(figure, year)
            known = before is not None and after is not None
            span = spans.get((WHAT_IF, figure, year), {})
            yield {
                "figure": title,
                "simulation_year": year,
                "before": before,
                "after": after,
                "difference": after - before if known else None,  # type: ignore[operator]
                "change": after / before - 1 if known and before else None,  # type: ignore[operator]
                **{name: span.get(name) for name in ("mean", "p05", "p95")},
            }


def charts(outcome: Outcome) -> list[tuple[str, Spec]]:
    """Return title and chart per figure of CHARTED: both on one axis, which for bars begins at zero."""
    spans = _spans(outcome)
    found = []
    for figure in CHARTED:
        rows = list(_points(outcome, figure, spans))
        if rows:
            draw = _bars if figure in BARS else _lines
            measure = SHOWN[figure].measure.of(outcome.money)
            found.append((measure.title, draw(outcome, rows, measure)))
    return found


def _points(
    outcome: Outcome, figure: str, spans: Mapping[tuple[str, str, int], Row]
) -> Iterator[dict[str, Any]]:
    for year in outcome.years:
        for name, value in zip((outcome.name, WHAT_IF), outcome.values(figure, year), strict=True):
            if value is None:
                continue
            span = spans.get((name, figure, year))
            yield {
                "Scenario": name,
                "Year": outcome.label(year),
                SHOWN[figure].title: outcome.text(figure, value),
                "value": value,
                **(
                    {}
                    if span is None
                    else {
                        "p05": span["p05"],
                        "p95": span["p95"],
                        "90 % of replicates": f"{outcome.text(figure, span['p05'])} to "
                        f"{outcome.text(figure, span['p95'])}",
                    }
                ),
            }


def _lines(outcome: Outcome, rows: Sequence[Mapping[str, Any]], measure: Measure) -> Spec:
    names = [outcome.name, WHAT_IF]
    reach = [row[name] for row in rows for name in ("value", "p05", "p95") if name in row]
    vertical = measure.along("value", reach, from_zero=False, titled=False)
    shown = [name for name in rows[0] if name[:1].isupper() or name[:1].isdigit()]
    looks = by_line("Scenario", names)
    layers = line(shown, {"x": YEARS, "y": vertical, **looks})
    if any("p05" in row for row in rows):
        band = {
            "x": YEARS,
            "y": {**vertical, "field": "p05"},
            "y2": {"field": "p95"},
            "color": looks["color"],
        }
        layers = [silent("area", band, opacity=0.2), *layers]
    return panel(rows, measure.title, height=200, layer=layers)


def _bars(outcome: Outcome, rows: Sequence[Mapping[str, Any]], measure: Measure) -> Spec:
    names = [outcome.name, WHAT_IF]
    reach = [row[name] for row in rows for name in ("value", "p95") if name in row]
    vertical = measure.along("value", reach, from_zero=True, titled=False)
    shown = [name for name in rows[0] if name[:1].isupper() or name[:1].isdigit()]
    across = {"x": YEARS, "xOffset": beside("Scenario", names)}
    layers = [mark("bar", shown, {**across, "y": vertical, "color": by_category("Scenario", names)})]
    if any("p05" in row for row in rows):
        rule = {**across, "y": {**vertical, "field": "p05"}, "y2": {"field": "p95"}}
        layers.append(silent("rule", rule, color="#808080", strokeWidth=2))
    return panel(rows, measure.title, height=200, layer=layers)


def _spans(outcome: Outcome) -> dict[tuple[str, str, int], Row]:
    """Return mean, p05 and p95 by scenario, figure and year; without money of few people."""
    if outcome.bands is None:
        return {}
    found: dict[tuple[str, str, int], Row] = {}
    for name, rows in zip((outcome.name, WHAT_IF), outcome.bands, strict=True):
        for row in bands(rows).to_dicts():
            if None not in outcome.values(row["figure"], row["simulation_year"]):
                found[name, row["figure"], row["simulation_year"]] = row
    return found

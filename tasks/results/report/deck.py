"""The slides that a planner takes along: eight, from the report's tables, with native charts.

The notes of each slide name the sheets of results.xlsx that have its figures.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from settings.loading.problems import text_of
from tasks.results.report.deck_figures import LEAVERS, LEGEND, DeckFigures
from tasks.results.report.deck_layout import (
    BOTTOM,
    LEFT,
    RIGHT,
    TOP,
    WHOLE,
    Box,
    Deck,
    Slide,
    short_names,
)
from tasks.results.report.heading import heading, run_facts, title
from tasks.results.report.html import shown
from tasks.results.report.phrases import amount
from tasks.results.report.sentences import sentences
from tasks.results.report.table import SCENARIO, Row, Table
from tasks.runs.record import RunRecord
from tasks.text.costs import LOADED
from tasks.text.money import MILLION
from tasks.text.terms import TOTAL

#: Values of a dimension that the deck shows one by one, the largest; the rest is one bar.
LARGEST = 9
OTHERS = "others"
_MILLIONS = "#,##0.0"
_PARTS = ("salary", "bonus", "benefits", "payroll_tax", "recruiting", "severance")


def deck(tables: Sequence[Table], record: RunRecord) -> bytes:
    """Return the deck as a PowerPoint file, from the tables of `figures.tables`."""
    return _Slides(tables, record).content()


class _Slides:
    """The slides of a run, each from the tables that it has."""

    def __init__(self, tables: Sequence[Table], record: RunRecord) -> None:
        self._record, self._read = record, DeckFigures(tables, record)
        self._sentences = sentences(tables, record)
        self._deck = Deck(title(record), f"{heading(record)} · run {record.run_id}")

    def content(self) -> bytes:
        """Draw all slides and return the file."""
        self._title()
        self._summary()
        self._compared()
        self._headcount()
        self._payroll_and_cost()
        self._movements()
        self._structure()
        self._certainty()
        return self._deck.content()

    def _title(self) -> None:
        slide = self._deck.add(heading(self._record))
        facts = run_facts(self._record)
        slide.texts([facts], Box(WHOLE.left, TOP, WHOLE.width, 1.6), sizes=(18, 16, 14, 12, 10))
        if self._read.several:
            names = [
                f"{each.id}: {each.description or _overrides(each.overrides)}"
                for each in self._record.scenarios
            ]
            slide.texts(
                ["Scenarios", *names],
                Box(WHOLE.left, TOP + 1.8, WHOLE.width, BOTTOM - TOP - 1.8),
                sizes=(18, 16, 14, 12, 10, 9),
            )
            facts = "\n".join([facts, *names])
        slide.notes(facts, "Source: run.json and sheet Provenance of results.xlsx.")

    def _summary(self) -> None:
        slide = self._deck.add("Summary")
        texts = [sentence.text for sentence in self._sentences]
        slide.texts(texts, WHOLE, gap=0.6, leads=[sentence.topic for sentence in self._sentences])
        slide.notes(
            *(f"{topic}: {text}" for topic, text in self._sentences), self._read.source("headcount", "cost")
        )

    def _compared(self) -> None:
        if not self._read.several:
            self._by_year()
            return
        slide = self._deck.add(f"Scenarios against {self._read.baseline}")
        attribution = self._read.tables.get("attribution")
        box = WHOLE if attribution is None else Box(WHOLE.left, TOP, WHOLE.width, WHOLE.height * 0.55)
        hidden = ("growth", "hires", "leavers", "all_cost", "all_cost_difference")
        columns = [column for column in self._read.overview.columns if column.key not in hidden]
        rows = [[self._read.text(row, column) for column in columns] for row in self._read.overview.rows]
        shares = [2.2 if column == SCENARIO else 1.0 for column in columns]
        fitting = slide.table(self._read.headings(columns), rows, box, shares)
        notes = self._read.left_out(len(rows) - fitting)
        if attribution is not None:
            # all figures do not fit: the rows of the cost, so that every scenario has its settings
            costs = tuple(row for row in attribution.rows if row.get("figure_key") == LOADED.name)
            causes = replace(attribution, rows=costs or attribution.rows)
            fitting = self._generic(slide, causes, Box(WHOLE.left, TOP + box.height + 0.2, WHOLE.width, 2.3))
            notes += self._read.left_out(len(causes.rows) - fitting, "causes")
        slide.notes(
            f"Differences are from {self._read.baseline}.{notes}",
            self._read.source("headcount", "payroll", "cost", "differences", "attribution"),
        )

    def _by_year(self) -> None:
        """The lone scenario's key figures, a row per year."""
        slide = self._deck.add("Key figures by year")
        headings, rows = self._read.key_figures_by_year()
        shares = [1.1, *[1.0] * 6, *[1.6] * (len(headings) - 7)]
        fitting = slide.table(headings, rows, WHOLE, shares)
        more = self._read.left_out(len(rows) - fitting, "years")
        slide.notes(more, self._read.source("headcount", "payroll", "cost"))

    def _headcount(self) -> None:
        slide = self._deck.add(self._message("Workforce"))
        slide.chart(
            "line" if self._read.several else "column",
            "Employees at the year's end",
            self._read.years("headcount"),
            self._read.by_scenario("headcount", "closing"),
            WHOLE,
            number_format=self._read.count_format("headcount", "closing"),
        )
        slide.notes(self._read.undrawn(), self._read.source("headcount"))

    def _payroll_and_cost(self) -> None:
        slide = self._deck.add(self._message("Cost"))
        unit = f" ({self._read.money.unit})"
        has_cost = "cost" in self._read.tables
        slide.chart(
            "column",
            f"Annual payroll at the year's end{unit}",
            self._read.years("payroll"),
            self._read.by_scenario("payroll", "closing", MILLION),
            LEFT if has_cost else WHOLE,
            number_format=_MILLIONS,
        )
        if has_cost:
            series = (
                self._read.by_scenario("cost", "loaded_cost", MILLION)
                if self._read.several
                else self._read.by_column("cost", _PARTS, MILLION)
            )
            slide.chart(
                "column" if self._read.several else "stacked",
                f"Loaded cost of the year{unit}",
                self._read.years("cost"),
                series,
                RIGHT,
                number_format=_MILLIONS,
            )
        slide.notes(self._read.undrawn(), self._read.source("payroll", "cost"))

    def _movements(self) -> None:
        slide = self._deck.add(self._message("Hires and leavers"))
        slide.chart(
            "column",
            self._read.of_baseline("Hires and leavers of the year"),
            self._read.years("headcount"),
            self._read.by_column("headcount", ("hires", *LEAVERS)),
            LEFT,
            number_format=self._read.count_format("headcount", "hires"),
        )
        slide.chart(
            "line",
            f"{TOTAL} of the year",
            self._read.years("headcount"),
            self._read.by_scenario("headcount", "total_turnover"),
            RIGHT,
            number_format="0.0%",
        )
        slide.notes(self._read.undrawn(), self._read.source("headcount", "causes"))

    def _structure(self) -> None:
        """Levels by year, and the values of the first dimension at the first opening and the last closing."""
        slide = self._deck.add(
            self._read.of_baseline("Levels and departments" if self._read.rows("dimensions") else "Levels")
        )
        if not self._read.rows("levels"):
            slide.texts(["Nobody is employed."], WHOLE)
            slide.notes(self._read.source("headcount"))
            return
        levels = self._read.rows("levels")
        names = {row["level"]: f"{row['level']} {row['level_name']}" for row in levels}
        years = self._read.years("levels")
        closing = {(row["level"], str(row["simulation_year"])): float(row["closing"]) for row in levels}
        slide.chart(
            "stacked",
            "Employees by level at the year's end",
            years,
            {names[level]: [closing.get((level, year)) for year in years] for level in sorted(names)},
            LEFT if self._read.rows("dimensions") else WHOLE,
            number_format=self._read.count_format("levels", "closing"),
        )
        if self._read.rows("dimensions"):
            self._values(slide)
        slide.notes(self._read.source("levels", "dimensions"))

    def _values(self, slide: Slide) -> None:
        dimension = self._read.rows("dimensions")[0]["dimension"]
        rows = [row for row in self._read.rows("dimensions") if row["dimension"] == dimension]
        rows = sorted(rows, key=lambda row: -max(row["opening"], row["closing"]))
        single = len(rows) if len(rows) <= LARGEST + 1 else LARGEST
        names = short_names([str(row["dimension_value"]) for row in rows[:single]], LEGEND)
        categories = [names[str(row["dimension_value"])] for row in rows[:single]]
        series = {
            name: [
                *(float(row[key]) for row in rows[:single]),
                *([sum(float(row[key]) for row in rows[single:])] if rows[single:] else []),
            ]
            for key, name in (("opening", "Opening"), ("closing", "Closing"))
        }
        if rows[single:]:
            categories.append(f"{OTHERS} ({len(rows) - single})")
        slide.chart(
            "bar",
            f"Employees by {dimension}, opening and closing",
            categories,
            series,
            RIGHT,
            number_format=self._read.count_format("dimensions", "closing"),
        )

    def _certainty(self) -> None:
        slide = self._deck.add("Assumptions, and how sure the figures are")
        sure = self._sentences[-1].text if self._sentences else ""
        pairs = self._read.assumptions()
        top = Box(WHOLE.left, TOP, WHOLE.width, 1.1)
        slide.texts([sure], top, sizes=(18, 16, 14, 12, 11, 10))
        below = TOP + top.height + 0.15
        left, right = (Box(box.left, below, box.width, BOTTOM - below) for box in (LEFT, RIGHT))
        fitting = slide.table(["Assumption", "Value"], pairs, left, (1.7, 1))
        goals, spread, overrides = (self._read.tables.get(key) for key in ("goals", "spread", "overrides"))
        if goals is not None:
            self._generic(slide, goals, right)
        elif spread is not None:
            self._bands(slide, spread, right)
        elif overrides is not None:
            self._generic(slide, overrides, right)
        slide.notes(
            sure,
            self._read.left_out(len(pairs) - fitting, "assumptions"),
            self._read.source("settings", "overrides", "spread", "goals"),
        )

    def _bands(self, slide: Slide, spread: Table, box: Box) -> None:
        """The 5th and 95th percentile of each figure of the baseline's last year."""
        rows = [row for row in spread.rows if row[SCENARIO.key] == self._read.baseline]
        last = [row for row in rows if row["simulation_year"] == rows[-1]["simulation_year"]]
        cells = [
            [row["figure"], *(self._of_figure(row, row[rank]) for rank in ("p05", "p50", "p95"))]
            for row in last
        ]
        year = rows[-1]["simulation_year"]
        slide.table([f"{year}: percentile", "5th", "median", "95th"], cells, box, (1.6, 1, 1, 1))

    def _of_figure(self, row: Row, value: float) -> str:
        if row["figure_key"] in ("headcount", "promotions"):
            return shown(value, "count")
        return amount(self._read.money, value)

    def _generic(self, slide: Slide, table: Table, box: Box) -> int:
        """Show a table of the report as it is, as many rows as fit; return their number."""
        shown_table = table.without_lone_scenario()
        columns = shown_table.columns
        rows = [[self._read.text(row, column) for column in columns] for row in shown_table.rows]
        # as wide as their longest text, within reason: longer ones wrap
        headings = self._read.headings(columns)
        longest = [max(map(len, texts)) for texts in zip(headings, *rows, strict=True)]
        return slide.table(headings, rows, box, [min(max(length, 7), 28) for length in longest])

    def _message(self, topic: str) -> str:
        """The title of a slide: what the summary says about its topic, in short."""
        text = next((text for name, text in self._sentences if name == topic), topic)
        return text.partition(";")[0].partition(", and")[0].removesuffix(".")


def _overrides(overrides: Mapping[str, object]) -> str:
    return ", ".join(f"{key} = {text_of(value)}" for key, value in overrides.items()) or "without overrides"

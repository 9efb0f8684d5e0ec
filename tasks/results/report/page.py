"""The page report.html of a run."""

from collections.abc import Sequence

from tasks.results.report.chart_overview import overview as overlaid
from tasks.results.report.charts import CHARTED_SCENARIOS, charts_of, left_out, svg
from tasks.results.report.heading import heading, run_facts, title
from tasks.results.report.html import Section, Tiles, render, shown
from tasks.results.report.key_figures import KEY as OVERVIEW
from tasks.results.report.key_figures import key_figures
from tasks.results.report.sentences import sentences
from tasks.results.report.table import Table
from tasks.runs.record import RunRecord
from tasks.text.money import Money

#: Topics whose rows are many and seldom read: shown when the reader opens them, and in print.
FOLDED = ("months", "settings")
#: Longer tables below a chart are folded too.
_FOLDED_FROM = 30


def sections(tables: Sequence[Table]) -> list[Section]:
    """Return a section per table, with its charts drawn."""
    return [
        Section(
            table.without_lone_scenario(),
            charts,
            left_out(table),
            folded=table.key in FOLDED or (bool(charts) and len(table.rows) > _FOLDED_FROM),
        )
        for table in tables
        for charts in [_charts(table, tables)]
    ]


def _charts(table: Table, tables: Sequence[Table]) -> tuple[tuple[str, str], ...]:
    """Return a table's charts as SVG with captions; the overview's are those of all scenarios together."""
    if table.key == OVERVIEW:
        together = overlaid(tables, CHARTED_SCENARIOS)
        return () if together is None else (("", svg(together)),)
    return tuple((caption, svg(spec)) for caption, spec in charts_of(table))


def page(tables: Sequence[Table], found: Sequence[Section], record: RunRecord) -> str:
    """Return the text of report.html."""
    several = len(record.scenario_ids) > 1
    return render(
        found,
        title=title(record),
        heading=heading(record),
        introduction=run_facts(record),
        summary=sentences(tables, record),
        # with several scenarios, the first section has the figures of each, and their differences
        tiles=[] if several else [_tiles(entry) for entry in headlines(tables, record)],
        longer_tables="results.xlsx",
    )


def _tiles(entry: dict[str, str]) -> Tiles:
    return Tiles(
        "",
        [
            (f"Employees, {entry['years']}", entry["headcount"]),
            ("Annual payroll, opening to closing", entry["payroll"]),
            ("Loaded cost of the last year", entry["cost"]),
            ("Hires, all years", entry["hires"]),
            ("Leavers, all years", entry["leavers"]),
        ],
    )


def headlines(tables: Sequence[Table], record: RunRecord) -> list[dict[str, str]]:
    """Return the key figures of each scenario as texts: first opening, last closing, and totals."""
    money = Money.of(record)
    return [
        {
            "scenario": each.scenario,
            "years": f"{each.years[0]} to {each.years[-1]}",
            "headcount": " → ".join(shown(count, "count") for count in (each.opening, each.closing)),
            "payroll": " → ".join(map(money.millions, (each.opening_payroll, each.closing_payroll))),
            "cost": money.millions(each.cost[-1]) if each.cost else "–",
            "hires": shown(each.hires, "count"),
            "leavers": shown(each.leavers, "count"),
        }
        for each in key_figures(tables, record)
    ]

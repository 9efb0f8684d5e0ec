"""The page report.html: one file, without scripts, that needs no network and can be printed."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from tasks.results.report.charts import charts_of, left_out, svg
from tasks.results.report.table import Kind, Table
from tasks.runs.record import RunRecord
from tasks.text.money import PLAIN, Money

# The page shows longer tables as a chart only, with a reference to the workbook.
LONGEST_TABLE = 400
# Larger numbers are amounts, which are shown without decimals.
ROUNDED_FROM = 100_000


@dataclass(frozen=True)
class Section:
    """A section of the report: a table, and its charts as SVG with captions."""

    table: Table
    charts: tuple[tuple[str, str], ...]

    @property
    def remark(self) -> str:
        """Sentences on what the charts leave out, or an empty text."""
        return left_out(self.table)

    @property
    def shows_rows(self) -> bool:
        """Whether the table is short enough to be shown on the page."""
        return len(self.table.rows) <= LONGEST_TABLE


def sections(tables: Sequence[Table]) -> list[Section]:
    """Return a section per table, with its charts drawn."""
    return [
        Section(
            table.without_lone_scenario(), tuple((caption, svg(spec)) for caption, spec in charts_of(table))
        )
        for table in tables
    ]


def page(tables: Sequence[Table], found: Sequence[Section], record: RunRecord) -> str:
    """Return the text of report.html."""
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            sections=found,
            record=record,
            employees=record.census.at_opening,
            headlines=headlines(tables, record),
            shown=shown,
            Markup=Markup,
        )
    )


def headlines(tables: Sequence[Table], record: RunRecord) -> list[dict[str, str]]:
    """Return the key figures of each scenario: first opening, last closing, and totals."""
    by_key = {table.key: table.rows for table in tables}
    money = Money.of(record)
    entries = []
    for scenario in record.scenario_ids:
        heads, pays, costs = (
            [row for row in by_key.get(key, []) if row["scenario_id"] == scenario]
            for key in ("headcount", "payroll", "cost")
        )
        entries.append(
            {
                "scenario": scenario,
                "years": f"{heads[0]['simulation_year']} to {heads[-1]['simulation_year']}",
                "headcount": " → ".join(
                    shown(count, "count") for count in (heads[0]["opening"], heads[-1]["closing"])
                ),
                "payroll": " → ".join(map(money.millions, (pays[0]["opening"], pays[-1]["closing"]))),
                "cost": money.millions(costs[-1]["loaded_cost"]) if costs else "–",
                "hires": shown(sum(row["hires"] for row in heads), "count"),
                "leavers": shown(
                    sum(
                        row["experienced_leavers"] + row["new_hire_leavers"] + row["reductions"]
                        for row in heads
                    ),
                    "count",
                ),
            }
        )
    return entries


def shown(value: Any, kind: Kind) -> str:
    """Return a value as text in the format of its column's kind; None as a dash."""
    if value is None:
        return "–"
    match kind:
        case "count" | "figure" | "number":
            value = round(float(value), 6)  # a mean of whole numbers may differ in its last digit
            is_whole = value.is_integer() or (kind != "count" and abs(value) >= ROUNDED_FROM)
            return f"{value:,.{0 if is_whole else 2 if kind == 'number' else 1}f}"
        case "money":
            return PLAIN.without_cents(value)
        case "share":
            return f"{value:.1%}"
        case "change":
            return f"{value:+.1%}"
        case "month":
            return f"{value:%Y-%m}"
    return str(value)


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

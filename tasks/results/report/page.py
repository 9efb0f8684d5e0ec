"""The page report.html of a run."""

from collections.abc import Sequence

from tasks.results.report.charts import charts_of, left_out, svg
from tasks.results.report.html import Section, Tiles, render, shown
from tasks.results.report.table import Table
from tasks.runs.calendar import recorded_calendar, recorded_opening
from tasks.runs.company import titled
from tasks.runs.record import RunRecord
from tasks.text.calendar import stub_note, year_label
from tasks.text.money import Money
from tasks.text.numbers import written


def sections(tables: Sequence[Table]) -> list[Section]:
    """Return a section per table, with its charts drawn."""
    return [
        Section(
            table.without_lone_scenario(),
            tuple((caption, svg(spec)) for caption, spec in charts_of(table)),
            left_out(table),
        )
        for table in tables
    ]


def page(tables: Sequence[Table], found: Sequence[Section], record: RunRecord) -> str:
    """Return the text of report.html."""
    calendar = recorded_calendar(record)
    first, last = (year_label(calendar, year) for year in record.years)
    stub = stub_note(calendar)
    scenarios = len(record.scenario_ids)
    means = f", figures are means over {record.replicates} replicates" if record.replicates > 1 else ""
    return render(
        found,
        title=titled(record, f"Workforce {first}–{last}: run {record.run_id}"),
        heading=heading(record),
        introduction=(
            f"Run {record.run_id} of {record.started_at[:10]}: census {record.census.file}, "
            f"{written(record.census.at_opening)} employees; "
            f"{scenarios} scenario{'s' if scenarios > 1 else ''}"
            f"{means}; random seed {record.seed}. Opening date {recorded_opening(record).text}."
            + (f" {first}: {stub}." if stub else "")
        ),
        tiles=[_tiles(entry, named=scenarios > 1) for entry in headlines(tables, record)],
        longer_tables="results.xlsx",
    )


def heading(record: RunRecord) -> str:
    """Return the heading of a run's report: the company's name if it is known, and the years."""
    first, last = (year_label(recorded_calendar(record), year) for year in record.years)
    return titled(record, f"Workforce {first} to {last}")


def _tiles(entry: dict[str, str], *, named: bool) -> Tiles:
    return Tiles(
        entry["scenario"] if named else "",
        [
            (f"Employees, {entry['years']}", entry["headcount"]),
            ("Annual payroll, opening to closing", entry["payroll"]),
            ("Loaded cost of the last year", entry["cost"]),
            ("Hires, all years", entry["hires"]),
            ("Leavers, all years", entry["leavers"]),
        ],
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

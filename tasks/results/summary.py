"""Results of a run for people: means over replicates by scenario and year, as rows and as a table."""

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console

from tasks.runs.record import RunRecord
from tasks.text.money import Money, in_millions
from tasks.text.tables import TextTable

if TYPE_CHECKING:  # these commands print without a database: duckdb takes 0.1 s
    import duckdb

#: The width of a pipe, in which no table is wrapped, and of a terminal that does not tell its own.
UNLIMITED, UNKNOWN_TERMINAL = 100_000, 80

MEANS = """
select
    scenario_id,
    simulation_year,
    avg(opening_headcount)::double as opening_headcount,
    avg(hires)::double as hires,
    avg(experienced_terminations + new_hire_terminations + reductions)::double as terminations,
    avg(promotions)::double as promotions,
    avg(ending_headcount)::double as ending_headcount,
    avg(growth_rate)::double as growth_rate,
    avg(ending_payroll)::double as ending_payroll,
    avg(prorated_payroll)::double as prorated_payroll
from fct_year_summary
where simulation_year = $year or $year is null
group by scenario_id, simulation_year
order by scenario_id, simulation_year
"""


def year_means(connection: "duckdb.DuckDBPyConnection", year: int | None = None) -> list[dict[str, Any]]:
    """The year summary as means over replicates, a row per scenario and year; of one year, or of all."""
    cursor = connection.execute(MEANS, {"year": year})
    columns = [column[0] for column in cursor.description or ()]
    return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


def totals(means: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """For run.json: what each scenario came to, over all years and at the end."""
    found: dict[str, dict[str, Any]] = {}
    for row in means:
        scenario = found.setdefault(
            row["scenario_id"], {"hires": 0.0, "terminations": 0.0, "promotions": 0.0}
        )
        for counted in ("hires", "terminations", "promotions"):
            scenario[counted] += row[counted]
        scenario |= {key: row[key] for key in ("ending_headcount", "ending_payroll")}
    return found


def summary_table(means: Sequence[dict[str, Any]], record: RunRecord) -> TextTable:
    """The table shown at the end of a run; money in millions of the census's currency.

    Scenarios come in the order in which they were given, by the run's record.
    """
    given = record.scenario_ids
    means = sorted(means, key=lambda row: given.index(row["scenario_id"]))
    replicates = record.replicates
    title = f"Workforce by year, payroll in {Money.of(record).unit}"
    title += f", means over {replicates} replicates" if replicates > 1 else ""
    table = TextTable(title)
    several = len({row["scenario_id"] for row in means}) > 1
    if several:
        table.add_column("Scenario", "group")
    table.add_column("Year", "key")
    for heading in ("Opening", "Hires", "Leavers", "Promoted", "Closing", "Growth", "Payroll"):
        table.add_column(heading, "number")
    previous = None
    for row in means:
        if previous not in (None, row["scenario_id"]):
            table.add_section()
        previous = row["scenario_id"]
        growth = "–" if row["growth_rate"] is None else f"{row['growth_rate']:+.1%}"
        table.add_row(
            *([row["scenario_id"]] if several else []),
            str(row["simulation_year"]),
            *(
                _count(row[name])
                for name in ("opening_headcount", "hires", "terminations", "promotions", "ending_headcount")
            ),
            growth,
            in_millions(row["ending_payroll"]),
        )
    return table


def console() -> Console:
    """Where results are printed: as wide as COLUMNS says, else as the terminal is; a pipe has no width.

    COLUMNS does not count where LINES is set beside it: a program that uses readline, such as Python's own
    shell, sets both for the processes that it starts, and nobody asked for a width.
    """
    columns = "" if "LINES" in os.environ else os.environ.get("COLUMNS", "")
    if columns.isdigit() and int(columns) > 0:
        width = int(columns)
    elif sys.stdout.isatty():
        width = os.get_terminal_size(sys.stdout.fileno()).columns or UNKNOWN_TERMINAL
    else:
        width = UNLIMITED
    return Console(width=width, emoji=False)


def say(line: str) -> None:
    """Print a line as it is, whatever names are in it: no markup, no colours, no line ends of ours."""
    console().print(line, markup=False, highlight=False, soft_wrap=True)


def _count(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"

"""The tables of report and workbook, as means over replicates: one query over the published views each.

Tables that need more than a query are in computed.py and differences.py.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import duckdb

from tasks.results.actuals import FULL_YEAR, add_months_by_basis, full_year_means, note_on_actuals
from tasks.results.report.attribution import attribution_table
from tasks.results.report.computed import provenance, settings, turnover, with_remark, with_unit
from tasks.results.report.differences import ScenarioDifferences
from tasks.results.report.goals import goals_table
from tasks.results.report.in_calendar import in_calendar
from tasks.results.report.table import SCENARIO, YEAR, Column, Row, Table
from tasks.results.report.variance import variance_table
from tasks.runs.calendar import recorded_calendar, register_fiscal_years
from tasks.runs.directory import RunDirectory
from tasks.runs.record import RunRecord
from tasks.system.queries import query_rows, read_query
from tasks.text.costs import LOADED, PARTS
from tasks.text.events import EVENT_KINDS, OUTCOMES
from tasks.text.money import PLAIN, Money
from tasks.text.terms import EXPERIENCED, EXPERIENCED_MEANING, TOTAL, TOTAL_MEANING


@dataclass(frozen=True)
class Figure:
    """The definition of a table: queries/KEY.sql returns its rows, with the keys of `columns` as names.

    In title and note, {money} is replaced by the unit of amounts and {amounts} by a sentence on the currency.
    Columns that say nothing of this run are left out.
    """

    key: str
    title: str
    note: str
    columns: tuple[Column, ...]
    row_of: Callable[[dict[str, Any]], Row] = dict  # from a row of the query

    def table(self, connection: duckdb.DuckDBPyConnection, money: Money = PLAIN) -> Table:
        """Query the published views and return the table."""
        rows = query_rows(connection, read_query(__package__, self.key))
        title, note = (text.format(money=money.name, amounts=money.note) for text in (self.title, self.note))
        table = Table(self.key, title, note, self.columns, tuple(map(self.row_of, rows)), money)
        return table.without_empty_columns()


def _transfers(into: str, out: str) -> tuple[Column, Column]:
    """Return the columns of transfers; left out where there are none."""
    return (
        Column("transfers_in", "Transfers in", "count", into, optional=True),
        Column("transfers_out", "Transfers out", "count", out, optional=True),
    )


def _ftes() -> tuple[Column, Column]:
    """Return the columns of full-time equivalents; left out where all work full-time."""
    opening, closing = (
        Column(
            f"{side}_fte",
            f"{side.capitalize()} FTE",
            "number",
            f"Full-time equivalents of the employees in column {side.capitalize()}",
            same_as=side,
        )
        for side in ("opening", "closing")
    )
    return opening, closing


#: Leavers of each kind.
LEAVER_COLUMNS = (
    Column(
        "experienced_leavers",
        "Experienced leavers",
        "count",
        "Leavers of the opening workforce by the termination rate",
    ),
    Column("new_hire_leavers", "New-hire leavers", "count", "Leavers among the year's hires"),
    Column(
        "reductions",
        "Reductions",
        "count",
        "Further leavers of the opening workforce, by reduction in force",
    ),
)

HEADCOUNT = Figure(
    "headcount",
    "Headcount from opening to closing (employees)",
    "Opening + hires − leavers of each kind = closing. In the chart, grey bars are opening and closing. "
    f"{EXPERIENCED}: {EXPERIENCED_MEANING}. {TOTAL}: {TOTAL_MEANING}.",
    (
        SCENARIO,
        YEAR,
        Column("opening", "Opening", "count", "Employees when the year opens"),
        Column("hires", "Hires", "count", "Employees hired in the year, including those who leave in it"),
        *LEAVER_COLUMNS,
        Column("closing", "Closing", "count", "Employees at the end of 31 December"),
        Column("growth", "Growth", "change", "Closing / opening − 1"),
        Column(
            "experienced_turnover",
            EXPERIENCED,
            "share",
            f"{EXPERIENCED_MEANING[0].upper()}{EXPERIENCED_MEANING[1:]}",
        ),
        Column("total_turnover", TOTAL, "share", f"{TOTAL_MEANING[0].upper()}{TOTAL_MEANING[1:]}"),
        Column("transfers", "Transfers", "count", "Changes of department or other dimensions", optional=True),
        *_ftes(),
        Column(
            "average_fte",
            "Average FTE",
            "number",
            "Full-time equivalents x days employed / days in the year",
            same_as="average_headcount",
        ),
    ),
)


def _with_steps(row: dict[str, Any]) -> Row:
    """Return a row of payroll with its changes by event type as values of columns."""
    changes = row.pop("changes")
    return row | {kind.event_type: changes.get(kind.event_type, 0.0) for kind in EVENT_KINDS}


PAYROLL = Figure(
    "payroll",
    "Annual payroll from opening to closing ({money} per year)",
    "Opening + the steps between = closing; each step is the sum of changes by events. Hiring counts "
    "starting salaries, leaving the salaries on the last day. In the chart, grey bars are opening and "
    "closing.",
    (
        SCENARIO,
        YEAR,
        Column("opening", "Opening", "money", "Sum of annual salaries when the year opens"),
        *(
            Column(kind.event_type, kind.step, "money", kind.meaning, optional=not kind.usual)
            for kind in EVENT_KINDS
        ),
        Column("closing", "Closing", "money", "Sum of annual salaries of those employed on 31 December"),
        Column("paid", "Paid in the year", "money", "Salary for the days employed (prorated payroll)"),
        Column("adjusted", "Adjusted", "count", "Raises to the minimum of the level", optional=True),
    ),
    _with_steps,
)

COST_COLUMNS = (
    Column("salary", "Salary", "money", "Pay for the days employed"),
    *(Column(cost.name, cost.title, "money", cost.meaning) for cost in PARTS),
    Column(LOADED.name, LOADED.title, "money", "Sum of the parts"),
)

COST = Figure(
    "cost",
    "Loaded cost by year ({money})",
    "Salary for the days employed, and the costs that settings of section cost add to it.",
    (
        SCENARIO,
        YEAR,
        *COST_COLUMNS,
        Column("person_years", "Person-years", "number", "Days employed / days in the year"),
        Column(
            "loaded_cost_per_person_year",
            "Loaded cost per person-year",
            "money",
            "Loaded cost / person-years",
        ),
    ),
)

MONTHS = Figure(
    "months",
    "Headcount and cost by month (employees, {money})",
    "The salary cost of a year's simulated months adds up to the amount paid in the year.",
    (
        SCENARIO,
        Column("month", "Month", "month", "First day of the month"),
        Column(
            "basis",
            "Basis",
            "text",
            "actual: up to the opening date, as past lists show it; forecast: simulated",
            optional=True,
        ),
        Column("headcount", "Headcount", "count", "Employees at the end of the month"),
        Column("fte", "FTE", "number", "Their full-time equivalents", same_as="headcount"),
        Column("hires", "Hires", "count", "Employees hired in the month"),
        *_transfers(
            "Employees who came from another combination of dimensions", "Employees who went to another"
        ),
        Column("leavers", "Leavers", "count", "Employees whose last day is in the month"),
        *COST_COLUMNS,
    ),
)

LEVELS = Figure(
    "levels",
    "Level pyramid over time (employees)",
    "Opening + hires + promoted in − promoted out − leavers = closing, at each level.",
    (
        SCENARIO,
        YEAR,
        Column("level", "Level", "year", "Number of the level, 1 being the lowest"),
        Column("level_name", "Name", "text", "Name of the level"),
        Column("opening", "Opening", "count", "Employees at the level when the year opens"),
        Column("hires", "Hires", "count", "Employees hired at the level"),
        Column("promoted_in", "Promoted in", "count", "Promotions to the level"),
        Column("promoted_out", "Promoted out", "count", "Promotions from the level"),
        Column("leavers", "Leavers", "count", "Leavers, by the level on their last day"),
        Column("closing", "Closing", "count", "Employees at the level on 31 December"),
        Column("closing_payroll", "Closing payroll", "money", "Sum of their annual salaries"),
        *_ftes(),
    ),
)

CAUSES = Figure(
    "causes",
    "Leavers by cause (employees)",
    f"{EXPERIENCED}: {EXPERIENCED_MEANING}. Hires who leave in their first year and reductions count in "
    f"{TOTAL.lower()} only, which divides by the average headcount.",
    (
        SCENARIO,
        YEAR,
        Column("cause", "Cause", "text", "Cause of termination (settings workforce.termination)"),
        Column("experienced_leavers", "Experienced leavers", "count", "Leavers of the opening workforce"),
        Column("new_hire_leavers", "New-hire leavers", "count", "Leavers among the year's hires"),
        Column("reductions", "Reductions", "count", "Leavers by reduction in force"),
        Column("leavers", "Leavers", "count", "All of them"),
        Column(
            "experienced_turnover",
            EXPERIENCED,
            "share",
            "Experienced leavers of the cause / opening headcount",
        ),
    ),
)

PROMOTIONS = Figure(
    "promotions",
    "Promotions between levels (employees)",
    "A promotion moves one level up, unless a known action gives the level.",
    (
        SCENARIO,
        YEAR,
        Column("from_level", "From level", "year", "Level left"),
        Column("to_level", "To level", "year", "Level reached"),
        Column("promotions", "Promotions", "count", "Promotions in the year"),
        Column(
            "share_of_level",
            "Share of the level",
            "share",
            "Promotions / employees at the level when the year opens",
        ),
    ),
)

COHORTS = Figure(
    "cohorts",
    "Retention of hire cohorts (share still employed)",
    "Employees hired before the first simulated year are one cohort: those employed when it opens.",
    (
        SCENARIO,
        Column("cohort", "Cohort", "text", "Year of hire"),
        YEAR,
        Column(
            "employed_at_first", "Employed at first", "count", "Employees of the cohort in its first year"
        ),
        Column("employed", "Employed", "count", "Employees of the cohort at the end of the year"),
        Column("retained", "Retained", "share", "Employed / employed at first"),
    ),
)

DIMENSIONS = Figure(
    "dimensions",
    "Departments and other dimensions, first to last year (employees, {money})",
    "Opening + hires + transfers − leavers = closing, over all years: opening of the first year, closing of "
    "the last, movements of all years.",
    (
        SCENARIO,
        Column("dimension", "Dimension", "text", "Name of the dimension"),
        Column("dimension_value", "Value", "text", "Value of the dimension"),
        Column("opening", "Opening", "count", "Employees when the first year opens"),
        Column("hires", "Hires", "count", "Hires of all years"),
        *_transfers("Transfers from other values, of all years", "Transfers to other values, of all years"),
        Column("leavers", "Leavers", "count", "Leavers of all years"),
        Column("promotions", "Promotions", "count", "Promotions of all years"),
        Column("closing", "Closing", "count", "Employees at the end of the last year"),
        Column("closing_payroll", "Closing payroll", "money", "Sum of their annual salaries"),
        Column("growth", "Growth", "change", "Closing / opening − 1"),
        *_ftes(),
    ),
)

SEGMENTS = Figure(
    "segments",
    "Segments with targets, from opening to closing (employees)",
    "Opening + hires + transfers − leavers of each kind = closing. Leavers count in the segment in which "
    "they leave. Who changes segment in the year, by transfer or promotion, counts once. Segments are those "
    "of setting targets; others is the rest: other people in scenarios with other segments.",
    (
        SCENARIO,
        YEAR,
        Column("segment", "Segment", "text", "Name of the segment, as in setting targets.segments"),
        Column("opening", "Opening", "count", "Employees when the year opens"),
        Column("hires", "Hires", "count", "Employees hired into the segment"),
        *_transfers("Employees who came from another segment", "Employees who went to another segment"),
        *LEAVER_COLUMNS[:-1],
        replace(LEAVER_COLUMNS[-1], optional=True),
        Column("closing", "Closing", "count", "Employees at the end of 31 December"),
        Column("target", "Target", "count", "Closing headcount that the settings ask for", optional=True),
        Column("off_target", "Off target", "number", "Closing − target", optional=True),
    ),
)

#: The year of an action may lie outside the simulated years.
ACTION_YEAR = replace(YEAR, meaning="Year of the action's date")

ACTIONS = Figure(
    "actions",
    "Known actions and what became of them",
    "Actions of setting plan.actions, by the year of their date.",
    (
        SCENARIO,
        ACTION_YEAR,
        Column("action", "Action", "text", "leave, hire, promote, transfer, raise or fte"),
        Column("planned", "Planned", "count", "Actions in the file"),
        *(
            Column(outcome, words.capitalize(), "count", meaning, optional=outcome != "done")
            for outcome, (words, meaning) in OUTCOMES.items()
        ),
    ),
)

UNDONE = Figure(
    "undone",
    "Known actions that were not done",
    "With several replicates, an action may be done in some of them and not in others.",
    (
        SCENARIO,
        ACTION_YEAR,
        Column("action_id", "Action's id", "text", "Id in the file of actions"),
        Column("action", "Action", "text", "leave, hire, promote, transfer, raise or fte"),
        Column("action_date", "Date", "date", "Date in the file"),
        Column("employee_id", "Employee", "text", "Whom it concerns; none for hires without an id"),
        Column("reason", "Reason", "text", "Why it was not done"),
        Column("replicates", "Replicates", "count", "Replicates in which it was not done for this reason"),
    ),
    lambda row: row | {"reason": OUTCOMES[row["reason"]][0]},
)

SPREAD = Figure(
    "spread",
    "Spread over replicates",
    "Percentiles over replicates. Charts: median, bands of 25th to 75th and 5th to 95th percentile.",
    (
        SCENARIO,
        YEAR,
        Column("figure", "Figure", "text", "Name of the figure"),
        Column("p05", "p05", "figure", "5th percentile"),
        Column("p25", "p25", "figure", "25th percentile"),
        Column("p50", "p50", "figure", "Median"),
        Column("p75", "p75", "figure", "75th percentile"),
        Column("p95", "p95", "figure", "95th percentile"),
        Column("mean", "Mean", "figure", "Mean"),
        Column("standard_error", "Standard error", "number", "Standard error of the mean"),
    ),
)

CHECKS = Figure(
    "checks",
    "Checks",
    "Verified in each year before it was marked as complete.{amounts}",
    (
        Column("check_name", "Check", "text", "Name of the check"),
        Column("years", "Years", "text", "Simulated years, or the opening year, with this result"),
        Column("status", "Status", "text", "pass, warn or fail"),
        Column("observed", "Observed", "text", "Value found"),
        Column("expected", "Expected", "text", "Value or rule that passes"),
    ),
)

#: Differences between scenarios come first, then what the workforce becomes, the details, and the sources.
ORDER = (
    "differences",
    "cost_differences",
    "attribution",
    "overrides",
    "goals",
    "headcount",
    "full_year",
    "segments",
    "payroll",
    "cost",
    "variance",
    "spread",
    "levels",
    "causes",
    "turnover",
    "promotions",
    "cohorts",
    "dimensions",
    "breakdown",
    "actions",
    "undone",
    "months",
    "checks",
    "provenance",
    "settings",
)

FIGURES = (
    HEADCOUNT,
    PAYROLL,
    COST,
    MONTHS,
    LEVELS,
    CAUSES,
    PROMOTIONS,
    COHORTS,
    DIMENSIONS,
    SEGMENTS,
    ACTIONS,
    UNDONE,
    SPREAD,
    CHECKS,
)


def tables(
    connection: duckdb.DuckDBPyConnection,
    record: RunRecord,
    keys: Collection[str] = ORDER,
    directory: RunDirectory | None = None,
) -> list[Table]:
    """Return the tables of `keys` in the order of the report; tables without rows are left out.

    `directory` is that of the run, which holds the attribution, and beside which the budget is looked up:
    without it, there are no tables `attribution` and `variance`.
    """
    money, calendar = Money.of(record), recorded_calendar(record)
    register_fiscal_years(connection, record)
    has_actuals = add_months_by_basis(connection)
    compared = ScenarioDifferences(connection, record)
    makers: dict[str, Callable[[], Table]] = {
        **{figure.key: partial(figure.table, connection, money) for figure in FIGURES},
        "full_year": lambda: _full_year(connection, record),
        "goals": lambda: goals_table(connection, record),
        "turnover": lambda: turnover(connection, record),
        "overrides": compared.settings,
        "differences": compared.by_year,
        "cost_differences": compared.of_cost,
        "breakdown": compared.by_item,
        "provenance": lambda: provenance(record),
        "settings": lambda: settings(record),
    }
    if directory is not None:
        makers["variance"] = partial(variance_table, directory, record)
        makers["attribution"] = partial(attribution_table, directory, record)
    found = [_in_given_order(makers[key](), record) for key in ORDER if key in keys and key in makers]
    note = note_on_actuals(record, calendar)
    with_note = "full_year" if has_actuals else "headcount"
    found = [_with_note(table, note) if note and table.key == with_note else table for table in found]
    first = partial(_first_shown, connection)
    noted = (
        with_unit(with_remark(table, record)) if table.key == "spread" else table
        for table in found
        if table.rows
    )
    return [in_calendar(table, calendar, first) for table in noted]


def _first_shown(connection: duckdb.DuckDBPyConnection) -> int:
    """Return the first year of the published views, which may be a part of the run."""
    return int(connection.execute("select min(simulation_year) from fct_year_summary").fetchall()[0][0])


def _full_year(connection: duckdb.DuckDBPyConnection, record: RunRecord) -> Table:
    """Return the first fiscal year with the part before the opening date; no rows without actuals."""
    money = Money.of(record)
    return Table(
        "full_year",
        f"Fiscal year {recorded_calendar(record).first_year}: actual and forecast (employees, {money.name})",
        "Full year: the sum of actual and forecast part. Opening + hires − leavers of each kind = closing.",
        (
            SCENARIO,
            Column("basis", "Part", "text", "actual, forecast, or the full year"),
            Column("opening", "Opening", "count", "Employees when the part begins"),
            Column("hires", "Hires", "count", "Employees hired in the part"),
            *(replace(column, optional=column.key == "reductions") for column in LEAVER_COLUMNS),
            Column("closing", "Closing", "count", "Employees when the part ends"),
            Column("growth", "Growth", "change", "Closing / opening − 1"),
            *COST_COLUMNS,
        ),
        tuple(full_year_means(connection)),
        money,
        short=FULL_YEAR.capitalize(),
    ).without_empty_columns()


def _with_note(table: Table, note: str) -> Table:
    return replace(table, note=f"{table.note} {note}")


def _in_given_order(table: Table, record: RunRecord) -> Table:
    """Sort a table's rows by scenario, in the order of the run's record; otherwise the order is kept."""
    if table.columns[0] != SCENARIO:
        return table
    place = {entry.id: number for number, entry in enumerate(record.scenarios)}
    return replace(
        table, rows=tuple(sorted(table.rows, key=lambda row: place.get(row[SCENARIO.key], len(place))))
    )

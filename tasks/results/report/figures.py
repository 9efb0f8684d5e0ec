"""The tables of report and workbook: each is one query over the published views, means over replicates.

Those that take more than a query are in computed.py and differences.py beside this file.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import duckdb

from tasks.results.report.computed import provenance, settings, turnover, with_remark, with_unit
from tasks.results.report.differences import ScenarioDifferences
from tasks.results.report.table import SCENARIO, YEAR, Column, Table
from tasks.system.queries import read_query
from tasks.text.money import PLAIN, Money
from tasks.text.terms import EXPERIENCED, EXPERIENCED_MEANING, TOTAL, TOTAL_MEANING


@dataclass(frozen=True)
class Figure:
    """How a table is made: its columns, in the order in which queries/KEY.sql gives them.

    In title and note, {money} stands for the unit of amounts, {amounts} for a sentence on it, if it is known.
    """

    key: str
    title: str
    note: str
    columns: tuple[Column, ...]

    def table(self, connection: duckdb.DuckDBPyConnection, money: Money = PLAIN) -> Table:
        """Ask the published views."""
        rows = connection.execute(read_query(__package__, self.key)).fetchall()
        title, note = (text.format(money=money.name, amounts=money.note) for text in (self.title, self.note))
        return Table(self.key, title, note, self.columns, tuple(rows), money)


HEADCOUNT = Figure(
    "headcount",
    "Headcount from opening to closing (employees)",
    "Opening + hires − leavers of each kind = closing. In the chart, grey bars are opening and closing. "
    f"{EXPERIENCED}: {EXPERIENCED_MEANING}. {TOTAL}: {TOTAL_MEANING}.",
    (
        SCENARIO,
        YEAR,
        Column("Opening", "count", "Employees when the year opens"),
        Column("Hires", "count", "Employees hired in the year, including those who leave in it"),
        Column("Experienced leavers", "count", "Leavers of the opening workforce by the termination rate"),
        Column("New-hire leavers", "count", "Leavers among the year's hires"),
        Column("Reductions", "count", "Further leavers of the opening workforce, by reduction in force"),
        Column("Closing", "count", "Employees at the end of 31 December"),
        Column("Growth", "change", "Closing / opening − 1"),
        Column(EXPERIENCED, "share", f"{EXPERIENCED_MEANING[0].upper()}{EXPERIENCED_MEANING[1:]}"),
        Column(TOTAL, "share", f"{TOTAL_MEANING[0].upper()}{TOTAL_MEANING[1:]}"),
    ),
)

PAYROLL = Figure(
    "payroll",
    "Annual payroll from opening to closing ({money} per year)",
    "Opening + COLA + merit + promotion + hiring − leaving = closing, each the sum of changes by events. "
    "Hiring counts starting salaries, leaving the salaries on the last day. In the chart, grey bars are "
    "opening and closing.",
    (
        SCENARIO,
        YEAR,
        Column("Opening", "money", "Sum of annual salaries when the year opens"),
        Column("COLA", "money", "Change by cost-of-living adjustments"),
        Column("Merit", "money", "Change by merit raises"),
        Column("Promotion", "money", "Change by raises on promotion"),
        Column("Hiring", "money", "Starting salaries of hires"),
        Column("Leaving", "money", "Salaries of leavers, as a negative number"),
        Column("Closing", "money", "Sum of annual salaries of those employed on 31 December"),
        Column("Paid in the year", "money", "Salary for the days employed (prorated payroll)"),
    ),
)

_COST_COLUMNS = (
    Column("Salary", "money", "Pay for the days employed"),
    Column("Bonus", "money", "Bonus by level (settings cost.bonus_rates)"),
    Column("Benefits", "money", "Benefits (settings cost.benefits)"),
    Column("Payroll tax", "money", "Employer's taxes (settings cost.payroll_tax)"),
    Column("Recruiting", "money", "Cost of hires (settings cost.recruiting)"),
    Column("Severance", "money", "Cost of reductions in force (settings cost.severance)"),
    Column("Loaded cost", "money", "Sum of the parts"),
)

COST = Figure(
    "cost",
    "Loaded cost by year ({money})",
    "Salary for the days employed and what comes with it, by the assumptions of the settings' section cost.",
    (
        SCENARIO,
        YEAR,
        *_COST_COLUMNS,
        Column("Full-time years", "number", "Days employed / days in the year"),
        Column("Loaded cost per full-time year", "money", "Loaded cost / full-time years"),
    ),
)

MONTHS = Figure(
    "months",
    "Headcount and cost by month (employees, {money})",
    "The salary cost of a year's months adds up to what was paid in the year.",
    (
        SCENARIO,
        Column("Month", "month", "First day of the month"),
        Column("Headcount", "count", "Employees at the end of the month"),
        Column("Hires", "count", "Employees hired in the month"),
        Column("Leavers", "count", "Employees whose last day is in the month"),
        *_COST_COLUMNS,
    ),
)

LEVELS = Figure(
    "levels",
    "Level pyramid over time (employees)",
    "Opening + hires + promoted in − promoted out − leavers = closing, at each level.",
    (
        SCENARIO,
        YEAR,
        Column("Level", "year", "Number of the level, 1 being the lowest"),
        Column("Name", "text", "Name of the level"),
        Column("Opening", "count", "Employees at the level when the year opens"),
        Column("Hires", "count", "Employees hired at the level"),
        Column("Promoted in", "count", "Promotions to the level"),
        Column("Promoted out", "count", "Promotions from the level"),
        Column("Leavers", "count", "Leavers, by the level on their last day"),
        Column("Closing", "count", "Employees at the level on 31 December"),
        Column("Closing payroll", "money", "Sum of their annual salaries"),
    ),
)

PROMOTIONS = Figure(
    "promotions",
    "Promotions between levels (employees)",
    "A promotion moves one level up.",
    (
        SCENARIO,
        YEAR,
        Column("From level", "year", "Level left"),
        Column("To level", "year", "Level reached"),
        Column("Promotions", "count", "Promotions in the year"),
        Column("Share of the level", "share", "Promotions / employees at the level when the year opens"),
    ),
)

COHORTS = Figure(
    "cohorts",
    "Retention of hire cohorts (share still employed)",
    "Those hired before the first simulated year are one cohort, of those employed when it opens.",
    (
        SCENARIO,
        Column("Cohort", "text", "Year of hire"),
        YEAR,
        Column("Employed at first", "count", "Employees of the cohort in its first year"),
        Column("Employed", "count", "Employees of the cohort at the end of the year"),
        Column("Retained", "share", "Employed / employed at first"),
    ),
)

DIMENSIONS = Figure(
    "dimensions",
    "Departments and other dimensions, first to last year (employees, {money})",
    "Opening of the first year, closing of the last, movements of all years.",
    (
        SCENARIO,
        Column("Dimension", "text", "Name of the dimension"),
        Column("Value", "text", "Value of the dimension"),
        Column("Opening", "count", "Employees when the first year opens"),
        Column("Hires", "count", "Hires of all years"),
        Column("Leavers", "count", "Leavers of all years"),
        Column("Promotions", "count", "Promotions of all years"),
        Column("Closing", "count", "Employees at the end of the last year"),
        Column("Closing payroll", "money", "Sum of their annual salaries"),
        Column("Growth", "change", "Closing / opening − 1"),
    ),
)

SPREAD = Figure(
    "spread",
    "Spread over replicates",
    "Percentiles over replicates. Charts: median, bands of 25th to 75th and 5th to 95th percentile.",
    (
        SCENARIO,
        YEAR,
        Column("Figure", "text", "What is measured"),
        Column("p05", "figure", "5th percentile"),
        Column("p25", "figure", "25th percentile"),
        Column("p50", "figure", "Median"),
        Column("p75", "figure", "75th percentile"),
        Column("p95", "figure", "95th percentile"),
        Column("Mean", "figure", "Mean"),
        Column("Standard error", "number", "Standard error of the mean"),
    ),
)

CHECKS = Figure(
    "checks",
    "Checks",
    "What was verified in each year before it was called complete.{amounts}",
    (
        Column("Check", "text", "Name of the check"),
        Column("Years", "text", "Years simulated, or the opening year, in which it came out so"),
        Column("Status", "text", "pass, warn or fail"),
        Column("Observed", "text", "What was seen"),
        Column("Expected", "text", "What holds if the check passes"),
    ),
)

ORDER = (
    "headcount",
    "payroll",
    "cost",
    "months",
    "levels",
    "turnover",
    "promotions",
    "cohorts",
    "dimensions",
    "spread",
    "overrides",
    "differences",
    "breakdown",
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
    PROMOTIONS,
    COHORTS,
    DIMENSIONS,
    SPREAD,
    CHECKS,
)


def tables(
    connection: duckdb.DuckDBPyConnection, record: dict[str, Any], keys: Collection[str] = ORDER
) -> list[Table]:
    """The tables of a run, in the order of the report, or those of `keys`; one without rows is left out."""
    money = Money.of(record)
    compared = ScenarioDifferences(connection, record)
    makers: dict[str, Callable[[], Table]] = {
        **{figure.key: partial(figure.table, connection, money) for figure in FIGURES},
        "turnover": lambda: turnover(connection, record),
        "overrides": compared.settings,
        "differences": compared.by_year,
        "breakdown": compared.by_item,
        "provenance": lambda: provenance(record),
        "settings": lambda: settings(record),
    }
    found = [_in_given_order(makers[key](), record) for key in ORDER if key in keys]
    return [
        with_unit(with_remark(table, record)) if table.key == "spread" else table
        for table in found
        if table.rows
    ]


def _in_given_order(table: Table, record: dict[str, Any]) -> Table:
    """Scenarios in the order in which they were given, as everywhere; rows of each as they are."""
    if table.columns[0] != SCENARIO:
        return table
    place = {entry["id"]: number for number, entry in enumerate(record["scenarios"])}
    return replace(table, rows=tuple(sorted(table.rows, key=lambda row: place.get(row[0], len(place)))))

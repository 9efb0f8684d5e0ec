"""Prefect artifacts for Prefect's UI: a table per year, and the run's summary."""

import re
import socket
from collections.abc import Mapping, Sequence
from typing import Any

from prefect.artifacts import create_markdown_artifact, create_table_artifact

from settings.models.calendar import FiscalCalendar
from tasks.runs.calendar import recorded_calendar
from tasks.runs.directory import RunDirectory
from tasks.runs.record import RunRecord
from tasks.text.calendar import year_label, years_words
from tasks.text.markdown import escaped, table_lines
from tasks.text.money import Money, in_millions
from tasks.text.year_counts import year_counts
from tasks.warehouse.checks import Check

_WORST_FIRST = ("fail", "warn", "pass")


def year_table(record: RunRecord, year: int, rows: Sequence[dict[str, Any]]) -> None:
    """Show the year's summary, a row per scenario."""
    currency = Money.of(record).currency
    amounts = f"; amounts in {escaped(currency)}" if currency else ""
    name = year_label(recorded_calendar(record), year)
    create_table_artifact(
        key=artifact_key("year", record.run_id, year),
        table=list(rows),
        description=f"Run {record.run_id}, {name}: means over replicates{amounts}",
    )


def run_summary(
    directory: RunDirectory,
    record: RunRecord,
    means: Sequence[Mapping[str, Any]],
    checks: Mapping[int, Sequence[Check]],
) -> None:
    """Create an artifact with the run's key figures, the results of its checks, and its files."""
    create_markdown_artifact(
        key=artifact_key("run", directory.run_id),
        markdown=summary_text(directory, record, means, checks),
        description=f"Results of run {directory.run_id}",
    )


def summary_text(
    directory: RunDirectory,
    record: RunRecord,
    means: Sequence[Mapping[str, Any]],
    checks: Mapping[int, Sequence[Check]],
) -> str:
    """Return the run's summary in Markdown, without data on single employees.

    Args:
        directory: The run's directory.
        record: Its run.json.
        means: The year summary as means over replicates, a row per scenario and year.
        checks: The checks of each year.
    """
    replicates, calendar = record.replicates, recorded_calendar(record)
    over = f", means over {replicates} replicates" if replicates > 1 else ""
    return "\n".join(
        [
            f"# Run {escaped(directory.run_id)}",
            "",
            f"{record.census.at_opening:,} employees of {escaped(record.census.file)}, "
            f"{years_words(calendar, *record.years)}, seed {record.seed}.",
            "",
            f"## Key figures{over}",
            "",
            *_figures(means, Money.of(record), calendar),
            "",
            "## Checks",
            "",
            *_checks(checks),
            "",
            "## Files",
            "",
            f"On host `{socket.gethostname()}`, in `{directory.path.resolve()}`:",
            "",
            *(
                f"- `{name}`: {what}"
                for name, what in (
                    (directory.report.name, "the report, for a browser"),
                    (directory.workbook.name, "the same figures as a workbook"),
                    (f"{directory.results.name}/", "every table as Parquet files"),
                    (directory.database.name, "every table in one DuckDB database"),
                    (directory.log.name, "what the run did"),
                )
            ),
            "",
            f"There, `workforce show {directory.run_id} --output {directory.path.resolve().parent}` prints "
            "the figures.",
        ]
    )


def _figures(means: Sequence[Mapping[str, Any]], money: Money, calendar: FiscalCalendar) -> list[str]:
    several = len({row["scenario_id"] for row in means}) > 1
    figures = year_counts(means) | {
        "Growth": "growth_rate",
        f"Payroll, {money.unit}": "ending_payroll",
        f"Loaded cost, {money.unit}": "loaded_cost",
    }
    headings = [*(["Scenario"] if several else []), "Year", *figures]
    rows = [
        [
            *([str(row["scenario_id"])] if several else []),
            year_label(calendar, row["simulation_year"]),
            *(_shown(name, row[name]) for name in figures.values()),
        ]
        for row in means
    ]
    return table_lines(headings, rows)


def _shown(name: str, value: float | None) -> str:
    if value is None:
        return "–"
    if name == "growth_rate":
        return f"{value:+.1%}"
    if name in ("ending_payroll", "loaded_cost"):
        return in_millions(value)
    return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"


def _checks(checks: Mapping[int, Sequence[Check]]) -> list[str]:
    """Return the lines on checks: counts, a row per check with its worst status, and each violation."""
    found = [(year, check) for year, of_year in checks.items() for check in of_year]
    counts = {status: sum(check.status == status for _, check in found) for status in _WORST_FIRST}
    by_name: dict[str, list[Check]] = {}
    for _, check in found:
        by_name.setdefault(check.name, []).append(check)
    rows = [
        [name, min((one.status for one in of_name), key=_WORST_FIRST.index), f"{len(of_name)}"]
        for name, of_name in by_name.items()
    ]
    rows.sort(key=lambda row: _WORST_FIRST.index(row[1]))
    violated = [
        [str(year), check.name, check.status, check.observed, check.expected]
        for year, check in found
        if check.status != "pass"
    ]
    return [
        ", ".join(f"{count} {status}" for status, count in counts.items() if count) + ".",
        "",
        *table_lines(("Check", "Status", "Years checked"), rows),
        *(
            [
                "",
                "Not passed:",
                "",
                *table_lines(("Year", "Check", "Status", "Observed", "Expected"), violated),
            ]
            if violated
            else []
        ),
    ]


def artifact_key(*parts: object) -> str:
    """Return an artifact key: lower-case letters, digits and dashes."""
    return re.sub(r"[^a-z0-9]", "-", "-".join(map(str, parts)).lower())

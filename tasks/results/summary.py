"""The summary of a run: means over replicates by scenario and year, as rows and as a table."""

from collections.abc import Sequence
from typing import Any

import duckdb

from settings.models.calendar import FiscalCalendar
from tasks.results.actuals import FORECAST, FULL_YEAR, full_year_label, note_on_actuals
from tasks.runs.calendar import recorded_calendar
from tasks.runs.record import RunRecord
from tasks.system.queries import query_rows, read_query
from tasks.text.calendar import stub_note, year_label, year_values
from tasks.text.money import Money, in_millions
from tasks.text.numbers import written
from tasks.text.tables import TextTable
from tasks.text.year_counts import year_counts


def year_means(connection: duckdb.DuckDBPyConnection, year: int | None = None) -> list[dict[str, Any]]:
    """Return the year summary as means over replicates, of one year or all years."""
    return query_rows(connection, read_query(__package__, "year_means"), {"year": year})


def totals(means: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return each scenario's counts over all years and its closing figures, for run.json."""
    found: dict[str, dict[str, Any]] = {}
    for row in means:
        scenario = found.setdefault(
            row["scenario_id"], {"hires": 0.0, "terminations": 0.0, "promotions": 0.0}
        )
        for counted in ("hires", "terminations", "promotions"):
            scenario[counted] += row[counted]
        scenario |= {key: row[key] for key in ("ending_headcount", "ending_payroll")}
    return found


def summary_table(
    means: Sequence[dict[str, Any]], record: RunRecord, full_years: Sequence[dict[str, Any]] = ()
) -> TextTable:
    """Return the table shown at the end of a run; amounts in millions of the census's currency.

    `full_years` are rows of `full_year_means`: below the stub, a row has the whole first fiscal year, of
    which some figures are not known. Scenarios are in the order of the run's record. A run of an earlier
    version has no loaded cost by year.
    """
    given, calendar = record.scenario_ids, recorded_calendar(record)
    means = sorted(means, key=lambda row: given.index(row["scenario_id"]))
    replicates = record.replicates
    has_cost = any(row["loaded_cost"] is not None for row in means)
    amounts = "payroll and loaded cost" if has_cost else "payroll"
    title = f"Workforce by year, {amounts} in {Money.of(record).unit}"
    title += f", means over {replicates} replicates" if replicates > 1 else ""
    table = TextTable(title)
    several = len({row["scenario_id"] for row in means}) > 1
    if several:
        table.add_column("Scenario", "group")
    table.add_column("Year", "key")
    counts = year_counts(means)
    for heading in (*counts, "Growth", "Payroll", *(["Cost"] if has_cost else [])):
        table.add_column(heading, "number")
    whole = {row["scenario_id"]: row for row in full_years if row["basis"] == FULL_YEAR}
    previous = None
    for row in means:
        if previous not in (None, row["scenario_id"]):
            table.add_section()
        previous = row["scenario_id"]
        rows = {year_label(calendar, row["simulation_year"]): row}
        if row["simulation_year"] == calendar.first_year and row["scenario_id"] in whole:
            rows[full_year_label(calendar)] = _full_year(row, whole[row["scenario_id"]])
        for label, values in rows.items():
            growth = "–" if values["growth_rate"] is None else f"{values['growth_rate']:+.1%}"
            table.add_row(
                *([row["scenario_id"]] if several else []),
                label,
                *(_count(values[name]) for name in counts.values()),
                growth,
                in_millions(values["ending_payroll"]),
                *([in_millions(values["loaded_cost"])] if has_cost else []),
                values=_record(values, calendar, FORECAST if values is row else FULL_YEAR),
            )
    return table


def _record(values: dict[str, Any], calendar: FiscalCalendar, basis: str) -> dict[str, Any]:
    """Return a row for other programs; where the first year is a stub, with what its figures are of."""
    numbers = {key: value for key, value in values.items() if key not in ("scenario_id", "simulation_year")}
    return {
        "scenario_id": values["scenario_id"],
        **year_values(calendar, values["simulation_year"]),
        **({"basis": basis} if calendar.has_stub else {}),
        **numbers,
    }


def _full_year(stub: dict[str, Any], whole: dict[str, Any]) -> dict[str, Any]:
    """Return a row of year_means for the full year; lists do not tell promotions from other changes."""
    unknown = dict.fromkeys(
        ("promotions", "transfers", "adjustments", "opening_fte", "average_fte", "prorated_payroll")
    )
    return {
        **stub,
        **unknown,
        "opening_headcount": whole["opening"],
        "hires": whole["hires"],
        "terminations": whole["experienced_leavers"] + whole["new_hire_leavers"] + whole["reductions"],
        "growth_rate": whole["growth"],
        "loaded_cost": whole["loaded_cost"],
    }


def stub_line(record: RunRecord) -> str | None:
    """Return the line below a table of years on its stub and its actuals; None if all years are whole."""
    calendar = recorded_calendar(record)
    note = stub_note(calendar)
    if note is None:
        return None
    label = year_label(calendar, calendar.first_year)
    words = f"{label}: {note}. Its growth and turnover are those of these days, not of a year."
    actuals = note_on_actuals(record, calendar)
    return words if actuals is None else f"{words}\n{actuals}"


def _count(value: float | None) -> str:
    if value is None:
        return "–"
    return written(value, ",.0f" if value == int(value) else ",.1f")

"""Tables of the report that need more than a query: turnover by hazard, settings, provenance."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import duckdb

from settings import default_settings, settings_document
from settings.loading.document import leaves
from settings.loading.problems import text_of
from settings.models.shaping import SHAPING_SECTIONS
from tasks.results.drawn import what_differs_between_replicates
from tasks.results.hazards import compare_with_events
from tasks.results.report.table import SCENARIO, Column, Row, Table, as_number
from tasks.runs.calendar import recorded_calendar, recorded_opening
from tasks.runs.record import RunRecord
from tasks.system.queries import query_rows, read_query
from tasks.text.calendar import years_words
from tasks.text.money import Money
from tasks.text.numbers import written
from tasks.text.terms import EXPERIENCED, EXPERIENCED_MEANING

#: Units of the figures in the spread table that are not amounts, by key.
_COUNTED = {"headcount": "employees", "promotions": "promotions"}


def turnover(connection: duckdb.DuckDBPyConnection, record: RunRecord) -> Table:
    """Return actual and expected experienced turnover by each attribute of employees.

    Raises RecomputedOtherwise if an event has a hazard that differs from that of the settings.
    """
    compare_with_events(connection, record)
    relative = [one.id for one in record.scenarios if one.settings["simulation"]["mode"] == "exact"]
    rows = query_rows(connection, read_query(__package__, "turnover"), {"relative": relative})
    own_rate = (
        " Segments with a termination_rate of their own leave at that rate, which By hazard does not know."
        if any(_has_own_rate(one.settings) for one in record.scenarios if one.id in relative)
        else ""
    )
    return Table(
        "turnover",
        f"{EXPERIENCED} by attribute against the hazards (share of the opening headcount)",
        f"{EXPERIENCED}: {EXPERIENCED_MEANING}, here of all years. By hazard: as the settings' hazards give "
        "it; in mode exact they decide who leaves and not how many, so they are scaled to the leavers of "
        "each year. Leavers by known actions or at the mandatory age count as they leave, and in By hazard "
        f"by their hazard. Attributes are those when the year opens.{own_rate}",
        (
            SCENARIO,
            Column("attribute", "By", "text", "age, tenure, level or a dimension; total: everybody"),
            Column("value", "Value", "text", "Value, or band of completed years, on 1 January"),
            Column("exposed", "Exposed", "number", "Opening headcounts of all years and replicates"),
            Column("leavers", "Leavers", "number", "Experienced leavers among them"),
            Column("expected", "Expected", "number", "Leavers by the hazards"),
            Column("ratio", "Actual / expected", "number", "Leavers / expected"),
            Column("observed", "Observed", "share", f"{EXPERIENCED}: leavers / exposed"),
            Column("by_hazard", "By hazard", "share", f"Expected {EXPERIENCED.lower()}: expected / exposed"),
        ),
        tuple(rows),
    )


def _has_own_rate(settings: Mapping[str, Any]) -> bool:
    """Return whether a segment of the targets has a turnover of its own."""
    segments = (settings.get("targets") or {}).get("segments", ())
    return any(segment.get("termination_rate") is not None for segment in segments)


def provenance(record: RunRecord) -> Table:
    """Return the facts needed to repeat the run."""
    census = record.census
    facts = {
        "Run": record.run_id,
        "Started": record.started_at,
        "Years": years_words(recorded_calendar(record), *record.years),
        "Replicates": record.replicates,
        "Random seed": record.seed,
        "Census": f"{census.file}, {written(census.at_opening)} employees, SHA-256 {census.sha256}",
        **({"Currency": currency} if (currency := Money.of(record).currency) else {}),
        "Opening date": recorded_opening(record).text,
        **({"Newest hire or leave in the census": census.newest_movement} if census.newest_movement else {}),
        "Census rows rejected, left out": census.rejected_rows,
        "Census rows of earlier leavers, skipped": census.skipped_terminated,
        **{
            f"Known actions of {scenario}": (
                f"{file.file}, {written(file.applied)} actions, SHA-256 {file.sha256}"
            )
            for scenario, file in record.plan.files.items()
        },
        "Settings' hash": record.settings_hash,
        "Code": record.git_commit or "not from a checkout",
        "Versions": ", ".join(f"{name} {version}" for name, version in record.versions.items()),
    }
    for scenario in record.scenarios:
        facts[f"Scenario {scenario.id}"] = scenario.description or "the settings without overrides"
        for key, value in scenario.overrides.items():
            facts[f"Scenario {scenario.id}: {key}"] = value
    return Table(
        "provenance",
        "Where the figures come from",
        "The facts needed to repeat the run.",
        (Column("fact", "What", "text", "Fact about the run"), Column("value", "Value", "text", "Its value")),
        tuple(
            {"fact": name, "value": str(value), **as_number("value", value)} for name, value in facts.items()
        ),
    )


def settings(record: RunRecord) -> Table:
    """Return every setting of the run, those that differ from the defaults first."""
    defaults = leaves(settings_document(default_settings()))
    rows = [
        {
            "setting": key,
            "value": text_of(value),
            **as_number("value", value),
            "origin": "default" if key in defaults and defaults[key] == value else "changed",
        }
        for key, value in leaves(record.settings).items()
        if key.partition(".")[0] in SHAPING_SECTIONS
    ]
    return Table(
        "settings",
        "Assumptions",
        f"Settings that shape the figures, before the scenarios' overrides.{Money.of(record).note}",
        (
            Column("setting", "Setting", "text", "Key in the settings file"),
            Column(
                "value", "Value", "text", "Its value; a mapping gives a value per year, level, band or date"
            ),
            Column("origin", "Origin", "text", "default, or changed by the user"),
        ),
        tuple(sorted(rows, key=lambda row: row["origin"] == "default")),
    )


def varying(rows: Sequence[Row]) -> list[str]:
    """Return the names of the figures in the spread table that vary over replicates."""
    # interpolated percentiles of equal numbers may differ in their last digits
    found = [row["figure"] for row in rows if not math.isclose(row["p05"], row["p95"], rel_tol=1e-9)]
    return list(dict.fromkeys(found))


def with_remark(spread: Table, record: RunRecord) -> Table:
    """Add to the spread table's note what bands contain, which figures vary, and why the others do not."""
    spread = replace(spread, note=f"{spread.note} {what_differs_between_replicates(record)}")
    rows = spread.rows
    varied = varying(rows)
    fixed = [name for name in dict.fromkeys(row["figure"] for row in rows) if name not in varied]
    if not fixed:
        return spread
    modes = {scenario.settings["simulation"]["mode"] for scenario in record.scenarios}
    why = (
        "targets, met exactly in mode exact: the draws decide who, not how many"
        if modes == {"exact"} and record.uncertainty is None  # else turnover, and so hires, are drawn
        else "the same in every replicate"
    )
    remark = f"Spread: {_listed(varied) or 'none'}. No spread: {_listed(fixed)} ({why})."
    return replace(spread, note=f"{spread.note} {remark}")


def with_unit(spread: Table) -> Table:
    """Add a column with each figure's unit, if the currency of amounts is known."""
    if spread.money.currency is None:
        return spread
    unit = Column("unit", "Unit", "text", "Unit of the figure")
    columns: list[Column] = []
    for column in spread.columns:
        columns += [column, unit] if column.key == "figure" else [column]
    rows = ({**row, unit.key: _COUNTED.get(row["figure_key"], spread.money.name)} for row in spread.rows)
    return replace(spread, columns=tuple(columns), rows=tuple(rows))


def _listed(names: Sequence[str]) -> str:
    """Join names for a sentence; only the first keeps its capital."""
    words = [*names[:1], *(name[:1].lower() + name[1:] for name in names[1:])]
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))

"""The tables of the report that take more than a query: turnover by hazard, settings, origin."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import duckdb

from settings import default_settings, settings_document
from settings.loading.document import leaves
from settings.loading.problems import text_of
from settings.models.workforce import WorkforceSettings
from tasks.results.report.table import SCENARIO, Column, Row, Table
from tasks.runs.record import at_opening
from tasks.system.queries import read_query
from tasks.text.money import Money
from tasks.text.terms import EXPERIENCED

#: The figures of the table of spread that are no amounts, and what they are counted in.
_COUNTED = {"Closing headcount": "employees", "Promotions": "promotions"}
# The sections of the settings that shape the figures; the rest is how a run is done.
ASSUMPTIONS = ("simulation", "workforce", "compensation", "hiring", "cost", "census")


def turnover(connection: duckdb.DuckDBPyConnection, record: dict[str, Any]) -> Table:
    """Experienced leavers by age and tenure band against what the hazards ask for."""
    models = {
        scenario["id"]: WorkforceSettings.model_validate(scenario["settings"]["workforce"])
        for scenario in record["scenarios"]
    }
    cells = connection.execute(read_query(__package__, "turnover")).fetchall()
    rows: list[Row] = []
    for scenario, model in models.items():
        of_scenario = [cell[1:] for cell in cells if cell[0] == scenario]
        for attribute, place, bands in (
            ("age", 1, model.age_band_labels),
            ("tenure", 2, model.tenure_band_labels),
        ):
            rows += _band_rows(scenario, attribute, bands, of_scenario, place, model)
    return Table(
        "turnover",
        f"{EXPERIENCED} by age and tenure against the hazards (share of the opening headcount)",
        f"{EXPERIENCED}: experienced leavers / opening headcounts, both of all years. Beside it the rate by "
        "the settings' hazards, scaled to as many leavers in each year.",
        (
            SCENARIO,
            Column("By", "text", "age or tenure"),
            Column("Band", "text", "Completed years on 1 January"),
            Column("Exposed", "number", "Opening headcounts of all years and replicates"),
            Column("Observed", "share", f"{EXPERIENCED}: experienced leavers / exposed"),
            Column("By hazard", "share", "Base x age x tenure, scaled to the year's leavers / exposed"),
        ),
        tuple(rows),
    )


def _band_rows(
    scenario: str,
    attribute: str,
    bands: Sequence[str],
    cells: Sequence[Row],
    place: int,
    model: WorkforceSettings,
) -> list[Row]:
    hazard_of = _hazard(model)
    scale = {}
    for year in {cell[0] for cell in cells}:
        of_year = [cell for cell in cells if cell[0] == year]
        hazards = sum(cell[3] * hazard_of(cell) for cell in of_year)
        scale[year] = sum(cell[4] for cell in of_year) / hazards if hazards else 0.0
    rows: list[Row] = []
    for band in bands:
        of_band = [cell for cell in cells if cell[place] == band]
        exposed = sum(cell[3] for cell in of_band)
        if exposed:
            left = sum(cell[4] for cell in of_band)
            asked = sum(cell[3] * hazard_of(cell) * scale[cell[0]] for cell in of_band)
            rows.append((scenario, attribute, band, exposed, left / exposed, asked / exposed))
    return rows


def _hazard(model: WorkforceSettings) -> Callable[[Row], float]:
    hazard = model.termination_hazard

    def hazard_of(cell: Row) -> float:
        year, age_band, tenure_band = cell[:3]
        return min(1.0, float(hazard.base.at(year) * hazard.age[age_band] * hazard.tenure[tenure_band]))

    return hazard_of


def provenance(record: dict[str, Any]) -> Table:
    """What was run: enough to run it again."""
    census = record["census"]
    facts = {
        "Run": record["run_id"],
        "Started": record["started_at"],
        "Years": f"{record['years'][0]} to {record['years'][1]}",
        "Replicates": record["replicates"],
        "Random seed": record["seed"],
        "Census": f"{census['file']}, {at_opening(record):,} employees, SHA-256 {census['sha256']}",
        **({"Currency": currency} if (currency := Money.of(record).currency) else {}),
        "Census rows at fault, left out": census["rejected_rows"],
        "Census rows of earlier leavers, skipped": census["skipped_terminated"],
        "Settings' hash": record["settings_hash"],
        "Code": record["git_commit"] or "not from a checkout",
        "Versions": ", ".join(f"{name} {version}" for name, version in record["versions"].items()),
    }
    for scenario in record["scenarios"]:
        facts[f"Scenario {scenario['id']}"] = scenario["description"] or "as the settings say"
        for key, value in scenario["overrides"].items():
            facts[f"Scenario {scenario['id']}: {key}"] = value
    return Table(
        "provenance",
        "Where the figures come from",
        "Enough to run it again.",
        (Column("What", "text", "Fact about the run"), Column("Value", "text", "Its value")),
        tuple((name, str(value)) for name, value in facts.items()),
    )


def settings(record: dict[str, Any]) -> Table:
    """Every setting of the run, those that are not the defaults first."""
    defaults = leaves(settings_document(default_settings()))
    rows = [
        (key, text_of(value), "default" if key in defaults and defaults[key] == value else "changed")
        for key, value in leaves(record["settings"]).items()
        if key.partition(".")[0] in ASSUMPTIONS
    ]
    return Table(
        "settings",
        "Assumptions",
        f"Settings that shape the figures, before the scenarios' overrides.{Money.of(record).note}",
        (
            Column("Setting", "text", "Key in the settings file"),
            Column("Value", "text", "Its value; a mapping gives a value per year, level, band or date"),
            Column("Origin", "text", "default, or changed by the user"),
        ),
        tuple(sorted(rows, key=lambda row: row[2] == "default")),
    )


def varying(rows: Sequence[dict[str, Any]]) -> list[str]:
    """The figures of the table of spread that differ from replicate to replicate."""
    # percentiles of equal numbers may differ in their last digits: they are interpolated
    found = [row["Figure"] for row in rows if not math.isclose(row["p05"], row["p95"], rel_tol=1e-9)]
    return list(dict.fromkeys(found))


def with_remark(spread: Table, record: dict[str, Any]) -> Table:
    """Say which figures carry the spread, and why the others do not."""
    rows = spread.dicts()
    carried = varying(rows)
    fixed = [name for name in dict.fromkeys(row["Figure"] for row in rows) if name not in carried]
    if not fixed:
        return spread
    modes = {scenario["settings"]["simulation"]["mode"] for scenario in record["scenarios"]}
    why = (
        "targets, met exactly in mode exact: chance decides who, not how many"
        if modes == {"exact"}
        else "the same in every replicate"
    )
    remark = f"Spread: {_listed(carried) or 'none'}. No spread: {_listed(fixed)} ({why})."
    return replace(spread, note=f"{spread.note} {remark}")


def with_unit(spread: Table) -> Table:
    """Say in a column what each figure is counted in, where the currency of amounts is known."""
    if spread.money.currency is None:
        return spread
    place = [column.label for column in spread.columns].index("Figure")
    unit = Column("Unit", "text", "What the figure is counted in")
    first, rest = spread.columns[: place + 1], spread.columns[place + 1 :]
    rows = (
        (*row[: place + 1], _COUNTED.get(row[place], spread.money.name), *row[place + 1 :])
        for row in spread.rows
    )
    return replace(spread, columns=(*first, unit, *rest), rows=tuple(rows))


def _listed(names: Sequence[str]) -> str:
    """Names as a sentence has them, only the first with a capital."""
    words = [*names[:1], *(name[:1].lower() + name[1:] for name in names[1:])]
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))

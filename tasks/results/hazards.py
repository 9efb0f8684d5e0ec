"""Hazards, recomputed from the settings of a run and compared with its events.

The published tables hold a hazard only if it led to an event; the explanation of an employee needs it for
everybody. This module is the only one that recomputes it; its queries do the arithmetic.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import duckdb
import polars as pl

from settings.models.targets import TargetSettings
from settings.models.workforce import ATTRIBUTES, WorkforceSettings, value_of
from tasks.results.drawn import create_drawn
from tasks.runs.calendar import register_fiscal_years
from tasks.runs.record import RunRecord
from tasks.system.queries import query_rows, read_query

#: Largest relative difference between a recomputed and a published hazard: rounding only.
TOLERANCE = 1e-12

_RATES = {
    "scenario_id": pl.String,
    "simulation_year": pl.Int32,
    "rate": pl.String,
    "cause": pl.String,
    "cause_number": pl.Int32,
    "base": pl.Float64,
    "level_damping": pl.Float64,
    "max_level": pl.Int32,
    "min_age": pl.Int32,
    "min_tenure": pl.Int32,
}
_FACTORS = {
    "scenario_id": pl.String,
    "rate": pl.String,
    "cause": pl.String,
    "factor_number": pl.Int32,
    "attribute": pl.String,
    "value": pl.String,
    "factor": pl.Float64,
}
_SEGMENTS = {
    "scenario_id": pl.String,
    "simulation_year": pl.Int32,
    "segment": pl.String,
    "termination_pool": pl.Int32,
    "attribute": pl.String,
    "value": pl.String,
    "conditions": pl.Int32,
}


class RecomputedOtherwise(RuntimeError):
    """The published events contradict the hazards and draws recomputed from the settings."""


def draw(seed: int, year: int, replicate: int, stream: str, employee_id: str) -> float:
    """Return a uniform draw in [0, 1): the top 53 bits of md5's first eight bytes, little-endian, over 2^53.

    >>> draw(42, 2025, 1, "termination", "E0001") == draw(42, 2025, 1, "termination", "E0001")
    True
    """
    digest = hashlib.md5(draw_text(seed, year, replicate, stream, employee_id).encode()).digest()
    return (int.from_bytes(digest[:8], "little") >> 11) / 2**53


def draw_text(seed: int, year: int, replicate: int, stream: str, employee_id: str) -> str:
    """Return the text that is hashed for a draw."""
    return f"{seed}|{year}|{replicate}|{stream}|{employee_id}"


def scaled_to_target(cells: Mapping[float, int], target: float) -> dict[float, float]:
    """Return each hazard as mode `expected` uses it: scaled so that all, capped at 1, sum to the target.

    Args:
        cells: Number of employees of a path's pool by hazard, without known leavers.
        target: The number of terminations, without known leavers; at most the number of these employees.
    """
    target = max(0.0, target)
    rest = sum(hazard * employees for hazard, employees in cells.items())
    scaled = {}
    for hazard, employees in sorted(cells.items(), reverse=True):
        if hazard == 0:  # nothing is left for them, unless all positive hazards at 1 miss the target
            scaled[hazard] = max(0.0, target / employees)
        elif target / rest * hazard > 1:
            scaled[hazard] = 1.0
            target, rest = target - employees, rest - hazard * employees
        else:
            factor = target / rest
            return scaled | {lower: factor * lower for lower in cells if lower <= hazard}
    return scaled


def register_settings(connection: duckdb.DuckDBPyConnection, record: RunRecord) -> None:
    """Add the tables that hazards need, and the views first_states and states, to a `published` connection.

    `rates` has a row per scenario, year and cause of termination, and one each for promotion and transfer;
    `factors` a row per factor that the settings name or that varies; `drawn` what replicates drew;
    `segment_conditions` a row per condition of a segment; `fiscal_years` is that of register_fiscal_years.
    """
    rates, factors, segments = [], [], []
    for scenario in record.scenarios:
        workforce = WorkforceSettings.model_validate(scenario.settings["workforce"])
        targets = scenario.settings.get("targets")
        for year in range(record.years[0], record.years[1] + 1):
            rates += [(scenario.id, year, *row) for row in _rates(workforce, year)]
            if targets:
                conditions = _conditions(TargetSettings.model_validate(targets))
                segments += [(scenario.id, year, *row) for row in conditions]
        factors += [(scenario.id, *row) for row in _factors(workforce, record.census.dimensions)]
    connection.register("rates", pl.DataFrame(rates, schema=_RATES, orient="row"))
    connection.register("set_factors", pl.DataFrame(factors, schema=_FACTORS, orient="row"))
    connection.register("segment_conditions", pl.DataFrame(segments, schema=_SEGMENTS, orient="row"))
    register_fiscal_years(connection, record)
    create_drawn(connection)
    create_table(
        connection, "factors", "all_factors", {"attributes": [*ATTRIBUTES, *record.census.dimensions]}
    )
    for view in ("first_states", "states"):
        connection.sql(read_query(__package__, view)).create_view(view)


def compute_hazards(
    connection: duckdb.DuckDBPyConnection, of: str, parameters: Mapping[str, Any] | None = None
) -> None:
    """Create the tables exposed, profile_values, profile_segments, hazards_by_cause and hazards.

    Args:
        connection: After `register_settings`.
        of: The query that selects the rows of `states` for `exposed`, which has their profile too.
        parameters: Its parameters.
    """
    create_table(connection, "exposed_states", of, parameters)
    for table in ("exposed", "profile_values", "profile_segments", "hazards_by_cause", "hazards"):
        create_table(connection, table, table)


def create_table(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    of: str,
    parameters: Mapping[str, Any] | None = None,
) -> None:
    """Create a table from a query of this room, or replace it."""
    connection.execute(f"drop table if exists {table}")
    connection.sql(read_query(__package__, of), params=dict(parameters or {})).create(table)


def compare_with_events(connection: duckdb.DuckDBPyConnection, record: RunRecord) -> None:
    """Compare the hazards of terminations, promotions and transfers with those that the settings give.

    Args:
        connection: The views of `published`.
        record: The run's record, whose settings are used.

    Raises RecomputedOtherwise if an event has a different hazard.
    """
    register_settings(connection, record)
    scaled = [one.id for one in record.scenarios if one.settings["simulation"]["mode"] == "expected"]
    query = read_query(__package__, "contradicting_event")
    for year in range(record.years[0], record.years[1] + 1):  # a year at a time, for the sake of memory
        compute_hazards(connection, "exposed_with_hazard", {"year": year})
        used = {"scaled": scaled, "tolerance": TOLERANCE, "year": year}
        for event in query_rows(connection, query, used):
            raise RecomputedOtherwise(
                f"scenario {event['scenario_id']}, replicate {event['replicate']}, {year}, employee "
                f"{event['employee_id']}: the event of type {event['event_type']} has hazard "
                f"{event['published_hazard']}, the settings give {event['expected_hazard']}: events or "
                "settings were changed"
            )


def _rates(workforce: WorkforceSettings, year: int) -> Iterator[tuple[Any, ...]]:
    top = max(workforce.levels)
    for number, (name, cause) in enumerate(workforce.termination.items(), start=1):
        least = (cause.eligible.min_age, cause.eligible.min_tenure) if cause.eligible else (0, 0)
        yield ("termination", name, number, float(cause.base.at(year)), 0.0, top, *least)
    promotion = workforce.promotion
    # there is no promotion at the top level
    damping = float(promotion.level_damping)
    yield ("promotion", None, None, float(promotion.base.at(year)), damping, top - 1, 0, 0)
    if workforce.transfer:
        yield ("transfer", None, None, float(workforce.transfer.base.at(year)), 0.0, top, 0, 0)


def _factors(workforce: WorkforceSettings, dimensions: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """Yield the factors in the order in which they are multiplied."""
    order = (*ATTRIBUTES, *dimensions)
    for key, factors in workforce.factors_by_rate.items():
        rate, _, cause = key.partition(".")
        for attribute, values in factors.items():
            for name, factor in values.items():
                value = name if attribute in ATTRIBUTES else value_of(name)
                yield rate, cause or None, order.index(attribute), attribute, value, float(factor)


def _conditions(targets: TargetSettings) -> Iterator[tuple[Any, ...]]:
    for number, segment in enumerate(targets.segments, start=1):
        pool = 0 if segment.termination_rate is None else number
        for attribute, value in segment.where.items():
            yield segment.name(targets.by), pool, attribute, value, len(segment.where)

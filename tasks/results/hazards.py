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
_POOLS = {
    "scenario_id": pl.String,
    "simulation_year": pl.Int32,
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


def scaled_to_target(hazard: float, cells: Sequence[tuple[float, int]], rate: float) -> float:
    """Return the hazard of mode `expected`: scaled so that all hazards, capped at 1, sum to the target.

    Args:
        hazard: The hazard to scale.
        cells: All hazards of the opening workforce of a path and pool, each with its number of employees.
        rate: The target, as a share of these employees.
    """
    target = rate * sum(employees for _, employees in cells)
    rest = sum(value * employees for value, employees in cells)
    for value, employees in sorted(cells, reverse=True):
        if value == 0:  # even with all positive hazards at 1, the target is not reached
            unexposed = sum(number for other, number in cells if other == 0)
            return target / unexposed if hazard == 0 else 1.0
        if target / rest * value <= 1:
            return min(1.0, target / rest * hazard)
        target, rest = target - employees, rest - value * employees
    return 1.0


def register_settings(connection: duckdb.DuckDBPyConnection, record: RunRecord) -> None:
    """Add rates, factors, pools and the view `openings` to a connection of `published`.

    `rates` has a row per scenario, year and cause of termination, and one each for promotion and transfer;
    `factors` a row per factor that the settings name; `pools` a row per condition of a segment with a
    termination rate of its own.
    """
    rates, factors, pools = [], [], []
    for scenario in record.scenarios:
        workforce = WorkforceSettings.model_validate(scenario.settings["workforce"])
        targets = scenario.settings.get("targets")
        for year in range(record.years[0], record.years[1] + 1):
            rates += [(scenario.id, year, *row) for row in _rates(workforce, year)]
            if targets:
                pools += [(scenario.id, year, *row) for row in _pools(TargetSettings.model_validate(targets))]
        factors += [(scenario.id, *row) for row in _factors(workforce, record.census.dimensions)]
    connection.register("rates", pl.DataFrame(rates, schema=_RATES, orient="row"))
    connection.register("factors", pl.DataFrame(factors, schema=_FACTORS, orient="row"))
    connection.register("pools", pl.DataFrame(pools, schema=_POOLS, orient="row"))
    connection.sql(read_query(__package__, "openings")).create_view("openings")


def compute_hazards(
    connection: duckdb.DuckDBPyConnection, of: str, parameters: Mapping[str, Any] | None = None
) -> None:
    """Create the tables exposed, hazards_by_cause and hazards.

    Args:
        connection: After `register_settings`.
        of: The query that selects the rows of `openings` to expose.
        parameters: Its parameters.
    """
    connection.sql(read_query(__package__, of), params=dict(parameters or {})).create("exposed")
    for table in ("profile_values", "hazards_by_cause", "hazards"):
        connection.sql(read_query(__package__, table)).create(table)


def compare_with_events(connection: duckdb.DuckDBPyConnection, record: RunRecord) -> None:
    """Compare the hazards of terminations, promotions and transfers with those that the settings give.

    Args:
        connection: The views of `published`.
        record: The run's record, whose settings are used.

    Raises RecomputedOtherwise if an event has a different hazard.
    """
    register_settings(connection, record)
    compute_hazards(connection, "exposed_with_hazard")
    scaled = [one.id for one in record.scenarios if one.settings["simulation"]["mode"] == "expected"]
    query = read_query(__package__, "contradicting_event")
    for event in query_rows(connection, query, {"scaled": scaled, "tolerance": TOLERANCE}):
        raise RecomputedOtherwise(
            f"scenario {event['scenario_id']}, replicate {event['replicate']}, {event['simulation_year']}, "
            f"employee {event['employee_id']}: the event of type {event['event_type']} has hazard "
            f"{event['published_hazard']}, the settings give {event['expected_hazard']}: events or settings "
            "were changed"
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


def _pools(targets: TargetSettings) -> Iterator[tuple[Any, ...]]:
    for number, segment in enumerate(targets.segments, start=1):
        if segment.termination_rate is not None:
            for attribute, value in segment.where.items():
                yield number, attribute, value, len(segment.where)

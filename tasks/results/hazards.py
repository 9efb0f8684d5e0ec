"""Hazards and draws, recomputed from the settings of a run and compared with its events.

The published tables hold a hazard only if it led to an event; the report and the explanation of an employee
need it for everybody. This module is the only one that recomputes it.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal

import duckdb
import polars as pl

from settings.models.workforce import WorkforceSettings
from tasks.system.queries import query_rows, read_query

#: Largest relative difference between a recomputed and a published hazard: rounding only.
TOLERANCE = 1e-12


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


def termination_hazard(workforce: WorkforceSettings, year: int, age_band: str, tenure_band: str) -> float:
    """Return the probability of an experienced termination in a year, before any scaling to a target."""
    hazard = workforce.termination_hazard
    age, tenure = hazard.age[age_band], hazard.tenure[tenure_band]
    return min(1.0, float(hazard.base.at(year)) * float(age) * float(tenure))


def promotion_hazard(
    workforce: WorkforceSettings, year: int, level: int, age_band: str, tenure_band: str
) -> float:
    """Return the probability of a promotion in a year; 0 at the top level."""
    if level >= max(workforce.levels):
        return 0.0
    hazard = workforce.promotion_hazard
    age, tenure = hazard.age[age_band], hazard.tenure[tenure_band]
    factors = (age, tenure, promotion_level_factor(workforce, level))
    value = float(hazard.base.at(year))
    for factor in factors:
        value *= float(factor)
    return min(1.0, value)


def promotion_level_factor(workforce: WorkforceSettings, level: int) -> Decimal:
    """Return the factor by which the level damps the promotion hazard."""
    return max(Decimal(0), 1 - workforce.promotion_hazard.level_damping * (level - 1))


def scaled_to_target(hazard: float, cells: Sequence[tuple[float, int]], rate: float) -> float:
    """Return the hazard of mode `expected`: scaled so that all hazards, capped at 1, sum to the target.

    Args:
        hazard: The hazard to scale.
        cells: All hazards of the opening workforce of a path, each with its number of employees.
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


def termination_hazards(workforces: Mapping[str, WorkforceSettings], years: Iterable[int]) -> pl.DataFrame:
    """Return the termination hazard of each scenario, year, age band and tenure band, a row each."""
    return pl.DataFrame(
        [
            (scenario, year, age_band, tenure_band, termination_hazard(model, year, age_band, tenure_band))
            for scenario, model in workforces.items()
            for year in years
            for age_band in model.age_band_labels
            for tenure_band in model.tenure_band_labels
        ],
        schema={
            "scenario_id": pl.String,
            "simulation_year": pl.Int32,
            "age_band": pl.String,
            "tenure_band": pl.String,
            "hazard": pl.Float64,
        },
        orient="row",
    )


def compare_with_events(
    connection: duckdb.DuckDBPyConnection, hazards: pl.DataFrame, scaled: Collection[str]
) -> None:
    """Compare recomputed hazards with those in the termination events of the opening workforce.

    Args:
        connection: The views of `published`.
        hazards: The result of `termination_hazards`.
        scaled: Scenarios of mode `expected`, whose events hold the hazard times one factor per replicate and
            year.

    Raises RecomputedOtherwise if an event has a different hazard.
    """
    connection.register("termination_hazards", hazards)
    query = read_query(__package__, "contradicting_event")
    for event in query_rows(connection, query, {"scaled": list(scaled), "tolerance": TOLERANCE}):
        raise RecomputedOtherwise(
            f"scenario {event['scenario_id']}, replicate {event['replicate']}, {event['simulation_year']}, "
            f"employee {event['employee_id']}: the termination event has hazard "
            f"{event['published_hazard']}, the settings give {event['expected_hazard']}: events or settings "
            "were changed"
        )

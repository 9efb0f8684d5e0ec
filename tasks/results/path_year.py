"""Hazards and places in the race of everyone in one path and year, recomputed from events and settings."""

from collections.abc import Iterator, Mapping
from typing import Any

import duckdb
import polars as pl

from settings.models.targets import TargetSettings
from settings.models.workforce import WorkforceSettings
from tasks.results.drawn import DrawnRates, has_own_draws
from tasks.results.hazards import compute_hazards, create_table, scaled_to_target
from tasks.runs.calendar import calendar_of
from tasks.runs.part_of_year import in_part_of_year, year_fraction
from tasks.system.queries import query_rows, read_query

Found = dict[str, Any]
#: A factor by which nobody leaves.
NEGLIGIBLE = 1e-9


class PathYear:
    """One scenario, replicate and year. Creates tables in its connection, so there is one at a time.

    Args:
        connection: After `register_settings`.
        path: scenario, replicate and seed.
        year: The year.
        settings: The scenario's settings, as recorded.
        has_actuals: Whether past lists show who left before the opening date: the targets of a stub are then
            those of the whole year less what has happened.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        path: Mapping[str, Any],
        year: int,
        settings: Mapping[str, Any],
        *,
        has_actuals: bool = False,
    ) -> None:
        self._connection = connection
        self.drawn = DrawnRates(connection, path["replicate"], year)
        draws = path["replicate"] if has_own_draws(settings) else 1
        self._parameters = {**path, "year": year, "draw_replicate": draws}
        self._mode: str = settings["simulation"]["mode"]
        self._company_rate = WorkforceSettings.model_validate(
            settings["workforce"]
        ).total_termination_rate.at(year)
        targets = settings.get("targets")
        self._segments = TargetSettings.model_validate(targets).segments if targets else []
        self._year = year
        self._has_actuals = has_actuals
        self._fraction = year_fraction(calendar_of(settings), year)
        compute_hazards(connection, "exposed_in_path_year", self._used("exposed_in_path_year"))
        rows = list(self._hazards_in_use())
        schema = {"termination_pool": pl.Int32, "hazard": pl.Float64, "hazard_in_use": pl.Float64}
        connection.register("hazards_in_use", pl.DataFrame(rows, schema=schema, orient="row"))
        has_quota_of_year = has_actuals and self._fraction < 1 and self._mode != "rates"
        create_table(connection, "race", "race", self._used("race", has_quota_of_year=has_quota_of_year))

    def rows(self, query: str, **parameters: Any) -> list[Found]:
        """Return the rows of a query of this room; it may use path, year, seed and the parameters given."""
        return query_rows(self._connection, read_query(__package__, query), self._used(query, **parameters))

    def termination_rate(self, pool: int) -> float:
        """Return the share of a pool that leaves in the simulated part of the year, as drawn."""
        own = self._segments[pool - 1].termination_rate if pool else None
        yearly = self.drawn.share("total_termination", own.at(self._year) if own else self._company_rate)
        return in_part_of_year(yearly, self._fraction)

    def _hazards_in_use(self) -> Iterator[tuple[int, float, float]]:
        """Yield pool, termination hazard of the settings, and the hazard that the mode uses for it."""
        pools: dict[int, list[Found]] = {}
        for cell in self.rows("cells_of_pools"):
            pools.setdefault(cell["termination_pool"], []).append(cell)
        for pool, cells in pools.items():
            used = {cell["hazard"]: cell["hazard"] for cell in cells}
            if self._mode == "expected" and self._has_actuals and self._fraction < 1:
                used |= self._scaled_as_published(pool, used)
            elif self._mode == "expected":
                rate = self.termination_rate(pool)
                known = sum(cell["known_leavers"] for cell in cells)
                others = {
                    cell["hazard"]: cell["employees"] - cell["known_leavers"]
                    for cell in cells
                    if cell["employees"] > cell["known_leavers"]
                }
                used |= scaled_to_target(others, rate * sum(cell["employees"] for cell in cells) - known)
            yield from ((pool, hazard, value) for hazard, value in used.items())

    def _scaled_as_published(self, pool: int, hazards: Mapping[float, float]) -> dict[float, float]:
        """Return the hazards times the factor that the events of a pool show.

        How many of the pool left before the opening date, on which the factor depends, is not published. If
        nobody left by a hazard, any factor does that is small enough: the order among them is the same.
        """
        (row,) = self.rows("scaling_of_pool", pool=pool)
        factor = row["factor"] or NEGLIGIBLE
        return {hazard: min(1.0, hazard * factor) for hazard in hazards}

    def _used(self, query: str, **parameters: Any) -> dict[str, Any]:
        text = read_query(__package__, query)
        return {key: value for key, value in {**self._parameters, **parameters}.items() if f"${key}" in text}

"""The segments of the workforce with targets of their own, and who is in each (settings `targets`)."""

from collections.abc import Iterator

import polars as pl

from settings import Scenario
from settings.models.targets import ALL, OTHERS, Segment
from tasks.warehouse.combinations import Combinations
from tasks.warehouse.database import InputRow

SEGMENTS = (
    "scenario_id varchar, simulation_year integer, segment varchar, segment_number integer, "
    "growth decimal(18, 12), headcount bigint, termination_rate decimal(18, 12), closes_gap boolean, "
    "move_id integer"
)


def segment_rows(scenario: Scenario, combinations: Combinations) -> Iterator[InputRow]:
    """Yield a row per year and segment; the rest comes last, and is everyone without targets."""
    settings = scenario.settings
    targets = settings.targets
    for year in settings.simulation.years:
        total = settings.simulation.target_growth_rate.at(year)
        number = 0
        for number, segment in enumerate(targets.segments if targets else (), start=1):
            yield (
                scenario.id,
                year,
                segment.name(targets.by if targets else []),
                number,
                segment.growth.at(year) if segment.growth else total,
                segment.headcount.at(year) if segment.headcount else None,
                segment.termination_rate.at(year) if segment.termination_rate else None,
                False,
                combinations.number_of(segment.dimensions),
            )
        rest = OTHERS if targets else ALL
        closes_gap = targets is not None and targets.others == "balance"
        yield scenario.id, year, rest, number + 1, total, None, None, closes_gap, None


def segment_members(scenario: Scenario, combinations: Combinations) -> pl.DataFrame:
    """Return the segment of every combination at every level: scenario_id, segment, combination_id, level."""
    targets = scenario.settings.targets
    levels = pl.DataFrame({"level": sorted(scenario.settings.workforce.levels)}, schema={"level": pl.Int32})
    segment = pl.lit(OTHERS if targets else ALL)
    for one in reversed(targets.segments if targets else []):
        segment = (
            pl.when(_is_in(one)).then(pl.lit(one.name(targets.by if targets else []))).otherwise(segment)
        )
    return combinations.rows.join(levels, how="cross").select(
        pl.lit(scenario.id).alias("scenario_id"), segment.alias("segment"), "combination_id", "level"
    )


def _is_in(segment: Segment) -> pl.Expr:
    level = segment.where.get("level")
    return pl.all_horizontal(
        *(pl.col(name).eq_missing(pl.lit(value, pl.String)) for name, value in segment.dimensions.items()),
        *([pl.col("level") == int(level)] if level is not None else []),
    )

"""The level of an employee of whom a file gives none: by the full-time salary."""

from collections.abc import Sequence
from decimal import Decimal

import polars as pl

#: Level id, minimum and maximum salary of the level in the start year.
Levels = Sequence[tuple[int, Decimal, Decimal]]


def level_of_salary(levels: Levels) -> pl.Expr:
    """Return the highest level whose minimum `full_time_salary` reaches, else the lowest level."""
    ordered = sorted(levels)
    level = pl.lit(ordered[0][0])
    for level_id, minimum, _ in ordered:
        level = pl.when(pl.col("full_time_salary") >= pl.lit(minimum)).then(pl.lit(level_id)).otherwise(level)
    return level

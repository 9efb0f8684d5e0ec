"""Find values of dimensions that were renamed between two lists, by where the people went."""

from collections.abc import Iterator, Sequence

import polars as pl

from tasks.history.accepted import Rename

#: Smallest share of the stayers of each of the two values who moved between them.
SHARE = 0.8


def find_renames(people: pl.DataFrame, dimensions: Sequence[str], lists: int) -> Iterator[Rename]:
    """Yield each value that ends with one list while another begins with the next, with the same people.

    Only this and earlier lists are looked at, so a value may come back later.
    """
    for dimension in dimensions:
        seen: set[str] = set()
        for number in range(1, lists):
            earlier, later = (
                people.filter(pl.col("list") == each).select("employee_id", value=pl.col(dimension))
                for each in (number - 1, number)
            )
            before, after = set(earlier["value"].drop_nulls()), set(later["value"].drop_nulls())
            seen |= before
            ended, begun = before - after, after - seen
            if ended and begun:
                yield from _pairs(earlier, later, ended, begun, dimension, number)


def _pairs(
    earlier: pl.DataFrame, later: pl.DataFrame, ended: set[str], begun: set[str], dimension: str, number: int
) -> Iterator[Rename]:
    moves = (
        earlier.join(later, on="employee_id", suffix="_after")
        .drop_nulls()
        .group_by("value", "value_after")
        .agg(pl.len().alias("people"))
        .with_columns(
            of_before=pl.col("people") / pl.col("people").sum().over("value"),
            of_after=pl.col("people") / pl.col("people").sum().over("value_after"),
        )
        .filter(
            pl.col("value").is_in(sorted(ended)),
            pl.col("value_after").is_in(sorted(begun)),
            pl.min_horizontal("of_before", "of_after") >= SHARE,
        )
        .sort("value")
    )
    for before, after in moves.select("value", "value_after").iter_rows():
        yield Rename(number, dimension, before, after)

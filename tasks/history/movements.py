"""Who was there, who left and who joined: from the states at each date to the tables of a history."""

import itertools
from collections.abc import Sequence

import polars as pl

from tasks.history.accepted import LEAVERS, joiners_schema, people_schema
from tasks.history.snapshots import State


def people_of(states: Sequence[State], dimensions: Sequence[str]) -> pl.DataFrame:
    """Return one row per list and person employed at the end of its day."""
    schema = people_schema(dimensions)
    frames = [
        state.present.with_columns(pl.lit(number, pl.Int32).alias("list")).select(list(schema)).cast(schema)
        for number, state in enumerate(states)
    ]
    return pl.concat(frames).sort("list", "employee_id")


def leavers_of(people: pl.DataFrame, states: Sequence[State], exclude_reasons: Sequence[str]) -> pl.DataFrame:
    """Return one row per person of a list who is not in the next one."""
    found = [pl.DataFrame(schema=LEAVERS)]
    for window, (before, after) in enumerate(itertools.pairwise(states)):
        opening = people.filter(pl.col("list") == window).select("employee_id")
        gone = after.gone.select(
            "employee_id",
            "reason",
            # an exit that a list reports late lies outside the window in which the person was last seen
            exit_date=pl.when(pl.col("termination_date") > before.date).then("termination_date"),
        )
        left = opening.join(after.present.select("employee_id"), on="employee_id", how="anti").join(
            gone, on="employee_id", how="left"
        )
        excluded = pl.col("reason").is_in(list(exclude_reasons)).fill_null(False)
        found.append(
            left.with_columns(pl.lit(window, pl.Int32).alias("window"), excluded=excluded)
            .select(list(LEAVERS))
            .cast(LEAVERS)
        )
    return pl.concat(found).sort("window", "employee_id")


def joiners_of(people: pl.DataFrame, states: Sequence[State], dimensions: Sequence[str]) -> pl.DataFrame:
    """Return one row per person who joined in a window, also of those who left again within it."""
    schema = joiners_schema(dimensions)
    first_seen = people.group_by("employee_id").agg(pl.col("list").min().alias("first"))
    found = [pl.DataFrame(schema=schema)]
    for window, (before, after) in enumerate(itertools.pairwise(states)):
        known = before.present.select("employee_id")
        stays = after.present.with_columns(left=pl.lit(False), exit_date=pl.lit(None, pl.Date))
        went = after.gone.filter(pl.col("hire_date") > before.date).with_columns(
            left=pl.lit(True), exit_date=pl.col("termination_date")
        )
        joined = pl.concat([stays, went]).join(known, on="employee_id", how="anti")
        joined = joined.join(first_seen, on="employee_id", how="left").with_columns(
            pl.lit(window, pl.Int32).alias("window"), returns=(pl.col("first") < window).fill_null(False)
        )
        found.append(joined.select(list(schema)).cast(schema))
    return pl.concat(found).sort("window", "employee_id")


def shows_hire_year_leavers(leavers: pl.DataFrame, states: Sequence[State]) -> bool:
    """Return whether the lists hold people who left since the list before.

    They must hold at least half of the leavers of every window: in a list without them, people who were hired
    and left since the list before do not appear.
    """
    if not any(state.gone.height for state in states[1:]):
        return False
    counts = leavers.group_by("window").agg(pl.len().alias("all"), pl.col("exit_date").count().alias("dated"))
    return bool((2 * counts["dated"] >= counts["all"]).all())

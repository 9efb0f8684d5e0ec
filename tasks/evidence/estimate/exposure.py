"""Exposure and events of a rate, counted in cells of equal attributes.

A cell is a window between two lists and a combination of age, tenure (completed years on the day after the
opening list, as the simulation has them), level and dimensions. All people of a cell have the same rate, so
that an estimate needs the cells only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from tasks.history.accepted import History
from tasks.history.windows import DAYS_PER_YEAR

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]

#: The oldest age and longest tenure that are kept apart (years).
HIGHEST_YEARS = 100


@dataclass(frozen=True)
class Exposure:
    """People exposed to a rate and the events among them.

    `cells` has columns window, age and tenure (if known), level, a column per dimension, `exposed` (people; a
    share of one for people who left otherwise) and `events` (people).
    """

    cells: pl.DataFrame
    window_years: Array  # length of each window in years of 365 days
    attributes: tuple[str, ...]  # columns of `cells` that a factor may name

    @cached_property
    def exposed(self) -> Array:
        """People exposed, by cell."""
        return self.cells["exposed"].to_numpy().astype(float)

    @cached_property
    def events(self) -> Array:
        """Events, by cell."""
        return self.cells["events"].to_numpy().astype(float)

    @cached_property
    def windows(self) -> Index:
        """The window of each cell."""
        return self.cells["window"].to_numpy().astype(np.int64)

    @cached_property
    def years(self) -> Array:
        """The length of the window of each cell (years)."""
        return self.window_years[self.windows]

    @property
    def person_years(self) -> Array:
        """Exposure of each cell (person-years of the opening workforce)."""
        return self.exposed * self.years

    def of_windows(self, windows: Sequence[int]) -> "Exposure":
        """Return the exposure of some windows; windows keep their numbers."""
        kept = self.cells.filter(pl.col("window").is_in(list(windows)))
        return Exposure(kept, self.window_years, self.attributes)


def probability_in(yearly: Array, years: Array) -> Array:
    """Return the probability within a window from that of a year: 1 - (1 - q)^years."""
    return np.asarray(-np.expm1(years * np.log1p(-np.minimum(yearly, 1 - 1e-9))))


def sums(codes: Index, weights: Array, size: int) -> Array:
    """Return the sum of weights by code, for codes from 0 to size - 1."""
    return np.asarray(np.bincount(codes, weights, size), dtype=np.float64)


def window_years(history: History) -> Array:
    """Return the length of each window in years of 365 days."""
    days = np.diff(np.array([day.toordinal() for day in history.dates]))
    return np.asarray(days / DAYS_PER_YEAR)


def opening_people(history: History) -> pl.DataFrame:
    """Return the people of every list with `age` and `tenure` on the day after, and one name per value.

    A dimension's value that was renamed has its latest name, so that it is one value in all lists.
    """
    following = [day + timedelta(days=1) for day in history.dates]
    days = pl.DataFrame(
        {"list": range(len(following)), "following_day": following},
        schema={"list": pl.Int32, "following_day": pl.Date},
    )
    people = history.people.join(days, on="list", maintain_order="left")
    completed = {
        name: completed_years(pl.col(column), pl.col("following_day")).alias(name)
        for name, column in (("age", "birth_date"), ("tenure", "hire_date"))
        if column == "hire_date" or column in history.columns
    }
    return with_latest_names(people.with_columns(*completed.values()).drop("following_day"), history, "list")


def completed_years(start: pl.Expr, day: pl.Expr) -> pl.Expr:
    """Return the completed years from a date to a day, from 0 to HIGHEST_YEARS."""
    month_day = {
        name: date.dt.month().cast(pl.Int32) * 100 + date.dt.day()
        for name, date in (("start", start), ("day", day))
    }
    years = day.dt.year() - start.dt.year() - (month_day["start"] > month_day["day"]).cast(pl.Int32)
    return years.clip(0, HIGHEST_YEARS).cast(pl.Int32)


def with_latest_names(rows: pl.DataFrame, history: History, column: str) -> pl.DataFrame:
    """Replace values of dimensions by their latest names; `column` has the index of the list of a row."""
    for rename in sorted(history.renamed, key=lambda each: each.list):
        is_before = (pl.col(column) < rename.list) & (pl.col(rename.dimension) == rename.before)
        rows = rows.with_columns(
            pl.when(is_before).then(pl.lit(rename.after)).otherwise(rename.dimension).alias(rename.dimension)
        )
    return rows


def attributes_of(history: History) -> tuple[str, ...]:
    """Return the attributes that the history shows: age, tenure, level and dimensions."""
    known = (
        ("age", "birth_date" in history.columns),
        ("tenure", True),
        ("level", "level" in history.columns),
    )
    return (*(name for name, is_known in known if is_known), *history.dimensions)


def exits(history: History, reasons: Sequence[str | None] | None = None) -> Exposure:
    """Count the exits of the opening workforce of each window.

    `reasons` are those that count as events (None in it: exits without a reason); None: all. Whoever leaves
    for another reason, or for one of history.exclude_reasons, was exposed until then: by the exit date, or
    for half of the window where no date is known.
    """
    years = window_years(history)
    opening = opening_people(history).filter(pl.col("list") < history.windows).rename({"list": "window"})
    starts = pl.DataFrame(
        {"window": range(history.windows), "start": history.dates[:-1], "end": history.dates[1:]},
        schema={"window": pl.Int32, "start": pl.Date, "end": pl.Date},
    )
    counts = ~pl.col("excluded")
    if reasons is not None:
        counts &= pl.col("reason").is_in([each for each in reasons if each is not None]) | (
            pl.col("reason").is_null() & pl.lit(None in reasons)
        )
    served = (pl.col("exit_date") - pl.col("start")).dt.total_days() / (
        pl.col("end") - pl.col("start")
    ).dt.total_days()
    left = (
        history.leavers.join(starts, on="window")
        .with_columns(is_event=counts.fill_null(False), served=served.clip(0, 1).fill_null(0.5))
        .select("window", "employee_id", "is_event", "served")
    )
    people = opening.join(left, on=["window", "employee_id"], how="left", maintain_order="left").with_columns(
        exposed=pl.when(~pl.col("is_event")).then("served").otherwise(1.0),
        events=pl.col("is_event").fill_null(False).cast(pl.Int64),
    )
    return Exposure(_counted(people, attributes_of(history)), years, attributes_of(history))


def moves(history: History, event: pl.Expr, exposed: pl.Expr | None = None) -> Exposure:
    """Count an event among those who stay through a window, as promotions and transfers are visible.

    `event` is computed from the columns of the opening list and those of the next with the suffix _after;
    `exposed` says which stayers can have the event, by default all.
    """
    people = opening_people(history)
    after = people.with_columns(pl.col("list") - 1)
    stayers = people.join(after, on=["list", "employee_id"], suffix="_after", maintain_order="left").rename(
        {"list": "window"}
    )
    if exposed is not None:
        stayers = stayers.filter(exposed)
    stayers = stayers.with_columns(exposed=pl.lit(1.0), events=event.fill_null(False).cast(pl.Int64))
    attributes = attributes_of(history)
    return Exposure(_counted(stayers, attributes), window_years(history), attributes)


def _counted(people: pl.DataFrame, attributes: Sequence[str]) -> pl.DataFrame:
    keys = ["window", *attributes]
    return (
        people.group_by(keys).agg(pl.col("exposed").sum(), pl.col("events").sum()).sort(keys, nulls_last=True)
    )


def values_of(cells: pl.DataFrame, attribute: str) -> list[Any]:
    """Return the distinct values of an attribute in order, null last."""
    return cells[attribute].unique().sort(nulls_last=True).to_list()

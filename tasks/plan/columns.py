"""The columns of a file of actions: which of them each action needs and takes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from tasks.census.fte import FTE
from tasks.census.reading.header import Wanted, plain

#: Column of the file → column of the frame, in the frame's order.
COLUMNS: Mapping[str, str] = {
    "action_id": "action_id",
    "action": "action",
    "date": "action_date",
    "employee_id": "employee_id",
    "count": "people",
    "level": "level",
    "salary": "salary",
    "fte": "fte",
    "cause": "cause",
    "probability": "probability",
    "scenario": "scenario",
}
REQUIRED = ("action_id", "action", "date")
#: Columns of the file that every action takes.
COMMON = (*REQUIRED, "probability", "scenario")
PROBABILITY = pl.Decimal(18, 12)
#: The frame of one scenario's actions; a String column per dimension follows.
SCHEMA = pl.Schema(
    [
        ("action_id", pl.String),
        ("action", pl.String),
        ("action_date", pl.Date),
        ("employee_id", pl.String),
        ("people", pl.Int32),
        ("level", pl.Int32),
        ("salary", pl.Decimal(14, 2)),
        ("full_time_salary", pl.Decimal(14, 2)),
        ("fte", FTE),
        ("cause", pl.String),
        ("probability", PROBABILITY),
    ]
)


@dataclass(frozen=True)
class Kind:
    """An action: the columns that it needs and those that it may have besides COMMON."""

    needs: tuple[str, ...] = ("employee_id",)
    takes: tuple[str, ...] = ()
    dimensions: bool = False  # whether it takes dimensions

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns other than COMMON and dimensions."""
        return (*self.needs, *self.takes)


KINDS: Mapping[str, Kind] = {
    "leave": Kind(takes=("cause",)),
    "hire": Kind(needs=(), takes=("employee_id", "count", "level", "salary", "fte"), dimensions=True),
    "promote": Kind(takes=("level", "salary")),
    "transfer": Kind(dimensions=True),
    "raise": Kind(needs=("employee_id", "salary")),
    "fte": Kind(needs=("employee_id", "fte")),
}
#: Actions of which an employee can have four in a year.
CHANGES = ("transfer", "raise", "fte")
MOST_CHANGES = 4
MOST_PEOPLE = 1_000_000
#: An id of a known hire: year, action and number.
_MADE = r"^H(\d{4})-(.+)-([1-9]\d{0,6})$"


def made_ids(ids: pl.Series, hires: pl.DataFrame) -> pl.DataFrame:
    """Return those of the ids that hires without an employee_id get, with the action_id that makes them.

    An action makes H2026-ACTION-1, H2026-ACTION-2 and so on, with the fiscal year of its date. `hires` has
    action_id, count and simulation_year.
    """
    makers = hires.select("action_id", "count", year=pl.col("simulation_year").cast(pl.String))
    parts = {"year": 1, "action_id": 2, "number": 3}
    named = pl.DataFrame({"id": ids, **{name: ids.str.extract(_MADE, part) for name, part in parts.items()}})
    found = named.drop_nulls().join(makers, on=["year", "action_id"])
    return found.filter(pl.col("number").cast(pl.Int64) <= pl.col("count")).select("id", "action_id")


def wanted_columns(census_columns: Mapping[str, str], dimensions: Sequence[str]) -> Wanted:
    """Return the columns to read; a column may also have the name by which the census's file has it."""
    columns = (*COLUMNS, *dimensions)
    return Wanted(
        columns={name: name for name in columns},
        required=frozenset(REQUIRED),
        dates=("date",),
        aliases={ours: plain(theirs) for ours, theirs in census_columns.items() if ours in columns},
        has_settings=False,
        row="action",
        named_by="the file of actions with --actions or plan.actions",
    )

"""What has happened in the first fiscal year before the opening date, from past lists and the census.

The entry is `read_actuals`. Its spells tell who was employed on which days, at which level, pay, FTE and
dimensions; all sums are made by the SQL models that read them.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import polars as pl
from polars._typing import PolarsDataType

from settings import Settings
from settings.models.calendar import ONE_DAY, FiscalCalendar
from settings.models.location import Url, location
from tasks.census.accepted import Census
from tasks.census.errors import CensusError, abbreviated
from tasks.census.levels import Levels, level_of_salary
from tasks.history.errors import HistoryError
from tasks.history.files import ListFile, find_lists
from tasks.history.renames import find_renames
from tasks.history.snapshots import State, read_snapshots

#: An older list says too little about who was employed when the fiscal year began.
OLDEST_LIST = timedelta(days=366)
_START: tuple[tuple[str, PolarsDataType], ...] = (
    ("employee_id", pl.String),
    ("from_date", pl.Date),
    ("to_date", pl.Date),
    ("level", pl.Int32),
    ("salary", pl.Decimal(14, 2)),
    ("fte", pl.Decimal(7, 6)),
    ("is_hire", pl.Boolean),
    ("is_exit", pl.Boolean),
)


@dataclass(frozen=True)
class Actuals:
    """The elapsed part of the first fiscal year.

    `spells` has a row per employee and time between two lists: `spells_schema`, both dates included, from the
    day before the fiscal year (for those employed then) to the opening date.
    """

    spells: pl.DataFrame
    lists: tuple[date, ...]  # the lists that were used; the census comes after them
    undated: int  # leavers of whom no list gives the date: the middle between two lists is taken


@dataclass(frozen=True)
class NoActuals:
    """Why a stub stands alone."""

    reason: str


@dataclass(frozen=True)
class _Moment:
    """Everyone employed at the end of a day, and those who left since the moment before."""

    day: date
    present: pl.DataFrame  # employee_id, hire_date, level, salary, fte and dimensions
    gone: pl.DataFrame = field(repr=False)  # … and exit_date


def spells_schema(dimensions: Sequence[str]) -> pl.Schema:
    """Return the columns of `Actuals.spells`."""
    return pl.Schema([*_START, *((name, pl.String) for name in dimensions)])


def read_actuals(settings: Settings, census: Census, levels: Levels) -> Actuals | NoActuals:
    """Return what happened in the first fiscal year before the opening date.

    Without a level in a list, the salary gives it, as in a census; a salary that a list lacks is that of the
    employee's next list, or of the one before. Raises HistoryError, which names file and row, if a list
    cannot be read.
    """
    calendar, path = settings.simulation.calendar, settings.history.path
    if path is None:
        return NoActuals("history.path names no past lists of employees")
    folder = location(path)
    if not isinstance(folder, Url) and not folder.exists():
        raise HistoryError(f"{folder}: no such file or folder. Name past lists with history.path.")
    if isinstance(folder, Url) or not folder.is_dir():
        return NoActuals(
            f"{settings.history.path} is no folder of past lists, which alone show pay and headcount by day"
        )
    lists = find_lists(folder, calendar.opening_date - ONE_DAY, least=1)  # the census is of the opening date
    first = calendar.first_day(calendar.first_year)
    earlier = [each.date for each in lists if each.date < first]
    if not earlier or first - earlier[-1] > OLDEST_LIST:
        found = f"the newest list before it is of {earlier[-1]}" if earlier else "there is no list before it"
        return NoActuals(f"{folder} does not show who was employed when {first} began: {found}")
    states = _states([each for each in lists if each.date >= earlier[-1]], settings)
    without_pay = [state.file.name for state in states if "salary" not in state.columns]
    if without_pay:
        return NoActuals(f"{', '.join(without_pay)} in {folder} show no pay")
    for name in census.dimensions:  # without it everybody would seem to have been elsewhere
        without = [state.file.name for state in states if name not in state.columns]
        if without:
            return NoActuals(f"{', '.join(without)} in {folder} show no {name}, which the census has")
    moments = _renamed(
        [
            *(_of_list(state, census.dimensions, levels) for state in states),
            _of_census(census, calendar),
        ],
        census.dimensions,
    )
    parts, undated = [_on_the_day(moments[0])], 0
    for before, after in itertools.pairwise(moments):
        rows, without_date = _between(before, after)
        parts, undated = [*parts, rows], undated + without_date
    spells = (
        pl.concat(parts, how="diagonal")
        .filter(pl.col("to_date") >= first - ONE_DAY)
        .sort("employee_id", "from_date")
        .with_columns(pl.col("salary").backward_fill().forward_fill().over("employee_id"))
    )
    unpaid = spells.filter(pl.col("salary").is_null())["employee_id"].unique(maintain_order=True)
    if len(unpaid):
        return NoActuals(f"no list in {folder} shows the pay of {abbreviated(unpaid.to_list())}")
    schema = spells_schema(census.dimensions)
    return Actuals(spells.select(list(schema)).cast(schema), tuple(state.date for state in states), undated)


def _states(lists: Sequence[ListFile], settings: Settings) -> list[State]:
    try:
        return read_snapshots(lists, settings)[0]
    except HistoryError:
        raise
    except CensusError as error:  # names of dimensions or columns
        raise HistoryError(str(error)) from None


def _of_list(state: State, dimensions: Sequence[str], levels: Levels) -> _Moment:
    level = pl.coalesce("level", level_of_salary(levels)).cast(pl.Int32)
    columns = ["employee_id", "hire_date", "level", "salary", "fte", *dimensions]
    present, gone = (rows.with_columns(level=level) for rows in (state.present, state.gone))
    return _Moment(
        state.date, present.select(columns), gone.select(*columns, exit_date=pl.col("termination_date"))
    )


def _of_census(census: Census, calendar: FiscalCalendar) -> _Moment:
    employees = census.employees.with_columns(pl.col("salary", "fte").cast(pl.Float64))
    columns = ["employee_id", "hire_date", "level", "salary", "fte", *census.dimensions]
    has_left = pl.col("termination_date").is_not_null()
    return _Moment(
        calendar.opening_date,
        employees.filter(~has_left).select(columns),
        employees.filter(has_left).select(*columns, exit_date=pl.col("termination_date")),
    )


def _renamed(moments: Sequence[_Moment], dimensions: Sequence[str]) -> list[_Moment]:
    """Give values of dimensions that were renamed between two moments their names of the later one."""
    people = pl.concat(
        [
            moment.present.select(pl.lit(number).alias("list"), "employee_id", *dimensions)
            for number, moment in enumerate(moments)
        ]
    )
    found = list(moments)
    for one in sorted(find_renames(people, dimensions, len(moments)), key=lambda one: one.list):
        with_name = pl.col(one.dimension).replace({one.before: one.after})
        found[: one.list] = [
            replace(
                each, present=each.present.with_columns(with_name), gone=each.gone.with_columns(with_name)
            )
            for each in found[: one.list]
        ]
    return found


def _on_the_day(moment: _Moment) -> pl.DataFrame:
    day = pl.lit(moment.day)
    return moment.present.with_columns(from_date=day, to_date=day, is_hire=False, is_exit=False)


def _between(before: _Moment, after: _Moment) -> tuple[pl.DataFrame, int]:
    """Return the spells of the days after one moment up to the next, and how many exits have no date.

    What the later moment shows holds since the earlier one: raises and moves take effect on the first days of
    months and years, of which lists show the end. Who left keeps what the earlier moment shows.
    """
    start, middle = before.day + ONE_DAY, before.day + (after.day - before.day + ONE_DAY) / 2
    ids = "employee_id"
    stays = after.present.join(before.present.select(ids), on=ids, how="semi").with_columns(
        from_date=pl.lit(start), to_date=pl.lit(after.day), is_hire=False, is_exit=False
    )
    is_within = pl.col("exit_date") > before.day
    dates = after.gone.filter(is_within).group_by(ids).agg(pl.col("exit_date").max())
    left = before.present.join(after.present.select(ids), on=ids, how="anti").join(dates, on=ids, how="left")
    leavers = left.with_columns(
        from_date=pl.lit(start),
        to_date=pl.coalesce("exit_date", pl.lit(middle)),
        is_hire=False,
        is_exit=True,
    )
    hired_within = pl.col("hire_date").is_between(start, after.day)
    came = after.present.join(before.present.select(ids), on=ids, how="anti").with_columns(
        from_date=pl.when(hired_within).then("hire_date").otherwise(pl.lit(middle)),
        to_date=pl.lit(after.day),
        is_hire=True,
        is_exit=False,
    )
    passed = (
        after.gone.join(before.present.select(ids), on=ids, how="anti")
        .join(after.present.select(ids), on=ids, how="anti")
        .filter(hired_within & is_within)
        .with_columns(from_date=pl.col("hire_date"), to_date=pl.col("exit_date"), is_hire=True, is_exit=True)
    )
    return pl.concat([stays, leavers, came, passed], how="diagonal"), left["exit_date"].null_count()

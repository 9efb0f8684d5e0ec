"""Actions that contradict each other, the census, or a known hire; each kind is a warning.

They are no errors: a row may be meant, or be there for other years, and column scenario and the probability
can make rows compatible. What is compared applies to one scenario and lies in the simulated years.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import polars as pl

from settings import Scenario
from tasks.census.read import Census
from tasks.census.reading.header import cut
from tasks.plan.people import applying, is_simulated, people_of
from tasks.text.money import Money

_WHO = ["scenario_id", "employee_id"]
#: The order in which actions of one day happen; see macros/changes.sql.
_DAY_ORDER = pl.col("action").replace_strict(
    {"transfer": 1, "fte": 2, "promote": 3, "raise": 4}, default=5, return_dtype=pl.Int8
)
_NOTHING = "they do nothing (outcome not_employed)"


def contradictions(rows: pl.DataFrame, scenarios: Sequence[Scenario], census: Census) -> Iterator[str]:
    """Yield a warning for each kind: how many rows, an example, and what follows. `rows` are valid."""
    ids, simulation = [each.id for each in scenarios], scenarios[0].settings.simulation
    people = people_of(rows, census, ids)
    simulated = rows.filter(pl.col("action") != "hire", is_simulated(simulation.calendar, simulation.years))
    pairs = applying(simulated, ids).join(
        people, left_on=_WHO, right_on=["scenario_id", "person"], how="left", maintain_order="left"
    )
    too_early = (pl.col("date") < pl.col("hired_on")).fill_null(False)
    yield from _before_hire(pairs.filter(too_early))
    pairs = pairs.filter(~too_early).sort("date", _DAY_ORDER, "action_id")
    yield from _after_leave(pairs, scenarios)
    yield from _same_day(pairs, census.dimensions)
    yield from _no_change(pairs, scenarios, census.dimensions)
    yield from _no_raise(pairs, Money(census.currency))


def _before_hire(found: pl.DataFrame) -> Iterator[str]:
    for row in found.head(1).iter_rows(named=True):
        yield (
            f"{counted(found)} before the employee's hire, such as {row['date']} of {_of(row)}, whom row "
            f"{row['hire_row']} hires on {row['hired_on']}: {_NOTHING}"
        )


def _after_leave(pairs: pl.DataFrame, scenarios: Sequence[Scenario]) -> Iterator[str]:
    """Actions from the day on which somebody certainly leaves, by a row or at the mandatory age."""
    leaves = (
        pairs.filter(pl.col("action") == "leave", pl.col("probability") == 1)
        .sort("date", "action_id")
        .unique(_WHO, keep="first", maintain_order=True)
        .select(*_WHO, leave_row="row_number", leaves_on="date")
    )
    ages = {
        each.id: min(
            (
                cause.mandatory_age
                for cause in each.settings.workforce.termination.values()
                if cause.mandatory_age
            ),
            default=None,
        )
        for each in scenarios
    }
    simulation = scenarios[0].settings.simulation
    first_day = pl.lit(simulation.calendar.simulated_from(simulation.start_year))
    age = pl.col("scenario_id").replace_strict(ages, return_dtype=pl.Int32)
    birthday = pl.date(pl.col("born").dt.year() + age, pl.col("born").dt.month(), 1)
    known = (
        pairs.join(leaves, on=_WHO, how="left", maintain_order="left")
        .with_columns(age=age, retires_on=pl.max_horizontal(birthday, first_day).dt.month_end())
        .with_columns(retires_on=pl.when(birthday.is_not_null()).then("retires_on"))
        .with_columns(
            # of two leaves on one day, a row comes before the mandatory age
            is_by_row=(pl.col("leaves_on") <= pl.col("retires_on")).fill_null(
                pl.col("leaves_on").is_not_null()
            ),
            last_day=pl.min_horizontal("leaves_on", "retires_on"),
        )
    )
    is_leave = pl.col("action") == "leave"
    is_itself = pl.col("is_by_row") & (pl.col("row_number") == pl.col("leave_row")).fill_null(False)
    is_first = is_leave & ~pl.col("is_by_row") & (pl.col("date") == pl.col("last_day"))
    late = known.filter((pl.col("date") >= pl.col("last_day")).fill_null(False), ~is_itself, ~is_first)
    for row in late.head(1).iter_rows(named=True):
        by = f"row {row['leave_row']}" if row["is_by_row"] else f"mandatory_age {row['age']}"
        yield (
            f"{counted(late)} on or after the day on which the employee certainly leaves, such as "
            f"{row['action']} on {row['date']} of {_of(row)}, who leaves on {row['last_day']} ({by}): "
            f"{_NOTHING}"
        )


def _same_day(pairs: pl.DataFrame, dimensions: Sequence[str]) -> Iterator[str]:
    """Certain changes of one attribute of an employee on one day."""
    certain = pairs.filter(pl.col("probability") == 1)
    same = [
        certain.filter(is_set).filter(pl.len().over(*_WHO, "date") > 1).with_columns(what=pl.lit(name))
        for name, is_set in _changes(dimensions).items()
    ]
    found = pl.concat(same)
    for row in found.head(1).iter_rows(named=True):
        key = (*_WHO, "date", "what")
        others = found.filter(pl.col(name) == row[name] for name in key).sort("action_id")
        numbers = ", ".join(map(str, others["row_number"].sort()))
        yield (
            f"{counted(found)} that set one thing of an employee several times on one day, such as "
            f"{row['what']} of {_of(row)} on {row['date']} in rows {numbers}: they happen in the order of "
            f"their ids, so that {cut(others['action_id'][-1])!r} holds"
        )


def _no_change(
    pairs: pl.DataFrame, scenarios: Sequence[Scenario], dimensions: Sequence[str]
) -> Iterator[str]:
    """Transfers and changes of FTE to what the employee has already, if no earlier row or draw changes it."""
    drawn = {each.id: transfer.by for each in scenarios if (transfer := each.settings.workforce.transfer)}
    may_be_drawn = pl.col("scenario_id").replace_strict(drawn, default=None, return_dtype=pl.String)
    start = scenarios[0].settings.simulation.start_year
    later = pl.col("simulation_year") > pl.coalesce(pl.col("hired_in") + 1, start)
    same, given = [], []
    for name, is_set in _changes(dimensions).items():
        if name == "salary":
            continue
        is_first = pl.col("row_number") == pl.col("row_number").filter(is_set).first().over(_WHO)
        is_unmoved = is_first & ~(later & (may_be_drawn == name).fill_null(False))
        same.append(is_unmoved & (pl.col(name) == pl.col(f"{name}_before")).fill_null(False))
        given.append(is_set)
    idle = pl.all_horizontal(~is_set | is_same for is_set, is_same in zip(given, same, strict=True))
    found = pairs.filter(pl.any_horizontal(given) & idle)
    for row in found.head(1).iter_rows(named=True):
        names = ["fte"] if row["action"] == "fte" else [name for name in dimensions if row[name] is not None]
        values = ", ".join(f"{name} {cut(_text(row[name]))}" for name in names)
        yield (
            f"{counted(found)} without an effect, such as {row['action']} of {_of(row)} to {values}, which "
            f"the employee has already in {_source(row)}"
        )


def _no_raise(pairs: pl.DataFrame, money: Money) -> Iterator[str]:
    """Pay that is not above that of census or hire, if no earlier row changes it."""
    changes_pay = pl.col("action").is_in(["raise", "fte"]) | pl.col("salary").is_not_null()
    first = pl.col("row_number").filter(changes_pay).first().over(_WHO)
    found = pairs.filter(
        pl.col("row_number") == first, (pl.col("salary") <= pl.col("salary_before")).fill_null(False)
    )
    for row in found.head(1).iter_rows(named=True):
        yield (
            f"{counted(found)} with pay that is no raise, such as {money.to_the_cent(row['salary'])} for "
            f"{_of(row)}, who has {money.to_the_cent(row['salary_before'])} in {_source(row)}: pay is set "
            "to it, also if it falls"
        )


def _changes(dimensions: Sequence[str]) -> dict[str, pl.Expr]:
    """Return the columns that actions set, each with the condition that a row sets it."""
    action = pl.col("action")
    sets = {"salary": action == "raise", "fte": action == "fte"}
    return sets | {name: (action == "transfer") & pl.col(name).is_not_null() for name in dimensions}


def _of(row: Mapping[str, Any]) -> str:
    return f"{cut(row['employee_id'])!r} in row {row['row_number']}"


def _source(row: Mapping[str, Any]) -> str:
    return f"the hire of row {row['hire_row']}" if row["hire_row"] else "the census"


def _text(value: Any) -> str:
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


def counted(rows: pl.DataFrame) -> str:
    """Return the number of actions; one of several scenarios counts once."""
    number = rows["row_number"].n_unique()
    return "1 action" if number == 1 else f"{number:,} actions"

"""What census and known hires say of the people whom actions name, before anything is simulated."""

from collections.abc import Mapping, Sequence

import polars as pl
from polars._typing import PolarsDataType

from settings.models.calendar import FiscalCalendar
from tasks.census.fte import FTE
from tasks.census.read import Census
from tasks.plan.columns import made_ids

_TYPES: Mapping[str, PolarsDataType] = {"level": pl.Int64, "salary": pl.Decimal(14, 2), "fte": FTE}


def applying(rows: pl.DataFrame, scenarios: Sequence[str]) -> pl.DataFrame:
    """Return a row per action and scenario that it applies to, with column `scenario_id`."""
    pairs = rows.join(
        pl.DataFrame({"scenario_id": scenarios}, schema={"scenario_id": pl.String}), how="cross"
    )
    return pairs.filter(pl.col("scenario").is_null() | (pl.col("scenario") == pl.col("scenario_id")))


def is_simulated(calendar: FiscalCalendar, years: range) -> pl.Expr:
    """Return whether a date is after the opening date and not after the last simulated year."""
    return pl.col("date").is_between(calendar.simulated_from(years[0]), calendar.last_day(years[-1]))


def people_of(rows: pl.DataFrame, census: Census, scenarios: Sequence[str]) -> pl.DataFrame:
    """Return a row per scenario and person whom an action names: employees at the opening, and known hires.

    Columns: scenario_id, person (the id), hire_row, hired_on and the fiscal year hired_in (null: employed at
    the opening), born, and `NAME_before` of level, salary, fte and the dimensions (of a hire, null: drawn).
    `rows` are those of a file of actions.
    """
    names = ("level", "salary", "fte", *census.dimensions)
    named = rows["employee_id"].drop_nulls().unique()
    opening = census.employees.filter(
        pl.col("termination_date").is_null(), pl.col("employee_id").is_in(named.implode())
    )
    hires = _known_hires(rows)
    columns = [
        pl.col("scenario_id"),
        pl.col("employee_id").alias("person"),
        pl.col("row_number").cast(pl.Int64).alias("hire_row"),
        pl.col("date").alias("hired_on"),
        pl.col("simulation_year").cast(pl.Int32).alias("hired_in"),
        pl.col("birth_date").alias("born"),
        *(pl.col(name).cast(_TYPES.get(name, pl.String)).alias(f"{name}_before") for name in names),
    ]
    no_hire = opening.with_columns(
        scenario=None, row_number=None, date=pl.lit(None, pl.Date), simulation_year=None
    )
    everybody = pl.concat(
        applying(part, scenarios).select(columns)
        for part in (no_hire, hires.with_columns(birth_date=pl.lit(None, pl.Date)))
    )
    return everybody.unique(["scenario_id", "person"], keep="first", maintain_order=True)


def _known_hires(rows: pl.DataFrame) -> pl.DataFrame:
    """Return a row per hire of whom an action can be, with the id that the employee gets."""
    hires = rows.filter(
        pl.col("action") == "hire", pl.col("date").is_not_null(), pl.col("action_id").is_not_null()
    )
    unnamed = hires.filter(pl.col("employee_id").is_null(), pl.col("count").is_not_null())
    made = made_ids(rows["employee_id"].unique(), unnamed).rename({"id": "made"})
    by_action = unnamed.unique("action_id", keep="first", maintain_order=True)
    return pl.concat(
        [
            hires.filter(pl.col("employee_id").is_not_null()),
            by_action.join(made, on="action_id", maintain_order="left")
            .with_columns(employee_id="made")
            .drop("made"),
        ]
    )

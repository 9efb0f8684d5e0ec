"""Yearly lists of a made-up company, from which rates can be estimated whose truth is known.

The first list is a sample census; sample_year.py states what happens in the years after it. As in the sample
census, every draw is a hash and only + - x ÷ are applied to it, so a seed gives the same files everywhere.
Nobody in the lists exists, and a README beside them says so.
"""

import os
import tempfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import polars as pl

from settings.errors import InputError
from tasks.census.sample import sample_census
from tasks.history.sample_year import RETIREMENT_AGE, SampleYear, hire, live_through, sample_years

#: Least and most. Of fewer people everyone might leave; more lists than these no personnel system holds.
EMPLOYEES, LISTS = (20, 1_000_000), (2, 40)
LAST_YEARS = (1950, 2199)
README = """\
Made-up lists of employees: nobody in them exists. Written by

    workforce history sample --lists {lists} --employees {employees} --seed {seed} --last {last}

Columns: as in a census, and in each list also those who left since the list before, with `termination_date`
(last day employed) and `reason`. `workforce history check --history .` prints what they show.
"""


def sample_history(lists: int, employees: int, seed: int, last: date) -> Mapping[date, pl.DataFrame]:
    """Return lists a year apart by date, ascending, the newest of date `last`.

    The first list is a sample census with this number of rows, of whom some left in its year. Columns: those
    of the sample census, then reason. Raises InputError if an argument is out of bounds.
    """
    for flag, value, (least, most) in (
        ("--lists", lists, LISTS),
        ("--employees", employees, EMPLOYEES),
        ("--last: year", last.year, LAST_YEARS),
    ):
        if not least <= value <= most:
            raise InputError(f"{flag} {value}: allowed: {least} to {most}.")
    dates = [_years_before(last, lists - 1 - number) for number in range(lists)]
    years = sample_years(seed, dates)
    first = _opening(sample_census(employees, seed, dates[0]), years[0])
    columns = first.columns
    found = {dates[0]: first}
    people, next_number = first.filter(pl.col("termination_date").is_null()), employees + 1
    for year in years:
        stay, gone = live_through(people.drop("termination_date", "reason"), year, seed)
        hired = hire(stay.height, people.height, year, seed)
        hired = hired.with_columns(employee_id=_ids(next_number))
        next_number += hired.height
        everyone = pl.concat([stay, gone, hired.select(columns)], how="diagonal").select(columns)
        found[year.closed] = everyone.sort("employee_id")
        people = everyone.filter(pl.col("termination_date").is_null()).sort("employee_id")
    return {day: _as_list(rows) for day, rows in found.items()}


def write_sample_history(lists: Mapping[date, pl.DataFrame], readme: str, folder: Path) -> None:
    """Write a CSV file per list, named by its date, and a README into a new or empty folder: all or nothing.

    Raises InputError if the folder holds anything, or cannot be written: other lists in it would be read as
    lists of the same company.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"--output {folder}: it exists; name a new or an empty folder. Nothing was written.")
    there = next(parent for parent in folder.absolute().parents if parent.exists())
    if not (there.is_dir() and os.access(there, os.W_OK)):
        raise InputError(f"--output {folder}: {there} is not writable. Nothing was written.")
    folder.absolute().parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.absolute().parent, prefix=".workforce-sample-") as scratch:
        ready = Path(scratch, "lists")
        ready.mkdir()
        for day, rows in lists.items():
            rows.write_csv(ready / f"{day}.csv")
        (ready / "README.md").write_text(readme, encoding="utf-8")
        ready.rename(folder)


def _years_before(day: date, years: int) -> date:
    """Return the same day of an earlier year; 28 February for the 29th."""
    is_leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - years, day=28 if is_leap_day and years else day.day)


def _opening(census: pl.DataFrame, year: SampleYear) -> pl.DataFrame:
    """Return the first list: pay before the increases to come, and a reason for those who left."""
    index = year.pay_index / (1 + year.general / 1000)
    is_old = pl.col("termination_date") >= pl.col("birth_date").dt.offset_by(f"{RETIREMENT_AGE}y")
    return census.select(
        pl.exclude("salary"),
        cents=(pl.col("salary").cast(pl.Float64) * index).round().cast(pl.Int64) * 100,
        reason=pl.when(pl.col("termination_date").is_not_null()).then(
            pl.when(is_old).then(pl.lit("Retirement")).otherwise(pl.lit("Resignation"))
        ),
    )


def _ids(first: int) -> pl.Expr:
    """Return ids in the order of the rows, as the sample census has them."""
    return "E" + (pl.int_range(pl.len()) + first).cast(pl.String).str.zfill(7)


def _as_list(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the columns of a list in the order of the sample census, reason last, with pay in money."""
    return rows.select(
        "employee_id",
        "birth_date",
        "hire_date",
        salary=(pl.col("cents").cast(pl.Decimal(18, 2)) / 100).cast(pl.Decimal(14, 2)),
        termination_date="termination_date",
        level="level",
        department="department",
        location="location",
        reason="reason",
    )

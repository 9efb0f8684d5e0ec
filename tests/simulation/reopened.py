"""Runs in memory of a census with any calendar, and the census of a day within one, to open another run."""

from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl

from settings import Scenario
from tasks.census.accepted import Census
from tasks.census.sample import sample_census
from tasks.simulation.in_memory import simulate
from tests.simulate import Overrides
from tests.simulation.calendars import Calendar
from tests.simulation.comparison import plan_rows
from tests.simulation.example import DIMENSIONS, settings_with
from tests.simulation.in_memory import WANTED, database
from tests.simulation.model import Action

Tables = Mapping[str, pl.DataFrame]


def sample(employees: int, opening: date) -> pl.DataFrame:
    """A sample of people who are employed on a day."""
    return sample_census(employees, opening_date=opening).with_columns(termination_date=pl.lit(None, pl.Date))


def run(
    census: pl.DataFrame,
    calendar: Calendar,
    scenarios: Mapping[str, Overrides],
    *,
    last: int | None = None,
    replicates: int = 1,
    seed: int = 42,
    actions: Sequence[Action] = (),
    wanted: tuple[str, ...] = WANTED,
    actual_spells: pl.DataFrame | None = None,
) -> Tables:
    """The tables of a run, their rows in order.

    `last` is the last year, by default the first; `actions` are those of all scenarios; `actual_spells` are
    what is known of the first fiscal year before the opening date.
    """
    of_run = {
        **calendar.settings,
        "simulation.end_year": last or calendar.start_year,
        "simulation.replicates": replicates,
        "simulation.random_seed": seed,
        **({"plan.actions": "plan.csv"} if actions else {}),
    }
    found = [Scenario(name, "", {}, settings_with({**of_run, **one}), {}) for name, one in scenarios.items()]
    rows = census.with_columns(level_inferred=False, fte=pl.lit("1").cast(pl.Decimal(7, 6)))
    accepted = Census(rows, pl.DataFrame(), rows.height, 0, DIMENSIONS, (), "", actual_spells=actual_spells)
    plans = {one.id: plan_rows(actions) for one in found} if actions else None
    with simulate(found, accepted, database(), plans, wanted) as connection:
        return {table: connection.sql(f"select * from {table} order by all").pl() for table in wanted}


def census_on(day: date, tables: Tables, replicate: int, leavers_since: date | None = None) -> pl.DataFrame:
    """The census of the evening of a day of the first year, in a run of one scenario without transfers.

    With `leavers_since`, also those who have left since that day.

    Hires get ids of their own: the ids of simulated hires are not allowed in a census. Open the next run with
    another seed, since people who stayed have draws for the same year that say so.
    """
    events = tables["fct_workforce_events"].filter(replicate=replicate).sort("event_sequence")
    year = events["simulation_year"].min()
    events = events.filter(simulation_year=year)
    before = events.filter(pl.col("event_date") > day).group_by("employee_id").first()
    after = events.filter(pl.col("event_date") <= day).group_by("employee_id").last()
    people = (
        tables["fct_workforce_snapshot"]
        .filter(pl.col("hire_date") <= day, replicate=replicate, simulation_year=year)
        .filter(pl.col("termination_date").is_null() | (pl.col("termination_date") > (leavers_since or day)))
        .join(after.select("employee_id", "level_after", "salary_after"), on="employee_id", how="left")
        .join(before.select("employee_id", "level_before", "salary_before"), on="employee_id", how="left")
    )
    return people.select(
        "birth_date",
        "hire_date",
        employee_id=pl.concat_str(pl.lit("P-"), "employee_id"),
        salary=pl.coalesce("salary_after", "salary_before", "salary").cast(pl.Decimal(14, 2)),
        termination_date=pl.when(pl.col("termination_date") <= day).then("termination_date"),
        level=pl.coalesce("level_after", "level_before", "level"),
        department="department",
        location="location",
    ).sort("employee_id")

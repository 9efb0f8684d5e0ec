"""Events: an employee's year in order, nothing after the last day, and the closing state by replay."""

import uuid
from datetime import date
from hashlib import md5

import polars as pl

from tests.simulate import Finished
from tests.simulation.conftest import PathYear
from tests.simulation.model import draw

PATH_YEAR = ["scenario_id", "replicate", "simulation_year"]
EMPLOYEE_YEAR = [*PATH_YEAR, "employee_id"]
ORDER_OF_TYPES = ["hire", "cola", "promotion", "merit", "termination"]
STREAMS = {
    ("termination", "experienced"): "termination",
    ("termination", "reduction_in_force"): "termination",
    ("termination", "new_hire"): "new_hire_termination",
    ("promotion", None): "promotion",
}


def test_events_replayed_over_the_opening_snapshot_give_the_closing_one(finished: Finished) -> None:
    """Every employee's level, salary and status, every year, by a replay in Polars that knows only events."""
    opening = finished.snapshot.filter(employment_status="active").select(
        "scenario_id",
        "replicate",
        simulation_year=pl.col("simulation_year") + 1,
        employee_id="employee_id",
        sequence=pl.lit(0, pl.Int32),
        level="level",
        salary="salary",
        termination_date=pl.lit(None, pl.Date),
        hire_date="hire_date",
    )
    changes = finished.events.select(
        *EMPLOYEE_YEAR,
        sequence="event_sequence",
        level="level_after",
        salary="salary_after",
        termination_date=pl.when(event_type="termination").then("event_date"),
        hire_date=pl.when(event_type="hire").then("event_date"),
    )
    replayed = (
        pl.concat([opening.filter(pl.col("simulation_year").is_in(finished.years)), changes])
        .sort("sequence")
        .group_by(EMPLOYEE_YEAR)
        .agg(pl.col("level", "salary", "termination_date", "hire_date").drop_nulls().last())
        .with_columns(
            employment_status=pl.when(pl.col("termination_date").is_null())
            .then(pl.lit("active"))
            .otherwise(pl.lit("terminated"))
        )
    )
    closing = finished.snapshot.filter(pl.col("simulation_year").is_in(finished.years)).select(
        replayed.columns
    )
    assert closing.height > 50_000
    assert closing.sort(EMPLOYEE_YEAR).equals(replayed.sort(EMPLOYEE_YEAR))


def test_the_opening_state_is_the_census(finished: Finished, opening_census: pl.DataFrame) -> None:
    """Each path opens with the same rows, those terminated in the opening year kept as terminated."""
    for _, opened in finished.snapshot.filter(simulation_year=2024).group_by("scenario_id", "replicate"):
        rows = opened.sort("employee_id")
        census = opening_census.sort("employee_id")
        assert rows.select(census.columns).equals(census)
        assert (rows["employment_status"] == "terminated").to_list() == census[
            "termination_date"
        ].is_not_null().to_list()
        assert rows["employment_status"].unique().len() == 2


def test_nobody_who_has_left_appears_again(finished: Finished) -> None:
    """No event follows a termination, in its year or later, and nobody leaves twice."""
    employee = ["scenario_id", "replicate", "employee_id"]
    left = finished.events.filter(event_type="termination").select(*employee, left="event_date")
    assert left.select(employee).is_unique().all()
    afterwards = finished.events.join(left, on=employee).filter(
        (pl.col("event_date") >= pl.col("left")) & (pl.col("event_type") != "termination")
    )
    assert afterwards.is_empty()
    snapshot_afterwards = finished.snapshot.join(left, on=employee).filter(
        pl.col("simulation_year") > pl.col("left").dt.year()
    )
    assert snapshot_afterwards.is_empty()


def test_sequence_is_by_date_then_type(finished: Finished) -> None:
    ordered = finished.events.with_columns(
        place=pl.col("event_type").replace_strict(ORDER_OF_TYPES, range(len(ORDER_OF_TYPES)))
    ).sort(*EMPLOYEE_YEAR, "event_date", "place")
    expected = ordered.with_columns(expected=pl.int_range(1, pl.len() + 1).over(EMPLOYEE_YEAR))
    assert expected["event_sequence"].to_list() == expected["expected"].to_list()
    types_once = [*EMPLOYEE_YEAR, "event_type"]
    assert expected.select(types_once).is_unique().all()


def test_events_lie_in_their_year_and_while_employed(finished: Finished) -> None:
    assert (finished.events["event_date"].dt.year() == finished.events["simulation_year"]).all()
    joined = finished.events.join(finished.snapshot, on=EMPLOYEE_YEAR)
    assert joined.height == finished.events.height
    assert (joined["event_date"] >= joined["hire_date"]).all()
    left = joined.filter(event_type="termination")
    assert (left["event_date"] == left["termination_date"]).all()
    hired = joined.filter(event_type="hire")
    assert (hired["event_date"] == hired["hire_date"]).all()


def test_event_ids_are_unique_and_can_be_recomputed(finished: Finished) -> None:
    assert finished.events["event_id"].is_unique().all()
    columns = ("event_id", "scenario_id", "replicate", "simulation_year", "employee_id", "event_type")
    for event_id, *key in finished.query(
        f"select {', '.join(columns)} from fct_workforce_events using sample 500"
    ).rows():
        assert uuid.UUID(str(event_id)) == uuid.UUID(md5("|".join(map(str, key)).encode()).hexdigest())


def test_draws_of_events_can_be_recomputed_by_hand(finished: Finished) -> None:
    drawn = finished.events.filter(pl.col("event_type").is_in(["termination", "promotion"]))
    for event in drawn.iter_rows(named=True):
        stream = STREAMS[event["event_type"], event["event_reason"]]
        assert event["draw"] == draw(
            finished.seed, event["simulation_year"], event["replicate"], stream, event["employee_id"]
        )
        assert 0 <= event["hazard"] <= 1
    without = finished.events.filter(pl.col("event_type").is_in(["hire", "cola", "merit"]))
    assert without["draw"].is_null().all()
    assert without["hazard"].is_null().all()


def test_terminations_fall_on_the_drawn_day(path_years: list[PathYear], finished: Finished) -> None:
    """Evenly over the days of the year on which they may leave: a hire after the day of hire."""
    for path_year in path_years:
        year = path_year.year
        for name, history in path_year.histories.items():
            if (left := history.event("termination")) is None:
                continue
            first = max(history.hire_date.toordinal() + 1, date(year, 1, 1).toordinal())
            days = date(year, 12, 31).toordinal() - first + 1
            uniform = draw(finished.seed, year, path_year.replicate, "termination_date", name)
            assert left["event_date"] == date.fromordinal(first + int(uniform * days))

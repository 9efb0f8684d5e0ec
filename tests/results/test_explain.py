"""One employee's timeline agrees with the published events."""

import re
from pathlib import Path
from shutil import copytree

import duckdb
import polars as pl
import pytest

from settings.errors import InputError
from tasks.results.explain import Moment, timeline
from tasks.results.hazards import RecomputedOtherwise, draw
from tasks.runs.record import read_record
from tasks.warehouse.published import published
from tests.simulate import Finished
from tests.simulation import model

PLACE = re.compile(r"place ([\d,]+) of ([\d,]+)(?: hires)?; the first ([\d,]+) leave(?:, the next ([\d,]+))?")


def explained(
    finished: Finished, connection: duckdb.DuckDBPyConnection, employee_id: str, scenario: str
) -> list[Moment]:
    return timeline(connection, read_record(finished.run.directory), employee_id, scenario, 2)


def employees(finished: Finished, scenario: str) -> list[str]:
    """Return every fourth employee of a scenario, which covers each kind of event."""
    rows = finished.snapshot.filter(pl.col("simulation_year") >= 2027, scenario_id=scenario, replicate=2)
    return rows["employee_id"].unique().sort().gather_every(4).to_list()


@pytest.mark.parametrize("scenario", ["base", "cut"])
def test_those_who_leave_come_first_in_the_race(
    finished: Finished, results: duckdb.DuckDBPyConnection, scenario: str
) -> None:
    seen = set()
    for employee_id in employees(finished, scenario):
        for moment in explained(finished, results, employee_id, scenario):
            if not (moment.what == "stays" or moment.what.startswith("leaves")):
                continue
            found = PLACE.search(moment.why)
            assert found, moment
            place, _, leave, more = (int((number or "0").replace(",", "")) for number in found.groups())
            assert (place <= leave + more) == moment.what.startswith("leaves")
            assert (leave < place <= leave + more) == (moment.what == "leaves (reduction in force)")
            seen.add(moment.what)
    assert {"stays", "leaves (experienced)"} < seen


def test_in_mode_expected_draws_are_compared_with_scaled_hazards(
    finished: Finished, results: duckdb.DuckDBPyConnection
) -> None:
    """The events hold the hazard that the SQL scaled; `timeline` scales it again and compares."""
    seen = set()
    for employee_id in employees(finished, "drawn"):
        for moment in explained(finished, results, employee_id, "drawn"):
            if moment.what in ("stays", "leaves (experienced)", "leaves (new hire)"):
                sign = re.search(r"draw 0\.\d{6} (<|>=)", moment.why)
                assert sign, moment
                assert (sign[1] == "<") == moment.what.startswith("leaves")
                seen.add(moment.what)
    assert {"stays", "leaves (experienced)"} <= seen


def test_each_event_is_listed_once_and_each_missing_event_explained(
    finished: Finished, results: duckdb.DuckDBPyConnection
) -> None:
    whys = []
    for employee_id in employees(finished, "base"):
        moments = explained(finished, results, employee_id, "base")
        events = finished.events.filter(scenario_id="base", replicate=2, employee_id=employee_id)
        dated = [moment.date for moment in moments if moment.date and moment.what != "opens"]
        assert dated == events["event_date"].to_list()
        years = finished.snapshot.filter(
            pl.col("simulation_year") >= 2027, scenario_id="base", replicate=2, employee_id=employee_id
        ).height
        by_kind = [sum(kind in moment.what for moment in moments) for kind in ("COLA", "promotion", "merit")]
        assert by_kind == [years] * 3, "once a year each happens or is explained"
        whys += [moment.why for moment in moments]
    for reason in (">= hazard", "< hazard", "not before the cut-off", "year of hire", "the last day was"):
        assert any(reason in why for why in whys), reason


def test_hazards_and_draws_are_the_documented_ones(
    finished: Finished, results: duckdb.DuckDBPyConnection
) -> None:
    """They equal those of the independent model in tests/simulation, for all not promoted employees."""
    for employee_id in employees(finished, "base"):
        if employee_id.startswith("H"):
            continue
        moments = explained(finished, results, employee_id, "base")
        (row,) = finished.snapshot.filter(
            scenario_id="base", replicate=2, simulation_year=2027, employee_id=employee_id
        ).to_dicts()
        (promotion,) = [m for m in moments if m.year == 2027 and "promotion" in m.what]
        if promotion.what != "no promotion" or "top level" in promotion.why:
            continue
        numbers = [float(number) for number in re.findall(r"\d\.\d{6}", promotion.why)]
        hazard = model.hazards(
            finished.settings("base"), 2027, row["birth_date"], row["hire_date"], row["level"]
        )
        expected = [model.draw(finished.seed, 2027, 2, "promotion", employee_id), hazard.promotion]
        assert numbers[:2] == pytest.approx(expected, abs=1e-6)


def test_the_draw_equals_that_of_duckdb() -> None:
    """macros/draw.sql computes the same draw."""
    with duckdb.connect() as connection:
        query = "select (md5_number_upper('42|2025|1|termination|E1') >> 11)::double / 9007199254740992"
        (by_duckdb,) = connection.execute(query).fetchone() or (None,)
    assert draw(42, 2025, 1, "termination", "E1") == by_duckdb


def test_an_event_that_contradicts_its_draw_is_an_error(finished: Finished, tmp_path: Path) -> None:
    copytree(finished.run.directory.results, tmp_path / "results")
    event = finished.events.filter(scenario_id="base", replicate=1, event_type="termination").row(
        0, named=True
    )
    year = event["simulation_year"]
    part = tmp_path / f"results/fct_workforce_events/simulation_year={year}/scenario_id=base/part.parquet"
    rows = pl.read_parquet(part, hive_partitioning=False)
    rows.with_columns(draw=pl.col("draw") / 2).write_parquet(part)
    record = read_record(finished.run.directory)
    with (
        published(tmp_path / "results") as connection,
        pytest.raises(RecomputedOtherwise, match=event["employee_id"]),
    ):
        timeline(connection, record, event["employee_id"], "base")


@pytest.mark.parametrize("kind", ["termination", "promotion"])
def test_an_event_that_is_missing_is_an_error(finished: Finished, tmp_path: Path, kind: str) -> None:
    """An event that is due by hazard and draw must exist."""
    copytree(finished.run.directory.results, tmp_path / "results")
    events = finished.events.filter(pl.col("event_reason").is_null() | (pl.col("event_reason") != "new_hire"))
    of_path = events.filter(scenario_id="base", replicate=1, simulation_year=2027)
    only = pl.col("event_type").is_in(["termination", "promotion"]).sum().over("employee_id") == 1
    employee_id = of_path.filter(only).filter(event_type=kind)["employee_id"][0]
    part = tmp_path / "results/fct_workforce_events/simulation_year=2027/scenario_id=base/part.parquet"
    rows = pl.read_parquet(part, hive_partitioning=False)
    is_gone = (pl.col("replicate") == 1) & (pl.col("employee_id") == employee_id)
    rows.filter(~(is_gone & (pl.col("event_type") == kind))).write_parquet(part)
    record = read_record(finished.run.directory)
    with (
        published(tmp_path / "results") as connection,
        pytest.raises(RecomputedOtherwise, match=f"is no event of type {kind}, but .* one is due"),
    ):
        timeline(connection, record, employee_id, "base")


@pytest.mark.parametrize(
    ("employee_id", "scenario", "replicate", "message"),
    [
        ("nobody", "base", 1, "no employee has id 'nobody'.*similar ids: "),
        ("nobody", "other", 1, "the run has no scenario 'other'; it has: base, dear"),
        ("nobody", "base", 3, "--replicate: 3 is not one of 1 to 2"),
    ],
)
def test_an_unknown_employee_scenario_or_replicate_is_refused(
    finished: Finished,
    results: duckdb.DuckDBPyConnection,
    employee_id: str,
    scenario: str,
    replicate: int,
    message: str,
) -> None:
    record = read_record(finished.run.directory)
    with pytest.raises(InputError, match=message):
        timeline(results, record, employee_id, scenario, replicate)

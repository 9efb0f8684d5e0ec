"""One employee's timeline agrees with the published events."""

import re
from pathlib import Path
from shutil import copytree

import duckdb
import polars as pl
import pytest

from settings.errors import InputError
from tasks.results.explain import timeline
from tasks.results.explanation import Draw, Moment
from tasks.results.hazards import RecomputedOtherwise, draw
from tasks.runs.record import read_record
from tasks.warehouse.published import published
from tests.simulate import Finished
from tests.simulation import model

PLACE = re.compile(r"place ([\d,]+) of ([\d,]+)(?: hires)?(?: of [^;]*)?; the first ([\d,]+) leave")
REDUCED = re.compile(r"; place ([\d,]+) of the ([\d,]+).* the next ([\d,]+) by reduction in force")


def explained(
    finished: Finished, connection: duckdb.DuckDBPyConnection, employee_id: str, scenario: str
) -> list[Moment]:
    return timeline(connection, read_record(finished.run.directory), employee_id, scenario, 2)


def employees(finished: Finished, scenario: str) -> list[str]:
    """Return every fourth employee of a scenario, which covers each kind of event."""
    rows = finished.snapshot.filter(pl.col("simulation_year") >= 2027, scenario_id=scenario, replicate=2)
    return rows["employee_id"].unique().sort().gather_every(4).to_list()


@pytest.mark.slow
@pytest.mark.parametrize("scenario", ["base", "cut"])
def test_those_who_leave_come_first_in_the_race(
    finished: Finished, results: duckdb.DuckDBPyConnection, scenario: str
) -> None:
    seen = set()
    for employee_id in employees(finished, scenario):
        for moment in explained(finished, results, employee_id, scenario):
            if not (moment.what == "stays" or moment.what.startswith("leaves")):
                continue
            found, reduced = PLACE.search(moment.why), REDUCED.search(moment.why)
            assert found, moment
            place, _, leave = (int(number.replace(",", "")) for number in found.groups())
            next_place, _, more = (
                (int(number.replace(",", "")) for number in reduced.groups()) if reduced else (1, 0, 0)
            )
            is_reduction = place > leave and next_place <= more
            assert (place <= leave or is_reduction) == moment.what.startswith("leaves")
            assert is_reduction == (moment.what == "leaves (reduction in force)")
            seen.add(moment.what)
    assert {"stays", "leaves (experienced, cause voluntary)"} < seen


@pytest.mark.slow
def test_in_mode_expected_draws_are_compared_with_scaled_hazards(
    finished: Finished, results: duckdb.DuckDBPyConnection
) -> None:
    """The events hold the hazard that the SQL scaled; `timeline` scales it again and compares."""
    seen = set()
    for employee_id in employees(finished, "drawn"):
        for moment in explained(finished, results, employee_id, "drawn"):
            if moment.what == "stays" or re.match(r"leaves \((experienced|new hire),", moment.what):
                sign = re.search(r"draw 0\.\d{6} (<|>=)", moment.why)
                assert sign, moment
                assert (sign[1] == "<") == moment.what.startswith("leaves")
                seen.add(moment.what)
    assert {"stays", "leaves (experienced, cause voluntary)"} <= seen


@pytest.mark.slow
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


@pytest.mark.slow
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


def of_each_kind(rich: Finished, scenario: str) -> list[str]:
    """Return employees with each kind of event, reason and cause, known or drawn, in Sales or not."""
    kinds = (
        "event_type",
        "event_reason",
        "cause",
        pl.col("hazard").is_null().alias("is_known"),
        pl.col("employee_id").str.contains("-comes-").alias("is_known_hire"),
        pl.col("department_before").eq_missing("Sales").alias("is_in_sales"),
    )
    events = rich.events.filter(scenario_id=scenario)
    return events.group_by(kinds).agg(pl.col("employee_id").min())["employee_id"].unique().sort().to_list()


@pytest.mark.slow
def test_every_kind_of_event_is_explained_in_every_mode(
    rich: Finished, rich_results: duckdb.DuckDBPyConnection
) -> None:
    """`timeline` recomputes causes, transfers and places, and raises an error if the events differ."""
    record = read_record(rich.run.directory)
    found: list[Moment] = []
    for scenario in record.scenario_ids:
        for employee_id in of_each_kind(rich, scenario):
            with published(rich.run.directory.results) as connection:
                moments = timeline(connection, record, employee_id, scenario)
            events = rich.events.filter(scenario_id=scenario, employee_id=employee_id)
            is_event = [m for m in moments if m.date and not m.what.startswith(("opens", "known action"))]
            assert [moment.date for moment in is_event] == events["event_date"].to_list()
            found += moments
    for what, why in (
        ("transfer: department", "of stream transfer_to"),
        ("transfer: department", "known action moves"),
        ("raise: ", "known action earns"),
        ("FTE 1 → 0.8: ", "known action rests"),
        ("promotion to level 2", "known action rises, instead of a draw"),
        ("adjustment to the level's minimum: ", "rises to its minimum"),
        ("hired at", "known action comes"),
        ("leaves (experienced, cause voluntary)", "known action goes"),
        ("leaves (experienced, cause retirement)", "mandatory: born on"),
        ("leaves (experienced, cause health)", "of stream termination_cause, shares: "),
        ("leaves (experienced, cause voluntary)", "of department=Sales; the first"),
        ("leaves (new hire, cause ", "days to 31 December"),
        ("leaves (reduction in force)", "of department=Sales who do not leave otherwise"),
        ("stays", "retirement 0 (from age 58 and tenure 5)"),
        ("stays", "x 1.4 (department Sales)"),
        ("stays", ", scaled to the year's target"),
        ("known action goes: leave", "happened as planned"),
        ("no transfer", ">= hazard"),
    ):
        assert any(moment.what.startswith(what) and why in moment.why for moment in found), (what, why)


@pytest.mark.slow
def test_a_known_action_that_was_not_drawn_is_explained(
    rich: Finished, rich_results: duckdb.DuckDBPyConnection
) -> None:
    (row,) = rich.query(
        "select * from fct_planned_actions where action_id = 'never' and scenario_id = 'exact'"
    ).to_dicts()
    moments = timeline(rich_results, read_record(rich.run.directory), row["employee_id"], "exact")
    (found,) = [moment for moment in moments if moment.what == "known action never: raise"]
    assert "is not below its probability" in found.why
    assert found.draws == (Draw("action", 2027, "never"),)


@pytest.mark.slow
def test_actions_of_one_kind_and_day_are_told_apart(
    rich: Finished, rich_results: duckdb.DuckDBPyConnection
) -> None:
    """They happen in the order of their ids, whatever their order in the file is."""
    (row,) = rich.query(
        "select * from fct_planned_actions where action_id = 'moves' and scenario_id = 'exact'"
    ).to_dicts()
    moments = timeline(rich_results, read_record(rich.run.directory), row["employee_id"], "exact")
    known = [
        (moment.what.partition(" → ")[2], moment.why)
        for moment in moments
        if moment.date == row["action_date"] and moment.what.startswith("transfer: ")
    ]
    assert known == [("Marketing", "known action before"), ("Legal", "known action moves")]


@pytest.mark.slow
def test_an_unknown_id_that_an_action_names_is_explained(
    rich: Finished, rich_results: duckdb.DuckDBPyConnection
) -> None:
    says = (
        r"no employee has id 'X999'(?s:.*)\n  actions.csv: known action ghost: leave on 2027-05-01 did not "
        "happen: the employee is not employed on that day"
    )
    with pytest.raises(InputError, match=says):
        timeline(rich_results, read_record(rich.run.directory), "X999", "exact")


@pytest.mark.slow
def test_the_draws_of_an_explanation_are_those_that_it_shows(
    rich: Finished, rich_results: duckdb.DuckDBPyConnection
) -> None:
    record = read_record(rich.run.directory)
    for scenario in record.scenario_ids:
        for employee_id in of_each_kind(rich, scenario)[:5]:
            with published(rich.run.directory.results) as connection:
                moments = timeline(connection, record, employee_id, scenario)
            for moment in moments:
                for each in moment.draws:
                    value = draw(record.seed, each.year, 1, each.stream, each.of)
                    assert f"{value:.6f}" in moment.why or each.stream.endswith("_date"), moment
                is_random = re.search(r"drawn? \(?0\.|race time|leaving time|weight ", moment.why) is not None
                assert bool(moment.draws) == is_random, moment


@pytest.mark.slow
def test_known_actions_outside_the_years_are_explained_under_the_year_of_their_date(
    rich: Finished, rich_results: duckdb.DuckDBPyConnection
) -> None:
    """An action on somebody before they are hired, or after they leave, has its own year too."""
    row = rich.query(
        "select employee_id from fct_planned_actions where action_id = 'beyond' and scenario_id = 'exact'"
    )
    moments = timeline(rich_results, read_record(rich.run.directory), row["employee_id"].item(), "exact")
    outside = {moment.what: moment.year for moment in moments if "none of the simulated years" in moment.why}
    assert outside == {"known action past: raise": 2020, "known action beyond: raise": 2031}
    assert [moment.year for moment in moments] == sorted(moment.year for moment in moments)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("event", "change", "message"),
    [
        ({"event_reason": "experienced", "cause": "health"}, {"cause": "voluntary"}, "drawn is health"),
        ({"event_type": "transfer"}, {"department_after": "Nowhere"}, "the event leads to Nowhere"),
    ],
    ids=["cause", "destination"],
)
def test_another_cause_or_destination_is_an_error(
    rich: Finished, tmp_path: Path, event: dict[str, str], change: dict[str, str], message: str
) -> None:
    copytree(rich.run.directory.results, tmp_path / "results")
    drawn = rich.events.filter(pl.col("hazard").is_not_null(), scenario_id="rates", simulation_year=2027)
    employee_id = drawn.filter(**event)["employee_id"][0]
    part = tmp_path / "results/fct_workforce_events/simulation_year=2027/scenario_id=rates/part.parquet"
    rows = pl.read_parquet(part, hive_partitioning=False)
    is_it = pl.all_horizontal(
        pl.col("employee_id") == employee_id, *(pl.col(key) == value for key, value in event.items())
    ).fill_null(False)
    changes = {key: pl.when(is_it).then(pl.lit(value)).otherwise(key) for key, value in change.items()}
    rows.with_columns(**changes).write_parquet(part)
    with (
        published(tmp_path / "results") as connection,
        pytest.raises(RecomputedOtherwise, match=message),
    ):
        timeline(connection, read_record(rich.run.directory), employee_id, "rates")


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

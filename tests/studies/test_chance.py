"""The chance of a goal, against counting in the published rows, and what is said about it."""

import io
import json
from collections.abc import Iterator

import duckdb
import polars as pl
import pytest
from statsmodels.stats.proportion import proportion_confint
from typer.testing import CliRunner

from flows.cli.main import app
from settings import InputError
from tasks.results.certainty import certainty
from tasks.results.report.goals import goals_table
from tasks.results.report.table import Table
from tasks.runs.record import RunRecord, read_record
from tasks.studies.chance import StatedGoal, chances, interval
from tasks.studies.goal import parse_goal
from tasks.text.numbers import FORMATS, numbers_as
from tasks.warehouse.published import published
from tests.simulate import Finished
from tests.studies.test_terminal import complain, tables_of

YEARS = range(2025, 2027)


@pytest.fixture
def results(finished: Finished) -> Iterator[duckdb.DuckDBPyConnection]:
    with published(finished.run.directory.results) as connection:
        yield connection


@pytest.fixture
def record(finished: Finished) -> RunRecord:
    return read_record(finished.run.directory)


def with_goals(record: RunRecord, *goals: dict[str, str]) -> RunRecord:
    return record.model_copy(update={"settings": {**record.settings, "goals": list(goals)}})


def call(finished: Finished, *arguments: str) -> tuple[str, str]:
    """Return standard output and standard error of `workforce chance`; errors propagate."""
    command = ["chance", "run", *arguments, "--output", str(finished.run.directory.path.parent)]
    done = CliRunner().invoke(app, command, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout, done.stderr


def middle_payroll(finished: Finished) -> float:
    """The payroll of 2026 that three of five replicates of the baseline do not exceed."""
    rows = finished.summary.filter(scenario_id="baseline", simulation_year=2026)
    return float(sorted(rows["ending_payroll"])[2])


def test_the_chance_is_the_share_of_replicates_with_wilsons_interval(finished: Finished) -> None:
    amount = middle_payroll(finished)
    shown, warned = call(finished, f"payroll@FY2026<={amount}", "--json")
    rows = {row["scenario"]: row for row in json.loads(shown)}
    assert list(rows) == ["baseline", "growth", "squeeze"]
    for name, row in rows.items():
        payrolls = finished.summary.filter(scenario_id=name, simulation_year=2026)["ending_payroll"]
        holds = sum(float(payroll) <= amount for payroll in payrolls)
        low, high = proportion_confint(holds, 5, method="wilson")
        assert (row["holds"], row["replicates"], row["probability"]) == (holds, 5, holds / 5)
        assert (row["low"], row["high"]) == pytest.approx((low, high), abs=1e-9)
    assert rows["baseline"]["probability"] == 0.6
    assert "overstated" in warned


def test_without_a_year_a_goal_must_hold_in_every_year(finished: Finished) -> None:
    """The payroll of 2025 is the lower one: an upper limit between the years fails, a lower one holds."""
    by_year = finished.summary.filter(scenario_id="growth").group_by("simulation_year")
    highest = dict(by_year.agg(pl.col("ending_payroll").max().cast(float)).rows())
    assert highest[2025] < highest[2026]
    upper, lower = (f"payroll{sign}{highest[2025]}" for sign in ("<=", ">="))
    in_2025 = f"payroll@2025<={highest[2025]}"
    found = json.loads(call(finished, upper, lower, in_2025, "--json")[0])
    growth = [row["probability"] for row in found if row["scenario"] == "growth"]
    assert growth == [0.0, 0.2, 1.0]


def test_a_goal_of_a_part(finished: Finished) -> None:
    """Headcount of a department and cost of a level, against the published rows."""
    rows = finished.query(
        "select replicate, ending_headcount from fct_dimension_summary where scenario_id = 'baseline' and "
        "simulation_year = 2026 and dimension = 'department' and dimension_value = 'Sales' order by 1"
    )
    wanted = int(rows["ending_headcount"].to_numpy().max())
    goal = f"headcount[department=Sales]@2026>={wanted}"
    found = json.loads(call(finished, goal, "loaded_cost[level=1]@2026>=1", "--json")[0])
    sales, costs = (row for row in found if row["scenario"] == "baseline")
    assert sales["holds"] == (rows["ending_headcount"] >= wanted).sum() > 0
    assert costs["holds"] == 5


@pytest.mark.parametrize(
    ("goal", "message"),
    [
        ("payroll@2031<=1", "goal 'payroll@2031<=1': .*2031 is not simulated"),
        ("headcount[department=Salse]>=1", "there is no department 'Salse'; did you mean Sales"),
        ("headcount[site=Sales]>=1", "there is no headcount by site"),
        ("payroll@2026=1M", "= for headcount, hires, leavers, promotions"),
    ],
)
def test_goals_that_cannot_be_judged_are_refused(finished: Finished, goal: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        call(finished, goal)


def test_without_goals_in_settings_or_command_one_is_asked_for(finished: Finished) -> None:
    with pytest.raises(InputError, match=r"no goals in its settings \(goals\); give one"):
        call(finished)
    with pytest.raises(InputError, match="one of them is allowed"):
        call(finished, "hires<=1", "--json", "--csv")


def test_csv_and_table_have_every_goal(finished: Finished) -> None:
    goals = ("payroll@2026<=1bn", "headcount[department=Human Resources]@2026>=1", "turnover<=99%")
    rows = pl.read_csv(io.StringIO(call(finished, *goals, "--csv")[0]))
    assert rows["goal"].to_list() == [*goals] * 3
    command = ["chance", "run", *goals, "--output", str(finished.run.directory.path.parent)]
    (table,) = tables_of(command)
    assert table.row_count == 9
    for width in (60, 80, 200):
        assert complain(table, width) == []


def test_replicates_without_a_value_count_as_missed(
    results: duckdb.DuckDBPyConnection, record: RunRecord
) -> None:
    """One of five replicates has nobody in 2026: no turnover, whichever way the goal points."""
    results.execute("create temp table emptied as from fct_year_summary")
    results.execute(
        "update emptied set opening_headcount = 0, ending_headcount = 0 where replicate = 2 and "
        "simulation_year = 2026"
    )
    results.execute("create or replace temp view fct_year_summary as from emptied")
    for text in ("turnover<=99%", "turnover>=0", "turnover@2026<=99%"):
        goal = StatedGoal(text, parse_goal(text, YEARS), "Turnover")
        ((_, found, problem),) = chances(results, [goal], YEARS)
        assert not problem
        assert [(one.holds, one.without_value) for one in found] == [(4, 1)] * 3
    assert "In 1 of 5 replicates of growth nobody is employed" in " ".join(certainty(record, found))


def test_a_goal_of_every_year_says_that_a_stub_is_one(
    results: duckdb.DuckDBPyConnection, record: RunRecord
) -> None:
    goals = [
        StatedGoal(text, parse_goal(text, YEARS), text)
        for text in ("hires>=50", "hires@2026>=50", "hires>=60")
    ]
    found = [one for _, judged, _ in chances(results, goals, YEARS) for one in judged]
    assert "must hold in every year" not in " ".join(certainty(record, found))
    mid_year = {**record.settings["simulation"], "opening_date": "2025-10-31"}
    stub = record.model_copy(update={"settings": {**record.settings, "simulation": mid_year}})
    said = " ".join(certainty(stub, found))
    assert "2025 (stub) included, which is 1 November to 31 December 2025, 61 of 365 days" in said
    assert said.endswith(": hires>=50; hires>=60.")


def test_the_interval_of_no_and_of_all_replicates_ends_there() -> None:
    assert interval(0, 20)[0] == 0 and interval(20, 20)[1] == 1
    assert interval(0, 20) == pytest.approx(proportion_confint(0, 20, method="wilson"), abs=1e-9)


def test_the_report_has_the_goals_of_the_settings(
    finished: Finished, results: duckdb.DuckDBPyConnection, record: RunRecord
) -> None:
    goals = {"goal": f"payroll@2026<={middle_payroll(finished)}", "name": "Budget"}, {"goal": "hires<=1"}
    table = goals_table(results, with_goals(record, *goals))
    assert [row["goal"] for row in table.rows] == ["Budget"] * 3 + ["hires in every year <= 1"] * 3
    assert table.rows[0]["probability"] == 0.6
    assert "problem" not in [column.key for column in table.columns]
    assert "Budget is payroll in 2026 <= " in table.note
    assert "assumptions are taken as certain" in table.note
    # hires are quotas in mode exact; payroll varies
    assert "holds in all or none: hires in every year <= 1." in table.note
    assert not goals_table(results, with_goals(record)).rows
    no_key = record.model_copy(update={"settings": {"simulation": record.settings["simulation"]}})
    assert not goals_table(results, no_key).rows, "runs of earlier versions have no goals"


def test_a_part_of_the_years_cannot_judge_goals_of_others(
    results: duckdb.DuckDBPyConnection, record: RunRecord
) -> None:
    results.execute("create temp table first_year as from fct_year_summary where simulation_year = 2025")
    results.execute("create or replace temp view fct_year_summary as from first_year")
    table: Table = goals_table(
        results,
        with_goals(record, {"goal": "hires@2025<=1"}, {"goal": "hires@2026<=1"}, {"goal": "hires<=1"}),
    )
    judged = {row["goal"]: (row["probability"], row["problem"]) for row in table.rows}
    assert judged == {
        "hires in 2025 <= 1": (0.0, None),
        "hires in 2026 <= 1": (None, "there are no results of 2026"),
        "hires in every year <= 1": (None, "there are no results of 2026"),
    }


def test_what_is_said_depends_on_what_varies(record: RunRecord) -> None:
    assert "overstated" in " ".join(certainty(record, []))
    one = record.model_copy(update={"replicates": 1})
    assert "--replicates 100 states it within ±10" in " ".join(certainty(one, []))
    for replicates, points in ((100, 0.1), (400, 0.05)):
        low, high = interval(replicates // 2, replicates)
        assert points * 0.95 < (high - low) / 2 <= points, "the number of replicates named"


def test_the_amount_of_a_goal_is_written_in_the_companys_number_format() -> None:
    """Beside figures written as 1.234,5, an amount of 110,000 would read as a hundred and ten."""
    goal = parse_goal("turnover@2026<=16.5%", YEARS)
    with numbers_as(FORMATS["1.234,5"]):
        assert str(parse_goal("payroll@2026<=1.5M", YEARS)) == "payroll in 2026 <= 1.500.000"
        assert str(goal) == "total turnover in 2026 <= 16,5%"
    assert str(goal) == "total turnover in 2026 <= 16.5%"

"""Every check detects what it is for: sound rows pass, and each corruption violates the named checks."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from shutil import copyfile

import duckdb
import polars as pl
import pytest

from settings import InputError
from settings.models.calendar import FiscalCalendar
from settings.models.checks import CheckSeverities
from tasks.census.history import census_history
from tasks.census.sample import sample_census
from tasks.system.project import DBT_PROJECT
from tasks.text.advice import ADVICE
from tasks.text.costs import COST_COLUMNS
from tasks.warehouse.checks import CheckFailed, checks_of, name_rows_at_fault
from tests.simulate import Finished, Overrides, simulate

pytestmark = pytest.mark.slow  # seven years: anomalies need five to compare with

LAST = 2031

#: Corruption of a sound run whose last year is under simulation -> the checks that must detect it.
CORRUPTIONS = {
    "update inputs.run_control set simulation_year = start_year - 1; "
    "update inputs.census_validation set rejected_rows = 1": {"census_data_validation"},
    "update inputs.run_control set simulation_year = start_year - 1; "
    "update inputs.census_findings set violations = 1, at_fault = 'row 2'": {
        "census_low_pay",
        "census_high_pay",
        "census_old_age",
        "census_long_tenure",
        "census_same_hire_date",
        "census_newest_hire",
    },
    "update inputs.run_control set simulation_year = start_year - 1; "
    "update int_workforce_snapshot set salary = salary + 0.01 where simulation_year = 2024 and level = 2": {
        "baseline_workforce_validated"
    },
    "update inputs.run_control set simulation_year = start_year - 1; "
    "delete from int_workforce_snapshot where simulation_year = 2024 and level = 5 and replicate = 3": {
        "baseline_workforce_validated"
    },
    f"delete from fct_year_summary where simulation_year = {LAST} and replicate = 2": {
        "assert_year_complete"
    },
    f"update fct_year_summary set ending_headcount = ending_headcount + 1 where simulation_year = {LAST}": {
        "headcount_identity",
        "quotas_met",
        "months_add_up",
    },
    "update int_workforce_snapshot set salary = salary + 0.01 "
    f"where simulation_year = {LAST - 1} and level = 1": {
        "opening_equals_closing",
        "replay_identity",
    },
    f"update fct_year_summary set hires = hires + 1, ending_headcount = ending_headcount + 1 "
    f"where simulation_year = {LAST}": {"quotas_met", "event_counts"},
    "update int_workforce_events set salary_after = salary_after + 0.01 "
    f"where simulation_year = {LAST} and event_type = 'cola'": {"payroll_identity"},
    "update int_workforce_events set level_after = level_after + 1 "
    f"where simulation_year = {LAST} and event_type = 'promotion'": {"replay_identity"},
    # an orphan: an event of an unknown employee
    "insert into int_workforce_events select * replace ('nobody' as employee_id) from int_workforce_events "
    f"where simulation_year = {LAST} and event_type = 'merit' limit 1": {
        "assert_year_complete",
        "replay_identity",
    },
    # a duplicate key
    "insert into int_workforce_snapshot from int_workforce_snapshot "
    f"where simulation_year = {LAST} limit 1": {"assert_year_complete"},
    "insert into int_workforce_events from int_workforce_events "
    f"where simulation_year = {LAST} and event_type = 'cola' limit 1": {"assert_year_complete"},
    # a table that was not written for a path
    f"delete from fct_hire_cohorts where simulation_year = {LAST} and replicate = 2": {
        "assert_year_complete"
    },
    f"delete from int_workforce_events where simulation_year = {LAST} and event_type = 'promotion'": {
        "event_counts"
    },
    "update int_workforce_events set salary_after = salary_after + 0.02 "
    f"where simulation_year = {LAST} and event_type = 'merit'": {"merit_budget_spent", "payroll_identity"},
    f"update int_month_summary set salary_cost = salary_cost + 0.01 where simulation_year = {LAST}": {
        "months_add_up"
    },
    **{
        f"update fct_year_summary set {cost} = {cost} + 0.01 "
        f"where simulation_year = {LAST} and replicate = 2": {"months_add_up"}
        for cost in COST_COLUMNS
    },
    f"update fct_year_summary set ending_headcount = 2 * opening_headcount where simulation_year = {LAST}": {
        "validate_growth_rates",
        "growth_on_target",
    },
    "update inputs.yearly_parameters set target_growth_rate = 0.9": {"growth_against_history"},
    "update fct_year_summary set promotions = 5 * promotions "
    f"where simulation_year = {LAST} and replicate = 1": {
        "anomaly_over_years",
        "anomaly_over_replicates",
    },
    "update fct_year_summary set merit_raises = merit_raises / 3, cola_raises = cola_raises / 3 "
    f"where simulation_year = {LAST} and replicate = 1": {
        "anomaly_over_years",
        "anomaly_over_replicates",
        "event_counts",
    },
    # one path, whose segment and company differ from their targets
    "update fct_segment_summary set ending_headcount = ending_headcount + 1 "
    f"where simulation_year = {LAST} and segment = 'department=Sales'": {"segments_on_target"},
    "update int_year_quotas set known_leaves = opening_headcount where replicate = 1": {
        "plan_within_targets"
    },
    "update int_year_quotas set known_hires = hire_quota + 1 where segment = 'others'": {
        "plan_within_targets"
    },
    f"update fct_dimension_summary set transfers_in = transfers_in + 1 where simulation_year = {LAST} "
    "and replicate = 3 and dimension_value = 'Sales'": {"transfers_net_to_zero"},
    "update int_month_summary set transfers_out = transfers_out + 1 "
    f"where month = '{LAST}-05-01' and replicate = 3": {"transfers_net_to_zero"},
    f"update int_workforce_snapshot set fte = 0 where simulation_year = {LAST} and level = 5": {
        "fte_in_range",
        "replay_identity",
    },
    "update int_workforce_events set fte_after = 1.5 "
    f"where simulation_year = {LAST} and event_type = 'fte'": {"fte_in_range"},
    f"update int_month_summary set fte = fte + 0.000001 where month = '{LAST}-12-01' and level = 1": {
        "fte_in_range"
    },
    "update int_workforce_events set cause = 'unheard_of' "
    f"where simulation_year = {LAST} and cause = 'retirement'": {"causes_add_up"},
    "update int_workforce_events set cause = 'reduction_in_force' "
    f"where simulation_year = {LAST} and cause = 'retirement'": {"causes_add_up"},
    # a termination more in the summary than among the events
    f"update fct_year_summary set experienced_terminations = experienced_terminations + 1, "
    f"ending_headcount = ending_headcount - 1 where simulation_year = {LAST} and replicate = 2": {
        "causes_add_up",
    },
    f"update fct_year_summary set reductions = reductions + 1 where simulation_year = {LAST}": {
        "causes_add_up",
        "headcount_identity",
    },
    # an action without an outcome, with two, with the wrong one; an event missing, and one on another date
    f"delete from int_settled_actions where simulation_year = {LAST} and replicate = 2": {
        "actions_accounted_for"
    },
    f"insert into int_settled_actions from int_settled_actions where simulation_year = {LAST - 1}": {
        "actions_accounted_for"
    },
    f"update int_settled_actions set outcome = 'not_drawn' where simulation_year = {LAST} "
    "and action = 'fte' and outcome = 'done'": {"actions_accounted_for"},
    f"delete from int_workforce_events where simulation_year = {LAST} and event_type = 'hire' "
    "and employee_id like '%-team-2'": {"actions_accounted_for"},
    f"update int_workforce_events set event_date = event_date + 1 where simulation_year = {LAST} "
    "and event_type = 'fte'": {"actions_accounted_for"},
    "insert into inputs.earlier_runs by name select 'r' || replicate as run_id, scenario_id, replicate, "
    "simulation_year, opening_headcount, 0 as hires, experienced_terminations, new_hire_terminations, "
    "reductions, promotions, cola_raises, merit_raises from fct_year_summary": {"anomaly_over_runs"},
}


#: The models that check simulated years.
FAMILIES = sorted(
    path.stem
    for path in (DBT_PROJECT / "models" / "monitoring").glob("check_*.sql")
    if path.stem not in ("check_census", "check_baseline", "check_faults")
)

#: Known actions of the sound run; employee {n} is the n-th of the census.
ACTIONS = f"""action_id,action,date,employee_id,count,fte,probability,department
early,leave,2026-06-30,{{0}},,,,
move,transfer,{LAST - 1}-03-01,{{1}},,,,Sales
team,hire,{LAST}-03-01,,3,,,
perhaps,hire,{LAST}-04-01,,1,,0.5,Sales
hours-1,fte,{LAST}-08-01,{{2}},,0.6,,
hours-2,fte,{LAST}-08-01,{{3}},,0.6,,
late,leave,{LAST + 5}-01-31,{{4}},,,,
before,leave,2024-12-31,{{4}},,,,
"""


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """A run of seven years and six replicates, enough for every check to compare, with known actions."""
    folder = tmp_path_factory.mktemp("sound")
    census = sample_census(300)
    actions = folder / "actions.csv"
    # the last hired stay longest
    actions.write_text(ACTIONS.format(*census["employee_id"].tail(5)), encoding="utf-8")
    sets = (
        "workforce.transfer={base: 0.1, by: department}",
        "workforce.termination.retirement={base: 0.3, eligible: {min_age: 55}}",
        "targets={by: [department], segments: [{where: {department: Sales}, growth: 0.05}], others: balance}",
        f"plan.actions={actions}",
    )
    return simulate(folder, census, years=f"2025-{LAST}", replicates=6, sets=sets, close=False)


def violated(database: Path) -> set[str]:
    """The checks that the year under simulation violates, queried from the models."""
    found: set[str] = set()
    with duckdb.connect(database) as connection:
        years = connection.execute("select simulation_year, start_year from inputs.run_control").fetchone()
        assert years
        if years[0] < years[1]:
            rows = connection.execute(
                "select check_name from (from check_census union from check_baseline) where violations > 0"
            ).fetchall()
            return {name for (name,) in rows}
        for family in FAMILIES:
            rows = connection.execute(
                f"select check_name, at_fault from {family} where violations > 0"
            ).fetchall()
            assert all(at_fault for _, at_fault in rows), "every violation has the values found"
            found |= {name for name, _ in rows}
    return found


def test_sound_years_pass_every_check(sound: Finished) -> None:
    checks = sound.query("select check_name, simulation_year, status from mon_data_quality")
    assert set(checks["status"]) == {"pass"}
    never = set(CheckSeverities.model_fields) - set(checks["check_name"])
    assert never == {"anomaly_over_runs"}  # there were no earlier runs
    assert checks.filter(simulation_year=2024).height == 8
    per_year = checks.filter(checks["simulation_year"] > 2024).group_by("simulation_year").len()
    assert set(per_year["len"]) == {19, 20}  # 2025 has no years before it


def test_sound_years_have_no_violations(sound: Finished, tmp_path: Path) -> None:
    copyfile(sound.run.directory.database, tmp_path / "simulation.duckdb")
    assert violated(tmp_path / "simulation.duckdb") == set()


@pytest.mark.parametrize("corruption", CORRUPTIONS)
def test_a_corruption_is_caught(sound: Finished, tmp_path: Path, corruption: str) -> None:
    database = tmp_path / "simulation.duckdb"  # relation names begin with this name
    copyfile(sound.run.directory.database, database)
    with duckdb.connect(database) as connection:
        connection.execute(corruption)
    assert CORRUPTIONS[corruption] <= violated(database)


def test_every_check_has_a_corruption_and_advice() -> None:
    assert set().union(*CORRUPTIONS.values()) == set(CheckSeverities.model_fields) == set(ADVICE)


#: Corruption of one employee -> the check that reports it, and the employee and values that it names.
FAULTS = {
    "update int_workforce_snapshot set salary = salary + 0.01 where {row}": (
        "replay_identity",
        r"1 employees: scenario baseline, replicate 2, employee {employee}: replayed level \d, FTE \S+, "
        r"combination \d+, salary (\S+), opening and changes \1; snapshot level \d, FTE \S+, "
        r"combination \d+, salary ",
    ),
    "update int_workforce_snapshot set salary = salary + 0.02 where {row}": (
        "payroll_identity",
        "1 employees: scenario baseline, replicate 2, employee {employee}: replayed",
    ),
    "insert into int_workforce_events select * replace ('nobody' as employee_id) "
    "from int_workforce_events where {row} limit 1": (
        "assert_year_complete",
        "1 employees: scenario baseline, replicate 2, employee nobody: has events, but was neither employed",
    ),
    "insert into int_workforce_snapshot from int_workforce_snapshot where {row}": (
        "assert_year_complete",
        "1 employees: scenario baseline, replicate 2, employee {employee}: in the snapshot more than once",
    ),
    "update inputs.run_control set simulation_year = start_year - 1; "
    "update inputs.census set salary = salary + 1 "
    "where employee_id = (select min(employee_id) from inputs.census)": (
        "baseline_workforce_validated",
        r"6 employees: scenario baseline, replicate 1, employee \S+: level \d, salary \S+, hired \S+; in the "
        "census level",
    ),
}


@pytest.mark.parametrize("corruption", FAULTS)
def test_a_check_of_employees_names_those_at_fault(sound: Finished, tmp_path: Path, corruption: str) -> None:
    database = tmp_path / "simulation.duckdb"
    copyfile(sound.run.directory.database, database)
    check, expected = FAULTS[corruption]
    with duckdb.connect(database) as connection:
        row = connection.execute(
            "select min(employee_id) from fct_workforce_snapshot where simulation_year = ? "
            "and replicate = 2 and employment_status = 'active'",
            [LAST],
        ).fetchone()
        assert row
        key = f"simulation_year = {LAST} and replicate = 2 and employee_id = '{row[0]}'"
        connection.execute(corruption.format(row=key))
        connection.execute("update mon_data_quality set violations = 1 where check_name = ?", [check])
        year = connection.execute("select simulation_year from inputs.run_control").fetchone()
        assert year
        name_rows_at_fault(connection, year[0])
        at_fault = {found.name: found.rows_at_fault for found in checks_of(connection, year[0])}
    assert re.match(expected.format(employee=row[0]), at_fault[check] or "")


def test_an_anomaly_is_reported_with_its_deviation(sound: Finished, tmp_path: Path) -> None:
    database = tmp_path / "simulation.duckdb"
    copyfile(sound.run.directory.database, database)
    odd = "select at_fault from check_anomalies where check_name = 'anomaly_over_replicates'"
    with duckdb.connect(database) as connection:
        connection.execute(
            "update fct_year_summary set promotions = 5 * promotions "
            f"where simulation_year = {LAST} and replicate = 4"
        )
        at_fault = connection.execute(odd).fetchone()
        connection.execute("update inputs.tolerances set anomaly_history = 7")
        without = connection.execute(odd).fetchone()
    assert at_fault and re.fullmatch(
        r"scenario baseline, replicate 4: promotions at [\d.]+, median of 6 is [\d.]+, "
        r"[\d.]+ standard deviations more",
        at_fault[0],
    )
    assert without == (None,), "six replicates are fewer than the seven required"


def test_the_growth_report_has_achieved_target_allowed_and_trend(sound: Finished) -> None:
    report = sound.query("select * from growth_report order by simulation_year")
    assert report.height == 7
    assert set(report["replicates"]) == {6}
    assert report["growth_min"].to_list() == report["growth_max"].to_list()  # mode exact
    assert report["deviation"].abs().max() < 0.5 / 250  # type: ignore[operator]  # half an employee
    trend = sound.query("select * from growth_history")
    assert report["history_years"][0] == trend.height == 1  # the sample holds who left in its last year
    assert report["history_median"][0] == trend["growth_rate"][0]


def test_the_history_of_the_census_counts_every_year() -> None:
    rows = pl.DataFrame(
        {
            "hire_date": [date(2010, 1, 1)] * 10 + [date(2023, 5, 1)] * 3 + [date(2024, 2, 1)],
            "termination_date": [date(2022, 6, 30), date(2023, 6, 30), date(2024, 12, 31)] + [None] * 11,
        },
        schema={"hire_date": pl.Date, "termination_date": pl.Date},
    )
    years = {
        row["history_year"]: row
        for row in census_history(rows, FiscalCalendar.of("01-01", None, 2025)).to_dicts()
    }
    assert len(years) == 10
    assert years[2023] == {
        "history_year": 2023,
        "opening_headcount": 9,
        "hires": 3,
        "leavers": 1,
        "ending_headcount": 11,
    }
    assert (years[2024]["opening_headcount"], years[2024]["ending_headcount"]) == (11, 11)
    assert years[2021]["leavers"] == 0  # so growth_history leaves out 2021 and earlier years


def test_a_check_of_severity_error_stops_the_run_before_the_year_is_complete_or_published(
    tmp_path: Path,
) -> None:
    sets = ("checks.severities.growth_against_history=error", "checks.tolerances.growth_history=0")
    with pytest.raises(
        CheckFailed,
        match=r"(?s)2025: 1 check failed: growth_against_history: observed 1 of 1 .*target 3.00 %, "
        r"median of 1 year in the census .*what to do: see growth_report",
    ):
        simulate(tmp_path, sample_census(300), years="2025-2026", sets=sets)

    assert not list((tmp_path / "run" / "results").glob("*/simulation_year=2025"))
    with duckdb.connect(tmp_path / "run" / "simulation.duckdb") as connection:
        ledger = connection.execute(
            "select simulation_year, status, content_hash from year_ledger"
        ).fetchall()
    assert ledger == [(2025, "failed", None)]


def test_an_implausible_census_stops_the_run_if_settings_say_so(tmp_path: Path) -> None:
    census = sample_census(30).with_columns(salary=pl.lit(27.16).cast(pl.Decimal(14, 2)))
    with pytest.raises(
        CheckFailed, match=r"(?s)2024: 1 check failed: census_low_pay: observed 30 of 30 .*row "
    ):
        simulate(tmp_path, census, years="2025-2025", sets=["checks.severities.census_low_pay=error"])


@pytest.mark.slow
def test_a_warning_is_reported_without_stopping_the_run_and_off_is_not_checked(tmp_path: Path) -> None:
    sets = ("checks.severities.validate_growth_rates=off", "checks.tolerances.growth_history=0")
    finished = simulate(tmp_path, sample_census(300), years="2025-2025", sets=sets)
    checks = dict(
        finished.query("select check_name, status from mon_data_quality where simulation_year = 2025").rows()
    )
    assert checks["growth_against_history"] == "warn"
    assert "validate_growth_rates" not in checks


def test_a_reduction_comes_after_the_promotions_of_its_day(tmp_path: Path) -> None:
    """Who rises into a shrinking level on the last day leaves from there, and nobody else is reduced."""
    sets = (
        'compensation.effective_dates.promotion={"12-31": 1}',
        "targets={by: [level], segments: [{where: {level: 2}, growth: -0.3}], others: same}",
        "simulation.limits.min_growth=-1",
    )
    finished = simulate(tmp_path, sample_census(600), years="2025-2025", sets=sets)
    segments = finished.query("select * from fct_segment_summary")
    assert (segments["ending_headcount"] == segments["target_headcount"]).all()
    (shrinking,) = segments.filter(segment="level=2").to_dicts()
    (others,) = segments.filter(segment="others").to_dicts()
    assert others["reductions"] == 0 and shrinking["reductions"] > 0 and shrinking["transfers_in"] > 0
    promoted = finished.events.filter(event_type="promotion")["employee_id"]
    reduced = finished.events.filter(event_reason="reduction_in_force", level_before=2)
    assert reduced.height == shrinking["reductions"]
    assert reduced.filter(pl.col("employee_id").is_in(promoted.implode())).height > 0


def test_growth_that_is_an_outcome_has_no_target_to_miss(tmp_path: Path) -> None:
    """With given hires, or segments beside `others: same`; `balance` closes at the company's target."""
    segments = {"by": ["department"], "segments": [{"where": {"department": "Sales"}, "growth": "0.6"}]}
    scenarios: dict[str, Overrides] = {
        "hires": {"hiring.hires": 90},
        "same": {"targets": {**segments, "others": "same"}},
        "balance": {"targets": {**segments, "others": "balance"}},
    }
    sets = ("checks.severities.growth_on_target=error", "simulation.limits.max_growth=1")
    finished = simulate(tmp_path, sample_census(300), years="2025-2025", scenarios=scenarios, sets=sets)
    report = {row["scenario_id"]: row for row in finished.query("select * from growth_report").to_dicts()}
    assert all(report[name]["growth_mean"] > 0.06 for name in ("hires", "same"))
    assert {name: row["target_growth_rate"] for name, row in report.items()} == {
        "hires": None,
        "same": None,
        "balance": Decimal("0.03"),
    }
    assert report["balance"]["growth_mean"] == pytest.approx(0.03, abs=0.5 / 300)


def test_an_unknown_check_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="did you mean payroll_identity"):
        simulate(tmp_path, sample_census(10), sets=("checks.severities.payrol_identity=off",))

"""What settings say of dimensions and headcounts is compared with the census before anything runs."""

from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from settings import load_settings
from tasks.census.read import Census
from tasks.runs.misfits import misfits
from tasks.runs.request import RunRequest, accept
from tasks.system.project import ROOT
from tasks.text.advice import ADVICE

EXAMPLES = ROOT / "examples"
FACTORS = "workforce.termination.voluntary.factors"
SALES, LEGAL = "{where: {department: Sales}", "{where: {department: Legal}"

#: Ten in Sales, six in Legal, four without a department; the last of Sales has left.
EMPLOYEES = pl.DataFrame(
    {
        "department": ["Sales"] * 11 + ["Legal"] * 6 + [None] * 4,
        "termination_date": [None] * 10 + [date(2024, 6, 30)] + [None] * 10,
        "level": [1] * 21,
    },
    schema_overrides={"termination_date": pl.Date},
)
CENSUS = Census(EMPLOYEES, pl.DataFrame(), 21, 0, ("department",), (), "")


def found(*sets: str, plan: pl.DataFrame | None = None) -> list[str]:
    (scenario,) = load_settings(sets=sets, environ={}).scenarios
    return list(misfits(scenario, CENSUS, plan))


def targets(*segments: str, others: str = "same", by: str = "department") -> str:
    return f"targets={{by: [{by}], segments: [{', '.join(segments)}], others: {others}}}"


@pytest.mark.parametrize(
    ("assignment", "expected"),
    [
        (f"{FACTORS}.department.Slaes=2", "factors.department.Slaes: nobody .* did you mean Sales"),
        (f"{FACTORS}.location.Oslo=2", "factors.location names location, .* it has department"),
        ("workforce.transfer={base: 0.1, by: location}", "transfer.by names location, .* it has department"),
        (
            "workforce.transfer={base: 0.1, by: department, to: {Lega: 1}}",
            "transfer.to.Lega: nobody .* did you mean Legal",
        ),
        (targets("{where: {department: X}, growth: 0}"), "segments.0.where.department: nobody .* Legal, "),
        (targets("{where: {location: X}, growth: 0}", by="location"), "targets.by names location"),
        ("hiring.dimension_mix=[{values: {location: X}, share: 1}]", "dimension_mix names location"),
    ],
)
def test_names_that_nobody_has_are_refused(assignment: str, expected: str) -> None:
    (problem,) = found(assignment)
    assert pl.Series([problem]).str.contains(f"^scenario baseline: .*{expected}").all(), problem


def test_names_of_the_census_the_mix_of_hires_and_the_plan_are_accepted() -> None:
    fits = [
        f"{FACTORS}.department.null=2",
        f"{FACTORS}.department.Sales=2",
        "workforce.transfer={base: 0.1, by: department, to: {Legal: 1}}",
        targets(f"{SALES}, growth: 3}}", "{where: {department: New}, growth: 0}"),
    ]
    mix = "hiring.dimension_mix=[{values: {department: New}, share: 1}]"
    assert not found(*fits, mix)
    assert not found(*fits, plan=pl.DataFrame({"department": [None, "New"]}))
    assert len(found(*fits)) == 1


def test_the_examples_fit_the_bundled_sample() -> None:
    accepted = accept(RunRequest(scenarios=(EXAMPLES / "targets.yaml",)))
    (scenario,) = accepted.settings.scenarios
    assert scenario.settings.targets is not None and len(scenario.settings.targets.segments) == 3
    actions = pl.read_csv(EXAMPLES / "actions.csv")
    assert set(actions["action"]) == {"leave", "hire", "promote", "transfer", "raise", "fte"}
    employed = accepted.census.employees.filter(pl.col("termination_date").is_null())
    assert set(actions["employee_id"].drop_nulls()) <= set(employed["employee_id"])
    for dimension in accepted.census.dimensions:
        assert set(actions[dimension].drop_nulls()) <= set(employed[dimension])


def test_the_rest_cannot_be_less_than_nobody() -> None:
    """20 employees grow to 21 (R 20.6) in 2025, to 22 in 2026 (R 21.63); who left in 2024 does not count."""
    full = targets(f"{SALES}, headcount: 15}}", f"{LEGAL}, growth: 0}}", others="balance")
    assert not found(full)  # the rest is 0 in 2025
    (problem,) = found(targets(f"{SALES}, headcount: 16}}", f"{LEGAL}, growth: 0}}", others="balance"))
    assert (
        "in 2025 the segments need 16 (department=Sales) + 6 (department=Legal) = 22 people, but the total "
        "target is 20 x (1 + 0.03) = 21, so that others would have -1"
    ) in problem
    growing = targets(f"{SALES}, growth: 0.3}}", f"{LEGAL}, headcount: 6}}", others="balance")
    (problem,) = found(growing)  # 13, then R(16.9) = 17
    assert "in 2026 the segments need 17 (department=Sales) + 6" in problem
    assert "21 x (1 + 0.03) = 22, so that others would have -1" in problem


BEYOND = f"{SALES}, headcount: 16}}", f"{LEGAL}, growth: 0}}"  # already in the first year
GROWING = f"{SALES}, growth: 0.3}}", f"{LEGAL}, headcount: 6}}"  # from the second year on
TRANSFER = "workforce.transfer={base: 0.1, by: department}"
EXPECTED, RATES = "simulation.mode=expected", "simulation.mode=rates"
NO_LEAVERS = "workforce.new_hire_termination_rate=0"


def hires(year: int) -> pl.DataFrame:
    return pl.DataFrame({"action": ["hire"], "action_date": [date(year, 6, 1)], "department": [None]})


@pytest.mark.parametrize("sets", [(TRANSFER,), (EXPECTED,), (RATES,), (EXPECTED, TRANSFER)])
@pytest.mark.parametrize("plan", [None, hires(2025)])
def test_the_first_year_is_known_whatever_happens_in_it(
    sets: tuple[str, ...], plan: pl.DataFrame | None
) -> None:
    (problem,) = found(targets(*BEYOND, others="balance"), *sets, plan=plan)
    assert "in 2025 the segments need 16 (department=Sales) + 6 (department=Legal) = 22 people" in problem


@pytest.mark.parametrize(
    ("sets", "plan", "is_known"),
    [
        ((TRANSFER,), None, True),
        ((), hires(2026), True),
        ((), hires(2025), False),
        ((EXPECTED,), None, False),
        ((RATES, NO_LEAVERS), None, True),
        (
            (
                EXPECTED,
                "workforce.new_hire_termination_rate={2025: 0, 2026: 1e-9, 2027: 0, 2028: 0, 2029: 0}",
            ),
            None,
            True,
        ),
    ],
)
def test_a_later_year_is_known_if_the_years_before_meet_their_targets(
    sets: tuple[str, ...], plan: pl.DataFrame | None, is_known: bool
) -> None:
    problems = found(targets(*GROWING, others="balance"), *sets, plan=plan)
    assert ["in 2026 the segments need 17" in one for one in problems] == [True] * is_known


def test_targets_of_a_stub_are_those_of_its_part_of_the_year() -> None:
    """184 of 365 days: Sales grow to 11 (R 11.4) of 20 (R 20.3), then to 14 of 21 and to 18 of 22."""
    stub = "simulation.opening_date=2025-06-30"
    for plan in (None, hires(2025)):  # hired before the opening
        (problem,) = found(targets(*GROWING, others="balance"), stub, plan=plan)
        assert "in 2027 the segments need 18 (department=Sales) + 6 (department=Legal) = 24" in problem
    (problem,) = found(targets(*BEYOND, others="balance"), stub)
    assert "in 2025 (stub) the segments need 16" in problem
    assert "the total target is 20 x (1 + 0.015012" in problem


def test_segments_may_be_told_apart_by_level() -> None:
    """Ten of level 1 in Sales."""
    level = "{where: {department: Sales, level: 1}, headcount: 22}"
    (problem,) = found(targets(level, others="balance", by="department, level"))
    assert "in 2025 the segments need 22 (department=Sales, level=1) = 22 people" in problem
    other = "{where: {level: 2}, growth: 3}"
    assert not found(targets(other, others="balance", by="level")), "nobody is at level 2"


def test_what_only_the_simulation_knows_is_advised_on_when_it_fails() -> None:
    for check in ("quotas_met", "segments_on_target"):
        assert "targets.others: same" in ADVICE[check]


STUB = ("simulation.start_year=2025", "simulation.end_year=2025", "simulation.opening_date=2025-06-30")
#: Nobody in Legal when 2025 began: twelve in Sales, of whom one left on the last day of 2024.
SPELLS = pl.DataFrame(
    {
        "from_date": [date(2024, 12, 31)] * 12 + [date(2025, 3, 1)] * 6,
        "to_date": [date(2025, 6, 30)] * 11 + [date(2024, 12, 31)] + [date(2025, 6, 30)] * 6,
        "is_exit": [False] * 11 + [True] + [False] * 6,
        "level": [1] * 18,
        "department": ["Sales"] * 12 + ["Legal"] * 6,
    }
)


def found_with_actuals(*sets: str) -> list[str]:
    (scenario,) = load_settings(sets=[*STUB, *sets], environ={}).scenarios
    return list(misfits(scenario, replace(CENSUS, actual_spells=SPELLS)))


def test_a_segment_that_is_new_since_the_year_began_is_not_closed() -> None:
    """Its growth would count from nobody."""
    (problem,) = found_with_actuals(targets(LEGAL + ", growth: 0.1}", SALES + ", growth: 0.1}"))
    assert "targets.segments.0 (department=Legal): 6 people on the opening date" in problem
    assert "nobody when the fiscal year began on 2025-01-01" in problem and "headcount instead" in problem
    assert not found_with_actuals(targets(LEGAL + ", headcount: 7}"))
    assert not found(*STUB, targets(LEGAL + ", growth: 0.1}"))


def test_balance_counts_from_the_headcounts_when_a_known_year_began() -> None:
    """Eleven in Sales then, of eleven in all, grow by the whole year's growth."""
    simulation = "simulation.target_growth_rate=0"
    (problem,) = found_with_actuals(simulation, targets(SALES + ", growth: 0.2}", others="balance"))
    assert "need 13 (department=Sales) = 13 people, but the total target is 11 x" in problem

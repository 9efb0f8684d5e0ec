"""Goals: the search on made-up responses against trying every value, and on the simulation."""

import math
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from settings import InputError
from tasks.runs.request import RunRequest
from tasks.studies.goal import Goal, Search, parse_goal, parse_search
from tasks.studies.solve import NoAnswer, cheap_runs, solve
from tests.simulate import simulate

YEARS = range(2025, 2030)
MERIT = "compensation.merit_budget"


def responses(response: Callable[[Decimal], float]) -> Callable[[Sequence[Decimal]], Mapping[Decimal, float]]:
    return lambda values: {value: response(value) for value in values}


@given(
    intervals=st.integers(2, 3000),
    threshold=st.integers(-10, 3010),
    points=st.integers(2, 12),
    direction=st.sampled_from([1, -1]),
    coarse=st.integers(1, 7),
)
def test_the_answer_is_that_of_an_exhaustive_search(
    intervals: int, threshold: int, points: int, direction: int, coarse: int
) -> None:
    """A step function, rising or falling: the answer is the last value that meets the goal."""
    search = Search("x", Decimal(0), Decimal(intervals), Decimal(1), points)

    def response(value: Decimal) -> float:
        return direction * (int(value) // coarse)

    goal = Goal("hires", 2025, "<=", Decimal(direction * (threshold // coarse)))
    meeting = [value for value in range(intervals + 1) if goal.is_within(response(Decimal(value)))]
    if not meeting:
        with pytest.raises(NoAnswer, match="no value within the bounds"):
            solve(goal, search, responses(response))
        return
    found = solve(goal, search, responses(response))
    assert goal.is_met_by(found.answer.response)
    if len(meeting) == intervals + 1:
        assert found.neighbour is None
        return
    last = meeting[-1] if direction == 1 else meeting[0]
    assert found.answer.value == last
    assert found.neighbour is not None
    assert found.neighbour.value == last + direction
    assert not goal.is_met_by(found.neighbour.response)
    assert len({trial.value for trial in found.trials}) == len(found.trials)  # nothing is simulated twice
    # each pass leaves a part in points + 1 of the bracket, rounded up
    assert found.trials[-1].number <= 2 + math.ceil(math.log(intervals, points + 1))


def test_equality_takes_the_nearer_neighbour() -> None:
    search = Search("x", Decimal(0), Decimal(1), Decimal("0.01"))
    found = solve(Goal("payroll", 2025, "=", Decimal(50)), search, responses(lambda x: 90.0 * float(x)))
    assert found.answer.value == Decimal("0.56")  # 50.4; 0.55 gives 49.5
    assert found.neighbour is not None and found.neighbour.value == Decimal("0.55")


def test_a_response_that_turns_is_refused_with_what_was_found() -> None:
    search = Search("x", Decimal(0), Decimal(8), Decimal(1))
    with pytest.raises(NoAnswer, match="several separate ranges"):
        solve(Goal("hires", 2025, "<=", Decimal(1)), search, responses(lambda x: float(x) % 4))


def test_a_range_with_two_ends_is_refused_with_bounds_for_each_end() -> None:
    """As turnover by growth: reductions raise it on one side, hires who leave on the other."""
    search = Search("x", Decimal(-4), Decimal(4), Decimal(1))
    goal = Goal("leavers", 2025, "<=", Decimal(2))
    with pytest.raises(
        NoAnswer, match=r"in a range inside the bounds.* choose --between=-3,-2 or --between=2,3"
    ):
        solve(goal, search, responses(lambda x: abs(float(x))))


def test_an_erratic_answer_is_marked() -> None:
    search = Search("x", Decimal(0), Decimal(1000), Decimal(1))
    goal = Goal("hires", 2025, "<=", Decimal(400))
    assert not solve(goal, search, responses(float)).is_erratic
    erratic = solve(goal, search, responses(lambda x: float(x) + (0 if x % 2 else 8)))
    assert erratic.is_erratic


def test_a_figure_that_the_setting_does_not_change_is_reported() -> None:
    search = Search("x", Decimal(0), Decimal(8), Decimal(1))
    goal = Goal("headcount", 2025, "=", Decimal(1900))
    with pytest.raises(NoAnswer, match="it is 1,960 for every value of x"):
        solve(goal, search, responses(lambda _x: 1960.0))


def test_a_step_that_does_not_divide_the_bounds_leaves_the_upper_one_in() -> None:
    search = Search("x", Decimal(0), Decimal("0.1"), Decimal("0.03"))
    values = [search.value(place) for place in range(search.intervals + 1)]
    assert values == [Decimal(text) for text in ("0", "0.03", "0.06", "0.09", "0.1")]


@pytest.mark.parametrize(
    ("key", "between", "step"),
    [
        (MERIT, "0,0.1", "0.0001"),
        (MERIT, "0,0.3", "0.0001"),  # a thousandth would be 0.0003, and answers no numbers that people write
        (MERIT, "0,0.025", "0.00001"),
        ("compensation.eligibility_cutoff.month", "1,12", "1"),
    ],
)
def test_the_default_step(key: str, between: str, step: str) -> None:
    assert parse_search(key, between, None).step == Decimal(step)


def test_responses_are_shown_in_the_unit_of_the_goal() -> None:
    assert str(parse_goal("turnover<=6%", YEARS)) == "total turnover in every year <= 6%"
    assert str(parse_goal("payroll@2029<=0.25bn", YEARS)) == "payroll in 2029 <= 250,000,000"


@pytest.mark.parametrize("lowest", [437, 640])
def test_a_response_that_turns_between_the_values_first_tried_is_found(lowest: int) -> None:
    """No value of the first pass meets the goal; one value in a thousand does."""
    search = Search("x", Decimal(0), Decimal(1000), Decimal(1))
    goal = Goal("hires", 2025, "<=", Decimal(0))
    found = solve(goal, search, responses(lambda x: abs(float(x) - lowest)))
    assert found.answer.value == lowest
    assert found.trials[-1].number <= 4
    with pytest.raises(NoAnswer, match="no value within the bounds") as none:
        solve(goal, search, responses(lambda x: abs(float(x) - lowest) + 1))
    assert len(none.value.trials) > search.points  # it was looked for


def test_goals_are_read() -> None:
    assert parse_goal("payroll@2029<=260M", YEARS) == Goal("payroll", 2029, "<=", Decimal(260_000_000))
    assert parse_goal("hires <= 1,500", YEARS) == Goal("hires", None, "<=", Decimal(1500))
    assert parse_goal("turnover@2027=14%", YEARS) == Goal("turnover", 2027, "=", Decimal("0.14"))


@pytest.mark.parametrize(
    ("goal", "message"),
    [
        ("payroll", r"FIGURE\[@YEAR\] SIGN AMOUNT is expected"),
        ("pairoll<=1", "did you mean payroll"),
        ("payroll@2031<=1", "2031 is not simulated"),
        ("payroll=1", "a year is expected with ="),
        ("payroll<=much", "'much' is not an amount"),
        ("hires=<250", "signs are <=, >= and ="),
        ("hires<=1e999", "'1e999' is not an amount"),
        ("turnover<=14", "would be 1,400 %; for per cent write 14%"),
    ],
)
def test_goals_are_refused(goal: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse_goal(goal, YEARS)


@pytest.mark.parametrize(
    ("between", "step"),
    [("0", None), ("1,0", None), ("0,1", "2"), ("0,1", "0"), ("0,a", None), ("0,nan", None)],
)
def test_bounds_are_refused(between: str, step: str | None) -> None:
    with pytest.raises(InputError, match=r"--between|--step"):
        parse_search(MERIT, between, step)


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("simulation.random_seed", "belongs to the run"),
        ("ensemble.mode", "belongs to the run"),
        ("workforce.nothing", "--by workforce.nothing: unknown key"),
        ("simulation.mode", "a number is expected, this is exact or expected"),
        ("hiring.level_mix", "a number is expected, this is a mapping"),
        ("hiring.level_mix.1", "entries of hiring.level_mix depend on each other"),
        ("workforce.total_termination_rate.2027", "entries of workforce.total_termination_rate depend"),
        ("workforce", "a number is expected"),
    ],
)
def test_the_key_to_vary_is_refused(key: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse_search(key, "0,1", None)


def test_whole_numbers_have_whole_steps() -> None:
    with pytest.raises(InputError, match="bounds and step of this setting are whole numbers"):
        parse_search("compensation.eligibility_cutoff.month", "1,12", "0.5")


def test_bounds_that_the_setting_cannot_take_are_refused_both_at_once(tmp_path: Path) -> None:
    goal = parse_goal("hires<=1", YEARS)
    search = parse_search("simulation.target_growth_rate", "-0.5,0.5", None)
    with pytest.raises(InputError) as refused:
        cheap_runs(RunRequest(), goal, search, tmp_path)
    for bound in ("-0.5", "0.5"):
        assert f"--between: simulation.target_growth_rate = {bound}: a number from -0.10 to 0.20" in str(
            refused.value
        )


def test_a_scenario_that_fixes_the_setting_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "squeeze.yaml"
    file.write_text("id: squeeze\noverrides: {compensation.merit_budget: 0.02}\n")
    request = RunRequest(scenarios=(file,))
    with pytest.raises(InputError, match=r"--by compensation.merit_budget: .*squeeze\.yaml fixes it"):
        cheap_runs(request, parse_goal("hires<=1", YEARS), parse_search(MERIT, "0,0.1", None), tmp_path)


@pytest.mark.slow
def test_hires_by_growth_hold_in_a_separate_run(census: pl.DataFrame, tmp_path: Path) -> None:
    """The greatest growth of which no year hires more than 30, and the next value hires more."""
    census.write_parquet(tmp_path / "census.parquet")
    request = RunRequest(census=tmp_path / "census.parquet", years="2025-2026")
    goal = parse_goal("hires<=30", range(2025, 2027))
    search = parse_search("simulation.target_growth_rate", "-0.1,0.2", "0.001")
    found = solve(goal, search, cheap_runs(request, goal, search, tmp_path))
    assert found.neighbour is not None
    assert found.neighbour.value - found.answer.value == Decimal("0.001")
    values = {"answer": found.answer, "next": found.neighbour}
    run = simulate(
        tmp_path,
        tmp_path / "census.parquet",
        years="2025-2026",
        scenarios={name: {search.key: str(trial.value)} for name, trial in values.items()},
    )
    hires = dict(run.summary.group_by("scenario_id").agg(pl.col("hires").max()).rows())
    assert hires == {name: trial.response for name, trial in values.items()}
    assert hires["answer"] <= 30 < hires["next"]

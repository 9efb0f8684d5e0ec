"""The optimisation on made-up responses against trying every point, and on the simulation."""

import json
import math
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from flows.cli.main import app
from flows.cli.optimise_text import answer_table, remarks, trials_table
from settings import InputError
from tasks.runs.request import RunRequest
from tasks.studies.goal import Goal, Search, parse_range
from tasks.studies.objective import Demand, Objective
from tasks.studies.optimise import CONFIRMATIONS, Outcome, Problem, Response, optimise
from tasks.studies.optimise_runs import Simulations
from tasks.studies.proposals import Grid, Point
from tasks.studies.trials import Trials
from tests.simulate import simulate
from tests.studies.test_terminal import complain

#: Of places from 0 to 1: the objective, or with the noise of a replicate the figure of a goal.
Made = Callable[..., float]


def search(steps: int, number: int = 0) -> Search:
    return Search(f"cost.number_{number}", Decimal(0), Decimal(steps), Decimal(1))


def made_problem(sizes: Sequence[int], goals: Sequence[tuple[str, float]], trials: int = 60) -> Problem:
    demands = tuple(
        Demand(Goal("hires", 2025, "<=" if sign == "<=" else ">=", Decimal(str(amount))), Decimal("0.9"))
        for sign, amount in goals
    )
    grid = Grid(tuple(search(size, number) for number, size in enumerate(sizes)))
    return Problem(Objective("payroll", 2025, maximise=False), demands, grid, trials, seed=1)


class MadeUp:
    """Simulates points by functions; counts what is asked of it."""

    def __init__(self, problem: Problem, objective: Made, goals: Sequence[Made], bias: float = 0.0) -> None:
        self.problem, self.objective, self.goals, self.bias = problem, objective, goals, bias
        self.asked: list[Point] = []
        self.confirmed: list[tuple[Point, int]] = []

    def respond(self, point: Point, noise: Sequence[float]) -> Response:
        place = [at / end for at, end in zip(point, self.problem.grid.ends, strict=True)]
        values = tuple(tuple(goal(*place, each) for each in noise) for goal in self.goals)
        value = self.objective(*place)
        return Response(value, values, (value,) * len(noise))

    def evaluate(self, points: Sequence[Point]) -> list[Response]:
        self.asked += points
        return [self.respond(point, np.random.default_rng(7).normal(size=20).tolist()) for point in points]

    def confirm(self, point: Point, number: int) -> Response:
        self.confirmed.append((point, number))
        noise = np.random.default_rng(100 + number).normal(size=200) + self.bias
        return self.respond(point, noise.tolist())

    def optimised(self) -> Outcome:
        return optimise(self.problem, self.evaluate, self.confirm)

    def best_of_all(self) -> float:
        """The objective of the best point on the replicates of the search."""
        responses = self.evaluate(self.problem.grid.all_points())
        return min(
            response.objective
            for response in responses
            if response.objective is not None
            and all(
                demand.judge(values).is_met
                for demand, values in zip(self.problem.demands, response.goals, strict=True)
            )
        )


def found_first(outcome: Outcome) -> float:
    """The objective of the point that the search found, whether it was confirmed or not."""
    found = outcome.refuted[0] if outcome.refuted else outcome.answer
    assert found is not None and found.trial.response.objective is not None
    return found.trial.response.objective


@pytest.mark.parametrize(
    ("sizes", "objective", "goals", "amounts"),
    [
        pytest.param((100,), lambda x: x, [lambda x, z: x + 0.05 * z], [(">=", 0.5)], id="one setting"),
        pytest.param(
            (300, 60), lambda x, y: 3 * x + y, [lambda x, y, z: x + y + 0.05 * z], [(">=", 1.0)], id="linear"
        ),
        pytest.param(
            (200, 60),
            lambda x, y: (x - 0.3) ** 2 + 2 * (y - 0.7) ** 2,
            [lambda x, y, z: x * x + y * y + 0.05 * z],
            [("<=", 0.4)],
            id="curved",
        ),
        pytest.param(
            (20, 20),
            lambda x, y: math.sin(9 * x) + math.cos(7 * y) + x,
            [lambda x, y, z: x - y + 0.1 * z],
            [("<=", 0.2)],
            id="several valleys",
        ),
        pytest.param(
            (100, 100),
            lambda x, y: math.floor(40 * (1 - x)) + y,
            [lambda x, y, z: math.floor(50 * x * y + 2 * z), lambda x, _y, z: x + 0.1 * z],
            [("<=", 10), ("<=", 0.8)],
            id="steps and two goals",
        ),
    ],
)
def test_the_search_finds_the_best_of_all_points(
    sizes: Sequence[int], objective: Made, goals: Sequence[Made], amounts: Sequence[tuple[str, float]]
) -> None:
    made = MadeUp(made_problem(sizes, amounts), objective, goals)
    outcome = made.optimised()
    assert len({*made.asked}) == len(made.asked) <= made.problem.trials, "nothing is simulated twice"
    assert found_first(outcome) == made.best_of_all()
    assert [trial.point for trial in made.optimised().trials] == [trial.point for trial in outcome.trials]


@given(
    sizes=st.tuples(st.integers(1, 6), st.integers(1, 6)),
    slope=st.tuples(st.integers(-3, 3), st.integers(-3, 3)),
    amount=st.integers(-2, 6),
)
def test_a_small_grid_is_tried_as_a_whole(
    sizes: tuple[int, int], slope: tuple[int, int], amount: int
) -> None:
    problem = made_problem(sizes, [("<=", amount)])
    made = MadeUp(problem, lambda x, y: slope[0] * x + slope[1] * y, [lambda x, y, _z: 5 * x - 3 * y])
    outcome = made.optimised()
    assert sorted(made.asked) == problem.grid.all_points()
    if outcome.answer:
        assert found_first(outcome) == made.best_of_all()
    else:
        assert not any(trial.meets(problem) for trial in outcome.trials)


@given(
    values=st.lists(st.none() | st.integers(-5, 5), min_size=1, max_size=30),
    sign=st.sampled_from(["<=", ">="]),
    amount=st.integers(-5, 5),
    percent=st.integers(1, 100),
)
def test_a_demand_is_met_if_the_share_of_replicates_suffices(
    values: list[int | None], sign: str, amount: int, percent: int
) -> None:
    goal = Goal("hires", 2025, "<=" if sign == "<=" else ">=", Decimal(amount))
    judged = Demand(goal, Decimal(percent) / 100).judge(values)
    holds = sum(
        value is not None and (value <= amount if sign == "<=" else value >= amount) for value in values
    )
    assert judged.holds == holds
    assert judged.is_met == (100 * holds >= percent * len(values))


def test_a_point_that_fresh_replicates_refute_is_no_answer() -> None:
    """The search's draws are kinder than the truth: the answer is further inside the goal than asked."""
    made = MadeUp(made_problem((200,), [(">=", 0.5)]), lambda x: x, [lambda x, z: x + 0.05 * z], bias=-1)
    outcome = made.optimised()
    assert outcome.refuted and outcome.answer
    assert not any(each.fresh.meets(made.problem) for each in outcome.refuted)
    assert outcome.answer.fresh.meets(made.problem)
    place = outcome.answer.trial.point[0] / 200
    smallest = 0.5 + 0.05 * (1 + 1.2816)  # holds in 90 % of all replicates
    assert place == pytest.approx(smallest, abs=0.03)
    assert [number for _, number in made.confirmed] == list(range(len(made.confirmed))), "always fresh ones"
    passed = {trial.point for trial in outcome.passed_over(made.problem)}
    met = {trial.point for trial in outcome.trials if trial.meets(made.problem)}
    assert passed == {point for point in met if point < outcome.answer.trial.point} - {
        each.trial.point for each in outcome.refuted
    }
    said = " ".join(remarks(made.problem, outcome))
    assert (f"{len(passed)} points with a better figure" in said) == bool(passed)
    assert "the first point that held" in said


def test_there_is_no_answer_if_none_is_confirmed() -> None:
    made = MadeUp(made_problem((200,), [(">=", 0.5)]), lambda x: x, [lambda x, z: x + 0.01 * z], bias=-99)
    outcome = made.optimised()
    assert outcome.answer is None
    assert 1 <= len(outcome.refuted) <= CONFIRMATIONS
    points = [each.trial.point for each in outcome.refuted]
    assert len({*points}) == len(points), "a refuted point is not asked again"


def test_the_nearest_point_is_found_where_nothing_holds() -> None:
    """The figure is highest, 0.9, at one point; all trials are spent on the way to it."""
    made = MadeUp(
        made_problem((300, 300), [(">=", 2.0)]),
        lambda x, y: x + y,
        [lambda x, y, _z: 0.9 - (x - 0.37) ** 2 - (y - 0.81) ** 2],
    )
    outcome = made.optimised()
    assert outcome.answer is None and not made.confirmed
    (judged,) = outcome.nearest(made.problem).judged(made.problem)
    assert judged.off == pytest.approx(2.0 - 0.9, abs=1e-4)


def test_points_without_a_value_are_no_answers() -> None:
    made = MadeUp(made_problem((30, 30), []), lambda x, y: x + y, [])
    made.evaluate = lambda points: [  # type: ignore[method-assign]
        Response(None if sum(point) < 20 else float(sum(point)), ()) for point in points
    ]
    outcome = made.optimised()
    assert outcome.answer and outcome.answer.trial.response.objective == 20


def test_the_tables_are_complete_at_any_width() -> None:
    made = MadeUp(
        made_problem((30, 30, 30), [("<=", 0.4), (">=", 0.1)], trials=18),
        lambda x, y, z: 1e9 * (x + y + z),
        [lambda x, y, _, z: x * y + 0.01 * z, lambda x, y, _, z: x * y + 0.01 * z],
    )
    outcome = made.optimised()
    assert outcome.answer
    for width in (60, 80, 200):
        assert complain(trials_table(made.problem, outcome), width) == []
        assert complain(answer_table(made.problem, outcome.answer), width) == []


def test_ranges_are_read() -> None:
    key = "compensation.merit_budget"
    found = parse_range(f"{key}=0.02..0.05")
    assert (found.lower, found.upper, found.step) == (Decimal("0.02"), Decimal("0.05"), Decimal("0.0001"))
    assert parse_range(f"{key}=0..0.1/0.01").step == Decimal("0.01")
    assert parse_range("simulation.target_growth_rate=-0.1..0.2").lower == Decimal("-0.1")


MERIT = ["--by", "compensation.merit_budget=0..0.05/0.01"]


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ([*MERIT], "--minimise, --maximise: one of them is expected"),
        ([*MERIT, "--minimise", "payroll", "--maximise", "hires"], "one of them is expected"),
        ([*MERIT, "--minimise", "payrol"], "--minimise 'payrol': no figure .* did you mean payroll"),
        ([*MERIT, "--maximise", "payroll@2031"], "--maximise 'payroll@2031': a year from 2025 to 2029"),
        ([*MERIT, "--maximise", "hires[site=A]"], "part by level, segment or dimension"),
        ([*MERIT, *MERIT, "--minimise", "hires"], "only once; found twice: compensation.merit_budget"),
        (["--by", "compensation.merit_budget", "--minimise", "hires"], r"KEY=LOW\.\.HIGH is expected"),
        (["--by", "cost.severance.rate=1..0", "--minimise", "hires"], "the first number must be below"),
        (
            ["--by", "compensation.merit_budget=0..9", "--minimise", "hires"],
            "--by: compensation.merit_budget = 9",
        ),
        (["--by", "cost.severance.rates=0..1", "--minimise", "hires"], "unknown key; did you mean rate"),
        ([*MERIT, "--minimise", "hires", "--goal", "hires@2025=3"], "<= or >= is allowed"),
        ([*MERIT, "--minimise", "hires", "--with", "0.9"], "--with: there is no goal"),
        ([*MERIT, "--minimise", "hires", "--goal", "hires<=3", "--with", "90"], "as in 0.9 or 90%"),
        (
            [*MERIT, "--minimise", "hires", "--goal", "hires<=3", "--with", "0.9", "--with", "0.8"],
            "one for each of the 1 goals is expected; 2 were given",
        ),
        (
            [
                *("--by", "workforce.promotion_raise.min=0.1..0.2"),
                *("--by", "workforce.promotion_raise.max=0.15..0.3"),
                *("--minimise", "hires"),
            ],
            r"--by: workforce.promotion_raise.max = 0.15: at least min \(0.2\)",
        ),
        ([*MERIT, "--minimise", "hires", "--json", "--csv"], "one of them is allowed"),
    ],
)
def test_flags_are_refused(flags: list[str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        CliRunner().invoke(app, ["optimise", *flags], catch_exceptions=False)


KEYS = ("compensation.merit_budget", "compensation.cola_rate")


@pytest.mark.slow  # 117 points in one simulation
def test_the_best_of_all_points_of_a_company_is_found(census: pl.DataFrame, tmp_path: Path) -> None:
    census.write_parquet(tmp_path / "census.parquet")
    request = RunRequest(census=tmp_path / "census.parquet", years="2025-2025")
    grid = Grid((parse_range(f"{KEYS[0]}=0..0.06/0.005"), parse_range(f"{KEYS[1]}=0..0.04/0.005")))
    objective = Objective("average_pay", 2025, maximise=True)
    demand = Demand(Goal("payroll", 2025, "<=", Decimal(18_200_000)), Decimal("0.8"))
    problem = Problem(objective, (demand,), grid, trials=60, seed=1)
    trials = Trials.of(request, grid.searches, tmp_path, ["average_pay", "payroll"])
    runs = Simulations(trials, problem, replicates=5, fresh=10)
    points = grid.all_points()
    responses = dict(zip(points, runs.evaluate(points), strict=True))
    met = [response for response in responses.values() if demand.judge(response.goals[0]).is_met]
    assert 0 < len(met) < len(points)
    outcome = optimise(problem, lambda some: [responses[point] for point in some], runs.confirm)
    assert found_first(outcome) == max(response.objective or 0 for response in met)
    assert len(outcome.trials) <= 60 < len(points)


@pytest.mark.slow  # several simulations
def test_fresh_replicates_are_those_of_a_separate_run(census: pl.DataFrame, tmp_path: Path) -> None:
    census.write_parquet(tmp_path / "census.parquet")
    asked = ["optimise", "--census", str(tmp_path / "census.parquet"), "--years", "2025-2025"]
    asked += ["--maximise", "average_pay@2025", "--goal", "payroll@2025<=18.2M", "--with", "50%"]
    asked += ["--by", f"{KEYS[0]}=0..0.06/0.03", "--by", f"{KEYS[1]}=0..0.04/0.02"]
    done = CliRunner().invoke(app, [*asked, "--replicates", "3", "--confirm", "4", "--trials", "9", "--json"])
    document = json.loads(done.stdout)
    assert done.exit_code == (0 if document["answer"] else 1)
    assert len({tuple(row[key] for key in KEYS) for row in document["trials"]}) == 9
    fresh = (document["refuted"] or [document["answer"]])[0]
    run = simulate(
        tmp_path,
        tmp_path / "census.parquet",
        years="2025-2025",
        replicates=4,
        sets=[
            "simulation.first_replicate=4",
            *(f"{key}={value}" for key, value in fresh["settings"].items()),
        ],
        close=False,
    )
    payrolls = run.summary["ending_payroll"].cast(float)
    assert fresh["goals"][0]["probability"] == (payrolls <= 18.2e6).mean()
    assert fresh["figure"] == pytest.approx((payrolls / run.summary["ending_headcount"]).mean())

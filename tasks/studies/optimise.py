"""Finds values of several settings that make a figure small or large, while goals hold with a probability.

Points of a grid are simulated in passes, side by side and on the same replicates (tasks/studies/proposals.py
chooses them). The best one is then simulated on fresh replicates, since chosen as the best it fits the draws
with which it was found. If a goal then holds in too few of them, the search goes on with a margin of safety:
the figure must be further inside the goal's amount, by as much as it was off. The next best point is
confirmed on replicates that are fresh again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import inf, isfinite

from tasks.studies.objective import ByReplicate, Demand, Judged, Objective
from tasks.studies.proposals import NEAR, WIDE, Grid, Point, Seen, first_points, proposals, some_of

#: Points that are simulated on fresh replicates at most, one after the other.
CONFIRMATIONS = 4
#: What is added to the margin, as a share of how far a figure was off.
MORE_MARGIN = 0.25
#: How far inside its amount each goal's figure must be.
Margins = tuple[float, ...]

#: An improvement by less than this, as a share of the range of costs, does not count as one.
NEGLIGIBLE = 1e-3


@dataclass(frozen=True)
class Response:
    """What a simulation gives: the objective's figure, and the values of each goal's figure by replicate."""

    objective: float | None
    goals: tuple[ByReplicate, ...]
    by_replicate: ByReplicate = ()  # the objective's figure


Evaluate = Callable[[Sequence[Point]], Sequence[Response]]
Confirm = Callable[[Point, int], Response]
OnPass = Callable[[int, Sequence[Point]], None]


@dataclass(frozen=True)
class Problem:
    """What is sought, and where; `points` are simulated together in a pass, `trials` at most in all."""

    objective: Objective
    demands: tuple[Demand, ...]
    grid: Grid
    trials: int
    seed: int
    points: int = 9


@dataclass(frozen=True)
class Trial:
    """A simulated point."""

    number: int  # of the pass
    point: Point
    response: Response

    def judged(self, problem: Problem, margins: Margins = ()) -> list[Judged]:
        """Return how the trial does by each demand."""
        return [
            demand.judge(values, inside)
            for demand, values, inside in zip(
                problem.demands, self.response.goals, margins or (0.0,) * len(problem.demands), strict=True
            )
        ]

    def meets(self, problem: Problem, margins: Margins = ()) -> bool:
        """Return whether every demand is met, and the objective's figure has a value."""
        met = all(judged.is_met for judged in self.judged(problem, margins))
        return met and self.response.objective is not None

    def rank(self, problem: Problem, margins: Margins = ()) -> tuple[bool, float, Point]:
        """Return a key by which better trials come first: by the objective, else by how far goals are off."""
        if self.meets(problem, margins):
            return False, problem.objective.cost_of(self.response.objective or 0.0), self.point
        return True, self.off(problem, margins), self.point

    def off(self, problem: Problem, margins: Margins = ()) -> float:
        """Return how far goals are off, as a share of their amounts; infinite where there is no figure."""
        if self.response.objective is None:
            return inf
        return sum(
            judged.off / (abs(float(demand.goal.amount)) or 1.0)
            for demand, judged in zip(problem.demands, self.judged(problem, margins), strict=True)
        )


@dataclass(frozen=True)
class Confirmation:
    """A trial on fresh replicates."""

    trial: Trial
    fresh: Trial
    is_confirmed: bool


@dataclass
class Outcome:
    """The confirmed answer, if there is one; the points that fresh replicates refuted; and all trials."""

    answer: Confirmation | None
    refuted: list[Confirmation] = field(default_factory=list)
    trials: list[Trial] = field(default_factory=list)

    def passed_over(self, problem: Problem) -> list[Trial]:
        """Return the better trials that met the demands in the search, but not with the margin of safety."""
        if self.answer is None:
            return []
        refuted = {each.trial.point for each in self.refuted}
        best = self.answer.trial.rank(problem)
        return [trial for trial in self.trials if trial.rank(problem) < best and trial.point not in refuted]

    def nearest(self, problem: Problem) -> Trial:
        """Return the trial that comes nearest to meeting the demands on the replicates of the search."""
        return min(self.trials, key=lambda trial: trial.rank(problem))


def optimise(
    problem: Problem,
    evaluate: Evaluate,
    confirm: Confirm,
    on_pass: OnPass = lambda _number, _points: None,
) -> Outcome:
    """Search, and confirm the answer on fresh replicates.

    Args:
        problem: What is sought.
        evaluate: Simulates points on the replicates of the search.
        confirm: Simulates a point on fresh replicates, others for each number.
        on_pass: Called at the start of each pass with its number and points; pass 0 is a confirmation.
    """
    search = _Search(problem, evaluate, on_pass)
    outcome = Outcome(None, [], search.trials)
    margins: Margins = (0.0,) * len(problem.demands)
    for number in range(CONFIRMATIONS if problem.demands else 1):
        best = search.best(
            margins, _allowed(problem, number), {refuted.trial.point for refuted in outcome.refuted}
        )
        if best is None:
            break
        on_pass(0, [best.point])
        fresh = Trial(0, best.point, confirm(best.point, number))
        found = Confirmation(best, fresh, fresh.meets(problem))
        if found.is_confirmed:
            outcome.answer = found
            break
        outcome.refuted.append(found)
        off = [judged.off if isfinite(judged.off) else 0.0 for judged in fresh.judged(problem)]
        margins = tuple(inside + (1 + MORE_MARGIN) * more for inside, more in zip(margins, off, strict=True))
    return outcome


def _allowed(problem: Problem, number: int) -> int:
    """Return how many trials there may be before a confirmation (from 0 on).

    A quarter is left for the searches after a point is refuted; the rest is whole passes.
    """
    if not problem.demands or number > 0:
        return problem.trials
    return max(1, problem.trials * 3 // 4 // problem.points) * problem.points


class _Search:
    """The trials of a search, which goes on where it stopped."""

    def __init__(self, problem: Problem, evaluate: Evaluate, on_pass: OnPass) -> None:
        self.problem = problem
        self.trials: list[Trial] = []
        self._evaluate = evaluate
        self._on_pass = on_pass
        self._passes = 0

    def best(self, margins: Margins, allowed: int, refuted: set[Point]) -> Trial | None:
        """Return the best trial that meets the demands with a margin, after at most `allowed` trials.

        As long as no trial meets the demands, there may be as many as the problem allows.
        """
        is_near = False
        while points := self._next(margins, self._limit(margins, allowed, refuted), is_near=is_near):
            before = self._leading(margins, refuted)
            self._try(points)
            has_improved = self._has_improved(before, self._leading(margins, refuted), margins)
            if is_near and not has_improved and not self._tries_all:
                break
            is_near = before is not None and not has_improved
        leading = self._leading(margins, refuted)
        return leading if leading and leading.meets(self.problem, margins) else None

    @property
    def _tries_all(self) -> bool:
        return self.problem.grid.size <= self.problem.trials

    def _next(self, margins: Margins, allowed: int, *, is_near: bool) -> list[Point]:
        """Return the points of the next pass; none if enough were tried."""
        problem, tried = self.problem, {trial.point for trial in self.trials}
        if self._tries_all:
            rest = [point for point in problem.grid.all_points() if point not in tried]
            return rest[: problem.points]
        count = min(problem.points, allowed - len(tried))
        if count <= 0:
            return []
        seed = problem.seed + self._passes
        if not tried:
            return first_points(problem.grid, count, seed)
        seen = {trial.point: self._seen(trial, margins) for trial in self.trials}
        return proposals(problem.grid, seen, some_of(NEAR if is_near else WIDE, count), seed)

    def _limit(self, margins: Margins, allowed: int, refuted: set[Point]) -> int:
        leading = self._leading(margins, refuted)
        return allowed if leading and leading.meets(self.problem, margins) else self.problem.trials

    def _try(self, points: Sequence[Point]) -> None:
        self._passes += 1
        self._on_pass(self._passes, points)
        for point, response in zip(points, self._evaluate(points), strict=True):
            self.trials.append(Trial(self._passes, point, response))

    def _leading(self, margins: Margins, refuted: set[Point]) -> Trial | None:
        found = [trial for trial in self.trials if trial.point not in refuted]
        return min(found, key=lambda trial: trial.rank(self.problem, margins), default=None)

    def _has_improved(self, before: Trial | None, now: Trial | None, margins: Margins) -> bool:
        if before is None or now is None:
            return now is not None
        (was_off, old, _), (is_off, new, _) = (one.rank(self.problem, margins) for one in (before, now))
        if was_off != is_off or not isfinite(old):
            return (is_off, new) < (was_off, old)
        costs = [trial.response.objective for trial in self.trials if trial.response.objective is not None]
        span = 1.0 if is_off else max(costs) - min(costs)
        return old - new > NEGLIGIBLE * span

    def _seen(self, trial: Trial, margins: Margins) -> Seen:
        """Return what the surrogate learns from a trial."""
        objective = trial.response.objective
        cost = inf if objective is None else self.problem.objective.cost_of(objective)
        return Seen(cost, tuple(judged.beyond for judged in trial.judged(self.problem, margins)))

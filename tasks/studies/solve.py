"""Finds the value of a setting that meets a goal.

The setting is searched on a grid (`Search.step`) in passes. A pass simulates several values as scenarios with
the same draws; the next pass searches between two neighbours of which one meets the goal and the other does
not. The answer is exact on the grid, also if the response is a step function, such as a headcount.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import duckdb

from tasks.runs.request import RunRequest
from tasks.studies.goal import Goal, Response, Search
from tasks.studies.parts import check_part
from tasks.studies.trials import Trials
from tasks.system.queries import read_query

Evaluate = Callable[[Sequence[Decimal]], Mapping[Decimal, Response]]


@dataclass(frozen=True)
class Trial:
    """A simulated value and its response."""

    number: int  # of the pass
    value: Decimal
    response: Response
    within: bool


class NoAnswer(Exception):
    """No value meets the goal, or several separate ranges do; the message reports what was found."""

    def __init__(self, message: str, tried: Sequence[Trial] = ()) -> None:
        super().__init__(message)
        self.trials = tried


@dataclass
class Solution:
    """The answer, its neighbour that does not meet the goal (none: a bound is the answer), and all trials."""

    answer: Trial
    neighbour: Trial | None
    trials: list[Trial] = field(default_factory=list)

    @property
    def is_erratic(self) -> bool:
        """Whether the response crosses the goal more than once near the answer, as chance can cause."""
        tried = sorted(self.trials, key=lambda trial: trial.value)
        return sum(one.within != other.within for one, other in pairwise(tried)) > 1


def cheap_runs(request: RunRequest, goal: Goal, search: Search, scratch: Path) -> Evaluate:
    """Return a function that simulates values of the setting and returns the response of each.

    `scratch` is a temporary folder for data that does not fit in memory. Raises InputError if settings or
    census are invalid, or the setting does not allow one of the bounds.
    """
    trials = Trials.of(
        request, [search], scratch, [goal.figure], with_parts=goal.part is not None, source="--between"
    )

    def evaluate(values: Sequence[Decimal]) -> dict[Decimal, Response]:
        with trials.simulated([{search.key: value} for value in values]) as (connection, names):
            check_part(connection, goal)
            found = {
                value: response_of(connection, goal, name) for value, name in zip(values, names, strict=True)
            }
        nobody = [f"{value:f}" for value, response in found.items() if response is None]
        if nobody:
            raise NoAnswer(
                f"{goal.figure} has no value where {search.key} is {', '.join(nobody)}, since nobody is "
                "employed; choose --between without it"
            )
        return {value: response for value, response in found.items() if response is not None}

    return evaluate


def response_of(connection: duckdb.DuckDBPyConnection, goal: Goal, scenario_id: str) -> Response | None:
    """Return a simulation's response, over view `figures`: the mean over replicates of the goal's figure.

    For a goal without a year, this is the worst year: the maximum for an upper limit, else the minimum.
    Returns None if the figure has no value, such as turnover without employees.
    """
    row = connection.execute(
        read_query(__package__, "mean_of_worst_year"),
        {
            "scenario": scenario_id,
            "figure": goal.figure,
            "breakdown": goal.breakdown,
            "item": goal.item,
            "year": goal.year,
            "is_lower_limit": goal.sign == ">=",
        },
    ).fetchone()
    return None if row is None else row[0]


def solve(
    goal: Goal,
    search: Search,
    evaluate: Evaluate,
    on_pass: Callable[[int, Sequence[Decimal]], None] = lambda _number, _values: None,
) -> Solution:
    """Find the last value of the grid that meets the goal, next to one that does not.

    For a goal with `=`, the response crosses the amount between two neighbours, and the nearer one is the
    answer. `on_pass` is called at the start of each pass with its number and values. Raises NoAnswer.
    """
    tried: list[Trial] = []
    trials: dict[int, Trial] = {}
    for number, places in enumerate(_passes(trials, goal, search), start=1):
        values = [search.value(place) for place in places]
        on_pass(number, values)
        responses = evaluate(values)
        for place in places:
            value = search.value(place)
            trials[place] = Trial(number, value, responses[value], goal.is_within(responses[value]))
            tried.append(trials[place])
        if number == 1:
            _check_first_pass(goal, search, tried)
    ends = _bracket(trials)
    if ends is None:
        nearest_to_goal = min(tried, key=lambda trial: abs(trial.response - float(goal.amount)))
        if not goal.is_met_by(nearest_to_goal.response):
            raise NoAnswer(
                f"no value within the bounds meets the goal {goal}: {_found(goal, search, tried)}", tried
            )
        return Solution(nearest_to_goal, None, tried)  # every value meets it, or one of `=` alone does
    met, other = sorted((trials[end] for end in ends), key=lambda trial: not trial.within)
    if goal.sign == "=":
        met, other = sorted((met, other), key=lambda trial: abs(trial.response - float(goal.amount)))
    return Solution(met, other, tried)


def _passes(trials: Mapping[int, Trial], goal: Goal, search: Search) -> Iterator[list[int]]:
    """Yield the grid indexes of each pass: first over the whole range, then inside the bracket.

    While no value meets the goal, the search continues around the nearest one, since the response may have an
    extreme there.
    """
    yield _spread(-1, search.intervals + 1, search.points)
    while ends := _bracket(trials) or _around_the_nearest(trials, goal):
        inside = [place for place in _spread(*ends, search.points) if place not in trials]
        if not inside:
            return
        yield inside


def _spread(below: int, above: int, points: int) -> list[int]:
    """Return at most `points` indexes evenly spaced between two indexes, without these two."""
    inside = above - below - 1
    count = min(points, inside)
    if count == 1:
        return [(below + above) // 2]
    if below == -1:  # the first pass includes the bounds
        return sorted({round(i * (above - 1) / (count - 1)) for i in range(count)})
    return sorted({below + round(i * (above - below) / (count + 1)) for i in range(1, count + 1)})


def _bracket(trials: Mapping[int, Trial]) -> tuple[int, int] | None:
    """Return the first two neighbours of which exactly one meets the goal; None if there are none.

    The first pass has found one change in the range. If rounding to whole people causes several changes near
    it, any of them is an answer with a neighbour that does not meet the goal.
    """
    places = sorted(trials)
    for low, high in pairwise(places):
        if trials[low].within != trials[high].within:
            return low, high
    return None


def _around_the_nearest(trials: Mapping[int, Trial], goal: Goal) -> tuple[int, int] | None:
    """Return the neighbours of the trial nearest to the goal; None if a trial meets it, or at a bound."""
    if any(goal.is_met_by(trial.response) for trial in trials.values()):
        return None
    places = sorted(trials)
    best = min(places, key=lambda place: abs(trials[place].response - float(goal.amount)))
    at = places.index(best)
    return (places[at - 1], places[at + 1]) if 0 < at < len(places) - 1 else None


def _found(goal: Goal, search: Search, trials: Sequence[Trial]) -> str:
    """Return the range of the responses as a sentence."""
    lowest, highest = min(trials, key=lambda t: t.response), max(trials, key=lambda t: t.response)
    if lowest.response == highest.response:
        return f"it is {goal.text_of(lowest.response)} for every value of {search.key}"
    return (
        f"{search.key} from {search.lower} to {search.upper} gives {goal.text_of(lowest.response)} "
        f"(at {lowest.value:f}) to {goal.text_of(highest.response)} (at {highest.value:f})"
    )


def _check_first_pass(goal: Goal, search: Search, trials: Sequence[Trial]) -> None:
    """Raise NoAnswer if the goal is met in an inner range or several ranges: the wanted end is unknown."""
    ends = [pair for pair in pairwise(trials) if pair[0].within != pair[1].within]
    if len(ends) < 2 or (goal.sign == "=" and any(goal.is_met_by(trial.response) for trial in trials)):
        return
    one_range = len(ends) == 2 and not trials[0].within and goal.sign != "="
    how = "met in a range inside the bounds" if one_range else "met in several separate ranges"
    choices = " or ".join(f"--between={low.value:f},{high.value:f}" for low, high in ends)
    raise NoAnswer(f"the goal {goal} is {how} of {search.key}; to find one end, choose {choices}", trials)

"""The chance of a goal: the share of replicates in which it holds, with its interval.

A goal without a year holds in a replicate if it holds in every year. A replicate in which the figure has no
value, such as the turnover of nobody, counts as one in which the goal does not hold.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import duckdb
import polars as pl

from settings.errors import InputError
from settings.models.calendar import FiscalCalendar
from tasks.studies.figures import COSTS, NO_COST, create_figures
from tasks.studies.goal import Goal, parse_goal
from tasks.studies.parts import missing_part
from tasks.system.queries import read_query
from tasks.text.money import Money

CONFIDENCE = 0.95
#: Figures that count people or events, of which a goal may be an exact number.
COUNTS = ("headcount", "hires", "leavers", "promotions")


@dataclass(frozen=True)
class StatedGoal:
    """A goal as somebody wrote it, and what it is called."""

    text: str
    goal: Goal
    name: str


@dataclass(frozen=True)
class Chance:
    """In how many replicates of a scenario a goal holds; `low` and `high` are the interval of the share."""

    goal: StatedGoal
    scenario_id: str
    replicates: int
    holds: int
    without_value: int  # replicates in which the figure has no value
    is_same: bool  # whether the figure has the same value in all of several replicates
    low: float
    high: float

    @property
    def probability(self) -> float:
        """The share of replicates in which the goal holds."""
        return self.holds / self.replicates


def stated_goals(
    texts: Sequence[str],
    settings: Mapping[str, Any],
    years: range,
    calendar: FiscalCalendar,
    money: Money,
) -> list[StatedGoal]:
    """Return the goals of a command, or, if it names none, those of the settings as run.json has them.

    Raises InputError for a goal that cannot be read or judged in these years.
    """
    named = [(text, None) for text in texts]
    recorded = [(str(entry["goal"]), entry.get("name")) for entry in settings.get("goals", ())]
    source = "goal" if texts else "setting goals:"
    found = []
    for text, name in named or recorded:
        goal = replace(parse_goal(text, years, calendar, source), money=money)
        if goal.sign == "=" and goal.figure not in COUNTS:
            raise InputError(
                f"{source} {text!r}: an exact amount is hardly ever met; <= or >= is allowed, and = for "
                f"{', '.join(COUNTS)}"
            )
        found.append(StatedGoal(text, goal, name or str(goal)))
    return found


def chances(
    connection: duckdb.DuckDBPyConnection, goals: Sequence[StatedGoal], years: Collection[int]
) -> Iterator[tuple[StatedGoal, list[Chance], str]]:
    """Yield each goal with its chance by scenario, over the views of `published`.

    `years` are those of the run. If the goal cannot be judged from the views, there is no chance, and a text
    says why.
    """
    if goals:
        create_figures(connection, breakdowns=any(stated.goal.part for stated in goals))
    for stated in goals:
        problem = _problem(connection, stated.goal, years)
        yield stated, [] if problem else _chances(connection, stated), problem


def worst_years(connection: duckdb.DuckDBPyConnection, goal: Goal) -> pl.DataFrame:
    """Return scenario_id, replicate and value of a goal's figure, over the view of `create_figures`.

    Without a year, the value is that of the worst year: the highest, or for a lower limit the lowest.
    """
    return connection.execute(
        read_query(__package__, "worst_years"),
        {
            "figure": goal.figure,
            "breakdown": goal.breakdown,
            "item": goal.item,
            "year": goal.year,
            "is_lower_limit": goal.sign == ">=",
        },
    ).pl()


def interval(holds: int, replicates: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share."""
    # imported here: it takes half a second, and only studies need it
    from scipy.stats import binomtest

    found = binomtest(holds, replicates).proportion_ci(CONFIDENCE, method="wilson")
    return float(found.low), float(found.high)


def _chances(connection: duckdb.DuckDBPyConnection, stated: StatedGoal) -> list[Chance]:
    found = []
    for (scenario,), rows in worst_years(connection, stated.goal).group_by(
        "scenario_id", maintain_order=True
    ):
        values = rows["value"].to_list()
        holds = sum(value is not None and stated.goal.is_met_by(value) for value in values)
        found.append(
            Chance(
                stated,
                str(scenario),
                len(values),
                holds,
                sum(value is None for value in values),
                len(values) > 1 and len(set(values)) == 1,
                *interval(holds, len(values)),
            )
        )
    return found


def _problem(connection: duckdb.DuckDBPyConnection, goal: Goal, years: Collection[int]) -> str:
    """Return why a goal cannot be judged from the views; empty if it can."""
    there = connection.execute(
        "select distinct simulation_year from fct_year_summary order by all"
    ).fetchall()
    missing = {goal.year} if goal.year else {*years}
    missing -= {year for (year,) in there}
    if missing:
        names = ", ".join(goal.calendar.name(year) for year in sorted(missing) if year)
        return f"there are no results of {names}"
    if problem := missing_part(connection, goal):
        return problem
    if goal.figure in COSTS and worst_years(connection, goal)["value"].is_null().all():
        return NO_COST[0].lower() + NO_COST[1:]
    return ""

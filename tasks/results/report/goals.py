"""The report's table of goals: the chance that each goal of the settings is reached, by scenario."""

from typing import Any

import duckdb

from settings.errors import InputError
from tasks.results.certainty import certainty
from tasks.results.report.table import SCENARIO, Column, Row, Table
from tasks.runs.calendar import recorded_calendar
from tasks.runs.record import RunRecord
from tasks.studies.chance import Chance, StatedGoal, chances, stated_goals
from tasks.text.money import Money

KEY = "goals"
_COLUMNS = (
    SCENARIO,
    Column("goal", "Goal", "text", "Name of the goal, or what is to be reached"),
    Column("probability", "Chance", "share", "Share of the replicates in which the goal holds"),
    Column("low", "From", "share", "Lower end of the share's 95 % interval (Wilson)"),
    Column("high", "To", "share", "Upper end of the share's 95 % interval (Wilson)"),
    Column("holds", "Holds in", "count", "Replicates in which the goal holds"),
    Column("replicates", "Replicates", "count", "Replicates of the scenario"),
)
_NOT_JUDGED = Column("problem", "Not judged", "text", "Why there is no chance", optional=True)


def goals_table(connection: duckdb.DuckDBPyConnection, record: RunRecord) -> Table:
    """Return the chances of the goals in a run's settings; no rows if there are none.

    A goal that the views cannot judge, which may be a part of the run, has a row that says why.
    """
    years = range(record.years[0], record.years[1] + 1)
    money, calendar = Money.of(record), recorded_calendar(record)
    rows: list[Row] = []
    found: list[Chance] = []
    try:
        goals = stated_goals((), record.settings, years, calendar, money)
    except InputError as error:  # another version of the program may have recorded it
        goals, rows = [], [_row("", "", problem=str(error))]
    for goal, judged, problem in chances(connection, goals, years):
        found += judged
        rows += [_judged(one) for one in judged]
        rows += [_row(name, goal.name, problem=problem) for name in record.scenario_ids if problem]
    note = (
        "Share of replicates in which the goal holds, with Wilson's 95 % interval. Without a year, a goal "
        "must hold in every year."
    )
    if found:
        note = " ".join((note, *certainty(record, found)))
    names = [_words(goal) for goal in goals if goal.name != str(goal.goal)]
    if names:
        note = f"{note} Goals: {'; '.join(names)}."
    columns = (*_COLUMNS, _NOT_JUDGED)
    return Table(KEY, "Chance that goals are reached", note, columns, tuple(rows)).without_empty_columns()


def _judged(chance: Chance) -> Row:
    return _row(
        chance.scenario_id,
        chance.goal.name,
        probability=chance.probability,
        low=chance.low,
        high=chance.high,
        holds=chance.holds,
        replicates=chance.replicates,
    )


def _row(scenario: str, goal: str, **values: Any) -> Row:
    nothing = dict.fromkeys(column.key for column in (*_COLUMNS, _NOT_JUDGED))
    return {**nothing, "scenario_id": scenario, "goal": goal, **values}


def _words(goal: StatedGoal) -> str:
    return f"{goal.name} is {goal.goal}"

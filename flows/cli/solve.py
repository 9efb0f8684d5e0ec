"""`workforce solve`: finds the value of a setting that meets a goal."""

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer
from rich.status import Status

from flows.cli.leave import FAILED
from flows.cli.options import AsCsv, AsJson, Config, Sets
from flows.cli.printing import printing
from flows.cli.run_command import run_command
from flows.cli.search import Actions, Census, Scenario, Seed, Years, search_request
from tasks.runs.request import RunRequest, accept, accept_settings, one_reading
from tasks.studies.figures import BY_NAME
from tasks.studies.goal import Goal, Search, parse_goal, parse_search
from tasks.studies.solve import NoAnswer, Solution, Trial, cheap_runs, solve
from tasks.text.money import Money
from tasks.text.tables import TextTable
from tasks.text.terminal import console
from tasks.warehouse import dbt


def solve_command(
    goal: Annotated[str, typer.Option(help="FIGURE[@YEAR] <=, >= or = AMOUNT, as in 'payroll@2029<=260M'.")],
    by: Annotated[str, typer.Option(help="The setting to vary, as in compensation.merit_budget.")],
    between: Annotated[str, typer.Option(help="Lower and upper bound of the setting, as in 0,0.1.")],
    step: Annotated[
        str | None,
        typer.Option(help="Resolution of the answer. Default: a power of ten, at most 1/1000 of the range."),
    ] = None,
    config: Config = None,
    census: Census = None,
    actions: Actions = None,
    scenario: Scenario = None,
    replicates: Annotated[int | None, typer.Option(help="Replicates whose mean must meet the goal.")] = None,
    seed: Seed = None,
    years: Years = None,
    set_: Sets = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Find the value of a setting that meets a goal; exits 1 if there is none within the bounds."""
    request = search_request(config, census, actions, scenario, replicates, seed, years, set_)
    with printing(as_json, as_csv) as out:
        simulation = accept_settings(request).base.simulation
        wanted = parse_goal(goal, simulation.years, simulation.calendar)
        search = parse_search(by, between, step)
        dbt.parse_in_background()
        try:
            with one_reading(), console(stderr=True).status("Reading settings, census and models") as status:
                wanted = replace(wanted, money=Money(accept(request).census.currency))
                solution = _solve(request, wanted, search, status)
        except NoAnswer as none:
            out.table_with_rows(_trials_table(none.trials, wanted, by))
            out.say(f"No answer: {none}")
            raise typer.Exit(FAILED) from None
        out.table(_trials_table(solution.trials, wanted, by, solution.answer))
        out.say(_answer(solution, wanted, by))
        out.say_command(f"To run it: {run_command(request, {by: solution.answer.value})}")


def _solve(request: RunRequest, goal: Goal, search: Search, status: Status) -> Solution:
    """Solve, and show on a terminal which values are being tried."""

    def show(number: int, values: Sequence[Decimal]) -> None:
        status.update(
            f"Pass {number}: {len(values)} values of {search.key} from {values[0]:f} to {values[-1]:f}"
        )

    with tempfile.TemporaryDirectory(prefix="workforce-solve-") as scratch:
        return solve(goal, search, cheap_runs(request, goal, search, Path(scratch)), show)


def _trials_table(trials: Sequence[Trial], goal: Goal, key: str, answer: Trial | None = None) -> TextTable:
    fields = ("pass", "setting", "value", "figure", "simulation_year", "response", "meets_goal", "is_answer")
    table = TextTable(f"Goal: {goal}", fields=fields)
    of_years = "" if goal.year else f" ({'lowest' if goal.sign == '>=' else 'highest'} year)"
    for heading in ("Pass", key, BY_NAME[goal.figure].title + of_years):
        table.add_column(heading, "number")
    table.add_column("Goal")
    previous = 1
    for trial in trials:
        if trial.number != previous:
            table.add_section()
        previous = trial.number
        is_met = goal.is_met_by(trial.response)
        values = (trial.number, key, trial.value, goal.figure, goal.year, trial.response, is_met)
        table.add_row(
            str(trial.number),
            f"{trial.value:f}",
            goal.text_of(trial.response),
            "met" if is_met else "–",
            values=dict(zip(fields, (*values, trial == answer), strict=True)),
        )
    return table


def _answer(solution: Solution, goal: Goal, key: str) -> str:
    answer, neighbour = solution.answer, solution.neighbour
    response = goal.text_of(answer.response)
    text = f"{key} = {answer.value:f} gives {response}"
    if neighbour is None and len({trial.response for trial in solution.trials}) == 1:
        return f"Every value tried meets the goal: {goal.figure} is {response} for every {key}."
    if neighbour is None:
        return f"Every value tried meets the goal; {text}, the closest to the goal's limit."
    beside = f"the next value, {neighbour.value:f}, gives {goal.text_of(neighbour.response)}."
    note = " Near it only some values meet the goal, because of chance; use more replicates."
    return f"{text}; {beside}{note if solution.is_erratic else ''}"

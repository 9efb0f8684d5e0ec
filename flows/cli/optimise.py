"""`workforce optimise`: several settings that make a figure small or large, while goals hold."""

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.status import Status

from flows.cli.leave import FAILED
from flows.cli.optimise_text import (
    answer_table,
    document,
    nearest_text,
    remarks,
    settings_text,
    trials_table,
)
from flows.cli.options import AsCsv, AsJson, Config, Sets
from flows.cli.printing import printing
from flows.cli.run_command import run_command
from flows.cli.search import Actions, Census, Scenario, Seed, Years, search_request
from settings.errors import InputError
from tasks.runs.request import RunRequest, accept, accept_settings, one_reading
from tasks.studies.goal import parse_goal, parse_range
from tasks.studies.objective import Demand, parse_objective, parse_probabilities
from tasks.studies.optimise import Outcome, Problem, optimise
from tasks.studies.optimise_runs import Simulations
from tasks.studies.proposals import Grid, Point
from tasks.studies.trials import Trials
from tasks.text.money import Money
from tasks.text.terminal import console
from tasks.warehouse import dbt

#: Settings that vary at most: each doubles the corners of the bounds.
MOST_SETTINGS = 6
#: Employees of all points and replicates that are simulated together: about 3 kB of memory each.
MOST_ROWS = 1_000_000
#: Replicates of the search where neither flags nor settings ask for several.
REPLICATES = 20


def optimise_command(
    by: Annotated[
        list[str],
        typer.Option(
            help="A setting to vary and its bounds, as in compensation.merit_budget=0.02..0.05, or with a "
            "step 0.02..0.05/0.001; repeatable. Default step: a power of ten, at most 1/100 of the range."
        ),
    ],
    minimise: Annotated[
        str | None, typer.Option(help="FIGURE[@YEAR] to make small, as in payroll@2029.")
    ] = None,
    maximise: Annotated[
        str | None, typer.Option(help="FIGURE[@YEAR] to make large, as in headcount@2029.")
    ] = None,
    goal: Annotated[
        list[str] | None,
        typer.Option(
            help="FIGURE[@YEAR] <= or >= AMOUNT that must hold; repeatable. Default: the settings'."
        ),
    ] = None,
    with_: Annotated[
        list[str] | None,
        typer.Option(
            "--with", help="Probability of the goals: one for all, or one for each in order. Default: 0.9."
        ),
    ] = None,
    trials: Annotated[int, typer.Option(min=9, max=10_000, help="Points to simulate at most.")] = 60,
    confirm: Annotated[
        int, typer.Option(min=2, max=100_000, help="Fresh replicates that confirm the answer.")
    ] = 100,
    config: Config = None,
    census: Census = None,
    actions: Actions = None,
    scenario: Scenario = None,
    replicates: Annotated[
        int | None,
        typer.Option(help=f"Replicates of the search. Default: those of the settings, or {REPLICATES}."),
    ] = None,
    seed: Seed = None,
    years: Years = None,
    set_: Sets = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Find settings that make a figure small or large while goals hold; exits 1 if there are none."""
    request = search_request(config, census, actions, scenario, replicates, seed, years, set_)
    with printing(as_json, as_csv) as out:
        problem = _problem(request, by, (minimise, maximise), goal or (), with_ or (), trials)
        dbt.parse_in_background()
        with one_reading(), console(stderr=True).status("Reading settings, census and models") as status:
            problem = _in_money(problem, Money(accept(request).census.currency))
            outcome = _optimise(request, problem, confirm, status)
        answer = outcome.answer
        command = run_command(request, problem.grid.values(answer.trial.point)) if answer else None
        out.document = document(problem, outcome, command)
        out.table(trials_table(problem, outcome))
        if answer:
            out.say(f"Answer: {settings_text(problem, answer.trial)}")
            if not out.for_programs:  # CSV has the trials, JSON a document of its own
                out.table(answer_table(problem, answer))
        for text in remarks(problem, outcome):
            out.say(text)
        if command is None:
            out.say(f"No answer: {nearest_text(problem, outcome)}")
            raise typer.Exit(FAILED)
        out.say_command(f"To run it: {command}")


def _problem(
    request: RunRequest,
    by: Sequence[str],
    objective: tuple[str | None, str | None],
    goals: Sequence[str],
    probabilities: Sequence[str],
    trials: int,
) -> Problem:
    """Read the flags. Raises InputError that says what is allowed."""
    settings = accept_settings(request).base
    simulation = settings.simulation
    wanted = parse_objective(*objective, simulation.years, settings.census.dimensions, simulation.calendar)
    texts = goals or [each.goal for each in settings.goals]
    if probabilities and not texts:
        raise InputError("--with: there is no goal; give --goal, or set goals in the settings")
    found = [parse_goal(text, simulation.years, simulation.calendar) for text in texts]
    for text, each in zip(texts, found, strict=True):
        if each.sign == "=":
            raise InputError(f"--goal {text!r}: <= or >= is allowed, as an exact value is hardly ever met")
    searches = [parse_range(text) for text in by]
    keys = [search.key for search in searches]
    if twice := sorted({key for key in keys if keys.count(key) > 1}):
        raise InputError(f"--by: each setting may occur only once; found twice: {', '.join(twice)}")
    if len(keys) > MOST_SETTINGS:
        raise InputError(f"--by: at most {MOST_SETTINGS} settings are allowed, {len(keys)} were given")
    chosen = parse_probabilities(probabilities, len(found))
    demands = tuple(Demand(each, share) for each, share in zip(found, chosen, strict=True)) if found else ()
    return Problem(wanted, demands, Grid(tuple(searches)), trials, simulation.random_seed)


def _in_money(problem: Problem, money: Money) -> Problem:
    demands = tuple(replace(demand, goal=replace(demand.goal, money=money)) for demand in problem.demands)
    return replace(problem, objective=replace(problem.objective, money=money), demands=demands)


def _optimise(request: RunRequest, problem: Problem, fresh: int, status: Status) -> Outcome:
    """Optimise, and show on a terminal what is being tried."""
    goals = [demand.goal for demand in problem.demands]
    measures = (problem.objective, *goals)

    def show(number: int, points: Sequence[Point]) -> None:
        what = f"Pass {number}: {len(points)} points" if number else "Confirming on fresh replicates"
        status.update(what)

    with tempfile.TemporaryDirectory(prefix="workforce-optimise-") as scratch:
        trials = Trials.of(
            request,
            problem.grid.searches,
            Path(scratch),
            [measure.figure for measure in measures],
            with_parts=any(measure.part for measure in measures),
        )
        simulation = trials.accepted.settings.base.simulation
        replicates = simulation.replicates if request.replicates or simulation.replicates > 1 else REPLICATES
        of_a_point = trials.accepted.census.employees.height * replicates
        points = min(problem.points, max(1, MOST_ROWS // max(1, of_a_point)))
        problem = replace(problem, points=points)
        runs = Simulations(trials, problem, replicates, fresh)
        return optimise(problem, runs.evaluate, runs.confirm, show)

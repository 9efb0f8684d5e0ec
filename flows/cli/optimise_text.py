"""What `workforce optimise` prints: the trials, the answer with its confirmation, or the nearest point."""

import math
import statistics
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import partial
from typing import Any

from tasks.studies.chance import interval
from tasks.studies.goal import Measure
from tasks.studies.optimise import Confirmation, Outcome, Problem, Response, Trial
from tasks.text.tables import TextTable

LARGE = 10_000


def document(problem: Problem, outcome: Outcome, command: str | None) -> dict[str, Any]:
    """Return objective, answer (null if there is none), refuted points and trials as JSON types."""
    return {
        "objective": str(problem.objective),
        "goals": [str(demand) for demand in problem.demands],
        "answer": _confirmation(problem, outcome.answer) if outcome.answer else None,
        "command": command,
        "nearest": None if outcome.answer else _row(problem, outcome, outcome.nearest(problem)),
        "refuted": [_confirmation(problem, each) for each in outcome.refuted],
        "trials": trial_rows(problem, outcome),
    }


def trial_rows(problem: Problem, outcome: Outcome) -> list[dict[str, Any]]:
    """Return a row per trial, for CSV and JSON: settings by key, objective, and the share of each goal."""
    return [_row(problem, outcome, trial) for trial in outcome.trials]


def trials_table(problem: Problem, outcome: Outcome) -> TextTable:
    """Return the table of all trials in their order."""
    objective = problem.objective
    goals = "".join(f"; {demand}" for demand in problem.demands)
    table = TextTable(f"{objective}{goals}")
    table.add_column("Trial", "key")
    table.add_column("Pass", "number")
    for name in _short_names([search.key for search in problem.grid.searches]):
        table.add_column(name, "number")
    table.add_column(_heading(objective.subject), "number")
    for demand in problem.demands:
        table.add_column(_heading(str(demand.goal)), "number")
    table.add_column("Goals")
    previous = 1
    for number, trial in enumerate(outcome.trials, start=1):
        if trial.number != previous:
            table.add_section()
        previous = trial.number
        value = trial.response.objective
        table.add_row(
            str(number),
            str(trial.number),
            *(f"{each:f}" for each in problem.grid.values(trial.point).values()),
            "–" if value is None else _text(objective, value),
            *(f"{judged.share:.0%}" for judged in trial.judged(problem)),
            _verdict(problem, outcome, trial),
            values=_row(problem, outcome, trial),
        )
    return table


def answer_table(problem: Problem, found: Confirmation) -> TextTable:
    """Return a table of the answer: figure and goals on the fresh replicates."""
    fresh = found.fresh.response
    table = TextTable(f"Confirmed on {_count(fresh):,} fresh replicates")
    table.add_column("What", "prose")
    for heading in ("Value", "95 % interval", "Wanted"):
        table.add_column(heading, "number")
    objective = problem.objective
    mean, error = _mean_and_error(fresh)
    text = partial(_text, objective)
    spread = 1.96 * error  # a hundred replicates and more: the normal distribution will do
    table.add_row(
        f"{objective.subject}, mean", text(mean), f"{text(mean - spread)} – {text(mean + spread)}", ""
    )
    for demand, judged in zip(problem.demands, found.fresh.judged(problem), strict=True):
        low, high = interval(judged.holds, judged.replicates)
        table.add_row(
            f"chance of {demand.goal}", f"{judged.share:.1%}", f"{low:.1%} – {high:.1%}", demand.percent
        )
    return table


def remarks(problem: Problem, outcome: Outcome) -> Iterator[str]:
    """Yield sentences on refuted points, and on an answer whose chance may be below the wanted one."""
    for each in outcome.refuted:
        missed = "; ".join(
            f"{demand.goal} held in {judged.holds:,} of {judged.replicates:,}, {demand.percent} wanted"
            for demand, judged in zip(problem.demands, each.fresh.judged(problem), strict=True)
            if not judged.is_met
        )
        yield (
            f"Not confirmed on fresh replicates: {settings_text(problem, each.trial)} ({missed}). The search "
            "went on with a margin of safety."
        )
    if outcome.answer is None:
        return
    if outcome.refuted:
        yield (
            "The answer is the first point that held on fresh replicates, of several; its chance is a little "
            "overstated as a rule."
        )
    if passed := len(outcome.passed_over(problem)):
        yield (
            f"{passed:,} points with a better figure met the goals in the search too, but not with the "
            "margin of safety, and were not tried on fresh replicates. More of these (--confirm) make the "
            "margin surer."
        )
    for demand, judged in zip(problem.demands, outcome.answer.fresh.judged(problem), strict=True):
        if judged.replicates and interval(judged.holds, judged.replicates)[0] < demand.probability < 1:
            yield (
                f"The interval for {demand.goal} begins below {demand.percent}: more fresh replicates "
                "(--confirm) or a higher --with make it surer."
            )
    if _count(outcome.trials[0].response) == 1:
        yield "One replicate shows no chance; use --replicates 20, for example."


def nearest_text(problem: Problem, outcome: Outcome) -> str:
    """Return why there is no answer, and the point that comes nearest with how far off it is."""
    if outcome.refuted:
        nearest = min(outcome.refuted, key=lambda each: each.fresh.rank(problem))
        return (
            "no point that met the goals in the search met them on fresh replicates; the nearest is "
            f"{settings_text(problem, nearest.trial)}: {_off(problem, nearest.fresh)}. More --replicates fit "
            "the search less to its draws; more --trials let it go on"
        )
    nearest_trial = outcome.nearest(problem)
    value = nearest_trial.response.objective
    figure = "no value" if value is None else _text(problem.objective, value)
    return (
        f"none of the {len(outcome.trials):,} points tried meets the goals; the nearest is "
        f"{settings_text(problem, nearest_trial)}, with {problem.objective.subject} of {figure}: "
        f"{_off(problem, nearest_trial)}"
    )


def _off(problem: Problem, trial: Trial) -> str:
    parts = []
    for demand, judged in zip(problem.demands, trial.judged(problem), strict=True):
        if judged.is_met:
            continue
        goal = demand.goal
        if math.isfinite(judged.at):
            side = "at or below" if goal.sign == "<=" else "at or above"
            how = (
                f"{demand.percent} of replicates are {side} {_text(goal, judged.at)}, "
                f"{_text(goal, judged.off)} from the goal"
            )
        else:
            how = "nobody is employed in too many replicates"
        parts.append(f"{goal} holds in {judged.share:.0%} ({how})")
    return "; ".join(parts) or "the objective has no value, since nobody is employed"


def _verdict(problem: Problem, outcome: Outcome, trial: Trial) -> str:
    if outcome.answer and trial.point == outcome.answer.trial.point:
        return "answer"
    if any(trial.point == each.trial.point for each in outcome.refuted):
        return "not confirmed"
    return "met" if trial.meets(problem) else "–"


def _row(problem: Problem, outcome: Outcome, trial: Trial) -> dict[str, Any]:
    return {
        "pass": trial.number,
        **_numbers(problem.grid.values(trial.point)),
        problem.objective.subject: trial.response.objective,
        **{
            f"chance of {demand.goal}": judged.share
            for demand, judged in zip(problem.demands, trial.judged(problem), strict=True)
        },
        "verdict": _verdict(problem, outcome, trial).replace("–", "not met"),
    }


def _confirmation(problem: Problem, found: Confirmation) -> dict[str, Any]:
    mean, error = _mean_and_error(found.fresh.response)
    goals = []
    for demand, judged in zip(problem.demands, found.fresh.judged(problem), strict=True):
        low, high = interval(judged.holds, judged.replicates)
        goals.append(
            {
                "goal": str(demand.goal),
                "wanted": float(demand.probability),
                "probability": judged.share,
                "low": low,
                "high": high,
            }
        )
    return {
        "settings": _numbers(problem.grid.values(found.trial.point)),
        "confirmed": found.is_confirmed,
        "replicates": _count(found.fresh.response),
        "figure": mean,
        "standard_error": error,
        "goals": goals,
    }


def _mean_and_error(response: Response) -> tuple[float, float]:
    """Return mean and standard error of the objective's figure over replicates."""
    values = [value for value in response.by_replicate if value is not None]
    if not values:
        return math.nan, math.nan
    error = statistics.stdev(values) / math.sqrt(len(values)) if len(values) > 1 else 0.0
    return statistics.fmean(values), error


def _text(measure: Measure, value: float) -> str:
    """Return a figure with its unit; large amounts without cents, which say nothing here."""
    return measure.text_of(round(value) if abs(value) >= LARGE else value)


def _count(response: Response) -> int:
    return len(response.by_replicate)


def settings_text(problem: Problem, trial: Trial) -> str:
    """Return the settings of a trial as KEY = VALUE."""
    return ", ".join(f"{key} = {value:f}" for key, value in problem.grid.values(trial.point).items())


def _numbers(values: Mapping[str, Decimal]) -> dict[str, int | float]:
    return {key: int(value) if value == int(value) else float(value) for key, value in values.items()}


def _short_names(keys: list[str]) -> list[str]:
    """Return the last part of each key, or all of it where that is not enough to tell them apart."""
    last = [key.rpartition(".")[2] for key in keys]
    return [
        short.replace("_", " ") if last.count(short) == 1 else key
        for key, short in zip(keys, last, strict=True)
    ]


def _heading(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"

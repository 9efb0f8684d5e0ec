"""What an explanation consists of: the settings that it needs, its lines and the draws that they use."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from settings.errors import InputError
from settings.models.calendar import FiscalCalendar
from settings.models.compensation import CompensationSettings
from settings.models.workforce import WorkforceSettings
from tasks.results.drawn import has_own_draws
from tasks.results.hazards import draw
from tasks.runs.calendar import calendar_of
from tasks.runs.record import RunRecord
from tasks.text.money import Money

Row = dict[str, Any]

#: What became of a known action.
_OUTCOMES = {
    "done": "happened as planned",
    "not_drawn": "did not happen: its draw {draw:.6f} is not below its probability",
    "not_employed": "did not happen: the employee is not employed on that day",
    "no_effect": "did not happen: the employee has that level, a higher one, or those dimensions already",
    "outside_years": "did not happen: the date is in none of the simulated years",
}


@dataclass(frozen=True)
class Draw:
    """A draw that an explanation uses."""

    stream: str
    year: int
    of: str  # id of the employee, or of the action


@dataclass(frozen=True)
class Moment:
    """One line of the timeline."""

    year: int
    date: date | None  # None: an event that did not happen
    what: str
    why: str
    draws: tuple[Draw, ...] = ()  # each once


@dataclass(frozen=True)
class Model:
    """The settings that an explanation needs, the census's dimensions, and the format of amounts."""

    seed: int
    mode: str
    has_own_draws: bool  # else all replicates have the draws of replicate 1
    workforce: WorkforceSettings
    compensation: CompensationSettings
    has_targets: bool
    dimensions: tuple[str, ...]
    money: Money
    calendar: FiscalCalendar

    @classmethod
    def of(cls, record: RunRecord, scenario_id: str) -> "Model":
        """Read them from a run's record. Raises InputError if the run does not have the scenario."""
        settings = settings_of(record, scenario_id)
        return cls(
            record.seed,
            settings["simulation"]["mode"],
            has_own_draws(settings),
            WorkforceSettings.model_validate(settings["workforce"]),
            CompensationSettings.model_validate(settings["compensation"]),
            bool(settings.get("targets")),
            record.census.dimensions,
            Money.of(record),
            calendar_of(settings),
        )

    def draw_replicate(self, replicate: int) -> int:
        """Return the replicate whose draws the people of a replicate have."""
        return replicate if self.has_own_draws else 1


def settings_of(record: RunRecord, scenario_id: str) -> Mapping[str, Any]:
    """Return the recorded settings of a scenario. Raises InputError if the run does not have it."""
    by_id = {scenario.id: scenario.settings for scenario in record.scenarios}
    if scenario_id not in by_id:
        raise InputError(f"--scenario: the run has no scenario {scenario_id!r}; it has: {', '.join(by_id)}")
    return by_id[scenario_id]


def outcome_of(model: Model, path: Mapping[str, Any], action: Row) -> Moment:
    """Return what became of a known action."""
    year, outcome = action["simulation_year"], _OUTCOMES[action["outcome"]]
    used: tuple[Draw, ...] = ()
    if action["outcome"] == "not_drawn":
        used = (Draw("action", year, action["action_id"]),)
        outcome = outcome.format(
            draw=draw(
                model.seed, year, model.draw_replicate(path["replicate"]), "action", action["action_id"]
            )
        )
    calendar, opening = model.calendar, model.calendar.opening_date
    is_elapsed = calendar.first_day(calendar.first_year) <= action["action_date"] <= opening
    if action["outcome"] == "outside_years" and is_elapsed:
        outcome = f"is not simulated: the date is not after the opening date {opening}"
    what = f"known action {action['action_id']}: {action['action']}"
    return Moment(year, action["action_date"], what, outcome, used)

"""What a reforecast is asked for, and the run that the newest list makes of it; without Prefect."""

import hashlib
import itertools
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from settings import InputError, ResolvedSettings
from settings.models.base import expand_home
from settings.models.calendar import ONE_DAY, FiscalCalendar
from tasks.reforecast.lists import Lists, place_of
from tasks.reforecast.record import ReforecastRecord
from tasks.runs.budget import NamedBudget, check_budget, named_budget
from tasks.runs.directory import RunDirectory, check_place
from tasks.runs.record import read_record
from tasks.runs.request import Accepted, RunRequest, accept, accept_settings
from tasks.runs.resume import inputs_of, is_intact


@dataclass(frozen=True)
class ReforecastRequest:
    """The flags of a reforecast, as the command line or a deployment's parameters give them."""

    config: Path | None = None
    scenarios: tuple[Path, ...] = ()
    sets: tuple[str, ...] = ()
    output: Path = Path("runs")
    force: bool = False

    def __post_init__(self) -> None:
        """Replace `~` by the home folder; no shell does this for a deployment's parameters."""
        object.__setattr__(self, "config", self.config and expand_home(self.config))
        object.__setattr__(self, "output", expand_home(self.output))

    def settings(self) -> ResolvedSettings:
        """Resolve the settings. Raises InputError if they name no lists or no budget that can be found."""
        check_place(self.output)
        resolved = accept_settings(RunRequest(self.config, scenarios=self.scenarios, sets=self.sets))
        place_of(resolved.base)
        budget_of(resolved, self.output)
        return resolved


@dataclass(frozen=True)
class Planned:
    """The run of a reforecast, and what is left to do."""

    run: RunRequest  # with run_id for a new run, with resume for one that was interrupted
    directory: RunDirectory
    attempt: str  # date and digest of the input
    opening_line: str
    list_name: str
    is_simulated: bool
    is_compared: bool  # with the budget and threshold of the settings, and no other run since

    @property
    def parameters(self) -> dict[str, Any]:
        """The run as parameters of flow multi-year."""
        run = self.run
        return {
            "config": run.config,
            "census": run.census,
            "scenario": list(run.scenarios),
            "years": run.years,
            "settings": list(run.sets),
            "output": run.output,
            "run_id": run.run_id,
            "resume": run.resume,
        }

    @property
    def nothing_to_do(self) -> str:
        """What to say if the same was done before."""
        return (
            f"{self.list_name} was reforecast and compared with this budget before, with the same settings: "
            f"run {self.directory.run_id}. Nothing was done; --force (parameter force) does it again"
        )


def budget_of(settings: ResolvedSettings, output: Path) -> NamedBudget:
    """Return the budget that the settings name. Raises InputError if they name none, or it does not exist."""
    found = named_budget({"budget": settings.base.budget.model_dump()}, output)
    if found is None:
        raise InputError(
            "budget.run names no run with which the reforecast could be compared: set it to the id of a "
            "finished run in the directory of runs, or to the absolute path of its directory"
        )
    return found


def run_of(request: ReforecastRequest, settings: ResolvedSettings, lists: Lists) -> RunRequest:
    """Return the run that opens at the date of the newest list, in the fiscal year of the day after it."""
    simulation, day = settings.base.simulation, lists.newest.date
    calendar = FiscalCalendar.of(simulation.fiscal_year_start, day, day.year)
    first = calendar.year_of(day + ONE_DAY)
    ours = (f'simulation.opening_date="{day}"', f"history.path={json.dumps(str(lists.folder.absolute()))}")
    return RunRequest(
        config=request.config,
        census=str(lists.newest.path.absolute()),
        scenarios=request.scenarios,
        years=f"{first}-{max(first, simulation.end_year)}",
        sets=(*request.sets, *ours),
        output=request.output,
    )


def planned(request: ReforecastRequest, settings: ResolvedSettings, lists: Lists) -> Planned:
    """Read and validate the newest list, and find the run of the same input, if there is one already.

    The id of the run has the date and a digest of the input: a reforecast that is started again goes on with
    its run. Raises InputError.
    """
    run = run_of(request, settings, lists)
    accepted = accept(run)
    check_budget(accepted, request.output)
    attempt = f"{lists.newest.date}-{digest_of(accepted)}"
    directory, is_simulated = _run_directory(request, accepted, f"reforecast-{attempt}")
    is_begun = directory.record.is_file() and not is_simulated
    identity = (None, directory.run_id) if is_begun else (directory.run_id, None)
    now = ReforecastRecord.of(lists.newest.path.name, budget_of(settings, request.output), settings.base)
    return Planned(
        replace(run, run_id=identity[0], resume=identity[1]),
        directory,
        attempt,
        accepted.opening_line,
        lists.newest.path.name,
        is_simulated,
        is_simulated and now == ReforecastRecord.find(directory) and now.is_newest(directory),
    )


def digest_of(accepted: Accepted) -> str:
    """Return eight hexadecimal digits of all that shapes a run's results."""
    inputs = json.dumps(inputs_of(accepted)._asdict(), sort_keys=True)
    return hashlib.sha256(inputs.encode()).hexdigest()[:8]


def _run_directory(request: ReforecastRequest, accepted: Accepted, name: str) -> tuple[RunDirectory, bool]:
    """Return the directory of the run, and whether it is complete: an earlier one, or one that is free."""
    years = accepted.settings.base.simulation.years
    for number in itertools.count(1):
        directory = RunDirectory(request.output / (name if number == 1 else f"{name}-{number}"))
        if not directory.path.exists():
            break
        if directory.record.is_file() and read_record(directory).status != "complete":
            break
        if not request.force and is_intact(directory, years):
            return directory, True
    return directory, False

"""The run that the settings name as the budget."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from settings.errors import InputError, nearest
from tasks.runs.directory import RunDirectory, find_run_directory
from tasks.runs.record import read_record
from tasks.runs.request import Accepted
from tasks.warehouse.published import without_files


class NamedBudget(NamedTuple):
    """The budget's run directory, and the scenario that the settings name, if any."""

    directory: RunDirectory
    scenario: str | None


def named_budget(settings: Mapping[str, Any], output: Path) -> NamedBudget | None:
    """Return the budget that a run's settings name, or None if they name none.

    Args:
        settings: The settings as a document, as in run.json; those of older versions have no section budget.
        output: The directory of runs, in which an id is looked up.

    Raises InputError if there is no such run.
    """
    budget = settings.get("budget") or {}
    run = budget.get("run")
    if run is None:
        return None
    try:
        return NamedBudget(find_run_directory(output, run), budget.get("scenario"))
    except InputError as error:
        raise InputError(f"budget.run: {error}") from None


def check_budget(accepted: Accepted, output: Path) -> None:
    """Check before a run that the budget in its settings can be compared with it. Raises InputError."""
    settings = accepted.settings.base
    found = named_budget({"budget": settings.budget.model_dump()}, output)
    if found is None:
        return
    record = read_record(found.directory)
    years = settings.simulation.years
    scenarios = record.scenario_ids
    if record.status != "complete":
        raise InputError(
            f"budget.run: run {found.directory.run_id} is {record.status}; a complete run is needed"
        )
    if not any((found.directory.results / "fct_year_summary").glob("simulation_year=*")):
        raise InputError(f"budget.run: {without_files(found.directory.results)}")
    if found.scenario is not None and found.scenario not in scenarios:
        raise InputError(
            f"budget.scenario: run {found.directory.run_id} has no {found.scenario!r}; "
            f"{nearest(found.scenario, scenarios)}"
        )
    first, last = record.years
    if first > years[-1] or last < years[0]:
        raise InputError(
            f"budget.run: run {found.directory.run_id} has {first} to {last}, and this run would have "
            f"{years[0]} to {years[-1]}: a budget with a common year is needed"
        )

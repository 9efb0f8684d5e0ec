"""Create a run from accepted input, or reopen the run in a directory."""

from collections.abc import Mapping
from typing import Any

from settings import InputError, ResolvedSettings
from tasks.census.read import write_rejects
from tasks.runs.directory import RunDirectory, check_place
from tasks.runs.progress import Progress
from tasks.runs.record import write_record
from tasks.runs.request import Accepted
from tasks.simulation.observer import NoObserver, Observer
from tasks.simulation.run import NO_FLOW_RUN, Run
from tasks.warehouse.database import Database


def create_run(
    directory: RunDirectory,
    accepted: Accepted,
    observer: Observer | None = None,
    origin: Mapping[str, Any] = NO_FLOW_RUN,
) -> Run:
    """Create the run directory with the validated census, actuals, known actions, uncertainty and run.json.

    Raises InputError if the directory exists or cannot be created.
    """
    with directory.being_made() as making:
        accepted.census.employees.write_parquet(making.census)
        if accepted.census.actual_spells is not None:
            accepted.census.actual_spells.write_parquet(making.actuals)
        if accepted.plans.by_scenario:
            accepted.plans.table.write_parquet(making.actions)
        if accepted.uncertainty:
            making.uncertainty.write_text(accepted.uncertainty.as_json())
        if accepted.census.rejects.height:
            write_rejects(accepted.census.rejects, making.rejected)
        write_record(making, directory.run_id, accepted, origin)
    return _run(directory, accepted.settings, observer, origin, None)


def reopen_run(
    directory: RunDirectory,
    settings: ResolvedSettings,
    observer: Observer | None = None,
    origin: Mapping[str, Any] = NO_FLOW_RUN,
    from_year: int | None = None,
) -> Run:
    """Return a run to resume, from `from_year` or from its first incomplete year.

    Raises InputError if its folder cannot contain a database, or if the run has no such year.
    """
    check_place(directory.path)
    run = _run(directory, settings, observer, origin, from_year)
    if from_year is not None and from_year not in run.years:
        raise InputError(
            f"run {directory.run_id} has no year {from_year}; allowed: {run.years[0]} to {run.years[-1]}"
        )
    return run


def _run(
    directory: RunDirectory,
    settings: ResolvedSettings,
    observer: Observer | None,
    origin: Mapping[str, Any],
    from_year: int | None,
) -> Run:
    return Run(
        directory,
        settings,
        Database.of(directory.database, settings.base.machine),
        Progress(directory, settings.base.simulation.years),
        observer or NoObserver(),
        origin,
        from_year,
    )

"""Resuming a run: recorded settings and inputs, their agreement with new flags, and complete years."""

import logging
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from settings import (
    InputError,
    ResolvedSettings,
    Settings,
    load_settings,
    settings_document,
    settings_hash,
)
from settings.loading.document import leaves
from settings.loading.loader import with_newer_sections
from settings.models.location import location, shown
from settings.models.shaping import REPORTED_SECTIONS, shapes_results
from settings.models.uncertainty import Uncertainty
from tasks.census.history import HISTORY
from tasks.census.read import Census
from tasks.plan.accepted import Plans
from tasks.runs.directory import RunDirectory
from tasks.runs.record import Inputs, RunRecord, census_hash, read_record, readable_records
from tasks.runs.request import Accepted, RunRequest, accept_census, accept_plans
from tasks.runs.uncertainty import read_uncertainty, uncertainty_of
from tasks.runs.versions import model_versions
from tasks.warehouse import ledger
from tasks.warehouse.publish import is_published
from tasks.warehouse.published import published

# DuckDB's messages on a damaged file, as opposed to a file that another process has open.
DAMAGE = re.compile(
    r"not a valid DuckDB|[Cc]orrupt|Could not read enough|checksum|[Dd]eserializ|INTERNAL Error|"
    r"newer version of DuckDB|older version of DuckDB"
)

log = logging.getLogger("workforce")


class RunDamaged(RuntimeError):
    """Complete years, or the input in the run directory, were changed or damaged after they were written."""


def recorded_settings(directory: RunDirectory, request: RunRequest) -> ResolvedSettings:
    """Return the settings for resuming: those of the run, with the new values of settings that may differ.

    Raises InputError with every difference that would make later years another simulation than the
    complete ones, and what to do.
    """
    record = read_record(directory)
    check_versions(directory, record)
    asked = load_settings(
        request.config, flags=request.flags, sets=request.sets, scenarios=request.scenarios, recorded=record
    )
    differences = [
        *_settings_differ("", record.settings, asked.base),
        *_scenarios_differ(record, asked),
        *_census_differs(record, asked),
        *_actions_differ(directory, record, asked),
        *_uncertainty_differs(record, asked.base),
    ]
    if differences:
        raise InputError(
            f"run {directory.run_id} cannot be resumed with other input than it began with:\n  "
            + "\n  ".join(differences)
            + "\nLeave those flags out, or start a new run."
        )
    return asked


def recorded_census(directory: RunDirectory) -> Census:
    """Return the validated census in the run directory. Raises RunDamaged if it was changed."""
    recorded = read_record(directory).census
    try:
        employees = pl.read_parquet(directory.census, glob=False)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise RunDamaged(
            f"{directory.census} cannot be read ({str(error).splitlines()[0]}); a run is resumed with the "
            "census that it began with: restore that file, or start a new run"
        ) from None
    if census_hash(employees) != recorded.validated_sha256:
        raise RunDamaged(
            f"{directory.census} is not the census that run {directory.run_id} began with; restore that "
            "file, or start a new run"
        )
    return Census(
        actual_spells=_recorded_spells(directory),
        employees=employees,
        rejects=pl.read_csv(directory.rejected, glob=False)
        if directory.rejected.exists()
        else pl.DataFrame(),
        rows_read=recorded.rows_read,
        skipped_terminated=recorded.skipped_terminated,
        dimensions=recorded.dimensions,
        dropped_columns=recorded.dropped_columns,
        sha256=recorded.sha256,
        history=pl.DataFrame(list(recorded.history), schema=HISTORY),
        currency=recorded.currency,
        inferred=recorded.inferred,
        findings=recorded.findings,
    )


def _recorded_spells(directory: RunDirectory) -> pl.DataFrame | None:
    recorded = read_record(directory).actuals
    if recorded is None or recorded.validated_sha256 is None:
        return None
    try:
        spells = pl.read_parquet(directory.actuals, glob=False)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise RunDamaged(
            f"{directory.actuals} cannot be read ({str(error).splitlines()[0]}); a run is resumed with what "
            "it knew of the time before: restore that file, or start a new run"
        ) from None
    if census_hash(spells) != recorded.validated_sha256:
        raise RunDamaged(
            f"{directory.actuals} does not hold what run {directory.run_id} began with; restore that file, "
            "or start a new run"
        )
    return spells


def recorded_plans(directory: RunDirectory) -> Plans:
    """Return the validated actions in the run directory. Raises RunDamaged if they were changed."""
    recorded = read_record(directory).plan
    if recorded.validated_sha256 is None:
        return Plans()
    try:
        plans = Plans.of_table(pl.read_parquet(directory.actions, glob=False))
    except (OSError, pl.exceptions.PolarsError) as error:
        raise RunDamaged(
            f"{directory.actions} cannot be read ({str(error).splitlines()[0]}); a run is resumed with the "
            "actions that it began with: restore that file, or start a new run"
        ) from None
    if plans.sha256 != recorded.validated_sha256:
        raise RunDamaged(
            f"{directory.actions} does not hold the actions that run {directory.run_id} began with; restore "
            "that file, or start a new run"
        )
    return plans


def recorded_uncertainty(directory: RunDirectory) -> Uncertainty | None:
    """Return the uncertainty in the run directory, None if the run has none. Raises RunDamaged if changed."""
    recorded = read_record(directory).uncertainty
    if recorded is None:
        return None
    try:
        uncertainty = read_uncertainty(directory.uncertainty)
    except InputError as error:
        raise RunDamaged(
            f"{error}\nA run is resumed with the uncertainty that it began with: restore that file, or start "
            "a new run"
        ) from None
    if uncertainty.sha256 != recorded.sha256:
        raise RunDamaged(
            f"{directory.uncertainty} is not what run {directory.run_id} began with; restore that file, or "
            "start a new run"
        )
    return uncertainty


def verify_years(connection: duckdb.DuckDBPyConnection, years: Iterable[int]) -> None:
    """Compare each complete year's rows with the hash in the ledger. Raises RunDamaged, naming the years."""
    damaged = [year for year in years if _hash(connection, year) != _ledger_hash(connection, year)]
    if damaged:
        raise RunDamaged(
            f"the rows of {', '.join(map(str, damaged))} were changed after the year was completed; "
            f"--resume with --from-year {damaged[0]} simulates again from there"
        )


@contextmanager
def readable(directory: RunDirectory) -> Iterator[None]:
    """Raise RunDamaged, with what to do, if the block finds the run's database file damaged."""
    try:
        yield
    except duckdb.Error as error:
        if not DAMAGE.search(str(error)):
            raise
        raise RunDamaged(
            f"{directory.database} is damaged: {str(error).splitlines()[0]}\n"
            f"Years that were published are still in {directory.results}; --resume {directory.run_id} "
            "--from-year FIRST, with the first year of the run, simulates all of them again."
        ) from error


def unpublished_years(
    connection: duckdb.DuckDBPyConnection, results: Path, years: Iterable[int]
) -> list[int]:
    """Return complete years whose published rows are missing, damaged or differ from the ledger."""
    found = []
    for year in years:
        try:
            with published(results) as files:
                digest = ledger.content_hash(files, year)[0]
        except (duckdb.Error, OSError):  # a table is missing, or a file is unreadable
            digest = None
        if digest != _ledger_hash(connection, year) or not is_published(results, year):
            found.append(year)
    return found


def is_intact(directory: RunDirectory, years: Iterable[int]) -> bool:
    """Return whether ledger, database and published files have the same rows for every year."""
    try:
        with duckdb.connect(directory.database, read_only=True) as connection:
            verify_years(connection, years)
            return not unpublished_years(connection, directory.results, years)
    except (duckdb.Error, OSError, RunDamaged):
        return False


def inputs_of(accepted: Accepted) -> Inputs:
    """Return everything that affects the results of a run of this input."""
    census = accepted.census
    return Inputs(
        settings_hash(accepted.settings),
        census_hash(census.employees),
        census.currency,
        None if census.actual_spells is None else census_hash(census.actual_spells),
        accepted.plans.sha256,
        accepted.uncertainty.sha256 if accepted.uncertainty else None,
        model_versions(),
    )


def find_finished(output: Path, accepted: Accepted) -> RunDirectory | None:
    """Return the newest complete run of the same input and versions, if there is one.

    A run whose database or published files were removed, damaged or changed does not count. Shards and the
    machine change no row.
    """
    asked, years = inputs_of(accepted), accepted.settings.base.simulation.years
    for directory, record in readable_records(output):
        if record.status == "complete" and record.inputs == asked:
            if is_intact(directory, years):
                return directory
            log.warning(
                "run %s has the same input, but its files were changed, damaged or removed", directory.run_id
            )
    return None


def reported_otherwise(record: RunRecord, asked: Settings) -> list[str]:
    """Return the sections of the settings in which a run's report differs from what is asked."""
    recorded, document = with_newer_sections(record.settings), settings_document(asked)
    return [name for name in REPORTED_SECTIONS if recorded[name] != document[name]]


def check_versions(directory: RunDirectory, record: RunRecord) -> None:
    """Raise InputError if the run began with other models or another DuckDB: figures could differ."""
    now = model_versions()
    differ = [
        f"{name}: the run began with {version}, this is {now.get(name)}"
        for name, version in record.model_versions.items()
        if now.get(name) != version
    ]
    if not differ:
        return
    versions, commit = record.versions, record.git_commit
    began = ", ".join(
        [
            *(f"{name} {versions[name]}" for name in ("workforce-simulation", "duckdb") if name in versions),
            *([f"commit {commit}"] if commit else []),
        ]
    )
    raise InputError(
        f"run {directory.run_id} was started by another version of the program, whose figures may differ:\n  "
        + "\n  ".join(differ)
        + "\nInstall the version that it began with to resume it or to simulate it again "
        f"({began or 'not recorded'}), or start a new run with the same census and settings, which "
        f"{directory.record} has. Its results stay as they are."
    )


def _settings_differ(where: str, recorded: dict[str, Any], asked: Settings) -> Iterable[str]:
    before, now = leaves(recorded), leaves(settings_document(asked))
    last_year = before["simulation.end_year"]
    for key in sorted(before.keys() | now.keys()):
        one, other = before.get(key), now.get(key)
        if not shapes_results(key) or _until(one, last_year) == _until(other, last_year):
            continue
        if key == "simulation.end_year" and now[key] > last_year:
            continue
        yield f"{where}{key}: the run has {one}, the request {other}"


def _until(value: Any, year: int) -> Any:
    """Return a setting up to the last recorded year; a yearly mapping in it may have further years."""
    if isinstance(value, list):
        return [_until(item, year) for item in value]
    if not isinstance(value, dict):
        return value
    if value and all(re.fullmatch(r"\d{4}", str(key)) for key in value):
        return {key: number for key, number in value.items() if int(key) <= year}
    return {key: _until(item, year) for key, item in value.items()}


def _scenarios_differ(record: RunRecord, asked: ResolvedSettings) -> Iterable[str]:
    before = {entry.id: entry.settings for entry in record.scenarios}
    now = {scenario.id: scenario.settings for scenario in asked.scenarios}
    if before.keys() != now.keys():
        yield f"scenarios: the run has {', '.join(before)}, the request {', '.join(now)}"
        return
    for identifier, settings in now.items():
        yield from _settings_differ(f"scenario {identifier}: ", before[identifier], settings)


def _census_differs(record: RunRecord, settings: ResolvedSettings) -> Iterable[str]:
    """Report a census, given by any flag or file, whose employees differ from those of the run."""
    given = settings.base.census.path
    if given is None or shown(location(given)) == record.settings["census"]["path"]:
        return
    census, source = accept_census(settings)
    recorded = record.census
    if (census_hash(census.employees), census.currency) != (
        recorded.validated_sha256,
        recorded.currency,
    ):
        yield f"--census {shown(source)}: the run began with {recorded.file}, which has other content"


def _actions_differ(directory: RunDirectory, record: RunRecord, asked: ResolvedSettings) -> Iterable[str]:
    """Report scenarios whose file of actions, given by any flag or file, has other actions than the run."""
    before = {entry.id: entry.settings.get("plan", {}).get("actions") for entry in record.scenarios}
    given = {each.id: each.settings.plan.actions for each in asked.scenarios}
    other = {
        name: file
        for name, file in given.items()
        if name in before and (None if file is None else shown(location(file))) != before[name]
    }
    if not other:
        return
    began = recorded_plans(directory).by_scenario
    now = accept_plans(asked.scenarios, recorded_census(directory)).by_scenario
    for name, file in other.items():
        if (plan := began.get(name)) is not None and name in now and plan.equals(now[name]):
            continue
        if plan is None and name not in now:
            continue
        files = record.plan.files
        with_file = (
            f"with {files[name].file}, which has other content" if name in files else "without actions"
        )
        what = "none" if file is None else shown(location(file))
        yield f"--actions {what} (scenario {name}): the run began {with_file}"


def _uncertainty_differs(record: RunRecord, settings: Settings) -> Iterable[str]:
    """Report a file of simulation.uncertainty, given by any flag or file, with other content than the run."""
    given = settings.simulation.uncertainty
    if (None if given is None else str(given)) == record.settings["simulation"].get("uncertainty"):
        return
    now = uncertainty_of(settings)
    recorded = record.uncertainty
    if (now.sha256 if now else None) != (recorded.sha256 if recorded else None):
        began = f"with {recorded.file}, which has other content" if recorded else "without one"
        yield f"simulation.uncertainty = {given or 'null'}: the run began {began}"


def _hash(connection: duckdb.DuckDBPyConnection, year: int) -> str | None:
    try:
        return ledger.content_hash(connection, year)[0]
    except duckdb.CatalogException:  # a table was dropped
        return None


def _ledger_hash(connection: duckdb.DuckDBPyConnection, year: int) -> str | None:
    row = connection.execute(
        "select content_hash from year_ledger where simulation_year = ?", [year]
    ).fetchone()
    return row[0] if row else None

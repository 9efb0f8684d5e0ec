"""run.json: the record of a run, with which it can be understood, repeated and resumed.

Only this module reads and writes the file. Its settings are kept as a mapping and not validated on reading,
since those of an older version need not be valid for this one.
"""

import hashlib
import logging
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, ClassVar, NamedTuple, Self

import polars as pl
from pydantic import ConfigDict, Field

from settings import InputError, RecordedScenario, ResolvedSettings, settings_document, settings_hash
from tasks.census.opening import Opening
from tasks.census.plausibility import Finding
from tasks.history.actuals import NoActuals
from tasks.runs.directory import RunDirectory
from tasks.runs.request import Accepted
from tasks.runs.versions import git_commit, model_versions, versions
from tasks.system.documents import Document, Moment, Part

log = logging.getLogger("workforce")


class Inputs(NamedTuple):
    """Everything that affects the results of a run: runs with equal inputs have equal rows."""

    settings: str  # hash of the settings that affect results (settings/models/shaping.py)
    census: str | None  # hash of the validated employees; None if an older version did not record it
    currency: str | None  # affects the format of amounts
    actuals: str | None  # hash of what happened before the opening date; None without past lists
    actions: str | None  # hash of the validated known actions; None if there are none
    uncertainty: str | None  # hash of the content of simulation.uncertainty; None if there is none
    models: Mapping[str, str]  # see model_versions


class CensusRecord(Part):
    """The census of a run: its file, how it was read, and the numbers of accepted and rejected rows."""

    model_config = ConfigDict(extra="allow")

    file: str
    sha256: str  # of the file
    validated_sha256: str | None = None  # of the validated employees, with which the simulation opens
    rows_read: int = 0
    employees: int  # rows accepted, including leavers of the opening year
    #: Employees when the first year opens; older versions included leavers of the opening year.
    at_opening: int = Field(default_factory=lambda record: int(record["employees"]))
    dimensions: tuple[str, ...]
    skipped_terminated: int = 0  # rows of employees who left before the opening year
    currency: str | None = None
    opening_date: str | None = None
    opening_from: str | None = None  # where simulation.opening_date was set; None: start_year determines it
    newest_movement: str | None = None  # date of the newest hire or leave by the opening date
    inferred: Mapping[str, str] = Field(default_factory=dict)  # ambiguity in the file -> how it was resolved
    findings: tuple[Finding, ...] = ()
    rejected_rows: int = 0
    dropped_columns: tuple[str, ...] = ()
    history: tuple[dict[str, Any], ...] = ()  # rows of tasks.census.history.HISTORY


class ActualsRecord(Part):
    """What happened in the first fiscal year before the opening date, as the run knew it."""

    model_config = ConfigDict(extra="allow")

    validated_sha256: str | None = None  # of the spells; None without past lists that cover the time
    lists: tuple[str, ...] = ()  # dates of the lists that were used
    undated: int = 0  # leavers of whom no list gives the date
    reason: str | None = None  # why there are none


class ActionsRecord(Part):
    """The file of a scenario's known actions."""

    model_config = ConfigDict(extra="allow")

    file: str
    sha256: str  # of the file
    rows: int  # of the file
    applied: int  # rows that apply to the scenario


class PlanRecord(Part):
    """The known actions of a run."""

    model_config = ConfigDict(extra="allow")

    validated_sha256: str | None = None  # of the validated actions of all scenarios; None without any
    files: Mapping[str, ActionsRecord] = Field(default_factory=dict)  # by scenario


class UncertaintyRecord(Part):
    """How uncertain the assumptions of a run are: the file, and the history from which it was estimated."""

    model_config = ConfigDict(extra="allow")

    file: str
    sha256: str  # of the content, as Uncertainty.sha256
    until: str  # last day of the history
    lists: int


class RunRecord(Document):
    """The content of run.json.

    Unknown keys are kept when the file is written again: another version of the same format may have added
    them.
    """

    model_config = ConfigDict(extra="allow")
    newest_format: ClassVar[int] = 1
    advice: ClassVar[str] = "restore the file from a copy, or start a new run; results/ can still be read"

    run_id: str
    status: str  # running, complete, failed, cancelled, paused, rolled back
    started_at: Moment
    resumed_at: Moment | None = None
    finished_at: Moment | None = None
    years: tuple[int, int]  # first and last
    seed: int
    replicates: int
    settings: dict[str, Any]  # resolved, before the scenarios' overrides
    settings_hash: str
    scenarios: Annotated[tuple[RecordedScenario, ...], Field(min_length=1)]
    census: CensusRecord
    actuals: ActualsRecord | None = None  # None: the first year is a whole one
    plan: PlanRecord = Field(default_factory=PlanRecord)
    uncertainty: UncertaintyRecord | None = None  # None: the assumptions are certain
    versions: dict[str, str] = Field(default_factory=dict)
    model_versions: dict[str, str]
    git_commit: str | None = None  # None outside a checkout
    flow_runs: tuple[str, ...] = ()  # ids of the Prefect flow runs that worked on the run, newest last
    deployment: str | None = None
    totals: dict[str, Any] | None = None  # by scenario; None until the run is complete

    @property
    def inputs(self) -> Inputs:
        """Everything that affected the results."""
        return Inputs(
            self.settings_hash,
            self.census.validated_sha256,
            self.census.currency,
            self.actuals.validated_sha256 if self.actuals else None,
            self.plan.validated_sha256,
            self.uncertainty.sha256 if self.uncertainty else None,
            self.model_versions,
        )

    @property
    def scenario_ids(self) -> list[str]:
        """The ids of the scenarios, in the order given."""
        return [scenario.id for scenario in self.scenarios]

    def of_scenarios(self, ids: Collection[str]) -> Self:
        """Return the record with these scenarios only."""
        kept = tuple(scenario for scenario in self.scenarios if scenario.id in ids)
        return self.model_copy(update={"scenarios": kept})


def write_record(directory: RunDirectory, run_id: str, accepted: Accepted, origin: Mapping[str, Any]) -> None:
    """Write run.json of a new run (status `running`); `origin` has its flow run and deployment."""
    census, opening = accepted.census, Opening.of(accepted.settings)
    record = RunRecord(
        run_id=run_id,
        status="running",
        started_at=_now(),
        **_settings_fields(accepted.settings),
        census=CensusRecord(
            file=accepted.census_path.name,
            sha256=census.sha256,
            validated_sha256=census_hash(census.employees),
            rows_read=census.rows_read,
            employees=census.employees.height,
            at_opening=census.employees["termination_date"].null_count(),
            dimensions=census.dimensions,
            skipped_terminated=census.skipped_terminated,
            currency=census.currency,
            opening_date=opening.day.isoformat(),
            opening_from=opening.source,
            newest_movement=newest.isoformat() if (newest := census.newest_movement) else None,
            inferred=dict(census.inferred),
            findings=census.findings,
            rejected_rows=census.rejects["row_number"].n_unique(),
            dropped_columns=census.dropped_columns,
            history=tuple(census.history.to_dicts()),
        ),
        actuals=_actuals(accepted),
        plan=PlanRecord(
            validated_sha256=accepted.plans.sha256,
            files={
                scenario: ActionsRecord(
                    file=file.name,
                    sha256=file.sha256,
                    rows=file.rows.height,
                    applied=file.of_scenario(scenario).height,
                )
                for scenario, file in accepted.plans.files.items()
            },
        ),
        uncertainty=_uncertainty(accepted),
        versions=versions(),
        model_versions=model_versions(),
        git_commit=git_commit(),
        **origin,
    )
    record.write(directory.record)


def _actuals(accepted: Accepted) -> ActualsRecord | None:
    spells, actuals = accepted.census.actual_spells, accepted.actuals
    if isinstance(actuals, NoActuals):
        return ActualsRecord(reason=actuals.reason)
    if spells is None:
        return None
    return ActualsRecord(
        validated_sha256=census_hash(spells),
        lists=tuple(day.isoformat() for day in actuals.lists) if actuals else (),
        undated=actuals.undated if actuals else 0,
    )


def _uncertainty(accepted: Accepted) -> UncertaintyRecord | None:
    uncertainty, file = accepted.uncertainty, accepted.settings.base.simulation.uncertainty
    if uncertainty is None or file is None:
        return None
    history = uncertainty.history
    return UncertaintyRecord(
        file=file.name, sha256=uncertainty.sha256, until=history.until.isoformat(), lists=history.lists
    )


def read_record(directory: RunDirectory) -> RunRecord:
    """Return run.json.

    Raises FileNotFoundError if it does not exist, InputError if it is damaged or of a newer format than this
    version reads.
    """
    return RunRecord.read(directory.record)


def readable_records(output: Path) -> Iterator[tuple[RunDirectory, RunRecord]]:
    """Yield the runs of an output directory with their run.json, newest first; unreadable ones are skipped.

    Other processes may create and remove runs at the same time, and other versions write other records.
    """
    found = []
    for file in output.glob("[!.]*/run.json"):
        try:
            if not file.parent.is_symlink():  # latest
                found.append((file.stat().st_mtime, RunDirectory(file.parent)))
        except FileNotFoundError:
            continue
    for _, directory in sorted(found, key=lambda entry: entry[0], reverse=True):
        try:
            yield directory, read_record(directory)
        except (OSError, InputError) as error:
            log.debug("%s is skipped: %s", directory.record, error)


def unreadable_records(output: Path) -> Iterator[tuple[RunDirectory, str]]:
    """Yield the runs of an output directory whose run.json cannot be read, each with the error."""
    for file in sorted(output.glob("[!.]*/run.json")):
        try:
            read_record(RunDirectory(file.parent))
        except FileNotFoundError:  # another process has removed it
            continue
        except (InputError, OSError) as error:
            yield RunDirectory(file.parent), str(error)


def reopen_record(directory: RunDirectory, settings: ResolvedSettings, origin: Mapping[str, Any]) -> None:
    """Record that a run is running again: status, flow run, and settings, which may have more years."""
    record = read_record(directory)
    earlier = [one for one in record.flow_runs if one not in origin["flow_runs"]]
    changes = {
        **_settings_fields(settings),
        **origin,
        "flow_runs": (*earlier, *origin["flow_runs"]),
        "status": "running",
        "resumed_at": _now(),
        "finished_at": None,
        "totals": None,
    }
    record.model_copy(update=changes).write(directory.record)


def finish_record(directory: RunDirectory, status: str, totals: dict[str, Any] | None = None) -> None:
    """Write final status, time and totals to run.json."""
    changes = {"status": status, "finished_at": _now(), "totals": totals}
    read_record(directory).model_copy(update=changes).write(directory.record)


def census_hash(employees: pl.DataFrame) -> str:
    """Return the SHA-256 of validated rows (employees, or spells) as CSV, whatever the format of the file."""
    return hashlib.sha256(employees.write_csv().encode()).hexdigest()


def _settings_fields(settings: ResolvedSettings) -> dict[str, Any]:
    """Return the fields that follow from the settings."""
    simulation = settings.base.simulation
    return {
        "years": (simulation.start_year, simulation.end_year),
        "seed": simulation.random_seed,
        "replicates": simulation.replicates,
        "settings": settings_document(settings.base),
        "settings_hash": settings_hash(settings),
        "scenarios": tuple(
            RecordedScenario(
                id=scenario.id,
                description=scenario.description,
                overrides=dict(scenario.overrides),
                settings=settings_document(scenario.settings),
            )
            for scenario in settings.scenarios
        ),
    }


def _now() -> str:
    return datetime.now().astimezone().isoformat(timespec="seconds")

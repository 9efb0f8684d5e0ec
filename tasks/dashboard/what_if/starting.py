"""A real run of baseline and what-if: as a child process of the dashboard, or by the deployment of a server.

Its input lies in DIR/.what-if/ID: the run's settings, the two scenarios, and the process' output. The run
itself is DIR/ID like any other. Before it starts, its input is compared with that of the run from which the
what-if began, so that the new run's baseline has the same figures.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import polars as pl
import psutil
import yaml

from settings import InputError, default_settings, settings_document
from settings.loading.catalog import is_merged_mapping
from settings.models.shaping import MODEL_SECTIONS
from tasks.dashboard.what_if.saving import scenario_yaml
from tasks.runs.directory import RUN_ID, RunDirectory
from tasks.runs.record import RunRecord
from tasks.runs.request import RunRequest, accept
from tasks.runs.resume import inputs_of
from tasks.studies.what_if import StartingPoint
from tasks.system.files import private_files, replace_json

FOLDER = ".what-if"
#: Lines of a failed run's output that the page shows.
LAST_LINES = 15
#: Sections that are no input of the simulation: alerts, which are secret and not recorded, and schedules.
NOT_RECORDED = ("alerts", "deployment", "budget", "reforecast")
#: The processes that this dashboard started, by run id: only these does it end.
_children: dict[str, "subprocess.Popen[bytes]"] = {}


@dataclass(frozen=True)
class Started:
    """A run that a dashboard started, found by its id also after the page was loaded again."""

    output: Path
    run_id: str

    @property
    def folder(self) -> Path:
        """The folder of its input and its process' output."""
        return self.output / FOLDER / self.run_id

    @property
    def directory(self) -> RunDirectory:
        """The run's directory."""
        return RunDirectory(self.output / self.run_id)

    @property
    def log(self) -> Path:
        """What the process printed."""
        return self.folder / "output.log"

    def keep(self, **facts: Any) -> None:
        """Record what executes the run, or what became of it, beside what is recorded."""
        replace_json(self._file, {**self._facts, **facts})

    @property
    def _file(self) -> Path:
        return self.folder / "process.json"

    @property
    def _facts(self) -> dict[str, Any]:
        """What is recorded: pid and created of a process here, or flow_run; ended if a visitor ended it."""
        try:
            found: dict[str, Any] = json.loads(self._file.read_bytes())
        except (OSError, ValueError):
            return {}
        return found

    @property
    def is_known(self) -> bool:
        """Whether a dashboard of this directory started a run of this id."""
        return RUN_ID.fullmatch(self.run_id) is not None and self._file.is_file()

    @property
    def is_at_work(self) -> bool:
        """Whether its process is alive."""
        child = _children.get(self.run_id)
        if child is not None:
            return child.poll() is None
        facts = self._facts
        try:
            return bool(abs(psutil.Process(facts["pid"]).create_time() - facts["created"]) < 1)
        except (KeyError, psutil.Error):
            return False

    @property
    def flow_run(self) -> UUID | None:
        """The flow run on the Prefect server that executes it; None if a process of this machine does."""
        try:
            return UUID(self._facts["flow_run"])
        except (KeyError, ValueError):
            return None

    @property
    def can_be_ended(self) -> bool:
        """Whether this dashboard started it and it is at work."""
        return self.run_id in _children and self.is_at_work

    @property
    def was_ended(self) -> bool:
        """Whether a visitor ended it."""
        return bool(self._facts.get("ended"))

    def end(self) -> None:
        """End the process, if this dashboard started it; the run can be resumed."""
        if self.can_be_ended:
            self.keep(ended=True)
            _children[self.run_id].terminate()

    def last_lines(self) -> str:
        """Return the end of what the process printed."""
        try:
            text = self.log.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""
        return "\n".join(text.strip().splitlines()[-LAST_LINES:])


@dataclass(frozen=True)
class Wanted:
    """What is to be run: the baseline and the what-if beside it."""

    start: StartingPoint
    record: RunRecord
    source: RunDirectory  # the run from which the what-if began
    output: Path
    scenario_id: str
    description: str
    overrides: Mapping[str, Any]  # all of the what-if, with those of its baseline

    def new_run_id(self) -> str:
        """Return an id that names the what-if and the time."""
        return f"{self.scenario_id[:60]}-{datetime.now():%Y%m%d-%H%M%S}"

    def request(self, run_id: str) -> RunRequest:
        """Write the input of the run into its folder and return its request.

        Raises InputError if the id is the baseline's, or the input is not there any more as the run had it.
        """
        base = self.start.scenario
        if self.scenario_id == base.id:
            raise InputError(f"Id {self.scenario_id!r} is that of the baseline; choose another")
        folder = Started(self.output, run_id).folder
        with private_files():
            texts = {
                "settings.yaml": yaml.safe_dump(self._settings(), sort_keys=False, allow_unicode=True),
                "baseline.yaml": scenario_yaml(base.id, base.description, base.overrides),
                "what-if.yaml": scenario_yaml(self.scenario_id, self.description, self.overrides),
            }
            for name, text in texts.items():
                (folder / name).write_text(text, encoding="utf-8")
        request = RunRequest(
            config=(folder / "settings.yaml").absolute(),
            scenarios=((folder / "baseline.yaml").absolute(), (folder / "what-if.yaml").absolute()),
            output=self.output.absolute(),
            run_id=run_id,
        )
        self._check(request)
        return request

    def _settings(self) -> dict[str, Any]:
        """Return the settings of the run as a file, with files that are there: those that the run kept."""
        document = {name: value for name, value in self.record.settings.items() if name not in NOT_RECORDED}
        document = _with_removals(document, settings_document(default_settings()))
        census = document["census"] = {**document["census"]}
        path = census.get("path")
        if path is None or not Path(path).is_file():
            if path is not None:
                census.update(path=str(self.source.census.absolute()), columns={}, salary_basis="actual")
        else:
            census["path"] = str(Path(path).absolute())
        if self.record.uncertainty is not None:
            document["simulation"] = {
                **document["simulation"],
                "uncertainty": str(self.source.uncertainty.absolute()),
            }
        for section, key in (("plan", "actions"), ("history", "path")):
            value = (document.get(section) or {}).get(key)
            if value is not None and Path(value).exists():
                document[section] = {**document[section], key: str(Path(value).absolute())}
        return document

    def _check(self, request: RunRequest) -> None:
        """Raise InputError if the request's baseline is not the run's, or its scenario is refused."""
        accepted = accept(request)
        now, then = inputs_of(accepted), self.record.inputs
        differ = [
            name
            for name in ("census", "currency", "actuals", "uncertainty", "models")
            if getattr(now, name) != getattr(then, name)
        ]
        plan, other_plan = accepted.plans.by_scenario.get(self.start.scenario.id), self.start.plan
        no_plan = pl.DataFrame()
        if not (no_plan if plan is None else plan).equals(no_plan if other_plan is None else other_plan):
            differ.append("known actions")
        [recorded] = [one.settings for one in self.record.scenarios if one.id == self.start.scenario.id]
        mine = settings_document(accepted.settings.scenarios[0].settings)
        for section in MODEL_SECTIONS:
            if section == "plan":  # its actions count by their content
                continue
            one, other = mine[section], recorded[section]
            if section == "simulation":
                one, other = ({**side, "uncertainty": None} for side in (one, other))
            if one != other:
                differ.append(f"settings of section {section}")
        if differ:
            raise InputError(
                f"The run cannot be started from here, since its input is not that of run "
                f"{self.start.run_id} any more: {', '.join(differ)}. Save the scenario, and run it where the "
                "input is"
            )


@contextmanager
def _input_of(wanted: Wanted, run_id: str) -> Iterator[RunRequest]:
    """Write the input of a run; remove it again if the run is not started.

    Raises InputError, also if another visitor takes the same name in the same second.
    """
    folder = Started(wanted.output, run_id).folder
    try:
        with private_files():
            folder.mkdir(parents=True)
    except FileExistsError:
        raise InputError(f"Run {run_id} was just started by another visitor; start again") from None
    except OSError as error:
        raise InputError(f"{folder} cannot be written: {error.strerror}") from None
    try:
        yield wanted.request(run_id)
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise InputError(f"{error.filename or folder} cannot be written: {error.strerror}") from None
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def start_here(wanted: Wanted) -> Started:
    """Start the run as a child process. Raises InputError."""
    started = Started(wanted.output, wanted.new_run_id())
    with _input_of(wanted, started.run_id) as request:
        child = _process(request, started)
    _children[started.run_id] = child
    started.keep(pid=child.pid, created=psutil.Process(child.pid).create_time())
    return started


def _process(request: RunRequest, started: Started) -> "subprocess.Popen[bytes]":
    command = [
        *(sys.executable, "-m", "flows.multi_year"),
        *("--config", str(request.config)),
        *(part for scenario in request.scenarios for part in ("--scenario", str(scenario))),
        *("--output", str(request.output), "--run-id", started.run_id, "--force"),
    ]
    with private_files(), started.log.open("wb") as log:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            start_new_session=True,  # Ctrl-C of the dashboard does not end it
        )


def server_address() -> str | None:
    """Return the address of the configured Prefect server; None without one."""
    from prefect.settings import PREFECT_API_URL  # slow to import, and not needed by the other pages

    address: str | None = PREFECT_API_URL.value()
    return address


def start_by_deployment(wanted: Wanted) -> str:
    """Start the run by the deployment of the configured server; return the run's id.

    Raises InputError, also if the server does not answer, refuses access or lacks the deployment.
    """
    from prefect.deployments import run_deployment
    from prefect.exceptions import ObjectNotFound

    from tasks.server.api import trouble_with_server
    from tasks.server.names import RUNS

    run_id = wanted.new_run_id()
    with _input_of(wanted, run_id) as request:
        parameters = {
            "config": str(request.config),
            "scenario": [str(scenario) for scenario in request.scenarios],
            "output": str(request.output),
            "run_id": run_id,
        }
        try:
            flow_run = run_deployment(RUNS, parameters=parameters, timeout=0, flow_run_name=run_id)
        except ObjectNotFound:
            raise InputError(f"The server has no deployment {RUNS}; `workforce deploy` makes it") from None
        except Exception as error:  # httpx's errors, and Prefect's on answers that it cannot read
            raise InputError(trouble_with_server(error)) from error
    Started(wanted.output, run_id).keep(flow_run=str(flow_run.id))  # type: ignore[union-attr] # typed as sync or async
    return run_id


@dataclass(frozen=True)
class OnServer:
    """The flow run of a run, as the Prefect server has it."""

    is_over: bool
    text: str


def on_server(flow_run: UUID) -> OnServer:
    """Return what the configured server says of a flow run, also if it does not answer."""
    from prefect.exceptions import ObjectNotFound

    from tasks.server.api import ServerTrouble, server_client
    from tasks.server.names import RUN_POOL, SERVED_BY

    try:
        with server_client() as client:
            state = client.read_flow_run(flow_run).state
    except ServerTrouble as error:
        if isinstance(error.__cause__, ObjectNotFound):
            return OnServer(True, "The server does not have its flow run any more.")
        return OnServer(False, str(error))
    if state is None or state.is_scheduled():
        return OnServer(
            False, f"is waiting for a worker of pool {RUN_POOL} (`{SERVED_BY[RUN_POOL]}` starts one)"
        )
    if state.is_completed():  # run.json says so first, where this machine sees it
        return OnServer(False, "is complete on the server, but its results are not in this directory")
    if state.is_final():
        return OnServer(True, f"{state.name}: {state.message or 'no message'}")
    return OnServer(False, f"is {state.type.value.lower()} on the server")


def _with_removals(
    document: Mapping[str, Any], defaults: Mapping[str, Any], path: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Return settings in which entries of merged mappings that the run had removed are null."""
    found = dict(document)
    for name, default in defaults.items():
        if name not in document:
            if path and is_merged_mapping(path):
                found[name] = None
        elif isinstance(default, Mapping) and isinstance(document[name], Mapping):
            found[name] = _with_removals(document[name], default, (*path, name))
    return found

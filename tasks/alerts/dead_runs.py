"""Finds runs whose process ended without recording why, by their heartbeat, and raises alerts."""

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from settings import InputError, Settings
from tasks.alerts import Alert, AlertDesk
from tasks.alerts.alert import duration_facts
from tasks.alerts.events import has_server
from tasks.alerts.limits import heartbeat_limit
from tasks.alerts.run_facts import RunFacts, complete_of, resume_command
from tasks.runs.directory import RunDirectory
from tasks.runs.lock import is_being_written
from tasks.runs.record import RunRecord, read_record
from tasks.runs.status import RunStatus, read_status
from tasks.server.flow_runs import mark_dead

log = logging.getLogger("workforce")


@dataclass(frozen=True)
class _Silent:
    """A run with status running whose heartbeat has stopped."""

    directory: RunDirectory
    record: RunRecord | None  # None if run.json is unreadable, which health reports
    status: RunStatus
    limit: float

    @property
    def heartbeat(self) -> float:
        """The last heartbeat, in seconds of the epoch."""
        return datetime.fromisoformat(self.status.heartbeat_at).timestamp()

    @property
    def alert(self) -> Alert:
        """The alert, with the command that resumes the run."""
        status, run_id = self.status, self.directory.run_id
        complete = complete_of(status.complete_years, status.years)
        deployment = self.record.deployment if self.record else None
        run = RunFacts(run_id, status.host, str(status.pid), complete)
        return Alert(
            "no_heartbeat",
            run_id,
            facts={
                **duration_facts("sla.heartbeat_seconds", self.limit, time.time() - self.heartbeat),
                **run.facts,
                "Last step": status.doing,
            },
            since=self.heartbeat,
            link=self.directory.path.resolve().as_uri(),
            attempt=run.attempt,
            command=resume_command(run_id, self.directory.path.parent, deployment),
        )


def alert_of_dead_runs(
    output: Path, settings: Settings, wait_seconds: float = 30.0, *, by_record: bool = False
) -> list[Alert]:
    """Raise an alert for each run whose heartbeat stopped, and deliver waiting alerts; for cron.

    Each dead run is reported once, however often this is called. If its process is gone, its flow run is
    marked as crashed on the Prefect server, if one is configured. With `by_record` the limit in each run's
    run.json applies, else that of the settings. Returns the new alerts.
    """
    raised = []
    with AlertDesk(output, settings.alerts, everything=True) as desk:
        for silent in _silent(output, float(settings.sla.heartbeat_seconds), by_record):
            alert, heartbeat = silent.alert, silent.heartbeat
            # do not count a run that was found before: it would be reported again
            if not desk.store.has(alert, heartbeat) and desk.store.add(alert, time.time() - heartbeat):
                raised.append(alert)
            if has_server() and not is_being_written(silent.directory):
                flow_runs = silent.record.flow_runs if silent.record else ()
                mark_dead(flow_runs, "its process ended without recording why")
        if desk.store.exists:
            desk.deliver()
        desk.close(wait_seconds)
    return raised


def _silent(output: Path, of_settings: float, by_record: bool) -> Iterator[_Silent]:
    """Yield runs with status running whose heartbeat is older than the limit."""
    for file in sorted(output.glob("*/status.json")):
        if file.parent.is_symlink():  # latest
            continue
        directory = RunDirectory(file.parent)
        record = _record(directory)
        limit = heartbeat_limit(record) if by_record and record else of_settings
        try:
            silent = _Silent(directory, record, read_status(directory), limit)
        except FileNotFoundError:  # another process has removed the run
            continue
        except InputError as error:  # other runs may be dead
            log.warning("run %s is left out: %s", directory.run_id, error)
            continue
        if silent.status.status == "running" and time.time() - silent.heartbeat > limit:
            yield silent


def _record(directory: RunDirectory) -> RunRecord | None:
    try:
        return read_record(directory)
    except (OSError, InputError):
        return None

"""Runs that died without a word: told from outside, by their heartbeat, as they cannot tell it."""

import json
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from settings import InputError, Settings
from tasks.alerts import Alert, AlertDesk
from tasks.alerts.alert import duration_facts
from tasks.limits import heartbeat_limit
from tasks.run_directory import RunDirectory
from tasks.run_record import read_record


def alert_of_dead_runs(
    output: Path, settings: Settings, wait_seconds: float = 30.0, *, by_record: bool = False
) -> list[Alert]:
    """Raise an alert of each run without a sign of life, and deliver what else waits; for cron.

    A death is told once, however often this is called. With `by_record` each run's own limit counts, by its
    run.json, else that of the settings. Returns the alerts that are new.
    """
    raised = []
    with AlertDesk(output, settings.alerts, everything=True) as desk:
        for alert, heartbeat in _dead(output, float(settings.sla.heartbeat_seconds), by_record):
            # one found again is no other: to count it would tell it once more
            if not desk.store.has(alert, heartbeat) and desk.store.add(alert, time.time() - heartbeat):
                raised.append(alert)
        if desk.store.exists:
            desk.deliver()
        desk.close(wait_seconds)
    return raised


def _dead(output: Path, of_settings: float, by_record: bool) -> Iterator[tuple[Alert, float]]:
    """Runs that call themselves running, but whose heartbeat is older than the limit, with its time."""
    for file in sorted(output.glob("*/status.json")):
        if file.parent.is_symlink():  # latest
            continue
        status: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        heartbeat = datetime.fromisoformat(status["heartbeat_at"]).timestamp()
        silent = time.time() - heartbeat
        limit = _recorded_limit(RunDirectory(file.parent), of_settings) if by_record else of_settings
        if status["status"] == "running" and silent > limit:
            facts = {
                **duration_facts("sla.heartbeat_seconds", limit, silent),
                "Process": f"{status['pid']} on {status['host']}",
                "Last step": f"{status['year'] or ''} {status['step'] or ''}".strip(),
            }
            link = file.parent.resolve().as_uri()
            yield Alert("no_heartbeat", file.parent.name, facts=facts, since=heartbeat, link=link), heartbeat


def _recorded_limit(directory: RunDirectory, otherwise: float) -> float:
    """The run's own limit; another where its run.json cannot be read, which health reports."""
    try:
        return heartbeat_limit(read_record(directory))
    except (OSError, InputError):
        return otherwise

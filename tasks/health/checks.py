"""Health checks of the machine, the newest runs and the Prefect API, for people, cron and monitors.

Each finding has what was observed, what is expected, and what to do. The checks change nothing.
"""

import shutil
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import httpx
import psutil
from prefect.settings import PREFECT_API_URL, temporary_settings

from settings.errors import InputError
from tasks.alerts import store_of
from tasks.alerts.acknowledged import Acknowledgements, acknowledgements
from tasks.alerts.limits import heartbeat_limit
from tasks.health.finding import Finding, judged
from tasks.health.server import server_findings
from tasks.runs.directory import RunDirectory
from tasks.runs.lock import is_being_written
from tasks.runs.record import RunRecord, readable_records, unreadable_records
from tasks.runs.status import read_status
from tasks.server.api import ServerTrouble, server_client
from tasks.warehouse.ledger import complete_years

MIN_FREE_DISK_GIB = 1.0
MIN_FREE_MEMORY_GIB = 0.5
NEWEST_RUNS = 5
SERVER_SECONDS = 5.0
FAILURES_COUNT_DAYS = 7.0
DAY = 86_400.0


def findings(output: Path, api_url: str | None, days: float = FAILURES_COUNT_DAYS) -> list[Finding]:
    """Run all checks and return their findings.

    Args:
        output: The directory of runs.
        api_url: Address of the configured Prefect API; None: none is configured.
        days: Days for which a failure counts; acknowledged failures do not count.
    """
    newest = list(islice(readable_records(output), NEWEST_RUNS))
    server = list(_server(api_url))
    known = acknowledgements(output, ask_server=bool(server) and server[0].status == "ok")
    return [
        *_directory(output),
        *_records(output),
        _disk(output),
        _memory(),
        *(
            server
            or [Finding("prefect api", "ok", "none configured: a run starts its own server", "answers")]
        ),
        _alerts(output, known, days),
        *_runs(newest, known, days),
    ]


def as_document(found: Iterable[Finding]) -> dict[str, Any]:
    """Return the findings as JSON types."""
    rows = [asdict(finding) for finding in found]
    return {"status": "ok" if all(row["status"] == "ok" for row in rows) else "wrong", "findings": rows}


def _directory(output: Path) -> Iterator[Finding]:
    """Report a missing directory of runs, since the other checks would then find no runs."""
    if not output.is_dir():
        advice = "let --output name the directory of runs, or start a run, which creates it"
        yield Finding("output directory", "wrong", f"{output} does not exist", "a directory", advice)


def _disk(output: Path) -> Finding:
    place = next(folder for folder in (output.resolve(), *output.resolve().parents) if folder.exists())
    free = shutil.disk_usage(place).free / 2**30
    return judged(
        "disk",
        free >= MIN_FREE_DISK_GIB,
        f"{free:.1f} GiB free for {output}",
        f"at least {MIN_FREE_DISK_GIB} GiB",
        "remove runs that are no longer needed, or let --output name another disk",
    )


def _memory() -> Finding:
    free = psutil.virtual_memory().available / 2**30
    return judged(
        "memory",
        free >= MIN_FREE_MEMORY_GIB,
        f"{free:.1f} GiB available",
        f"at least {MIN_FREE_MEMORY_GIB} GiB",
        "end other programs, or lower machine.memory_limit so that DuckDB spills to disk",
    )


def _server(api_url: str | None) -> Iterator[Finding]:
    """Check that the configured API answers, and our deployments on it; no finding if none is configured."""
    if api_url is None:
        return
    try:
        with (
            temporary_settings({PREFECT_API_URL: api_url}),
            server_client(timeout=SERVER_SECONDS) as client,
        ):
            client.read_flows(limit=1)
            ours = list(server_findings(client))
    except ServerTrouble as trouble:
        cause = trouble.__cause__
        observed, advice = f"no answer ({type(cause).__name__})", str(trouble)
        if isinstance(cause, httpx.HTTPStatusError):
            observed = f"status {cause.response.status_code}"
    except ValueError as error:
        observed, advice = f"no answer ({type(error).__name__})", "PREFECT_API_URL: as http://HOST:4200/api"
    else:
        yield Finding("prefect api", "ok", "answers", "answers")
        yield from ours
        return
    yield Finding("prefect api", "wrong", observed, "answers", advice)


def _alerts(output: Path, known: Acknowledgements, days: float) -> Finding:
    store = store_of(output)
    try:
        undelivered = store.undelivered() if store.exists else []
    except OSError as error:
        advice = "follow the message: alerts are neither stored nor sent until then"
        return Finding("alerts", "wrong", str(error), "a file that can be read and written", advice)
    failed = [
        delivery
        for delivery in undelivered
        if _age(delivery.created_at) < days * DAY and not known.has_all(delivery.message.alert_ids)
    ]
    channels = ", ".join(sorted({delivery.channel for delivery in failed}))
    return judged(
        "alerts",
        not failed,
        f"{len(failed)} alert messages undelivered" + (f" ({channels})" if failed else ""),
        "none",
        "see `workforce alerts list --undelivered`, correct the channel, then `workforce alerts resend`",
    )


def _records(output: Path) -> Iterator[Finding]:
    """Report run directories whose run.json cannot be read, which no other check covers."""
    advice = "follow the message, or remove the run if it is no longer needed"
    for directory, problem in unreadable_records(output):
        yield Finding(f"run {directory.run_id}", "wrong", problem, "a run.json that can be read", advice)


def _runs(
    newest: Sequence[tuple[RunDirectory, RunRecord]], known: Acknowledgements, days: float
) -> Iterator[Finding]:
    """Check the newest runs, and the database of the newest one."""
    for number, (run, record) in enumerate(newest):
        finding, is_excused = _run(run, record, known, days)
        yield finding
        if number == 0 and not is_excused:
            yield from _database(run)


def _run(run: RunDirectory, record: RunRecord, known: Acknowledgements, days: float) -> tuple[Finding, bool]:
    """Check a run; also return whether its failure is excused, since it is old or acknowledged."""
    check, expected = f"run {run.run_id}", "complete, or running with a heartbeat"
    go_on = f"read {run.log}, then --resume {run.run_id}"
    since = record.started_at
    try:
        status = read_status(run)
    except FileNotFoundError:
        seen = "not started, and no process writes it"
        is_ok, at = is_being_written(run), datetime.fromisoformat(since).timestamp()
    except InputError as error:
        return judged(check, False, str(error), expected, go_on), False
    else:
        since = status.started_at or since
        seen, is_ok = status.status, status.status != "failed"
        ended = None if status.status == "running" else status.finished_at
        at = datetime.fromisoformat(ended or status.heartbeat_at).timestamp()
        if status.status == "failed":
            seen = f"failed: {status.error}"
        if status.status == "running":
            is_ok = _age(at) < heartbeat_limit(record) and is_being_written(run)
            doing = f"{status.step} of {status.year or 'the baseline'}"
            seen = f"{doing}, last heartbeat {_age(at):.0f} s ago"
            seen = seen if is_ok else f"ended without recording why at {seen}"
    if not is_ok and (by := known.of_run(run.run_id, since=since)):
        return Finding(check, "ok", f"{seen}; acknowledged by {by}", expected), True
    if not is_ok and _age(at) > days * DAY:
        return Finding(check, "ok", f"{seen}; not counted after {days:g} days", expected), True
    return judged(check, is_ok, seen, expected, go_on), False


def _age(moment: float) -> float:
    """Return the seconds since a time in epoch seconds."""
    return time.time() - moment


def _database(run: RunDirectory) -> Iterator[Finding]:
    """Open the newest run's database, unless a process writes it: then its heartbeat is checked."""
    if is_being_written(run):
        return
    try:
        with duckdb.connect(run.database, read_only=True) as connection:
            years = complete_years(connection)
        is_ok, observed = True, f"opens; {len(years)} complete years"
    except duckdb.Error as error:
        is_ok, observed = False, f"does not open: {str(error).splitlines()[0]}"
    yield judged(
        f"database of {run.run_id}",
        is_ok,
        observed,
        "opens",
        f"results/ holds what was published; --resume {run.run_id} --from-year FIRST creates it again",
    )

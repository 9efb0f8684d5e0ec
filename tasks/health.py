"""Is everything well: the machine, the newest runs, the Prefect API. For people, cron and monitors.

Each finding says what was seen, what is expected, and what to do; nothing here changes anything.
"""

import json
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import duckdb
import httpx
import psutil
from prefect.settings import PREFECT_API_URL, temporary_settings

from settings.errors import InputError
from tasks.alerts import store_of
from tasks.lock import is_being_written
from tasks.prefect_api import ServerTrouble, reach_configured_server
from tasks.run_directory import RunDirectory
from tasks.run_record import read_record, readable_records
from tasks.year_state import complete_years

STALE_SECONDS = 60.0  # a heartbeat is renewed every five
MIN_FREE_DISK_GIB = 1.0
MIN_FREE_MEMORY_GIB = 0.5
NEWEST_RUNS = 5
SERVER_SECONDS = 5.0


@dataclass(frozen=True)
class Finding:
    """One thing looked at."""

    check: str
    status: Literal["ok", "wrong"]
    observed: str
    expected: str
    advice: str = ""


def findings(output: Path, api_url: str | None) -> list[Finding]:
    """Look at everything; `api_url` None where no Prefect API is configured."""
    newest = [run for run, _ in islice(readable_records(output), NEWEST_RUNS)]
    return [
        *_records(output),
        _disk(output),
        _memory(),
        _api(api_url),
        _alerts(output),
        *(finding for run in newest for finding in _run(run)),
        *(finding for run in newest[:1] for finding in _database(run)),
    ]


def as_document(found: Iterable[Finding]) -> dict[str, Any]:
    """The findings for machines."""
    rows = [asdict(finding) for finding in found]
    return {"status": "ok" if all(row["status"] == "ok" for row in rows) else "wrong", "findings": rows}


def _finding(check: str, is_ok: bool, observed: str, expected: str, advice: str) -> Finding:
    if is_ok:
        return Finding(check, "ok", observed, expected)
    return Finding(check, "wrong", observed, expected, advice)


def _disk(output: Path) -> Finding:
    place = next(folder for folder in (output.resolve(), *output.resolve().parents) if folder.exists())
    free = shutil.disk_usage(place).free / 2**30
    return _finding(
        "disk",
        free >= MIN_FREE_DISK_GIB,
        f"{free:.1f} GiB free for {output}",
        f"at least {MIN_FREE_DISK_GIB} GiB",
        "remove runs that are no longer needed, or let --output name another disk",
    )


def _memory() -> Finding:
    free = psutil.virtual_memory().available / 2**30
    return _finding(
        "memory",
        free >= MIN_FREE_MEMORY_GIB,
        f"{free:.1f} GiB available",
        f"at least {MIN_FREE_MEMORY_GIB} GiB",
        "end other programs, or lower machine.memory_limit so that DuckDB spills to disk",
    )


def _api(api_url: str | None) -> Finding:
    if api_url is None:
        return Finding("prefect api", "ok", "none configured: a run starts its own", "answers, if configured")
    try:
        with temporary_settings({PREFECT_API_URL: api_url}):
            reach_configured_server(timeout=SERVER_SECONDS)
    except ServerTrouble as trouble:
        cause = trouble.__cause__
        observed = f"no answer ({type(cause).__name__})"
        if isinstance(cause, httpx.HTTPStatusError):
            observed = f"status {cause.response.status_code}"
        return Finding("prefect api", "wrong", observed, "answers", str(trouble))
    except ValueError as error:
        advice = "PREFECT_API_URL: as http://HOST:4200/api"
        return Finding("prefect api", "wrong", f"no answer ({type(error).__name__})", "answers", advice)
    return Finding("prefect api", "ok", "answers", "answers")


def _alerts(output: Path) -> Finding:
    store = store_of(output)
    failed = store.undelivered() if store.exists else []
    channels = ", ".join(sorted({delivery.channel for delivery in failed}))
    return _finding(
        "alerts",
        not failed,
        f"{len(failed)} alert messages undelivered" + (f" ({channels})" if failed else ""),
        "none",
        "see `workforce alerts list --undelivered`, correct the channel, then `workforce alerts resend`",
    )


def _records(output: Path) -> Iterator[Finding]:
    """Run directories whose run.json cannot be read, which nothing else would tell of."""
    for file in sorted(output.glob("[!.]*/run.json")):
        try:
            read_record(RunDirectory(file.parent))
        except (InputError, OSError) as error:
            yield Finding(
                f"run {file.parent.name}", "wrong", str(error), "a run.json", "restore or remove it"
            )


def _run(run: RunDirectory) -> Iterator[Finding]:
    expected = "complete, or running with a heartbeat"
    go_on = f"look at {run.log}, then --resume {run.run_id}"
    try:
        status = json.loads(run.status.read_text(encoding="utf-8"))
    except FileNotFoundError:
        yield _finding(
            f"run {run.run_id}", is_being_written(run), "not begun, and nobody writes it", expected, go_on
        )
        return
    except ValueError as error:
        yield _finding(f"run {run.run_id}", False, f"status.json is no JSON ({error})", expected, go_on)
        return
    observed, is_ok = status["status"], status["status"] != "failed"
    if status["status"] == "failed":
        observed = f"failed: {status.get('error')}"
    if status["status"] == "running":
        age = (datetime.now().astimezone() - datetime.fromisoformat(status["heartbeat_at"])).total_seconds()
        is_ok = age < STALE_SECONDS and is_being_written(run)
        observed = f"{status['step']} of {status['year'] or 'the baseline'}, last heartbeat {age:.0f} s ago"
        if not is_ok:
            observed = f"died silently at {observed}"
    yield _finding(f"run {run.run_id}", is_ok, observed, expected, go_on)


def _database(run: RunDirectory) -> Iterator[Finding]:
    """Open the newest run's database, unless it is being written, which its heartbeat tells of."""
    if is_being_written(run):
        return
    try:
        with duckdb.connect(run.database, read_only=True) as connection:
            years = complete_years(connection)
        is_ok, observed = True, f"opens; {len(years)} complete years"
    except duckdb.Error as error:
        is_ok, observed = False, f"does not open: {str(error).splitlines()[0]}"
    yield _finding(
        f"database of {run.run_id}",
        is_ok,
        observed,
        "opens",
        f"results/ holds what was published; --resume {run.run_id} --from-year FIRST makes it anew",
    )

"""The process of a run's local Prefect server: `python tasks/server/process.py PORT` in its own folder.

It ends when its standard input closes. That is a pipe held by the run, which the operating system
closes even if the run is killed. The process then removes its folder, since the run cannot.
"""

# ruff: noqa: E402 - the collector is set before the imports, which create most objects: a second of four

import gc

gc.set_threshold(100_000, 20, 100)  # as tasks/system/garbage.py, which cannot be imported here

import os
import shutil
import signal
import sys
import threading
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
from prefect.server.database.configurations import AioSqliteConfiguration
from prefect.server.database.dependencies import MODELS_DEPENDENCIES
from prefect.server.utilities.database import get_dialect
from prefect.settings import PREFECT_API_DATABASE_CONNECTION_URL
from sqlalchemy.ext.asyncio import AsyncSession, AsyncSessionTransaction
from typing_extensions import override


class PatientSqlite(AioSqliteConfiguration):
    """SQLite configuration whose transactions take the write lock when they begin, and wait for it.

    Prefect's transactions begin with a read. If another connection writes between that read and their first
    write, as the recorder of task runs does constantly, SQLite refuses the write at once
    (SQLITE_BUSY_SNAPSHOT): the API answers 503, and after several of these a run fails.
    """

    @override
    @asynccontextmanager
    async def begin_transaction(
        self, session: AsyncSession, with_for_update: bool = True
    ) -> AsyncGenerator[AsyncSessionTransaction, None]:
        """Begin a transaction by taking the write lock, also for reads."""
        async with super().begin_transaction(session, with_for_update=True) as transaction:
            yield transaction


def _end_with_the_run(has_ended: threading.Event) -> None:
    os.read(0, 1)  # not sys.stdin: its lock would block Python's shutdown
    has_ended.set()
    os.kill(os.getpid(), signal.SIGTERM)


def main() -> None:
    """Serve Prefect's API on the loopback interface until the run ends."""
    # uvicorn raises the signal again after its shutdown; the default handler would skip the cleanup below
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    run_has_ended = threading.Event()
    threading.Thread(target=_end_with_the_run, args=[run_has_ended], daemon=True).start()
    try:
        url = PREFECT_API_DATABASE_CONNECTION_URL.value()
        if get_dialect(url).name == "sqlite":
            MODELS_DEPENDENCIES["database_config"] = PatientSqlite(connection_url=url)
        uvicorn.run(
            "prefect.server.api.server:create_app",
            factory=True,
            host="127.0.0.1",
            port=int(sys.argv[1]),
            log_level="error",
            lifespan="on",
            workers=1,
        )
    finally:
        if run_has_ended.is_set():
            shutil.rmtree(Path.cwd(), ignore_errors=True)


if __name__ == "__main__":
    main()

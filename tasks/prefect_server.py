"""The process of a local run's own Prefect server: `python -m tasks.prefect_server PORT`.

It ends as soon as its standard input does: that is a pipe which the run holds, and the operating
system closes it even when the run is killed.
"""

import os
import signal
import sys
import threading
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import uvicorn
from prefect.server.database.configurations import AioSqliteConfiguration
from prefect.server.database.dependencies import MODELS_DEPENDENCIES
from prefect.server.utilities.database import get_dialect
from prefect.settings import PREFECT_API_DATABASE_CONNECTION_URL
from sqlalchemy.ext.asyncio import AsyncSession, AsyncSessionTransaction


class PatientSqlite(AioSqliteConfiguration):
    """SQLite whose transactions lock the database as they begin, and wait for it where they must.

    Prefect's begin with a read. Where somebody else writes between that and their own first write, as
    the recorder of task runs does all the time, SQLite refuses them at once (SQLITE_BUSY_SNAPSHOT): the
    API answers 503, and after a few of those a run fails.
    """

    @asynccontextmanager
    async def begin_transaction(
        self, session: AsyncSession, with_for_update: bool = True
    ) -> AsyncGenerator[AsyncSessionTransaction, None]:
        """Begin a transaction, whatever it is for, by taking the lock."""
        async with super().begin_transaction(session, with_for_update=True) as transaction:
            yield transaction


def _end_with_the_run() -> None:
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)


def main() -> None:
    """Serve Prefect's API on the loopback until the run ends."""
    threading.Thread(target=_end_with_the_run, daemon=True).start()
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
    )


if __name__ == "__main__":
    main()

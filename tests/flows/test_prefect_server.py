"""The database of a run's own Prefect server: two that write at once wait for each other."""

import asyncio
from pathlib import Path

import pytest
from prefect.server.database.configurations import AioSqliteConfiguration
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from tasks.server.process import PatientSqlite


async def _read_then_write_twice_at_once(configuration: AioSqliteConfiguration) -> int:
    """Two transactions read the same count, and write one more; returns the count that is left."""
    engine = await configuration.engine()
    async with await configuration.session(engine) as session, configuration.begin_transaction(session):
        await session.execute(text("create table counts (number integer)"))
        await session.execute(text("insert into counts values (0)"))

    async def add_one() -> None:
        async with await configuration.session(engine) as session, configuration.begin_transaction(session):
            number = await session.scalar(text("select number from counts"))
            await asyncio.sleep(0.2)  # as long as the other one needs to read as well
            await session.execute(text(f"update counts set number = {number} + 1"))

    await asyncio.gather(add_one(), add_one())
    async with await configuration.session(engine) as session:
        return int(await session.scalar(text("select number from counts")) or 0)


def test_concurrent_writers_wait_for_each_other(tmp_path: Path) -> None:
    patient = PatientSqlite(connection_url=f"sqlite+aiosqlite:///{tmp_path}/prefect.db")
    assert asyncio.run(_read_then_write_twice_at_once(patient)) == 2


def test_prefects_own_configuration_refuses_one_of_them(tmp_path: Path) -> None:
    """Why `PatientSqlite` is there; remove it when this fails."""
    own = AioSqliteConfiguration(connection_url=f"sqlite+aiosqlite:///{tmp_path}/prefect.db")
    with pytest.raises(OperationalError, match="database is locked"):
        asyncio.run(_read_then_write_twice_at_once(own))

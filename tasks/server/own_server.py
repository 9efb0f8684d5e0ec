"""A local Prefect server for one run, in a separate process and isolated from the user's Prefect.

The temporary server that Prefect itself can start survives a killed run and keeps its output open, uses the
user's database and settings, and has a start-up limit that is too short for the first run on a machine.
"""

import logging
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from importlib.metadata import version
from pathlib import Path

import httpx
from platformdirs import user_cache_path

from tasks.system.files import private_files

log = logging.getLogger("workforce")

STARTUP_SECONDS = 180.0
DATABASE = "prefect.db"
#: What a copy of the prepared database makes needless, and what takes three of eight seconds of a start.
PREPARED = {
    "PREFECT_API_DATABASE_MIGRATE_ON_START": "false",
    "PREFECT_API_BLOCKS_REGISTER_ON_START": "false",
    "PREFECT_MEMOIZE_BLOCK_AUTO_REGISTRATION": "false",  # imports dbt and Dask to see whether to register
}
#: Variables that are not passed to the server: settings of another server, proxies and certificates.
FOREIGN = re.compile("^PREFECT_|_PROXY$|^SSL_CERT_", re.IGNORECASE)


class OwnServer:
    """A server process with its own folder; it ends when the pipe to its standard input closes.

    It does not use the user's Prefect: it has its own database and only the settings given here.
    """

    def __init__(self, folder: Path, settings: Mapping[str, str]) -> None:
        """Start the process without waiting until it answers."""
        self.folder = folder
        self.port = _free_port()
        self.is_prepared = _copy_prepared_database(folder / DATABASE)
        with self._log.open("w") as log:
            self.process = subprocess.Popen(
                # -P instead of -m: modules are searched neither in the working folder nor in this one
                [sys.executable, "-P", str(Path(__file__).with_name("process.py")), str(self.port)],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={
                    **{name: value for name, value in os.environ.items() if not FOREIGN.search(name)},
                    "PREFECT_HOME": str(folder),
                    "PREFECT_API_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{DATABASE}",
                    "PREFECT_SERVER_ANALYTICS_ENABLED": "0",
                    "PREFECT_UI_ENABLED": "0",
                    "PREFECT__SERVER_EPHEMERAL": "1",
                    **(PREPARED if self.is_prepared else {}),
                    **settings,
                },
                cwd=folder,  # has no .env, prefect.toml or pyproject.toml
            )

    def wait(self) -> str:
        """Wait until the API answers and return its address. Raises RuntimeError if it fails to start."""
        url = f"http://127.0.0.1:{self.port}/api"
        deadline = time.monotonic() + STARTUP_SECONDS
        with httpx.Client(trust_env=False, timeout=5) as client:
            while self.process.poll() is None:
                try:
                    if client.get(f"{url}/health").status_code == 200:
                        break
                except httpx.TransportError:  # not listening yet
                    time.sleep(0.1)
                if time.monotonic() > deadline:
                    raise RuntimeError(
                        f"the local Prefect server did not answer within {STARTUP_SECONDS:.0f} s; last line "
                        f"of its log: {self._last_error()}"
                    )
        if self.process.poll() is not None:
            raise RuntimeError(
                f"the local Prefect server ended during its start (status {self.process.returncode}, in "
                f"{self.folder}): {self._last_error()}"
            )
        if not self.is_prepared:
            _keep_prepared_database(self.folder / DATABASE)
        return url

    def stop(self) -> None:
        """End the process at once: a shutdown in order takes two seconds, and nobody needs its database."""
        self.process.kill()
        self.process.wait()
        if self.process.stdin:
            self.process.stdin.close()

    @property
    def _log(self) -> Path:
        return self.folder / "server.log"

    def _last_error(self) -> str:
        """Return the last error in its log, else its last line."""
        lines = self._log.read_text(encoding="utf-8", errors="replace").split("\n")
        errors = [line for line in lines if re.match(r"[\w.]*(Error|Exception)\b", line)]
        return next((line.strip() for line in reversed(errors or lines) if line.strip()), "none")


@contextmanager
def own_server(settings: Mapping[str, str] | None = None) -> Iterator[OwnServer]:
    """Run a local Prefect server within the block; its `wait()` returns the API's address.

    `settings` are further PREFECT_ variables for it.
    """
    with tempfile.TemporaryDirectory(prefix="workforce-prefect-", ignore_cleanup_errors=True) as folder:
        server = OwnServer(Path(folder), settings or {})
        try:
            yield server
        finally:
            server.stop()


def _prepared_database() -> Path:
    """Return the path of the cached migrated database; migrating an empty one takes four seconds."""
    return user_cache_path("workforce") / "prefect" / f"{version('prefect')}.db"


def _copy_prepared_database(target: Path) -> bool:
    """Copy the cached database to `target` if it exists and is sound. Returns whether it was copied."""
    try:
        shutil.copyfile(_prepared_database(), target)
        with closing(sqlite3.connect(target)) as database:
            is_sound = bool(
                database.execute("pragma quick_check").fetchone() == ("ok",)
                and database.execute("select version_num from alembic_version").fetchone()
            )
    except (OSError, sqlite3.DatabaseError):
        is_sound = False
    if not is_sound:
        target.unlink(missing_ok=True)
    return is_sound


def _keep_prepared_database(database: Path) -> None:
    """Cache a copy of the database for later runs; without a writable cache, each run migrates its own."""
    prepared = _prepared_database()
    copy = prepared.with_name(f".{prepared.name}.{os.getpid()}")
    try:
        with private_files():
            prepared.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(copy)) as target:
                source.backup(target)
        copy.replace(prepared)
    except (OSError, sqlite3.Error) as error:
        log.debug("%s cannot be written: %s", prepared, error)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

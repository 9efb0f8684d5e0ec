"""A PostgreSQL server from the distribution's packages, for one test."""

import getpass
import os
import pwd
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.alerts.receivers import free_port

POSTGRES = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))


@contextmanager
def postgres_server() -> Iterator[str]:
    """Run a PostgreSQL server with its data in a temporary folder; yields its address for Prefect."""
    bins = POSTGRES[-1].parent
    # PostgreSQL refuses to run as root. The folder is not pytest's, which other users cannot enter.
    is_root = os.geteuid() == 0
    user = "postgres" if is_root else getpass.getuser()
    port = free_port()

    def start(*command: str, log_file: Path) -> "subprocess.Popen[bytes]":
        with log_file.open("a") as log:
            return subprocess.Popen(
                command,
                user=user if is_root else None,
                cwd="/",
                stdout=log,
                stderr=log,
                env={"LC_ALL": "C.UTF-8"},
            )

    with tempfile.TemporaryDirectory(prefix="workforce-postgres-") as name:
        folder, log_file = Path(name), Path(name) / "log"
        if is_root:
            os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
        data = str(folder / "data")
        made = start(
            str(bins / "initdb"), "-D", data, "-U", "prefect", "-A", "trust", "--no-sync", log_file=log_file
        )
        assert made.wait() == 0, log_file.read_text()
        options = ("-D", data, "-p", str(port), "-h", "127.0.0.1", "-k", "")
        server = start(str(bins / "postgres"), *options, log_file=log_file)
        try:
            ready = [str(bins / "pg_isready"), "-h", "127.0.0.1", "-p", str(port)]
            while subprocess.run(ready, capture_output=True, check=False).returncode:
                assert server.poll() is None, log_file.read_text()
                time.sleep(0.1)
            yield f"postgresql+asyncpg://prefect@127.0.0.1:{port}/postgres"
        finally:
            server.send_signal(signal.SIGINT)  # without waiting for clients
            server.wait(timeout=30)

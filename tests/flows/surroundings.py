"""Surroundings that a user's machine may have, all at once, and a run in them."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from platformdirs import user_cache_path

#: A folder in a folder: what some reader of paths, patterns, markup or addresses takes for something else.
HOSTILE = Path("m[1] {a,b} * ' \" # % & ö :warning: [red] [", "red]")

ANOTHER_DBT_PROJECT = {
    "DBT_TARGET": "prod",
    "DBT_PROFILE": "jaffle",
    "DBT_PROFILES_DIR": "/dev/null/x",
    "DBT_PROJECT_DIR": "/dev/null/x",
    "DBT_DEFER": "true",
    "DBT_STATE": "/dev/null/x",
    "DBT_EMPTY": "true",
    "DBT_EXCLUDE": "fct_workforce_events",
    "DBT_RESOURCE_TYPES": "seed",
    "DBT_ENGINE_THREADS": "many",
    "DBT_FULL_REFRESH": "true",
}

ANOTHER_PREFECT_SERVER = {
    "PREFECT_API_DATABASE_CONNECTION_URL": "postgresql+asyncpg://a:b@127.0.0.1:9/prefect",
    "PREFECT_SERVER_API_BASE_PATH": "/x/api",
    "PREFECT_SERVER_API_AUTH_STRING": "someone:5ecret",
    "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",
    "PREFECT_API_KEY": "pnu_5ecret",
    "PREFECT_API_ENABLE_HTTP2": "true",
    "PREFECT_DEFAULT_RESULT_STORAGE_BLOCK": "s3-bucket/mine",
    "PREFECT_RESULTS_PERSIST_BY_DEFAULT": "true",
    "PREFECT_API_SSL_CERT_FILE": "/dev/null/x.pem",
    "WEB_CONCURRENCY": "3",
}


@dataclass
class Proxy:
    """A proxy that answers every request itself, and keeps what was asked for."""

    url: str
    asked: list[str] = field(default_factory=list)


@contextmanager
def proxy(status: int = 200) -> Iterator[Proxy]:
    """Have a proxy on the loopback."""
    found = Proxy("")

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            found.asked.append(self.path)
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST = do_CONNECT = _answer

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()


def network(proxy_url: str) -> dict[str, str]:
    """Variables of the network of which only one names what is there."""
    return {
        "HTTP_PROXY": proxy_url,
        "https_proxy": "http://proxy:port",
        "ALL_PROXY": "socks5://127.0.0.1:9",
        "NO_PROXY": "fd00::/8,[::1],.example.org",
        "SSL_CERT_FILE": "/dev/null/x.pem",
    }


@dataclass(frozen=True)
class Machine:
    """A working folder, a home and variables."""

    folder: Path
    environment: dict[str, str]

    def run(self, *command: str) -> "subprocess.CompletedProcess[str]":
        """Run a command of the environment's own programs in the working folder."""
        return subprocess.run(
            [str(Path(sys.executable).parent / command[0]), *command[1:]],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )


def hostile_machine(place: Path, proxy_url: str) -> Machine:
    """Everything at once; dbt's parsed project and the prepared database are those of other tests."""
    folder = place / HOSTILE
    (folder / "tasks").mkdir(parents=True)
    for name in ("settings.py", "random.py", "tasks/__init__.py"):
        (folder / name).write_text("raise SystemExit(f'{__file__} was imported')\n")
    (place / "prefect").mkdir()
    (place / "prefect" / "prefect.db").write_text("no database")
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("WORKFORCE", "PREFECT", "DBT_")) and not name.lower().endswith("_proxy")
    }
    return Machine(
        folder,
        {
            **kept,
            **network(proxy_url),
            **ANOTHER_DBT_PROJECT,
            **ANOTHER_PREFECT_SERVER,
            "HOME": "/dev/null/x",
            "PREFECT_HOME": str(place / "prefect"),
            "XDG_CACHE_HOME": str(user_cache_path("workforce").parent),
            "TMPDIR": "/dev/null/x",
            "COLUMNS": "200",
        },
    )

"""No log record shows a channel's address, for any scheme and logger, with all loggers at DEBUG."""

import base64
import io
import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from pydantic import SecretStr

from tasks.alerts.secrets import cleared, hide_addresses
from tasks.system.project import ROOT
from tests.alerts.receivers import http_receiver

#: Addresses, with P for the port of a receiver on the loopback, and what of them nobody may see.
ADDRESSES = {
    "json://someone:pa55%2Fword@127.0.0.1:P/hook-5ecret?-t0ken=t0k3nvalue&+X-Key=h3aderkey": (
        *("hook-5ecret", "pa55/word", "pa55%2Fword", "t0k3nvalue", "h3aderkey"),
        base64.b64encode(b"someone:pa55/word").decode(),
    ),
    "xml://127.0.0.1:P/hook%2F5ecr3t/a": ("hook%2F5ecr3t", "hook/5ecr3t"),
    "form://127.0.0.1:P/f0rm5ecret": ("f0rm5ecret",),
    "gotify://127.0.0.1:P/g0tifyt0ken": ("g0tifyt0ken",),
    "ntfy://us3r:n7fypa55@127.0.0.1:P/t0pic5ecret": ("n7fypa55", "t0pic5ecret"),
    # of services whose host is not ours: the proxy below refuses to reach them
    "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ": ("TIiajkdnlazkcOXrIdevi7FQ", "A1BRTD4JD"),
    "tgram://123456789:AAbcdefghijklmnopqrstuvwxyz012345678/12315544/": (
        "AAbcdefghijklmnopqrstuvwxyz012345678",
        "123456789",
    ),
    "discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js": ("JHMHI8qBe7bk2ZwO5U711o3dV_js",),
    "sendgrid://SG.abc-DEF.ghi:from@example.org/to@example.org": ("SG.abc-DEF.ghi",),
}

# Sends by every address, as the courier does, and once more with Apprise's own log passed on.
SENDER = """
import logging, sys
logging.basicConfig(level=logging.DEBUG, stream=sys.stdout, format="%(name)s %(message)s")
from settings.models.operations import Channel
from tasks.alerts import Alert
from tasks.alerts.channels import send
from tasks.alerts.message import message_of
for url in sys.stdin.read().split():
    for _ in range(2):
        print("sent", send(Channel(name="x", url=url), message_of(Alert("sample", "sample"))))
        logging.getLogger("apprise").propagate = True
        import apprise
        apprise.Apprise().add(url)
"""


def test_no_library_logs_an_address(tmp_path: Path) -> None:
    with http_receiver() as ops, refusing_proxy() as proxy:
        port = ops.url.partition("127.0.0.1:")[2].partition("/")[0]
        done = subprocess.run(
            [sys.executable, "-c", SENDER],
            input="\n".join(address.replace(":P/", f":{port}/") for address in ADDRESSES),
            cwd=ROOT,
            env={"PATH": "", "HTTPS_PROXY": proxy, "NO_PROXY": "127.0.0.1"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert ops.messages, "there is something to log"
    assert "urllib3.connectionpool http://127.0.0.1" in said and "apprise Loaded" in said
    assert said.count("hooks.slack.com") >= 2
    seen = [secret for secrets in ADDRESSES.values() for secret in secrets if secret.lower() in said.lower()]
    assert not seen, [line for line in said.splitlines() if any(secret in line for secret in seen)]


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """The output of a logger outside this product."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    logger = logging.getLogger("anybody")
    logger.addHandler(handler)
    logger.propagate = False
    yield written
    logger.removeHandler(handler)


def test_records_are_cleared_in_message_arguments_traceback_and_every_encoding(logged: io.StringIO) -> None:
    secret = "S3cret word/+"
    logger = logging.getLogger("anybody")
    hide_addresses([SecretStr(f"json://ann:{quote(secret, safe='')}@127.0.0.1/")])
    for form in (secret, quote(secret), quote(secret, safe="").lower(), quote_plus(secret)):
        logger.error("to %s", f"http://ann:{form}@127.0.0.1/")
        logger.error("to %(url)s", {"url": form})
    logger.error("wrong %d arguments " + secret, "one", "two")
    try:
        raise ValueError(f"no answer from {secret}")
    except ValueError:
        logger.exception("it failed")
    text = logged.getvalue()
    assert "Traceback" in text and "ValueError: no answer from ***" in text
    assert "s3cret" not in text.lower()
    assert text.count("***") >= 10


def test_ordinary_words_stay() -> None:
    hide_addresses([SecretStr("mailtos://user:password@example.org?to=ops@example.org&format=text")])
    line = "127.0.0.1:4200 options of example users, format text, password: "
    assert cleared(line + "password") == line.replace("password", "***") + "***"


@contextmanager
def refusing_proxy() -> Iterator[str]:
    """A proxy on the loopback that refuses every connection."""

    class Handler(BaseHTTPRequestHandler):
        def do_CONNECT(self) -> None:
            self.send_response(403)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()

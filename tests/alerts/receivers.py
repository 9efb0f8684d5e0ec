"""Receivers of alerts in the tests: a real HTTP server and a real SMTP server on the loopback."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as MessageHandler


@dataclass
class Received:
    """The received messages, each with its time of arrival."""

    url: str
    messages: list[Any] = field(default_factory=list)
    moments: list[float] = field(default_factory=list)
    refuse: int = 0  # number of further requests that are answered with 503

    def put(self, message: Any) -> None:
        self.messages.append(message)
        self.moments.append(time.time())

    def wait(self, count: int = 1, seconds: float = 15) -> list[Any]:
        """Wait for messages and return those that arrived."""
        deadline = time.monotonic() + seconds
        while len(self.messages) < count and time.monotonic() < deadline:
            time.sleep(0.02)
        return self.messages


@contextmanager
def http_receiver() -> Iterator[Received]:
    """An HTTP server that keeps each JSON document posted to it, and what else is posted as bytes."""
    received = Received("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if received.refuse:
                received.refuse -= 1
                self.send_response(503)
            else:
                received.put(json.loads(body) if body.startswith(b"{") else body)
                self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    received.url = f"json://127.0.0.1:{server.server_port}/hook-5ecret"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield received
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def mail_server() -> Iterator[Received]:
    """An SMTP server that keeps each mail."""
    received = Received("")

    class Handler(MessageHandler):
        def handle_message(self, message: EmailMessage) -> None:
            received.put(message)

    controller = Controller(Handler(EmailMessage), hostname="127.0.0.1", port=free_port())
    controller.start()
    received.url = f"mailto://127.0.0.1:{controller.port}?from=sim@example.org&to=ops@example.org"
    try:
        yield received
    finally:
        controller.stop()


@contextmanager
def black_hole() -> Iterator[str]:
    """The address of a server that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as server:
        yield f"json://127.0.0.1:{server.getsockname()[1]}/hook-5ecret"


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

"""Keeps secrets out of the log records of this process: channel addresses and all parts of them.

Libraries log addresses: urllib3 each request's path, Apprise each address that it reads. Any code can raise a
logger's level. So each record is cleared when it is created, for all loggers and handlers.
"""

import base64
import json
import logging
import re
import threading
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote, quote_plus, unquote

from pydantic import SecretStr

HIDDEN = "***"
SHORTEST = 3

# Parts of addresses that are not secret: a host with its port, and values of options.
_HOST = re.compile(r"(?i)(localhost|\[[\da-f.:]+\]|[\d.]+|[a-z\d-]+(\.[a-z\d-]+)+)(:\d{1,5})?")
_OPTIONS = re.compile(
    r"(?i)text|html|markdown|yes|no|true|false|on|off|upstream|split|truncate|get|post|put|\d{1,5}"
)
_SEPARATORS = re.compile(r"[/?&=:@#,+\s]")
# A secret that could be an ordinary word is hidden only as a whole word.
_WORD = re.compile(r"[a-z]+|\w{1,5}")

_lock = threading.Lock()
_known: set[str] = set()
_pattern: re.Pattern[str] | None = None


def hide_addresses(addresses: Iterable[SecretStr]) -> None:
    """Keep channel addresses and their parts out of this process's log records from now on."""
    hide(part for address in addresses for part in _parts(address.get_secret_value()))


def hide(secrets: Iterable[str]) -> None:
    """Keep texts, also in encoded forms, out of this process's log records from now on."""
    global _pattern  # noqa: PLW0603 - log records of the whole process are cleared by one pattern
    with _lock:
        new = {form for secret in secrets for form in _forms(secret)} - _known
        if not new:
            return
        _known.update(new)
        longest_first = sorted(_known, key=len, reverse=True)
        _pattern = re.compile("|".join(map(_expression, longest_first)), re.IGNORECASE)
        if not isinstance(logging.getLogRecordFactory(), _ClearedRecords):
            logging.setLogRecordFactory(_ClearedRecords(logging.getLogRecordFactory()))


def cleared(text: str) -> str:
    """Return a text with all secrets replaced by HIDDEN."""
    return _pattern.sub(HIDDEN, text) if _pattern else text


class _ClearedRecords:
    """Wraps a log record factory and removes secrets from message, traceback and stack."""

    def __init__(self, factory: Any) -> None:
        self.factory = factory

    def __call__(self, *args: Any, **kwargs: Any) -> logging.LogRecord:
        record: logging.LogRecord = self.factory(*args, **kwargs)
        try:
            message = record.getMessage()
        except Exception:  # noqa: BLE001 - `logging` would print the arguments with secrets
            message = f"{record.msg} {record.args}"
            record.msg, record.args = message, None
        if cleared(message) != message:
            record.msg, record.args = cleared(message), None
        if record.exc_info and record.exc_info[0]:
            trace = logging.Formatter().formatException(record.exc_info)
            if cleared(trace) != trace:
                record.exc_info, record.exc_text = None, cleared(trace)
        if record.stack_info:
            record.stack_info = cleared(record.stack_info)
        return record


def _parts(address: str) -> Iterator[str]:
    """Yield the parts of an address, without host and options, which are not secret alone."""
    rest = address.partition("://")[2]
    yield rest
    path, _, query = rest.partition("?")
    before, _, path = path.partition("/")
    userinfo, _, host = before.rpartition("@")
    for text in {userinfo, unquote(userinfo)}:
        yield base64.b64encode(text.encode()).decode()  # form in HTTP's Authorization header
    values = [pair.partition("=")[2] or pair for pair in query.split("&")]
    for text in (userinfo, "" if _HOST.fullmatch(host) else host, path, *values):
        for part in {*_SEPARATORS.split(text), *_SEPARATORS.split(unquote(text))}:
            for form in {part, unquote(part)}:
                if not _OPTIONS.fullmatch(form):
                    yield form


def _forms(secret: str) -> Iterator[str]:
    """Yield the forms of a text in logs: unchanged, URL-encoded, in JSON, as Python's repr."""
    if len(secret) >= SHORTEST:
        yield from {
            secret,
            quote(secret),
            quote(secret, safe=""),
            quote_plus(secret),
            json.dumps(secret)[1:-1],
            repr(secret)[1:-1],
        }


def _expression(secret: str) -> str:
    found = re.escape(secret)
    return rf"(?<![^\W_]){found}(?![^\W_])" if _WORD.fullmatch(secret) else found

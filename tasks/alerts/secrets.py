"""Secrets that no log record of this process may show: channels' addresses, in whole and in parts.

Libraries log what they send to: urllib3 each request's path, Apprise each address that it reads. A logger's
level is anybody's to set. So records are cleared as they are made, whichever logger and handler they are for.
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

# What addresses are made of beside secrets: a name or number of a host with its port; values of options.
_HOST = re.compile(r"(?i)(localhost|\[[\da-f.:]+\]|[\d.]+|[a-z\d-]+(\.[a-z\d-]+)+)(:\d{1,5})?")
_OPTIONS = re.compile(
    r"(?i)text|html|markdown|yes|no|true|false|on|off|upstream|split|truncate|get|post|put|\d{1,5}"
)
_SEPARATORS = re.compile(r"[/?&=:@#,+\s]")
# What may be a word of ordinary lines is hidden only where it stands by itself.
_WORD = re.compile(r"[a-z]+|\w{1,5}")

_lock = threading.Lock()
_known: set[str] = set()
_pattern: re.Pattern[str] | None = None


def hide_addresses(addresses: Iterable[SecretStr]) -> None:
    """Keep addresses of channels, in whole and in parts, out of this process's log records from now on."""
    hide(part for address in addresses for part in _parts(address.get_secret_value()))


def hide(secrets: Iterable[str]) -> None:
    """Keep texts, however a library may write them, out of this process's log records from now on."""
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
    """A text without any of the secrets."""
    return _pattern.sub(HIDDEN, text) if _pattern else text


class _ClearedRecords:
    """Makes log records, as another factory does, without secrets in message, traceback and stack."""

    def __init__(self, factory: Any) -> None:
        self.factory = factory

    def __call__(self, *args: Any, **kwargs: Any) -> logging.LogRecord:
        record: logging.LogRecord = self.factory(*args, **kwargs)
        try:
            message = record.getMessage()
        except Exception:  # noqa: BLE001 - `logging` would print the arguments as they are
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
    """What an address is made of, but for the host and options, which say nothing alone."""
    rest = address.partition("://")[2]
    yield rest
    path, _, query = rest.partition("?")
    before, _, path = path.partition("/")
    userinfo, _, host = before.rpartition("@")
    for text in {userinfo, unquote(userinfo)}:
        yield base64.b64encode(text.encode()).decode()  # as HTTP has it in a header
    values = [pair.partition("=")[2] or pair for pair in query.split("&")]
    for text in (userinfo, "" if _HOST.fullmatch(host) else host, path, *values):
        for part in {*_SEPARATORS.split(text), *_SEPARATORS.split(unquote(text))}:
            for form in {part, unquote(part)}:
                if not _OPTIONS.fullmatch(form):
                    yield form


def _forms(secret: str) -> Iterator[str]:
    """A text as libraries write it: as it is, in an address, in JSON, as Python shows it."""
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

"""Fetch a file from a URL, in a child process of tasks.system.guarded: http by httpx, the rest by fsspec."""

import re
from collections.abc import Iterable
from contextlib import closing
from typing import BinaryIO

from tasks.system.guarded_child import Refused

CHUNK_BYTES = 1 << 20
CONNECT_SECONDS, SILENCE_SECONDS = 15, 60
#: Without these, an address that does not respond is tried for minutes.
S3_OPTIONS = {
    "config_kwargs": {
        "connect_timeout": CONNECT_SECONDS, "read_timeout": SILENCE_SECONDS, "retries": {"max_attempts": 2},
    }
}  # fmt: skip
#: Protocol → the package to install; for other protocols, fsspec's error names it.
DRIVERS = {
    "s3": "'.[s3]'", "s3a": "'.[s3]'", "gs": "gcsfs", "gcs": "gcsfs", "az": "adlfs", "abfs": "adlfs",
    "abfss": "adlfs", "adl": "adlfs", "sftp": "paramiko", "ssh": "paramiko", "smb": "smbprotocol",
}  # fmt: skip


def fetch(output: BinaryIO, *, url: str, masked: str, most_bytes: int) -> str | None:
    """Write the file at a URL to `output`; return the file name that the server gives, if any.

    `masked` is the URL for messages, without secrets. Raises Refused if the file cannot be fetched or is
    larger than `most_bytes`.
    """
    protocol = url.partition("://")[0].lower()
    if protocol in ("http", "https"):
        return _by_http(output, url, masked, most_bytes)
    _by_fsspec(output, url, protocol, masked, most_bytes)
    return None


def _copy(chunks: Iterable[bytes], output: BinaryIO, masked: str, most_bytes: int) -> None:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > most_bytes:
            raise Refused(
                f"{masked}: the file is larger than the {most_bytes / 1e9:,.1f} GB of memory that reading "
                "may take (machine.reader_memory)."
            )
        output.write(chunk)


def _by_http(output: BinaryIO, url: str, masked: str, most_bytes: int) -> str | None:
    import httpx

    limits = httpx.Timeout(SILENCE_SECONDS, connect=CONNECT_SECONDS)
    try:
        with httpx.stream("GET", url, follow_redirects=True, timeout=limits) as answer:
            if answer.is_error:
                raise Refused(
                    f"{masked}: the server answers {answer.status_code} {answer.reason_phrase}".rstrip()
                    + (_ASK_FOR_ACCESS if answer.status_code in (401, 403) else ".")
                )
            _copy(answer.iter_bytes(CHUNK_BYTES), output, masked, most_bytes)
            named = re.search(r'filename="?([^";]+)', answer.headers.get("content-disposition", ""))
            return named[1].strip() if named else None
    except httpx.TimeoutException:
        raise Refused(f"{masked}: the server does not answer in time.") from None
    # ValueError, ImportError: an invalid proxy in the environment, or one that needs a package
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, ImportError, OSError) as error:
        raise Refused(f"{masked}: cannot be fetched: {short_reason(error, url, masked)}.") from None


_ASK_FOR_ACCESS = "; the address needs a signature or password that is valid now."


def _by_fsspec(output: BinaryIO, url: str, protocol: str, masked: str, most_bytes: int) -> None:
    import fsspec

    options = S3_OPTIONS if protocol in ("s3", "s3a") else {}
    try:
        with fsspec.open(url, "rb", **options) as source, closing(source):
            _copy(iter(lambda: source.read(CHUNK_BYTES), b""), output, masked, most_bytes)
    except Refused:
        raise
    except ImportError as error:
        install = DRIVERS.get(protocol)
        advice = f"pip install {install}" if install else str(error)
        raise Refused(
            f"{masked}: reading {protocol}:// needs a driver that is not installed: {advice}"
        ) from None
    except FileNotFoundError:
        raise Refused(f"{masked}: no such file.") from None
    except IsADirectoryError:
        raise Refused(f"{masked}: a folder. One file is expected: CSV, Parquet or Excel.") from None
    except PermissionError as error:
        raise Refused(f"{masked}: access denied ({short_reason(error, url, masked)}).") from None
    # unknown protocol, no credentials, no connection: each driver raises errors of its own classes
    except Exception as error:
        raise Refused(
            f"{masked}: cannot be fetched: {type(error).__name__}: {short_reason(error, url, masked)}."
        ) from error


def short_reason(error: Exception, url: str, masked: str) -> str:
    """Return the first line of an error's text without secrets and without a full stop."""
    text = str(error).replace(url, masked)
    line = next(iter(text.splitlines()), "") or type(error).__name__
    for secret in _secrets(url):
        line = line.replace(secret, "***")
    return line[:200].rstrip(". ")


def _secrets(url: str) -> list[str]:
    """Return the parts of a URL that messages must not show: user, password and query values."""
    user = re.search(r"://([^?#]*)@", url)
    values = re.findall(r"[?&][^=&#]*=([^&#]+)", url)
    return [part for part in [*(user[1].split(":") if user else []), *values] if len(part) > 2]

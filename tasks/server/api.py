"""The Prefect API of a run: the configured one, else that of a local server for the run."""

import logging
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partialmethod
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit
from urllib.request import getproxies, proxy_bypass

import certifi
import httpx
from prefect.client.base import PrefectHttpxAsyncClient, PrefectHttpxSyncClient
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.events.worker import EventsWorker
from prefect.logging.handlers import APILogWorker, PrefectConsoleHandler
from prefect.settings import (
    PREFECT_API_SSL_CERT_FILE,
    PREFECT_API_URL,
    PREFECT_DEFAULT_RESULT_STORAGE_BLOCK,
    PREFECT_FLOWS_HEARTBEAT_FREQUENCY,
    temporary_settings,
)
from prefect.settings.models.api import APISettings

from settings.errors import InputError
from tasks.server.own_server import own_server
from tasks.server.prefect_settings import refresh, source_of

#: Variable with the API's address, set for child processes of a run that has its own server.
OWN_SERVER = "WORKFORCE_OWN_SERVER"


@contextmanager
def prefect_api(*, quiet: bool) -> Iterator[None]:
    """Provide a Prefect API within the block; with `quiet`, Prefect's log goes to the API only.

    Raises RuntimeError with the reason if the configured API does not answer or the local one fails to start.
    """
    if PREFECT_API_URL.value():
        if quiet:
            _silence_the_console()
        reach_configured_server()
        yield
        return
    with own_server() as server:
        if quiet:
            _silence_the_console()
        with _own_server_in_use(server.wait(), server.folder):
            try:
                yield
            finally:
                # Queued logs and events must reach the server before it stops.
                APILogWorker.drain_all(timeout=5)
                EventsWorker.drain_all(timeout=5)


@contextmanager
def _own_server_in_use(url: str, folder: Path) -> Iterator[None]:
    """Make this process and its children use a local server, without a proxy.

    This sets environment variables, since threads do not inherit Prefect's temporary settings. Proxy
    variables still apply to everything else: alerts, censuses, storage.
    """
    no_proxy = (getproxies().get("no"), url.removeprefix("http://").partition("/")[0])
    variables = {
        OWN_SERVER: url,
        "no_proxy": ",".join(filter(None, no_proxy)),  # for the stream of events
        "PREFECT_API_URL": url,
        # the user's values of these are for the user's server
        "PREFECT_API_SSL_CERT_FILE": certifi.where(),
        "PREFECT_API_ENABLE_HTTP2": "false",
        # Prefect stores the exception of a failed flow
        "PREFECT_RESULTS_LOCAL_STORAGE_PATH": str(folder / "storage"),
    }
    with ExitStack() as stack:
        stack.callback(refresh)
        stack.enter_context(_environment(variables))
        refresh()
        nothing = {
            PREFECT_DEFAULT_RESULT_STORAGE_BLOCK: None,  # it is on the user's server
            PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None,  # nothing uses them, and a flow would wait for their end
        }
        stack.enter_context(temporary_settings(nothing))
        stack.callback(_reach_own_server_directly())
        yield


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def join_own_server() -> None:
    """In a child process of a run: use the run's local server, if it has one, without a proxy."""
    if OWN_SERVER in os.environ:
        _reach_own_server_directly()


def _reach_own_server_directly() -> Callable[[], None]:
    """Make Prefect's HTTP clients in this process ignore proxy variables; return the undo function.

    Prefect has no setting for this. httpx sets up every proxy in the environment, used or not, and fails on
    one that it cannot use (socks5:// without socksio, a port that is not a number).
    """
    classes = (PrefectHttpxSyncClient, PrefectHttpxAsyncClient)
    before = [client.__init__ for client in classes]
    for client in classes:
        client.__init__ = partialmethod(client.__init__, trust_env=False)  # type: ignore[method-assign, assignment] # for a while

    def undo() -> None:
        for client, init in zip(classes, before, strict=True):
            client.__init__ = init  # type: ignore[method-assign, assignment] # as it was

    return undo


class ServerTrouble(RuntimeError):
    """The configured Prefect server does not answer, refuses the request, or is not a Prefect server."""


@contextmanager
def server_client(**httpx_settings: Any) -> Iterator[SyncPrefectClient]:
    """Provide a client of the configured server. Raises ServerTrouble if a request in the block fails."""
    try:
        with get_client(sync_client=True, httpx_settings=httpx_settings) as client:
            yield client
    except InputError:  # raised by the block, not by the server
        raise
    except Exception as error:  # httpx's errors, and Prefect's on answers that it cannot read
        raise ServerTrouble(trouble_with_server(error)) from error


def reach_configured_server(**httpx_settings: Any) -> None:
    """Send the configured server a request that needs credentials. Raises ServerTrouble if it fails."""
    with server_client(**httpx_settings) as client:
        client.read_flows(limit=1)


def trouble_with_server(error: Exception) -> str:
    """Return what is wrong with the configured server, from a failed request, and what to do."""
    source = source_of(APISettings, "url")
    address = urlsplit(str(PREFECT_API_URL.value()))
    host = address.hostname  # the address may hold a password
    if isinstance(error, httpx.HTTPStatusError):
        status = error.response.status_code
        if status in (401, 403):
            return (
                f"the Prefect server at {host} refuses access (status {status}): set PREFECT_API_AUTH_STRING "
                "to the value on the server (USER:PASSWORD), or for Prefect Cloud a valid PREFECT_API_KEY"
                f"{_by_proxy(address)}"
            )
        return (
            f"{source}: the Prefect server at {host} failed (status {status}, {error.request.url.path}): is "
            "this the address of its API, as http://HOST:4200/api? If so, see the server's log"
            f"{_by_proxy(address)}"
        )
    if isinstance(error, httpx.HTTPError) and not isinstance(error, httpx.UnsupportedProtocol):
        return (
            f"{source}: the Prefect server at {host} does not answer ({type(error).__name__}). Start it "
            "(`prefect server start`), correct the address, or remove it: a run without one starts its own"
            f"{_by_proxy(address)}"
        )
    if fault := _fault_of_the_environment():
        return f"no request can be sent to the Prefect server at {host}: {fault}"
    if isinstance(error, httpx.UnsupportedProtocol | httpx.InvalidURL):
        return f"{source}: an http or https address is expected, as http://HOST:4200/api"
    return (
        f"{source}: what answers at {host} is not a Prefect API ({type(error).__name__}); an address as "
        "http://HOST:4200/api is expected"
    )


def _by_proxy(address: SplitResult) -> str:
    """Return a sentence on the proxy that the request used; empty if none."""
    proxies = getproxies()
    scheme = next((name for name in (address.scheme, "all") if name in proxies), None)
    if scheme is None or proxy_bypass(address.netloc.rpartition("@")[2]):
        return ""
    return f". The request used the proxy of {_variable_of(scheme)}; NO_PROXY={address.hostname} avoids it"


def _variable_of(scheme: str) -> str:
    """Return the variable that names the proxy of a scheme; lower case overrides upper case."""
    return max((name for name in os.environ if name.lower() == f"{scheme}_proxy"), default=f"{scheme}_proxy")


def _fault_of_the_environment() -> str | None:
    """Return which proxy or certificate variable makes httpx fail before it sends a request; else None."""
    for scheme, proxy in getproxies().items():
        try:
            if scheme in ("http", "https", "all"):
                httpx.Client(proxy=proxy if "://" in proxy else f"http://{proxy}", trust_env=False).close()
        except ImportError:
            return (
                f"{_variable_of(scheme)}: a SOCKS proxy needs a further package: pip install 'httpx[socks]'"
            )
        except (ValueError, httpx.InvalidURL):  # the error may quote part of a password
            return f"{_variable_of(scheme)} is not the address of a proxy, as http://HOST:3128"
    file = PREFECT_API_SSL_CERT_FILE.value()
    if file and not Path(file).is_file():
        return f"SSL_CERT_FILE or PREFECT_API_SSL_CERT_FILE: there is no file {file}"
    return None


def _silence_the_console() -> None:
    import prefect.main  # noqa: F401 # sets up the handlers; a second, while the server starts

    for name in ("prefect", *logging.root.manager.loggerDict):
        for handler in logging.getLogger(name).handlers:
            if isinstance(handler, PrefectConsoleHandler):
                handler.setLevel(logging.CRITICAL)

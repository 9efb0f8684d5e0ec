"""Starts the dashboard's server: on this machine only, without usage statistics."""

import importlib.util
import logging
import socket
import threading
import time
from pathlib import Path
from typing import Any

from settings.errors import InputError
from tasks.dashboard.options import Options
from tasks.results.report.charts import DARK_PALETTE, PALETTE
from tasks.system.project import INSTALLED

log = logging.getLogger("workforce")

HOST = "127.0.0.1"
VISIT_SECONDS = 30.0
APP = Path(__file__).with_name("app.py")


def serve(options: Options, port: int) -> None:
    """Serve the dashboard until stopped; port 0 means any free port.

    Raises InputError if the extra is not installed, `output` is a file, or the port cannot be used.
    """
    if importlib.util.find_spec("streamlit") is None:
        what = "'workforce_simulation-….whl[dashboard]'" if INSTALLED else "--editable '.[dashboard]'"
        raise InputError(
            "workforce dashboard: Streamlit is not installed; it comes with the extra: "
            f"pip install --constraint constraints.txt {what}"
        )
    if options.output.exists() and not options.output.is_dir():
        raise InputError(f"--output: {options.output} is a file; a directory of runs is expected")
    port = _free_port(port)
    from streamlit.web import bootstrap  # an extra, and slow to import

    threading.Thread(target=_announce, args=[options, port], name="announce", daemon=True).start()
    chosen = {key.replace(".", "_"): value for key, value in _configuration(port).items()}
    bootstrap.load_config_options(chosen)
    bootstrap.run(str(APP), False, options.arguments(), chosen)


def _configuration(port: int) -> dict[str, Any]:
    """Return Streamlit's options; they override the user's config.toml."""
    return {
        "server.address": HOST,
        "server.port": port,
        "server.headless": True,  # does not open a browser or ask for an e-mail address
        "server.allowedHosts": [HOST, "localhost"],  # against DNS rebinding
        "server.fileWatcherType": "none",
        "server.runOnSave": False,
        "browser.serverAddress": HOST,
        "browser.gatherUsageStats": False,
        "client.toolbarMode": "viewer",
        "client.showErrorDetails": "none",  # errors are printed in the terminal
        "client.showErrorLinks": False,
        "client.disableDataExport": True,  # the pages' own CSV escapes formulas
        "logger.hideWelcomeMessage": True,
        "theme.light.primaryColor": PALETTE[0],
        "theme.dark.primaryColor": DARK_PALETTE[0],
        # notes are in this colour at 60 %, which on the page is a contrast of 4.5 at least (WCAG AA)
        "theme.light.textColor": "#000000",
        "theme.dark.textColor": "#ffffff",
        "theme.headingFontSizes": ["2rem", "1.6rem", "1.3rem", "1.1rem", "1rem", "0.9rem"],
        "theme.metricValueFontSize": "1.4rem",
        "theme.paddingTop": "0.5rem",
        "theme.light.chartCategoricalColors": PALETTE,
        "theme.dark.chartCategoricalColors": DARK_PALETTE,
    }


def _free_port(port: int) -> int:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise InputError(
                f"--port: {port} cannot be used on {HOST}: {error.strerror}; choose another, or 0 for any "
                "free port"
            ) from None
        return int(probe.getsockname()[1])


def _announce(options: Options, port: int) -> None:
    """Wait until the server answers, load the first page, and print the address."""
    while not _answers(port):
        time.sleep(0.1)
    try:
        _visit(port)
    except Exception as error:
        log.debug("the first page could not be loaded in advance: %s", error, exc_info=error)
    print(f"Dashboard of {options.output}: http://{HOST}:{port} (Ctrl-C stops it)", flush=True)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def _visit(port: int) -> None:
    """Load the first page once, so that imports and caches are ready for the first visitor.

    Uses the protocol of Streamlit's page. Raises TimeoutError if the page takes too long.
    """
    from streamlit.proto.BackMsg_pb2 import BackMsg
    from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
    from websockets.sync.client import connect
    from websockets.typing import Subprotocol

    request = BackMsg()
    request.rerun_script.query_string = ""
    address = f"ws://{HOST}:{port}/_stcore/stream"
    with connect(address, subprotocols=[Subprotocol("streamlit")], max_size=None, proxy=None) as stream:
        stream.send(request.SerializeToString())
        received = None
        while received != "script_finished":
            answer = stream.recv(timeout=VISIT_SECONDS, decode=False)
            received = ForwardMsg.FromString(answer).WhichOneof("type")

"""Starting the dashboard's server: on this machine alone, quiet, and telling nobody of its use."""

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
    """Serve the dashboard until stopped; port 0 is any free one.

    Raises InputError where the extra is not installed, the directory is none, or the port is taken.
    """
    if importlib.util.find_spec("streamlit") is None:
        what = "'workforce_simulation-….whl[dashboard]'" if INSTALLED else "--editable '.[dashboard]'"
        raise InputError(
            "workforce dashboard: Streamlit is not installed; it comes with the extra: "
            f"pip install --constraint constraints.txt {what}"
        )
    if options.output.exists() and not options.output.is_dir():
        raise InputError(f"--output: {options.output} is a file; the directory of runs is expected")
    port = _free_port(port)
    from streamlit.web import bootstrap  # an extra, and slow to import

    threading.Thread(target=_announce, args=[options, port], name="announce", daemon=True).start()
    chosen = {key.replace(".", "_"): value for key, value in _configuration(port).items()}
    bootstrap.load_config_options(chosen)
    bootstrap.run(str(APP), False, options.arguments(), chosen)


def _configuration(port: int) -> dict[str, Any]:
    """Streamlit's options. What a user's own config.toml says of them does not count."""
    return {
        "server.address": HOST,
        "server.port": port,
        "server.headless": True,  # opens no browser and asks for no address
        "server.allowedHosts": [HOST, "localhost"],  # no page of another name reaches it (DNS rebinding)
        "server.fileWatcherType": "none",
        "server.runOnSave": False,
        "browser.serverAddress": HOST,
        "browser.gatherUsageStats": False,
        "client.toolbarMode": "viewer",
        "client.showErrorDetails": "none",  # what went wrong is in the terminal
        "client.showErrorLinks": False,
        "client.disableDataExport": True,  # our own CSV has no cell that a spreadsheet would run
        "logger.hideWelcomeMessage": True,
        "theme.light.primaryColor": PALETTE[0],
        "theme.dark.primaryColor": DARK_PALETTE[0],
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
                f"--port: {port} cannot be used on {HOST}: {error.strerror}; another, or 0 for any free one"
            ) from None
        return int(probe.getsockname()[1])


def _announce(options: Options, port: int) -> None:
    """Print the address once the server answers there; have ready what the first visitor would wait for."""
    while not _answers(port):
        time.sleep(0.1)
    try:
        _visit(port)
    except Exception as error:
        log.debug("nothing is ready for the first visitor: %s", error, exc_info=error)
    print(f"Dashboard of {options.output}: http://{HOST}:{port} (Ctrl-C ends it)", flush=True)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def _visit(port: int) -> None:
    """Have the first page made for nobody, so that a person does not wait for what is done but once.

    Speaks as Streamlit's page does. Raises TimeoutError if the page takes too long.
    """
    from streamlit.proto.BackMsg_pb2 import BackMsg
    from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
    from websockets.sync.client import connect
    from websockets.typing import Subprotocol

    wanted = BackMsg()
    wanted.rerun_script.query_string = ""
    address = f"ws://{HOST}:{port}/_stcore/stream"
    with connect(address, subprotocols=[Subprotocol("streamlit")], max_size=None, proxy=None) as stream:
        stream.send(wanted.SerializeToString())
        made = None
        while made != "script_finished":
            answer = stream.recv(timeout=VISIT_SECONDS, decode=False)
            made = ForwardMsg.FromString(answer).WhichOneof("type")

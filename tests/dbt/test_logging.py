"""dbt, imported before Prefect sets up its log, leaves Prefect's lines off standard error."""

import os
import subprocess
import sys

import pytest

SCRIPT = """
import logging
from tasks.server.api import ServerTrouble, prefect_api
from tasks.warehouse.dbt import manifest
manifest()
logging.getLogger("anyone").info("an info")
logging.getLogger("anyone").warning("a warning")
try:
    with prefect_api(quiet=True):
        pass
except ServerTrouble:
    print("no server")
import prefect.main
logging.getLogger("prefect.anything").warning("a line of Prefect's")
print(*(type(handler).__name__ for handler in logging.getLogger().handlers))
"""


@pytest.mark.slow
def test_dbt_before_prefect_leaves_prefect_quiet() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env={**os.environ, "PREFECT_API_URL": "http://127.0.0.1:9/api"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == "a warning\n"
    assert done.stdout == "no server\nPrefectConsoleHandler\n"

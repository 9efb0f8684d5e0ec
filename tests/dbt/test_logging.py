"""dbt, imported before Prefect sets up its log, leaves Prefect's lines off standard error."""

import subprocess
import sys

SCRIPT = """
import logging
from tasks.warehouse.dbt import manifest
manifest()
logging.getLogger("anyone").info("an info")
logging.getLogger("anyone").warning("a warning")
import prefect.main
print(*(type(handler).__name__ for handler in logging.getLogger().handlers))
"""


def test_dbt_before_prefect_keeps_the_root_logger() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == "a warning\n"
    assert done.stdout == "PrefectConsoleHandler\n"

"""What happens, in order. Each flow reads as the list of its steps; tasks/ holds how."""

import gc
import os
import sys

# `python -m` puts the working folder before everything installed: a settings.py or random.py there would be
# imported in place of ours or Python's own. Processes that we start do without that folder as well.
_PACKAGES = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
if sys.argv[:1] == ["-m"] and not sys.flags.safe_path and not os.path.samefile(sys.path[0], _PACKAGES):
    del sys.path[0]
    os.environ["PYTHONSAFEPATH"] = "1"

# Prefect and dbt make some millions of objects that live as long as the process: Python's own thresholds
# have them looked through again and again, up to a tenth of a small run's processor time
gc.set_threshold(100_000, 20, 100)

"""What happens, in order. Each flow reads as the list of its steps; tasks/ holds how."""

import gc
import sys

from prefect.settings import get_current_settings
from pydantic import ValidationError

# Prefect and dbt make some millions of objects that live as long as the process: Python's own thresholds
# have them looked through again and again, up to a tenth of a small run's processor time
gc.set_threshold(100_000, 20, 100)

try:
    get_current_settings()
except ValidationError as error:
    # whatever of Prefect is imported next would end with a traceback
    faults = "; ".join(
        f"{' '.join(map(str, (error.title, *fault['loc'])))}: {fault['msg']}" for fault in error.errors()
    )
    print(
        f"Prefect's own settings are wrong: {faults}. Correct the variable PREFECT_… (PREFECT_API_URL is an "
        "http or https address) or the profile in PREFECT_HOME.",
        file=sys.stderr,
    )
    sys.exit(2)

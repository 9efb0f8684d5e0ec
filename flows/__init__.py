"""What happens, in order. Each flow reads as the list of its steps; tasks/ holds how."""

import sys

from prefect.settings import get_current_settings
from pydantic import ValidationError

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

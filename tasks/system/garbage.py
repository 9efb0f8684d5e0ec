"""The garbage collector of a process that runs Prefect and dbt."""

import gc


def collect_rarely() -> None:
    """Raise the thresholds of Python's garbage collector for the life of this process.

    Prefect and dbt make some millions of objects that live as long as the process: the default thresholds
    have them looked through again and again, up to a tenth of a small run's processor time.
    """
    gc.set_threshold(100_000, 20, 100)

"""The garbage collector of a process that runs Prefect and dbt."""

import gc


def collect_rarely() -> None:
    """Raise the thresholds of Python's garbage collector for the life of this process.

    Prefect and dbt create millions of objects that live as long as the process. With the default thresholds
    the collector scans them repeatedly, which takes up to a tenth of a small run's processor time.
    """
    gc.set_threshold(100_000, 20, 100)

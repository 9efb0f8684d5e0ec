"""Run directories: requests, records, status, lock, log, list of runs, and resuming a run.

No year is simulated here, and nothing here depends on Prefect.
"""

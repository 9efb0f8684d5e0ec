"""Run directories: the request for a run, run.json, status.json, lock, log, the list of runs, and resuming.

Nothing here simulates a year or depends on Prefect.
"""

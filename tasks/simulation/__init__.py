"""Simulate a run: create or reopen it, prepare its database, advance it by years; or in memory, for studies.

No function here needs Prefect; tasks/pipeline.py wraps them as Prefect tasks.
"""

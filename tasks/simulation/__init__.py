"""Simulate a run: open it, prepare it and advance it year by year, on disk or, for studies, in memory.

No function here needs Prefect; tasks/pipeline.py wraps them as Prefect tasks.
"""

"""A run at work: opened, prepared, advanced year by year, closed; and the same years in memory, for studies.

No function here needs Prefect; tasks/pipeline.py wraps them as Prefect tasks.
"""

"""Runs in shards: plan, simulate in processes, on Dask or on workers, and collect the rows.

The flow that starts the shards is flows/shards.py.
"""

"""Runs in shards: planning, simulation on processes, Dask or workers, and collection of the rows.

The flow that starts the shards is flows/shards.py.
"""

"""Runs in shards: which scenarios and replicates go where, simulated by whom, and put together again.

The flow that fans them out is flows/shards.py.
"""

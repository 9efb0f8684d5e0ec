"""A run's DuckDB file: its inputs, the dbt builds, the ledger of years, checks, and published Parquet files.

The arithmetic of the simulation is in dbt_project/. Nothing here depends on Prefect or on how a run starts.
"""

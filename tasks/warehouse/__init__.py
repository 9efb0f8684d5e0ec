"""A run's DuckDB file: its inputs, the dbt builds, the ledger of years, checks, and published Parquet files.

Arithmetic of the simulation is in dbt_project/; nothing here knows Prefect or how a run is started.
"""

"""Prefect flows. A flow lists its steps in order; tasks/ implements the steps."""

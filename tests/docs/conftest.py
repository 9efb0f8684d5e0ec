"""The command line as a user calls it, on the flow tests' Prefect server."""

from tests.flows.conftest import prefect_server, workforce

__all__ = ["prefect_server", "workforce"]

"""The run that the tests of results read, and its published views."""

from collections.abc import Iterator

import duckdb
import pytest

from tasks.warehouse.published import published
from tests.simulate import Finished


@pytest.fixture(scope="session")
def finished(awkward: Finished) -> Finished:
    return awkward


@pytest.fixture
def results(finished: Finished) -> Iterator[duckdb.DuckDBPyConnection]:
    with published(finished.run.directory.results) as connection:
        yield connection

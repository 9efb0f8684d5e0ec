"""One small run that the studies look at."""

import polars as pl
import pytest

from tasks.census.sample import sample_census
from tests.simulate import Finished, simulate

SCENARIOS = {
    "baseline": {},
    "growth": {"simulation.target_growth_rate": "0.10"},
    "squeeze": {"compensation.merit_budget": "0.02"},
}


@pytest.fixture(scope="session")
def census() -> pl.DataFrame:
    """A small company."""
    return sample_census(150)


@pytest.fixture(scope="session")
def finished(census: pl.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """Two years, three scenarios, five replicates in a single pass."""
    return simulate(
        tmp_path_factory.mktemp("single"),
        census,
        years="2025-2026",
        replicates=5,
        scenarios=SCENARIOS,
        report=False,
    )

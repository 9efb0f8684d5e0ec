"""Shared by the tests of estimates: made-up companies, each made once."""

import pytest

from settings import Settings, default_settings
from tasks.evidence.estimate.fit import Fitted, fit
from tests.evidence.companies import Company, company


@pytest.fixture(scope="session")
def settings() -> Settings:
    return default_settings()


@pytest.fixture(scope="session")
def made() -> Company:
    """Six windows of 3,000 people."""
    return company(11, windows=6)


@pytest.fixture(scope="session")
def fitted(made: Company, settings: Settings) -> Fitted:
    return fit(made.history, settings)

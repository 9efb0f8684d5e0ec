"""Whole small companies: the SQL against the model, event by event, with any combination of features."""

import pytest
from hypothesis import HealthCheck, given, settings

from tests.simulation.companies import examples
from tests.simulation.comparison import first_difference
from tests.simulation.example import Example

LARGE = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


@settings(max_examples=5, derandomize=True, suppress_health_check=LARGE, database=None)
@given(examples(all_changes=True))
def test_small_companies(example: Example) -> None:
    """Events, snapshot, segments, FTE and outcomes of known actions, of every path and year."""
    assert first_difference(example) is None


@pytest.mark.slow
@settings(max_examples=80, suppress_health_check=LARGE)
@given(examples())
def test_many_small_companies(example: Example) -> None:
    """The same, about three hundred scenarios, other ones in every run."""
    assert first_difference(example) is None

"""Whole small companies: the SQL against the model, event by event, with any combination of features."""

import pytest
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

from tests.simulation.calendars import DEFAULT, calendars
from tests.simulation.companies import examples
from tests.simulation.comparison import first_difference, simulated_by_model
from tests.simulation.example import Example
from tests.simulation.features import EXPECTED, features

LARGE = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


@pytest.mark.slow
@settings(
    max_examples=3, derandomize=True, suppress_health_check=LARGE, database=None, phases=[Phase.generate]
)
@given(examples(all_changes=True, most_scenarios=5, when=st.just(DEFAULT)))
def test_small_companies(example: Example) -> None:
    """Events, snapshot, segments, FTE and outcomes of known actions, of every path and year."""
    assert first_difference(example, simulated_by_model(example)) is None


@pytest.mark.slow
@settings(
    max_examples=6, derandomize=True, suppress_health_check=LARGE, database=None, phases=[Phase.generate]
)
@given(examples(all_changes=True, most_scenarios=5, when=calendars()))
def test_small_companies_of_other_calendars(example: Example) -> None:
    """The same with fiscal years from other days, and opening dates within the first year."""
    assert first_difference(example, simulated_by_model(example)) is None


@pytest.mark.slow
@settings(
    max_examples=6, derandomize=True, suppress_health_check=LARGE, database=None, phases=[Phase.generate]
)
@given(examples(all_changes=True, most_scenarios=5, uncertain=True))
def test_small_companies_with_uncertain_assumptions(example: Example) -> None:
    """The same where each replicate draws rates, factors and year effects of its own."""
    assert first_difference(example, simulated_by_model(example)) is None


@pytest.mark.slow
@pytest.mark.timeout(1800)  # eight minutes beside other tests
def test_many_small_companies() -> None:
    """The same for some four hundred scenarios, other ones in every run, which meet every feature."""
    met: set[str] = set()

    @settings(max_examples=50, suppress_health_check=LARGE, database=None)
    @given(examples(all_changes=True, most_scenarios=16))
    def compare(example: Example) -> None:
        by_model = simulated_by_model(example)
        found = features(example, by_model)
        for name in found:
            event(name)
        met.update(found)
        assert first_difference(example, by_model) is None

    compare()
    assert set(EXPECTED) <= met

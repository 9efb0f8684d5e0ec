"""Bands found from the history."""

import itertools

import numpy as np
import pytest

from tasks.evidence.estimate.bands import best_bands


def _log_likelihood(events: np.ndarray, expected: np.ndarray) -> float:
    total, rate = events.sum(), events.sum() / expected.sum() if expected.sum() else 0
    return float(2 * total * np.log(rate)) if total > 0 and rate > 0 else 0.0


@pytest.mark.parametrize("seed", range(20))
def test_no_other_bands_are_better(seed: int) -> None:
    generator = np.random.default_rng(seed)
    expected = generator.uniform(1, 30, 9)
    events = generator.poisson(expected * np.repeat(np.exp(generator.normal(0, 0.6, 3)), 3)).astype(float)
    penalty = 4.0

    def worth(bounds: tuple[int, ...]) -> float:
        parts = zip(bounds, [*bounds[1:], 9], strict=True)
        return sum(_log_likelihood(events[a:b], expected[a:b]) - penalty for a, b in parts)

    every = [(0, *cuts) for size in range(9) for cuts in itertools.combinations(range(1, 9), size)]
    assert worth(tuple(best_bands(events, expected, penalty))) == pytest.approx(max(map(worth, every)))


def test_a_constant_rate_is_one_band() -> None:
    """A false cut is rare: 45 places, each with noise alone."""
    generator = np.random.default_rng(1)
    noise = generator.poisson(40.0, (100, 45)).astype(float)
    cuts = sum(len(best_bands(events, np.full(45, 40.0))) - 1 for events in noise)
    # a penalty of 6 lets through a cut about once in four companies without any
    assert cuts <= 60


def test_a_retirement_age_is_found_to_the_year() -> None:
    exposure = np.full(50, 200.0)
    rate = np.where(np.arange(50) == 40, 6.0, 1.0)
    assert best_bands(exposure * 0.05 * rate, exposure * 0.05) == [0, 40, 41]


def test_years_without_people_do_not_matter() -> None:
    events, expected = np.zeros(101), np.zeros(101)
    events[20:60], expected[20:60] = 10, 10
    assert best_bands(events, expected) == [0]

"""The movement of a rate from year to year."""

import numpy as np
import pytest

from tasks.evidence.estimate.year_effect import PRIOR_MEDIAN, year_effect


def _simulated(size: float, windows: int, exits: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    expected = np.full(windows, exits)
    return generator.poisson(expected * np.exp(size * generator.standard_normal(windows))).astype(
        float
    ), expected


def test_many_windows_show_the_size() -> None:
    for size in (0.05, 0.15, 0.3):
        events, expected = _simulated(size, 60, 4000, 1)
        effect = year_effect(events, expected, expected, np.ones(len(events)))
        seen = effect.logs.std()
        assert effect.size == pytest.approx(seen, rel=0.15)
        low, high = effect.interval
        assert 0.8 * low <= seen <= 1.2 * high


def test_one_window_leaves_the_size_where_it_usually_is() -> None:
    effect = year_effect(np.array([100.0]), np.array([100.0]), np.array([100.0]), np.ones(1))
    low, high = effect.interval
    assert low < PRIOR_MEDIAN < high
    assert high / low > 3


def test_a_rate_that_rises_lifts_the_level_above_the_average() -> None:
    expected = np.full(8, 1000.0)
    events = expected * np.exp(np.linspace(-0.4, 0.4, 8))
    effect = year_effect(events, expected, expected, np.ones(len(events)))
    assert 0.15 < effect.level < 0.45
    assert effect.level_deviation < 0.25


def test_draws_have_the_mean_and_spread_of_the_grid() -> None:
    events, expected = _simulated(0.15, 8, 500, 3)
    effect = year_effect(events, expected, expected, np.ones(len(events)))
    draws = effect.draws([1.0, 1.0, 1.0], 40_000, np.random.default_rng(1))
    assert draws.mean(axis=1) == pytest.approx([effect.level] * 3, abs=0.006)
    spread = draws.std(axis=1)
    assert spread[0] ** 2 == pytest.approx(effect.level_deviation**2 + effect.size**2, rel=0.05)
    assert spread[0] < spread[1] < spread[2]


def test_the_scales_add_up_and_are_relative_to_the_mean_level() -> None:
    events, expected = _simulated(0.15, 6, 500, 5)
    scales = year_effect(events, expected, expected, np.ones(len(events))).scales()
    assert sum(scale.probability for scale in scales) == pytest.approx(1, abs=1e-9)
    assert sum(scale.probability * scale.level_mean for scale in scales) == pytest.approx(0, abs=0.01)


def test_few_exits_do_not_look_like_a_year_effect() -> None:
    """Chance alone: the size stays near or below what is usual."""
    sizes = []
    for seed in range(30):
        events, expected = _simulated(0.0, 8, 10, seed)
        sizes.append(year_effect(events, expected, expected, np.ones(len(events))).size)
    assert np.mean(sizes) < 0.2


def test_windows_of_another_length_show_the_size_of_a_year() -> None:
    """Quarters deviate twice as much on their own as years do; the size is that of a year."""
    generator = np.random.default_rng(2)
    for years in (0.25, 1.0, 2.0):
        expected = np.full(80, 4000.0)
        deviations = 0.12 / np.sqrt(years) * generator.standard_normal(80)
        events = generator.poisson(expected * np.exp(deviations)).astype(float)
        effect = year_effect(events, expected, expected, np.full(80, years))
        assert effect.size == pytest.approx(0.12, rel=0.3)


def test_one_window_does_not_move_the_level() -> None:
    """What the only window says is in the base already, however far that is held from it."""
    for exits in (0.0, 3.0, 500.0):
        effect = year_effect(np.array([exits]), np.array([exits]), np.array([exits]), np.ones(1))
        assert effect.level == pytest.approx(0)

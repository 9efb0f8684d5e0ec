"""Draws are uniform and independent: over employees, years, replicates and streams.

The tolerances are derived, not tuned. For n independent uniform draws the Dvoretzky-Kiefer-Wolfowitz
inequality bounds the Kolmogorov-Smirnov distance D: P(D > e) <= 2 exp(-2 n e^2). So e = sqrt(ln(2 / a) / 2n)
is exceeded with a probability of at most a, and a distribution that lies 2e or more from the uniform one
is found with a probability of at least 1 - a. A correlation r of n independent pairs is normal with
standard deviation 1 / sqrt(n) about its true value, to order 1 / n. a is divided by the number of tests.
"""

import math
from itertools import combinations

import numpy as np
import pytest
from scipy.stats import ks_1samp, norm, uniform

from tasks.runs.request import RunRequest, accept
from tasks.simulation.in_memory import simulate
from tests.simulation.in_memory import database
from tests.simulation.model import draw

EMPLOYEES = [f"E{number:07d}" for number in range(1, 5_001)]
STREAMS = (
    *("termination", "promotion", "new_hire_termination", "termination_date"),
    *("hire_age", "hire_birthday", "hire_date", "hire_salary", "hire_dimensions"),
    *("merit", "promotion_raise", "cola_date", "promotion_date", "merit_date"),
)
FALSE_ALARM = 1e-6  # of all tests of this file together

Key = tuple[int, int, int, str]  # seed, year, replicate, stream


@pytest.fixture(scope="module")
def series() -> dict[Key, np.ndarray]:
    """Draws of the same employees: every stream of one year; one stream in other years, replicates, seeds."""
    keys: list[Key] = [(42, 2025, 1, stream) for stream in STREAMS]
    keys += [(42, year, 1, "termination") for year in range(2026, 2030)]
    keys += [(42, 2025, replicate, "termination") for replicate in (2, 3, 10, 100)]
    keys += [(43, 2025, 1, "termination")]
    return {
        key: np.array([draw(*key, employee_id=name) for name in EMPLOYEES])
        for key in keys
    }  # fmt: skip


def test_the_database_draws_by_the_same_function() -> None:
    """... for everyone exposed in the last year, not only for those with an event."""
    accepted = accept(RunRequest(years="2025-2026", replicates=2, seed=42))
    wanted = ("int_exposure", "int_workforce_snapshot")
    with simulate(accepted.settings.scenarios, accepted.census, database(), wanted=wanted) as connection:
        exposed = connection.execute(
            "select replicate, simulation_year, employee_id, termination_draw, promotion_hazard, "
            "promotion_draw from work.int_exposure"
        ).fetchall()
    assert len(exposed) > 3_000
    for replicate, year, name, termination, hazard, promotion in exposed:
        assert termination == draw(42, year, replicate, "termination", name)
        # with a hazard of 0 there is nothing to draw
        assert promotion == (draw(42, year, replicate, "promotion", name) if hazard > 0 else None)


def test_draws_are_uniform(series: dict[Key, np.ndarray]) -> None:
    """Finds any distribution at a distance of 0.09 or more in one series, of 0.02 in all of them together.

    It does so with the stated certainty.
    """
    together = np.concatenate(list(series.values()))
    samples = [*series.values(), together]
    for sample in samples:
        tolerance = math.sqrt(math.log(2 * len(samples) / FALSE_ALARM) / (2 * len(sample)))
        assert 2 * tolerance < (0.02 if sample is together else 0.09)
        assert ks_1samp(sample, uniform.cdf).statistic < tolerance
        assert sample.min() >= 0
        assert sample.max() < 1


def test_draws_are_uncorrelated(series: dict[Key, np.ndarray]) -> None:
    """Between any two series (streams, years, replicates, seeds), and from one employee to the next."""
    pairs = list(combinations(series.values(), 2))
    pairs += [(sample[:-1], sample[1:]) for sample in series.values()]
    deviations = norm.isf(FALSE_ALARM / (2 * len(pairs)))
    tolerance = deviations / math.sqrt(len(EMPLOYEES) - 1)
    assert 2 * tolerance < 0.2  # so a true correlation of 0.2 would be found with the same certainty
    for left, right in pairs:
        assert abs(np.corrcoef(left, right)[0, 1]) < tolerance

"""Bands of age and tenure in which the rate is about equal, found from the history.

Of all ways to cut the years into bands, dynamic programming finds the one with the least Poisson deviance
plus a penalty per band (Jackson et al. 2005, "An algorithm for optimal partitioning of data on an
interval").
"""

import numpy as np

from tasks.evidence.estimate.exposure import Array

#: Deviance that a further band must save. A cut has two free parameters, its place and the rate behind it:
#: with some 45 places 2 x ln(45) = 7.6 is the bound for one false cut in noise; 6 recovers more of true
#: hazards on the companies of tests/studies on which the method was chosen.
PENALTY = 6.0
#: The engine accepts more, but a table of more bands is no longer read.
MOST_BANDS = 12


def best_bands(events: Array, expected: Array, penalty: float = PENALTY) -> list[int]:
    """Return the lower bounds of the best bands over the years 0, 1, 2, …; the first is 0.

    Args:
        events: Events by year of age or tenure.
        expected: Events expected without this attribute, by the same years.
        penalty: Deviance that a further band must save.
    """
    years = len(events)
    all_events = np.concatenate([[0.0], np.cumsum(events)])
    all_expected = np.concatenate([[0.0], np.cumsum(expected)])
    best = np.full((MOST_BANDS + 1, years + 1), -np.inf)
    came_from = np.zeros((MOST_BANDS + 1, years + 1), dtype=np.int64)
    best[0, 0] = 0.0
    for end in range(1, years + 1):
        gain = 2 * _log_likelihood(all_events[end] - all_events[:end], all_expected[end] - all_expected[:end])
        for bands in range(1, MOST_BANDS + 1):
            scores = best[bands - 1, :end] + gain - penalty
            came_from[bands, end] = np.argmax(scores)
            best[bands, end] = scores[came_from[bands, end]]
    bands, end, bounds = int(np.argmax(best[:, years])), years, []
    while end > 0:
        end = int(came_from[bands, end])
        bands -= 1
        bounds.append(end)
    return sorted(bounds)


def _log_likelihood(events: Array, expected: Array) -> Array:
    """Return the log-likelihood of a band at its own rate, less that at the expected events."""
    some = (events > 0) & (expected > 0)
    ratio = np.where(some, events / np.where(some, expected, 1.0), 1.0)
    return np.asarray(np.where(some, events * np.log(ratio), 0.0))

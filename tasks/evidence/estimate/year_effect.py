"""How much a rate moves from year to year, beyond chance per person.

The logarithm of actual / expected exits of window t is a level that drifts plus an independent part:

    log(A_t / E_t) = level_t + u_t + chance,   level_t = level_{t-1} + w_t
    u_t ~ N(0, (1 - s) d^2 / years),   w_t ~ N(0, s d^2 years),   chance ~ N(0, v_t), v_t from probabilities

(a local level model, Harvey 1989). Few years say little about the size d and the share s of the drift, so
both stay uncertain: a grid of their values is weighted by likelihood x prior, and forecasts mix over it. d is
that of a whole year, whatever the length of the windows.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from settings.models.uncertainty import Scale
from tasks.evidence.estimate.exposure import Array

#: Size of the yearly movement (standard deviation of the log rate): its values, and its prior, log-normal
#: about 0.12; it was about 0.11 in two real public employers.
SIZES = np.array([0.02, 0.04, 0.06, 0.08, 0.10, 0.125, 0.15, 0.18, 0.22, 0.27, 0.34, 0.45, 0.6])
PRIOR_MEDIAN, PRIOR_SPREAD = 0.12, 0.55
#: Share of the variance that is drift, each as likely as the others beforehand.
DRIFT_SHARES = np.array([0.0, 0.15, 0.3, 0.5, 0.7])
#: Standard deviation of the first level relative to the average over all windows.
FIRST_LEVEL = 0.5
#: Points of the grid with a smaller weight are left out.
LEAST_WEIGHT = 0.002


@dataclass(frozen=True)
class YearEffect:
    """The movement of a rate: by window what was seen, and the weighted grid for forecasts."""

    logs: Array  # log(actual / expected) by window
    variances: Array  # of these by chance per person
    weights: Array  # of the points of the grid, adding up to 1
    sizes: Array
    drift_shares: Array
    level_means: Array  # level after the last window, by point
    level_variances: Array

    @property
    def size(self) -> float:
        """Standard deviation of the log rate from year to year, averaged over the grid."""
        return math.sqrt(float(self.weights @ self.sizes**2))

    @property
    def level(self) -> float:
        """Log of the present rate relative to the average over the windows."""
        return float(self.weights @ self.level_means)

    @property
    def level_deviation(self) -> float:
        """Standard deviation of the present level."""
        second = self.weights @ (self.level_variances + self.level_means**2)
        return math.sqrt(max(float(second) - self.level**2, 0.0))

    @property
    def interval(self) -> tuple[float, float]:
        """The 90 % interval of `size`."""
        order = np.argsort(self.sizes, kind="stable")
        reached = np.cumsum(self.weights[order])
        low, high = (self.sizes[order][np.searchsorted(reached, share)] for share in (0.05, 0.95 - 1e-9))
        return float(low), float(high)

    def scales(self) -> list[Scale]:
        """Return the grid for the simulation, with levels relative to the mean level."""
        kept = self.weights >= LEAST_WEIGHT
        weights = self.weights[kept] / self.weights[kept].sum()
        return [
            Scale(
                probability=float(weight),
                level_mean=round(float(mean - self.level), 6),
                level_sd=round(float(np.sqrt(variance)), 6),
                walk_sd=round(float(size * np.sqrt(share)), 6),
                independent_sd=round(float(size * np.sqrt(1 - share)), 6),
            )
            for weight, mean, variance, size, share in zip(
                weights,
                self.level_means[kept],
                self.level_variances[kept],
                self.sizes[kept],
                self.drift_shares[kept],
                strict=True,
            )
        ]

    def draws(self, years: Sequence[float], number: int, generator: np.random.Generator) -> Array:
        """Return log effects of the coming windows relative to the average: windows x number.

        `years` are the lengths of the windows.
        """
        point = generator.choice(len(self.weights), number, p=self.weights)
        size, share = self.sizes[point], self.drift_shares[point]
        level = self.level_means[point] + np.sqrt(self.level_variances[point]) * generator.standard_normal(
            number
        )
        effects = []
        for length in years:
            level = level + np.sqrt(share * length) * size * generator.standard_normal(number)
            deviation = np.sqrt((1 - share) / length) * size
            effects.append(level + deviation * generator.standard_normal(number))
        return np.array(effects)


def year_effect(events: Array, expected: Array, variances: Array, years: Array) -> YearEffect:
    """Estimate the movement of a rate from its windows, in order of time.

    Args:
        events: Events by window.
        expected: Expected events by window without year effects.
        variances: Variance of the events by chance.
        years: Length of each window. The level drifts from the middle of a window to that of the next; what a
            window deviates on its own averages out over a longer one.
    """
    logs = np.log((events + 0.5) / (expected + 0.5))
    noise = np.maximum(variances, 0.25) / (expected + 0.5) ** 2
    size, share = (grid.ravel() for grid in np.meshgrid(SIZES, DRIFT_SHARES, indexing="ij"))
    drift, independent = share * size**2, (1 - share) * size**2
    score = -0.5 * ((np.log(size) - np.log(PRIOR_MEDIAN)) / PRIOR_SPREAD) ** 2
    mean, variance = np.zeros(len(size)), np.full(len(size), FIRST_LEVEL**2)
    between = np.concatenate([[0.0], (years[1:] + years[:-1]) / 2])
    for log, chance, length, passed in zip(logs, noise, years, between, strict=True):  # the Kalman filter
        variance = variance + drift * passed
        total = variance + independent / length + chance
        error = log - mean
        score = score - 0.5 * (np.log(total) + error**2 / total)
        gain = variance / total
        mean, variance = mean + gain * error, variance * (1 - gain)
    weights = np.exp(score - score.max())
    return YearEffect(logs, noise, weights / weights.sum(), size, share, mean, variance)

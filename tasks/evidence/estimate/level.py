"""The uncertainty of a rate's factors apart from that of its level."""

import numpy as np

from tasks.evidence.estimate.credibility import RateFit
from tasks.evidence.estimate.exposure import Array


def without_level(fit: RateFit) -> Array:
    """Return the covariance of log base and log factors at unchanged expected events.

    How uncertain the level is belongs to the year effect, which is estimated from the same events; here it
    would count twice. So the base moves against the mean of the deviations, weighted by expected events.
    """
    weights = _shares_of_events(fit)
    projection = np.eye(len(weights))
    projection[0] -= weights
    return np.asarray(projection @ fit.covariance @ projection.T)


def _shares_of_events(fit: RateFit) -> Array:
    """Return for base and factors the share of the expected events among which each is at work."""
    total = max(float(fit.expected.sum()), 1e-12)
    parts = [np.array([1.0])]
    parts += [fit.by_value(attribute.name, fit.expected) / total for attribute in fit.attributes]
    return np.concatenate(parts)

"""The factors of a fitted rate one by one, each with its interval and what it rests on."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tasks.evidence.estimate.credibility import RateFit
from tasks.evidence.estimate.estimate import Estimate, Z


@dataclass(frozen=True)
class Factor:
    """A factor of a rate: the attribute, its value as a key of `factors`, and the estimate."""

    attribute: str
    value: str
    estimate: Estimate


def factors_of(fit: RateFit) -> Iterator[Factor]:
    """Yield all factors of a rate, attribute by attribute."""
    offsets, _ = fit.offsets
    for attribute in fit.attributes:
        name = attribute.name
        events = fit.by_value(name, fit.exposure.events)
        exposed = fit.by_value(name, fit.exposure.person_years)
        for number, label in enumerate(attribute.labels):
            value = float(fit.factors[name][number])
            spread = float(np.exp(Z * fit.errors[offsets[name] + number]))
            yield Factor(
                name,
                label,
                Estimate(
                    value, value / spread, value * spread, float(events[number]), float(exposed[number])
                ),
            )

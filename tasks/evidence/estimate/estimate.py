"""A number estimated from a history, with what it rests on."""

from dataclasses import dataclass

#: Probability that an interval is meant to hold the value.
COVERAGE = 0.90
#: Half-width of that interval in standard deviations of a normal distribution.
Z = 1.6448536269514722


@dataclass(frozen=True)
class Estimate:
    """A value, its 90 % interval, and the events and exposure that it rests on."""

    value: float
    low: float
    high: float
    events: float
    exposure: float


def share(events: int, exposed: int) -> Estimate:
    """Return a share of people with the exact binomial interval (Clopper and Pearson 1934)."""
    from scipy.stats import binomtest

    interval = binomtest(events, exposed).proportion_ci(COVERAGE, method="exact")
    return Estimate(events / exposed, float(interval.low), float(interval.high), events, exposed)


def poisson_interval(events: float) -> tuple[float, float]:
    """Return the exact interval of a Poisson mean from the events seen (Garwood 1936)."""
    from scipy.stats import chi2

    tail = (1 - COVERAGE) / 2
    low = float(chi2.ppf(tail, 2 * events) / 2) if events > 0 else 0.0
    return low, float(chi2.ppf(1 - tail, 2 * (events + 1)) / 2)

"""Plain forecasts to compare with: the last rate, and the mean of the last three with their own spread."""

from collections.abc import Sequence

import numpy as np

#: Name → what it is, for tables.
BASELINES = {"last_rate": "Last rate", "three_year_mean": "Mean of three"}
WINDOWS = 3


def baseline_quantiles(
    name: str,
    figure: str,
    rates: Sequence[float],
    start: float,
    ahead: Sequence[float],
    probabilities: Sequence[float],
) -> list[float]:
    """Return the quantiles of a figure of the last window ahead.

    Args:
        name: A key of BASELINES. The last rate has the spread of chance per person only (Poisson), the mean
            of three the standard deviation of the three rates.
        figure: exits, headcount or payroll.
        rates: Past rates in order: exits per person and year, or log growth a year.
        start: Headcount or payroll at the origin.
        ahead: Lengths of the windows from the origin on (years); exits are those of the last.
        probabilities: Those of the quantiles.
    """
    from scipy.stats import norm

    z = norm.ppf(np.asarray(probabilities))
    used = np.asarray(rates[-1:] if name == "last_rate" else rates[-WINDOWS:], dtype=float)
    if not len(used):
        return [float("nan")] * len(z)
    mean = float(used.mean())
    spread = float(used.std(ddof=1)) if len(used) > 1 else 0.0
    if figure == "exits":
        expected = start * ahead[-1] * mean
        chance = np.sqrt(max(expected, 0.0)) if name == "last_rate" else 0.0
        return [max(value, 0.0) for value in (expected + z * (start * ahead[-1] * spread + chance)).tolist()]
    years = float(np.sum(ahead))
    values: list[float] = (start * np.exp(years * (mean + z * spread))).tolist()
    return values

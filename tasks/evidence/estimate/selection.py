"""Which attributes a rate depends on, and in which bands.

Age and tenure are cut into bands in turn, each given the factors of the other. A dimension is kept where it
predicts: left out one window at a time, the deviance of that window must fall.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from tasks.evidence.estimate.bands import best_bands
from tasks.evidence.estimate.credibility import Attribute, RateFit, fit_rate
from tasks.evidence.estimate.exposure import HIGHEST_YEARS, Array, Exposure, probability_in, sums, values_of

BANDED = ("age", "tenure")
MOST_TURNS = 4
#: Deviance of the windows left out that an attribute must save; less is what noise can do.
LEAST_GAIN = 4.0


def find_bands(
    exposure: Exposure,
    start: Mapping[str, Sequence[int]],
    prior_rate: float,
    others: Sequence[Attribute] = (),
) -> dict[str, list[int]]:
    """Return the bands of age and tenure, as far as the exposure has these; `start` are bands to begin with.

    `others` are attributes whose factors are fitted beside.
    """
    bands = {name: list(start[name]) for name in BANDED if name in exposure.attributes}
    for _ in range(MOST_TURNS):
        before = dict(bands)
        for name in bands:
            fitted = fit_rate(exposure, [*banded(bands), *others], prior_rate)
            bands[name] = _bands_given_others(fitted, name)
        if bands == before:
            break
    return bands


def banded(bands: Mapping[str, Sequence[int]]) -> list[Attribute]:
    """Return the attributes of some bands."""
    return [Attribute(name, tuple(bounds), is_banded=True) for name, bounds in bands.items()]


def named(exposure: Exposure, names: Sequence[str]) -> list[Attribute]:
    """Return attributes with a factor for every value of the exposure that is not null."""
    return [attribute for name in names if (attribute := all_values(exposure, name)).values]


def all_values(exposure: Exposure, name: str) -> Attribute:
    """Return level or a dimension with every value of the exposure that is not null."""
    values = [value for value in values_of(exposure.cells, name) if value is not None]
    return Attribute(name, tuple(values), is_banded=False)


def helpful(
    exposure: Exposure, candidates: Sequence[str], bands: Mapping[str, Sequence[int]], prior_rate: float
) -> list[str]:
    """Return the candidates that lower the deviance of windows that were left out, best first.

    Dimensions and level are added one by one as long as the next lowers it. With one window nothing can be
    left out, and none is returned.
    """
    windows = sorted(set(exposure.windows.tolist()))
    if len(windows) < 2:
        return []
    kept: list[str] = []
    least = _left_out_deviance(exposure, windows, bands, kept, prior_rate)
    remaining = [name for name in candidates if len(values_of(exposure.cells, name)) > 1]
    while remaining:
        scores = {
            name: _left_out_deviance(exposure, windows, bands, [*kept, name], prior_rate)
            for name in remaining
        }
        best = min(remaining, key=scores.__getitem__)
        if scores[best] > least - LEAST_GAIN:
            break
        least = scores[best]
        kept.append(best)
        remaining.remove(best)
    return kept


def _left_out_deviance(
    exposure: Exposure,
    windows: Sequence[int],
    bands: Mapping[str, Sequence[int]],
    names: Sequence[str],
    prior_rate: float,
) -> float:
    """Return the deviance of each window at factors fitted to the others, at the window's own level."""
    total = 0.0
    attributes = [*banded(bands), *named(exposure, names)]
    whole = fit_rate(exposure, attributes, prior_rate)
    for window in windows:
        rest = exposure.of_windows([other for other in windows if other != window])
        fitted = fit_rate(rest, attributes, prior_rate, like=whole)
        left_out = exposure.of_windows([window])
        total += deviance_at_own_level(left_out, fitted.rates_of(left_out.cells))
    return total


def deviance_at_own_level(left_out: Exposure, yearly: Array) -> float:
    """Return the deviance of a window with the yearly rates scaled to its events, if it has any."""
    expected = left_out.exposed * probability_in(yearly, left_out.years)
    events = left_out.events.sum()
    if events > 0:
        expected = expected if expected.sum() > 0 else left_out.exposed
        expected = np.minimum(expected * (events / expected.sum()), left_out.exposed)
    return deviance(left_out.events, expected, left_out.exposed)


def deviance(events: Array, expected: Array, exposed: Array) -> float:
    """Return the binomial deviance of cells: twice the log-likelihood lost against each cell's own rate."""

    def part(count: Array, mean: Array) -> Array:
        some = count > 0
        ratio = np.where(some, count, 1.0) / np.maximum(np.where(some, mean, 1.0), 1e-6)
        return np.where(some, count * np.log(ratio), 0.0)

    survivors = np.maximum(exposed - events, 0.0)
    return float(2 * (part(events, expected) + part(survivors, exposed - expected)).sum())


def _bands_given_others(fitted: RateFit, name: str) -> list[int]:
    """Return the best bands of an attribute, at the factors of the others."""
    exposure = fitted.exposure
    codes = next(each for each in fitted.attributes if each.name == name).codes(exposure.cells)
    without = fitted.yearly * np.exp(fitted.year_logs[exposure.windows]) / fitted.factors[name][codes]
    values = exposure.cells[name].to_numpy().astype(np.int64)
    size = HIGHEST_YEARS + 1
    return best_bands(
        sums(values, exposure.events, size),
        sums(values, exposure.exposed * without * exposure.years, size),
    )

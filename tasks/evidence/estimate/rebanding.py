"""Factors of bands that the fit replaced, carried over to the new bands.

A rate that history cannot show keeps its factors. Where bands change, each new band gets the mean of the old
factors over the people of the newest list, so that the rate of the workforce stays what it was.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

import numpy as np
import polars as pl

from settings import Settings
from settings.models.workforce import band_labels
from tasks.evidence.estimate.commented import Entry, Path
from tasks.evidence.estimate.exposure import HIGHEST_YEARS, Array, sums
from tasks.evidence.estimate.fit import Fitted
from tasks.evidence.estimate.in_force import bands_in_force

Factors = Mapping[str, Mapping[str, Decimal]]


def rebanded(fitted: Fitted, settings: Settings) -> Iterator[Entry]:
    """Yield the factors of age and tenure of the rates that are not estimated, for the bands of the fit."""
    workforce = settings.workforce
    kept: list[tuple[Path, Factors]] = []
    if fitted.promotion is None:
        kept.append((("workforce", "promotion"), workforce.promotion.factors))
    if fitted.transfer is None and workforce.transfer:
        kept.append((("workforce", "transfer"), workforce.transfer.factors))
    before = bands_in_force(settings)
    for path, factors in kept:
        for name, bounds in fitted.terminations.bands.items():
            if name in factors and list(bounds) != before[name]:
                new = _means(factors[name], before[name], bounds, _people(fitted.newest, name))
                for label, value in zip(band_labels(bounds), new, strict=True):
                    yield Entry(
                        (*path, "factors", name, label),
                        Decimal(f"{value:.4f}"),
                        "as before the fit, for these bands",
                    )


def _people(newest: pl.DataFrame, name: str) -> Array:
    """Return the people by completed years, with a trace of everybody so that no band is empty."""
    years = newest[name].to_numpy().astype(np.int64)
    return sums(years, newest["exposed"].to_numpy(), HIGHEST_YEARS + 1) + 1e-6


def _means(
    factors: Mapping[str, Decimal], before: Sequence[int], after: Sequence[int], people: Array
) -> Array:
    old = np.array([float(factors.get(label, 1)) for label in band_labels(before)])
    years = np.arange(HIGHEST_YEARS + 1)
    by_year = old[np.searchsorted(np.array(before), years, side="right") - 1]
    band = np.searchsorted(np.array(after), years, side="right") - 1
    weights = np.bincount(band, people, len(after))
    return np.asarray(np.bincount(band, people * by_year, len(after)) / weights)

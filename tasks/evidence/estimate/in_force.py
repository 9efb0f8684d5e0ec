"""What the settings in force before a fit say: bands, turnover, and the exit rates of people."""

from collections.abc import Iterable

import numpy as np
import polars as pl

from settings import Settings
from settings.models.workforce import Cause, band_labels, value_of
from tasks.evidence.estimate.exposure import Array

#: The lowest rate that a base is held near: a rate of 0 would hold it at 0.
LOWEST_PRIOR = 0.001


def bands_in_force(settings: Settings) -> dict[str, list[int]]:
    """Return the lower bounds of the bands of age and tenure."""
    return {"age": settings.workforce.age_bands, "tenure": settings.workforce.tenure_bands}


def prior_exit_rate(settings: Settings) -> float:
    """Return the experienced turnover of the first year, as what the rate of exits is held near."""
    rate = settings.workforce.total_termination_rate.at(settings.simulation.start_year)
    return max(float(rate), LOWEST_PRIOR)


def exit_rates(cells: pl.DataFrame, settings: Settings, causes: Iterable[str] | None = None) -> Array:
    """Return the probability of leaving in a year by cell: the sum over causes of base x factors, at most 1.

    The base is that of the first simulated year. `causes` are those to count, by default all. A factor counts
    where the history shows its attribute; an employee whose age is not known is eligible.
    """
    year = settings.simulation.start_year
    chosen = settings.workforce.termination
    counted = [cause for name, cause in chosen.items() if causes is None or name in set(causes)]
    total = np.zeros(len(cells))
    for cause in counted:
        total += np.where(_eligible(cells, cause), _rates(cells, settings, cause, year), 0.0)
    return np.asarray(np.minimum(total, 1.0))


def _rates(cells: pl.DataFrame, settings: Settings, cause: Cause, year: int) -> Array:
    bounds = bands_in_force(settings)
    rates = np.full(len(cells), float(cause.base.at(year)))
    for attribute, table in cause.factors.items():
        if attribute not in cells.columns:
            continue
        if attribute in bounds:
            keys = _labels(cells[attribute], bounds[attribute])
        else:
            keys = cells[attribute].cast(pl.String).to_list()
        factors = {value_of(name): float(factor) for name, factor in table.items()}
        rates *= np.array([factors.get(key, 1.0) for key in keys])
    return np.asarray(np.minimum(rates, 1.0))


def _labels(years: pl.Series, bounds: list[int]) -> list[str | None]:
    labels = band_labels(bounds)
    places = np.searchsorted(np.array(bounds), years.fill_null(0).to_numpy(), side="right") - 1
    known = years.is_not_null().to_list()
    return [labels[place] if has else None for place, has in zip(places, known, strict=True)]


def _eligible(cells: pl.DataFrame, cause: Cause) -> Array:
    found = np.ones(len(cells), dtype=bool)
    if cause.eligible:
        for attribute, least in (("age", cause.eligible.min_age), ("tenure", cause.eligible.min_tenure)):
            if attribute in cells.columns:
                found &= (cells[attribute] >= least).fill_null(True).to_numpy()
    return found

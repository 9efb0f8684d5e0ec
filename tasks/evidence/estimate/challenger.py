"""How much of the differences between people a fit finds, beside boosted trees that know no bands.

Each window is left out in turn, the models see the others, and the deviance of the window left out is summed,
every model at the window's own level: only the shape of the hazards counts, not the year. Boosted trees
(histogram gradient boosting, as LightGBM) find steps and interactions by themselves. If they save much more
than the fit, the fit misses something.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from settings import Settings
from tasks.evidence.estimate.credibility import fit_rate
from tasks.evidence.estimate.exposure import Array, Exposure, exits, sums
from tasks.evidence.estimate.in_force import bands_in_force, exit_rates, prior_exit_rate
from tasks.evidence.estimate.selection import banded, deviance_at_own_level, find_bands, named
from tasks.history.accepted import History

CONSTANT, IN_FORCE, FIT, TREES = "One rate for all", "Settings before", "The fit", "Boosted trees"
#: A tree's leaf holds at least this many events, as far as there are so many.
EVENTS_PER_LEAF = 20
#: A dimension with more values is left out of the trees, which take at most 255.
MOST_CATEGORIES = 250
#: Attributes whose values have an order.
NUMBERS = ("age", "tenure", "level")


@dataclass(frozen=True)
class Gain:
    """The deviance of windows that were left out, by one model."""

    model: str
    deviance: float
    saved: float  # of the constant rate's deviance (share); below 0: worse than one rate for all


def challenge(
    history: History, settings: Settings, names: Sequence[str] = (), *, keep_bands: bool = False
) -> list[Gain]:
    """Return the gain of each model on the exits; empty with one window, or without exits.

    `names` are level and dimensions that the fit uses; the trees see all. `settings` are those in force
    before the fit.
    """
    every = exits(history)
    windows = sorted(set(every.windows.tolist()))
    if len(windows) < 2 or every.events.sum() == 0:
        return []
    in_force, prior = bands_in_force(settings), prior_exit_rate(settings)
    totals = dict.fromkeys((CONSTANT, IN_FORCE, FIT, TREES), 0.0)
    for window in windows:
        seen = every.of_windows([other for other in windows if other != window])
        left_out = every.of_windows([window])
        if left_out.events.sum() == 0:
            continue
        rates = {
            CONSTANT: np.full(len(left_out.cells), prior),
            IN_FORCE: exit_rates(left_out.cells, settings),
            FIT: _fitted_rates(seen, left_out, in_force, names, prior, keep_bands=keep_bands),
            TREES: _tree_rates(seen, left_out),
        }
        for model, yearly in rates.items():
            totals[model] += deviance_at_own_level(left_out, yearly)
    constant = totals[CONSTANT]
    return [
        Gain(model, total, 1 - total / constant if constant > 0 else 0.0) for model, total in totals.items()
    ]


def _fitted_rates(
    seen: Exposure,
    left_out: Exposure,
    in_force: dict[str, list[int]],
    names: Sequence[str],
    prior: float,
    *,
    keep_bands: bool,
) -> Array:
    others = named(seen, names)
    bands = {name: bounds for name, bounds in in_force.items() if name in seen.attributes}
    if not keep_bands:
        bands = find_bands(seen, bands, prior, others)
    return fit_rate(seen, [*banded(bands), *others], prior).rates_of(left_out.cells)


def _tree_rates(seen: Exposure, left_out: Exposure) -> Array:
    """Return yearly rates of boosted trees, fitted to events per person-year with the exposure as weight."""
    from sklearn.ensemble import HistGradientBoostingRegressor
    from threadpoolctl import threadpool_limits

    numbers = [name for name in NUMBERS if name in seen.attributes]
    categories = [
        name
        for name in seen.attributes
        if name not in NUMBERS and seen.cells[name].n_unique() <= MOST_CATEGORIES
    ]
    # cells of all windows are one where they are alike; each window counts relative to its own level
    keys = [*numbers, *categories]
    cells = (
        seen.cells.select(keys)
        .with_columns(events=seen.events, weight=seen.person_years * _levels(seen))
        .group_by(keys)
        .agg(pl.col("events", "weight").sum())
        .filter(pl.col("weight") > 0)
        .sort(keys, nulls_last=True)
    )
    weight, events = cells["weight"].to_numpy(), cells["events"].to_numpy()
    per_leaf = min(EVENTS_PER_LEAF, events.sum() / 4) / max(events.sum(), 1.0) * len(cells)
    model = HistGradientBoostingRegressor(
        loss="poisson",
        learning_rate=0.1,
        max_iter=60,
        max_leaf_nodes=8,
        min_samples_leaf=max(int(per_leaf), 1),
        l2_regularization=1.0,
        categorical_features=[name in categories for name in keys],
        early_stopping=False,
        random_state=0,
    )
    codes = {name: _codes(seen.cells[name]) for name in categories}
    with threadpool_limits(1):  # so few rows take longer on several busy cores, and sums keep their order
        model.fit(_features(cells, numbers, codes), events / weight, sample_weight=weight)
        return np.asarray(model.predict(_features(left_out.cells, numbers, codes)), dtype=np.float64)


def _codes(values: pl.Series) -> dict[str, float]:
    known = values.drop_nulls().unique().sort().to_list()
    return {value: float(number) for number, value in enumerate(known)}


def _levels(exposure: Exposure) -> Array:
    size = len(exposure.window_years)
    events = sums(exposure.windows, exposure.events, size)
    years = sums(exposure.windows, exposure.person_years, size)
    rates = (events + 1) / np.maximum(years, 1e-9)
    mean = (exposure.events.sum() + 1) / max(float(exposure.person_years.sum()), 1e-9)
    return np.asarray((rates / mean)[exposure.windows])


def _features(cells: pl.DataFrame, numbers: Sequence[str], codes: Mapping[str, Mapping[str, float]]) -> Array:
    """Return numbers as they are and categories as the number of the value among those seen; else missing."""
    columns = [cells[name].cast(pl.Float64).fill_null(float("nan")).to_numpy() for name in numbers]
    columns += [
        np.array([of.get(value, np.nan) for value in cells[name].to_list()]) for name, of in codes.items()
    ]
    return np.column_stack(columns)

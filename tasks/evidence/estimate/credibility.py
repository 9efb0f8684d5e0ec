"""A rate as base x factors, each factor shrunk towards 1 where its value has little exposure.

The factor of a value with A actual events, where E would be expected at factor 1, is (A + K) / (E + K): of
the observed ratio A / E it takes the share Z = E / (E + K), the credibility of Bühlmann and Straub (1970).
It is the posterior mean where factors have a gamma distribution of mean 1 and variance 1 / K; K is
estimated for each attribute from how much its values differ beyond chance (a negative binomial likelihood).
Factors of several attributes are found in turn until they no longer change, as in Bailey and Simon's method
of minimum bias (1960).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from settings.models.workforce import band_labels
from tasks.evidence.estimate.exposure import Array, Exposure, Index, probability_in, sums

MOST_ROUNDS = 200
ENOUGH = 1e-6
ENOUGH_NEARBY = 1e-3
#: Rounds after which K is estimated again; later it stays, so that factors can settle.
ROUNDS_OF_K = (0, 4, 8, 16)
#: Events by which the base is held near the rate in force before the fit: two lists of 50 people must not
#: yield a rate of 0 or 20 %. A history of some hundred events hardly notices.
EVENTS_OF_PRIOR = 2.0
#: Events by which each year is held near the average while factors are found.
EVENTS_OF_YEAR = 20.0
#: Typical spread of the factors of an attribute (standard deviation), before its values are looked at.
TYPICAL_SPREAD = 0.4
_K_GRID = np.exp(np.linspace(np.log(0.5), np.log(3000), 60))


@dataclass(frozen=True)
class Attribute:
    """An attribute whose values have factors: bands of age or tenure, levels, or values of a dimension."""

    name: str
    values: tuple[Any, ...]  # lower bounds for age and tenure
    is_banded: bool

    @property
    def labels(self) -> list[str]:
        """The values as keys of `factors`: labels of bands, levels, names."""
        if self.is_banded:
            return list(band_labels([int(bound) for bound in self.values]))
        return [str(value) for value in self.values]

    def codes(self, cells: pl.DataFrame) -> Index:
        """Return the position of each cell's value; -1 for a value without a factor."""
        column = cells[self.name]
        if self.is_banded:
            return (
                np.searchsorted(np.array(self.values), column.to_numpy(), side="right").astype(np.int64) - 1
            )
        places = pl.Series(range(len(self.values)), dtype=pl.Int64)
        found = column.replace_strict(pl.Series(self.values, dtype=column.dtype), places, default=-1)
        return found.fill_null(-1).to_numpy().astype(np.int64)


@dataclass(frozen=True)
class RateFit:
    """A fitted rate: probability per year = base x the factor of each attribute."""

    exposure: Exposure
    attributes: tuple[Attribute, ...]
    base: float  # probability per year; factors have an exposure-weighted mean of 1
    factors: Mapping[str, Array]
    credibility: Mapping[str, float]  # K of each attribute (events)
    year_logs: Array  # log of each window's rate relative to the average, shrunk
    prior_rate: float
    _codes: Mapping[str, Index] = field(repr=False)

    @property
    def windows(self) -> int:
        """The number of windows."""
        return len(self.exposure.window_years)

    @cached_property
    def yearly(self) -> Array:
        """Probability per year of each cell, without year effects."""
        return _product(self.base, self.factors, self._codes)

    @cached_property
    def expected(self) -> Array:
        """Expected events of each cell, without year effects."""
        return self.exposure.exposed * probability_in(self.yearly, self.exposure.years)

    @cached_property
    def expected_by_window(self) -> Array:
        """Expected events of each window, without year effects."""
        return sums(self.exposure.windows, self.expected, self.windows)

    @cached_property
    def variance_by_window(self) -> Array:
        """Variance of the events of each window by chance alone."""
        chance = probability_in(self.yearly, self.exposure.years)
        return sums(self.exposure.windows, self.exposure.exposed * chance * (1 - chance), self.windows)

    @cached_property
    def events_by_window(self) -> Array:
        """Events of each window."""
        return sums(self.exposure.windows, self.exposure.events, self.windows)

    def by_value(self, attribute: str, weights: Array) -> Array:
        """Return the sums of something over cells, by value of an attribute."""
        codes = self._codes[attribute]
        some = codes >= 0
        return sums(codes[some], weights[some], len(self.factors[attribute]))

    def rates_of(self, cells: pl.DataFrame) -> Array:
        """Return the probability per year of other cells; a value that was never seen has factor 1."""
        codes = {attribute.name: attribute.codes(cells) for attribute in self.attributes}
        return np.minimum(_product(self.base, self.factors, codes, len(cells)), 1.0)

    @cached_property
    def covariance(self) -> Array:
        """Covariance of log base and log factors, in the order base, then attribute by attribute.

        The inverse of the information of a Poisson model with the gamma priors, X' diag(expected) X + K, for
        factors that are normalised: without that, base and factors could trade a common multiple.
        """
        offsets, size = self.offsets
        information = np.zeros((size, size))
        expected = self.expected
        places = [np.zeros(len(expected), dtype=np.int64)]
        places += [
            np.where(self._codes[name] >= 0, offsets[name] + self._codes[name], -1) for name in offsets
        ]
        for one in places:
            for other in places:
                some = (one >= 0) & (other >= 0)
                np.add.at(information, (one[some], other[some]), expected[some])
        information[0, 0] += EVENTS_OF_PRIOR
        for name, start in offsets.items():
            diagonal = np.arange(start, start + len(self.factors[name]))
            information[diagonal, diagonal] += self.credibility[name]
        normalised = self._normalisation
        return np.asarray(normalised @ np.linalg.inv(information) @ normalised.T, dtype=np.float64)

    @cached_property
    def errors(self) -> Array:
        """Standard errors of log base and log factors, as in the covariance; 0 for a single band."""
        return np.asarray(np.sqrt(np.maximum(np.diag(self.covariance), 0.0)))

    @property
    def _normalisation(self) -> Array:
        """The map of deviations to those at which the mean of each attribute's factors stays 1."""
        offsets, size = self.offsets
        found = np.eye(size)
        for name, start in offsets.items():
            weights = self.by_value(name, self.exposure.person_years) * self.factors[name]
            weights = weights / weights.sum()
            end = start + len(weights)
            found[start:end, start:end] -= weights[None, :]
            found[0, start:end] += weights
        return found

    @cached_property
    def offsets(self) -> tuple[Mapping[str, int], int]:
        """The position of each attribute's first factor in the covariance, and its size."""
        offsets, size = {}, 1
        for attribute in self.attributes:
            offsets[attribute.name] = size
            size += len(attribute.values)
        return offsets, size


def fit_rate(
    exposure: Exposure, attributes: Sequence[Attribute], prior_rate: float, like: RateFit | None = None
) -> RateFit:
    """Fit a rate: base, factors and year effects.

    Args:
        exposure: People exposed and events.
        attributes: Those that have factors.
        prior_rate: What the base is held near where there are few events (probability per year, above 0).
        like: A fit of the same attributes to nearly the same cells, such as those of one more window: K is
            taken from it, and rounds begin with its factors.
    """
    codes = {attribute.name: attribute.codes(exposure.cells) for attribute in attributes}
    factors = {attribute.name: np.ones(len(attribute.values)) for attribute in attributes}
    credibility = dict.fromkeys(factors, float(_K_GRID[-1]))
    rounds_of_k: tuple[int, ...] = ROUNDS_OF_K
    enough = ENOUGH
    if like:
        factors = {name: values.copy() for name, values in like.factors.items()}
        credibility, rounds_of_k, enough = dict(like.credibility), (-1,), ENOUGH_NEARBY
    state = _State(*_grouped(exposure, codes), factors, prior_rate)
    for number in range(MOST_ROUNDS):
        before = {name: values.copy() for name, values in state.factors.items()}
        for name in factors:
            actual, expected = state.actual_and_expected(name)
            if number in rounds_of_k:
                credibility[name] = _spread(actual, expected)
            state.set_factors(name, (actual + credibility[name]) / (expected + credibility[name]))
        state.set_years()
        change = [np.abs(np.log(state.factors[name] / before[name])).max() for name in factors]
        if number > max(rounds_of_k) and max(change, default=0.0) < enough:
            break
    return RateFit(
        exposure,
        tuple(attributes),
        state.base,
        state.factors,
        credibility,
        state.year_logs,
        prior_rate,
        codes,
    )


def _grouped(exposure: Exposure, codes: Mapping[str, Index]) -> tuple[Exposure, Mapping[str, Index]]:
    """Return the exposure with one cell per window and combination of values: a fit needs no more."""
    keys = pl.DataFrame({"window": exposure.cells["window"], **codes})
    counts = exposure.cells.select("exposed", "events")
    cells = (
        keys.hstack(counts).group_by(keys.columns).agg(pl.col("exposed", "events").sum()).sort(keys.columns)
    )
    grouped = {name: cells[name].to_numpy().astype(np.int64) for name in codes}
    return Exposure(cells, exposure.window_years, ()), grouped


class _State:
    """Base, factors and year effects on their way to the fit."""

    def __init__(
        self, exposure: Exposure, codes: Mapping[str, Index], factors: dict[str, Array], prior_rate: float
    ) -> None:
        self.exposure, self.codes, self.factors, self.prior_rate = exposure, codes, factors, prior_rate
        self.year_logs = np.zeros(len(exposure.window_years))
        self.base = prior_rate
        self._set_base()

    def _expected(self) -> Array:
        yearly = _product(self.base, self.factors, self.codes, len(self.exposure.exposed))
        yearly = yearly * np.exp(self.year_logs[self.exposure.windows])
        return self.exposure.exposed * probability_in(yearly, self.exposure.years)

    def _set_base(self) -> None:
        """Set the base so that all events are expected, up to the weight of the rate before the fit.

        The posterior mean of base / prior rate under a gamma prior of mean 1 and shape EVENTS_OF_PRIOR.
        """
        prior = EVENTS_OF_PRIOR
        for _ in range(2):  # probabilities are not quite proportional to the base
            at_prior = self._expected().sum() * self.prior_rate / self.base
            self.base = self.prior_rate * (self.exposure.events.sum() + prior) / (at_prior + prior)

    def actual_and_expected(self, name: str) -> tuple[Array, Array]:
        """Return events by value, and those expected at factor 1 of this attribute, equal in sum."""
        codes = self.codes[name]
        some = codes >= 0
        size = len(self.factors[name])
        actual = sums(codes[some], self.exposure.events[some], size)
        expected = sums(codes[some], self._expected()[some], size) / np.maximum(self.factors[name], 1e-12)
        total = (expected * self.factors[name]).sum()
        return actual, expected * (actual.sum() / total if total > 0 and actual.sum() > 0 else 1.0)

    def set_factors(self, name: str, values: Array) -> None:
        """Replace an attribute's factors, normalised to an exposure-weighted mean of 1."""
        codes = self.codes[name]
        some = codes >= 0
        weights = sums(codes[some], self.exposure.person_years[some], len(values))
        mean = (values * weights).sum() / weights.sum() if weights.sum() > 0 else 1.0
        self.factors[name] = values / mean
        self._set_base()

    def set_years(self) -> None:
        """Replace the year effects, of mean 0, each shrunk by EVENTS_OF_YEAR."""
        size = len(self.year_logs)
        present = np.bincount(self.exposure.windows, minlength=size) > 0
        expected = sums(self.exposure.windows, self._expected(), size)
        actual = sums(self.exposure.windows, self.exposure.events, size)
        change = np.log((actual + EVENTS_OF_YEAR) / (expected + EVENTS_OF_YEAR))
        self.year_logs = np.where(present, self.year_logs + change, 0.0)
        if present.any():
            self.year_logs = np.where(present, self.year_logs - self.year_logs[present].mean(), 0.0)
        self._set_base()


def _product(
    base: float, factors: Mapping[str, Array], codes: Mapping[str, Index], size: int | None = None
) -> Array:
    length = size if size is not None else len(next(iter(codes.values())))
    product = np.full(length, base)
    for name, values in factors.items():
        product = product * np.append(values, 1.0)[codes[name]]  # code -1 is the 1 at the end
    return product


def _spread(actual: Array, expected: Array) -> float:
    """Return the K of an attribute: 1 / variance of its factors, most likely by a negative binomial.

    With few values the likelihood is flat; TYPICAL_SPREAD holds the standard deviation near what is usual.
    """
    from scipy.stats import nbinom

    k = _K_GRID[:, None]
    likelihood = nbinom.logpmf(actual[None, :], k, k / (k + np.maximum(expected, 1e-9)[None, :])).sum(axis=1)
    prior = -0.5 / (_K_GRID * TYPICAL_SPREAD**2)
    return float(_K_GRID[np.argmax(likelihood + prior)])

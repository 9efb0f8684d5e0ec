"""Actual against expected events by value of an attribute, and hazards by single year of age or tenure."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tasks.evidence.estimate.credibility import Attribute, RateFit
from tasks.evidence.estimate.estimate import Z, poisson_interval
from tasks.evidence.estimate.exposure import Array, Exposure, Index, probability_in, sums
from tasks.evidence.estimate.factors import factors_of

#: How a missing value of an attribute is shown.
NO_VALUE = "(none)"


@dataclass(frozen=True)
class Compared:
    """Events of one value of an attribute, or of one window, beside those expected."""

    value: str
    exposure: float  # person-years
    actual: float
    before: float | None  # expected by the settings in force before the fit
    after: float  # expected by the fit

    @property
    def ratio(self) -> float | None:
        """Actual / expected after the fit; None if nothing is expected."""
        return self.actual / self.after if self.after > 0 else None

    @property
    def ratio_before(self) -> float | None:
        """Actual / expected before the fit."""
        return self.actual / self.before if self.before else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The exact 90 % interval of `ratio`, for chance per person (Poisson)."""
        if self.after <= 0:
            return None
        low, high = poisson_interval(self.actual)
        return low / self.after, high / self.after


def by_window(fit: RateFit, names: Sequence[str], before: Array | None) -> list[Compared]:
    """Compare each window with an unchanged rate: the fit without year effects.

    `before` are yearly probabilities by cell, scaled here to the total of all windows.
    """
    exposure = fit.exposure
    scaled = _scaled(exposure, before, np.zeros_like(exposure.windows)) if before is not None else None
    years = sums(exposure.windows, exposure.person_years, fit.windows)
    earlier = sums(exposure.windows, scaled, fit.windows) if scaled is not None else None
    return [
        Compared(
            names[window],
            float(years[window]),
            float(fit.events_by_window[window]),
            float(earlier[window]) if earlier is not None else None,
            float(fit.expected_by_window[window]),
        )
        for window in range(fit.windows)
        if years[window] > 0
    ]


def by_value(fit: RateFit, attribute: Attribute, before: Array | None) -> list[Compared]:
    """Compare each value of an attribute, with both expectations at each window's own level.

    So the sums are equal in every window, and only the shape is compared. The attribute need not have factors
    in the fit.
    """
    exposure = fit.exposure
    codes = attribute.codes(exposure.cells)
    labels = attribute.labels
    if (codes < 0).any():
        codes = np.where(codes < 0, len(labels), codes)
        labels = [*labels, NO_VALUE]
    after = _scaled(exposure, fit.yearly, exposure.windows)
    earlier = _scaled(exposure, before, exposure.windows) if before is not None else None
    columns = [
        sums(codes, weights, len(labels)) for weights in (exposure.person_years, exposure.events, after)
    ]
    of_before = sums(codes, earlier, len(labels)) if earlier is not None else None
    return [
        Compared(
            label,
            float(columns[0][number]),
            float(columns[1][number]),
            float(of_before[number]) if of_before is not None else None,
            float(columns[2][number]),
        )
        for number, label in enumerate(labels)
        if columns[0][number] > 0
    ]


def _scaled(exposure: Exposure, yearly: Array, groups: Index) -> Array:
    """Return expected events by cell, scaled so that in each group they add up to the actual ones."""
    expected = exposure.exposed * probability_in(yearly, exposure.years)
    size = int(groups.max()) + 1 if len(groups) else 0
    total = sums(groups, expected, size)
    actual = sums(groups, exposure.events, size)
    scale = np.divide(actual, total, out=np.zeros_like(total), where=total > 0)
    return np.asarray(expected * scale[groups])


@dataclass(frozen=True)
class Hazard:
    """The hazard of a single year of age or tenure, at the average of the other attributes."""

    year: int
    exposure: float  # person-years
    actual: float
    raw: float  # events per person-year
    adjusted: float | None  # rate seen at the average of the other attributes (probability per year)
    low: float | None  # exact 90 % interval of `adjusted`, for chance per person
    high: float | None
    fitted: float  # base x factor
    fitted_low: float  # its 90 % interval, from the covariance
    fitted_high: float


def hazards(fit: RateFit, name: str) -> list[Hazard]:
    """Return the hazard by completed year of a banded attribute, from the lowest to the highest seen.

    What is seen in a year x is base x A(x) / E(x): E are the events expected without this attribute's
    factors, each window at its own level, so that a young age that has many short tenures is not taken for a
    high hazard of the age.
    """
    exposure = fit.exposure
    attribute = next(each for each in fit.attributes if each.name == name)
    codes = attribute.codes(exposure.cells)
    factors = fit.factors[name]
    values = exposure.cells[name].to_numpy().astype(np.int64)
    size = int(values.max()) + 1
    with_factors = _scaled(exposure, fit.yearly, exposure.windows)
    person_years = sums(values, exposure.person_years, size)
    actual = sums(values, exposure.events, size)
    expected = sums(values, with_factors / factors[codes], size)
    variances = _variances(fit, attribute)
    bands = np.searchsorted(np.array(attribute.values), np.arange(size), side="right") - 1
    found = []
    for year in range(int(values.min()), size):
        value = fit.base * float(factors[bands[year]])
        spread = float(np.exp(Z * np.sqrt(variances[bands[year]])))
        unit = fit.base / float(expected[year]) if expected[year] > 0 else None
        low, high = poisson_interval(float(actual[year]))
        found.append(
            Hazard(
                year,
                float(person_years[year]),
                float(actual[year]),
                float(actual[year] / person_years[year]) if person_years[year] > 0 else 0.0,
                min(float(actual[year]) * unit, 1.0) if unit else None,
                min(low * unit, 1.0) if unit else None,
                min(high * unit, 1.0) if unit else None,
                min(value, 1.0),
                min(value / spread, 1.0),
                min(value * spread, 1.0),
            )
        )
    return found


def _variances(fit: RateFit, attribute: Attribute) -> Array:
    """Return the variance of log(base x factor) by value of an attribute."""
    covariance, start = fit.covariance, fit.offsets[0][attribute.name]
    places = np.arange(start, start + len(attribute.values))
    return np.asarray(covariance[0, 0] + covariance[places, places] + 2 * covariance[0, places])


def correlations(fit: RateFit, least: float = 0.05) -> list[tuple[str, str, float]]:
    """Return pairs of parameters (base and factors) with their correlation, the largest first."""
    names = ["base", *(f"{each.attribute} {each.value}" for each in factors_of(fit))]
    scale = np.outer(fit.errors, fit.errors)
    some = scale > 1e-12  # the factor of a single band is 1, without error
    correlation = np.divide(fit.covariance, scale, out=np.zeros_like(scale), where=some)
    rows, columns = np.triu_indices(len(names), 1)
    found = [
        (names[row], names[column], float(correlation[row, column]))
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
        if abs(correlation[row, column]) >= least
    ]
    return sorted(found, key=lambda pair: (-abs(pair[2]), pair[0], pair[1]))

"""Rates as base x factors: they agree with an independent model, and shrink where little is known."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.evidence.estimate import credibility
from tasks.evidence.estimate.credibility import Attribute, fit_rate
from tasks.evidence.estimate.exposure import Exposure, probability_in

PLACE = Attribute("place", ("North", "South", "West"), is_banded=False)
AGE = Attribute("age", (0, 30, 50), is_banded=True)


def _exposure(seed: int, scale: float, windows: int = 1) -> Exposure:
    generator = np.random.default_rng(seed)
    cells = pl.DataFrame(
        [
            {
                "window": window,
                "age": age,
                "place": place,
                "exposed": scale * float(generator.integers(50, 300)),
            }
            for window in range(windows)
            for age in (22, 35, 60)
            for place in PLACE.values
        ],
        schema_overrides={"window": pl.Int32, "age": pl.Int32},
    )
    rates = 0.1 * np.exp(generator.normal(0, 0.4, cells.height))
    events = generator.binomial(cells["exposed"].to_numpy().astype(int), rates)
    return Exposure(cells.with_columns(events=pl.Series(events)), np.ones(windows), ("age", "place"))


def test_without_shrinking_factors_are_those_of_a_poisson_regression(monkeypatch: pytest.MonkeyPatch) -> None:
    import statsmodels.api as sm  # a fifth of the time of all imports, if at the top

    monkeypatch.setattr(credibility, "EVENTS_OF_PRIOR", 0.0)
    monkeypatch.setattr(credibility, "_spread", lambda *_: 0.0)
    monkeypatch.setattr(credibility, "ENOUGH", 1e-12)
    exposure = _exposure(1, 50)
    fit = fit_rate(exposure, [AGE, PLACE], 0.1)
    cells = exposure.cells.to_pandas()
    design = sm.add_constant(
        np.column_stack(
            [cells.age == 35, cells.age == 60, cells.place == "South", cells.place == "West"]
        ).astype(float)
    )
    independent = sm.GLM(
        cells.events, design, family=sm.families.Poisson(), offset=np.log(cells.exposed)
    ).fit(tol=1e-12)
    ours = [np.log(fit.factors["age"][1:] / fit.factors["age"][0])]
    ours += [np.log(fit.factors["place"][1:] / fit.factors["place"][0])]
    assert np.concatenate(ours) == pytest.approx(independent.params[1:].to_numpy(), abs=1e-6)
    assert fit.expected == pytest.approx(independent.fittedvalues.to_numpy(), rel=1e-6)


def test_factors_have_a_mean_of_1_over_the_exposure() -> None:
    fit = fit_rate(_exposure(2, 1), [AGE, PLACE], 0.1)
    for name in ("age", "place"):
        weights = fit.by_value(name, fit.exposure.person_years)
        assert (fit.factors[name] * weights).sum() / weights.sum() == pytest.approx(1)


@given(st.integers(0, 1000), st.sampled_from([0.02, 0.2, 2.0]))
def test_every_factor_lies_between_1_and_what_was_observed(seed: int, scale: float) -> None:
    fit = fit_rate(_exposure(seed, scale), [PLACE], 0.1)
    expected = fit.by_value("place", fit.expected) / fit.factors["place"]
    events = fit.by_value("place", fit.exposure.events)
    if not events.sum():
        assert fit.factors["place"] == pytest.approx(np.ones(3), abs=0.05)
        return
    observed = events / (expected * events.sum() / (expected * fit.factors["place"]).sum())
    mean = (fit.factors["place"] * expected).sum() / expected.sum()
    for factor, ratio in zip(fit.factors["place"], observed, strict=True):
        assert min(ratio, 1) - 0.05 <= factor / mean <= max(ratio, 1) + 0.05


def test_little_exposure_shrinks_factors_towards_1() -> None:
    small, large = (fit_rate(_exposure(3, scale), [PLACE], 0.1) for scale in (0.05, 50))
    assert np.abs(np.log(small.factors["place"])).max() < np.abs(np.log(large.factors["place"])).max()
    small_errors, large_errors = (np.sqrt(np.diag(fit.covariance))[1:] for fit in (small, large))
    assert (small_errors > large_errors).all()


def test_nobody_left_is_a_low_rate_and_not_0() -> None:
    exposure = _exposure(4, 0.05)
    none = Exposure(exposure.cells.with_columns(events=pl.lit(0)), exposure.window_years, exposure.attributes)
    fit = fit_rate(none, [PLACE], 0.12)
    people = none.exposed.sum()
    assert fit.base == pytest.approx(2 / (people + 2 / 0.12), rel=0.02)
    assert np.isfinite(fit.covariance).all()


def test_windows_of_any_length_give_the_same_yearly_rate() -> None:
    """Expected exits of 1.3 years follow the same yearly probability as those of 0.8."""
    fits = []
    for years in (0.8, 1.0, 1.3):
        length = np.array([years])
        exposure = _exposure(5, 100)
        chance = probability_in(np.where(exposure.cells["age"].to_numpy() == 60, 0.4, 0.1), length[0])
        cells = exposure.cells.with_columns(events=pl.Series(exposure.exposed * chance))
        fits.append(fit_rate(Exposure(cells, length, ("age",)), [AGE], 0.1))
    for fit in fits:
        assert fit.base * fit.factors["age"] == pytest.approx([0.1, 0.1, 0.4], rel=0.01)


def test_a_value_that_was_never_seen_has_factor_1() -> None:
    fit = fit_rate(_exposure(6, 5), [PLACE], 0.1)
    cells = pl.DataFrame({"age": [40], "place": ["East"]})
    assert fit.rates_of(cells) == pytest.approx([fit.base])

"""Uncertain assumptions: what is drawn, from what, and what it does to results."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tasks.census.sample import sample_census, write_sample
from tests.simulate import scenario_file
from tests.simulation.uncertain import DRAWN, RAISES, SCALES, document, rows_of, uncertainty

pytestmark = pytest.mark.slow

SUMMARY = "fct_year_summary"
#: Normal deviates of a sample's mean or variance beyond which a test fails: 1 in 15,000 for each of some 60.
LIMIT = 4.0


@pytest.fixture(scope="module")
def small_census(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two hundred employees: draws do not depend on them."""
    path = tmp_path_factory.mktemp("census") / "census.csv"
    write_sample(sample_census(200), path)
    return path


@pytest.fixture(scope="module")
def many(small_census: Path) -> pl.DataFrame:
    """What 2,000 replicates draw in two years, without simulating people."""
    sets = ("simulation.replicates=2000", "simulation.end_year=2026")
    return rows_of([DRAWN], uncertain=uncertainty(), sets=sets, census=small_census)[DRAWN]


def test_deviations_have_the_mean_and_covariance_of_the_file(many: pl.DataFrame) -> None:
    """In standard errors: of a mean sd / sqrt(n), of a covariance sqrt((s_ij^2 + s_ii s_jj) / n)."""
    expected = np.array(document()["covariance"])
    names = [one.name for one in uncertainty().parameters]
    wide = many.filter(source="parameters", simulation_year=2025).pivot(
        "name", index="replicate", values="log_effect"
    )
    draws = wide.select(names).to_numpy()
    count, variances = len(draws), np.diag(expected)
    assert count == 2000
    assert np.abs(draws.mean(axis=0) / np.sqrt(variances / count)).max() < LIMIT
    errors = np.sqrt((expected**2 + np.outer(variances, variances)) / count)
    assert np.abs((np.cov(draws.T) - expected) / errors).max() < LIMIT


@pytest.mark.parametrize("year", [2025, 2026])
def test_year_effects_have_the_mean_and_variance_of_the_scales(many: pl.DataFrame, year: int) -> None:
    """Of a mixture of normal distributions: the variance's own error by its fourth moment."""
    steps = year - 2024
    for rate, scales in (("termination", SCALES), ("promotion", SCALES), ("raises", RAISES)):
        weights, means, deviations = (np.array(values) for values in zip(*(
            (
                one["probability"],
                one["level_mean"],
                np.sqrt(one["level_sd"] ** 2 + steps * one["walk_sd"] ** 2 + one["independent_sd"] ** 2),
            )
            for one in scales
        ), strict=True))  # fmt: skip
        mean = weights @ means
        apart = means - mean
        variance = weights @ (deviations**2 + apart**2)
        fourth = weights @ (3 * deviations**4 + 6 * apart**2 * deviations**2 + apart**4)
        draws = many.filter(source="years", name=rate, simulation_year=year)["log_effect"].to_numpy()
        count = len(draws)
        assert abs(draws.mean() - mean) < LIMIT * np.sqrt(variance / count)
        assert abs(draws.var() - variance) < LIMIT * np.sqrt((fourth - variance**2) / count)


def test_the_level_stays_and_years_differ(many: pl.DataFrame) -> None:
    """Effects of two years share the level and the first steps: their covariance is that of these."""
    wide = many.filter(source="years", name="raises").pivot(
        "simulation_year", index="replicate", values="log_effect"
    )
    draws = wide.select("2025", "2026").to_numpy()
    [scale] = RAISES
    shared = scale["level_sd"] ** 2 + scale["walk_sd"] ** 2
    first = shared + scale["independent_sd"] ** 2
    second = first + scale["walk_sd"] ** 2
    error = np.sqrt((shared**2 + first * second) / len(draws))
    assert abs(np.cov(draws.T)[0, 1] - shared) < LIMIT * error


def test_a_replicate_is_the_same_in_every_run_that_has_it(small_census: Path) -> None:
    """However many replicates, years and scenarios there are, and in which order they are numbered."""
    tables = [DRAWN, "fct_workforce_events"]
    many = rows_of(
        tables,
        uncertain=uncertainty(),
        census=small_census,
        sets=["simulation.replicates=5", "simulation.end_year=2027"],
    )
    one = rows_of(
        tables,
        uncertain=uncertainty(),
        census=small_census,
        sets=["simulation.replicates=2", "simulation.first_replicate=4", "simulation.end_year=2026"],
    )
    for table in tables:
        part = many[table].filter(pl.col("replicate") >= 4, pl.col("simulation_year") <= 2026)
        assert part.height
        assert_frame_equal(one[table], part, check_exact=True)


def test_all_scenarios_draw_the_same(small_census: Path, tmp_path: Path) -> None:
    """Scenarios that differ in nothing have the same events; another seed has other parameters."""
    scenarios = [scenario_file(tmp_path, name, {}) for name in ("one", "other")]
    sets = ["simulation.replicates=2", "simulation.end_year=2025"]
    events = rows_of(
        ["fct_workforce_events"], uncertain=uncertainty(), sets=sets, scenarios=scenarios, census=small_census
    )
    one, other = (
        events["fct_workforce_events"].filter(scenario_id=name).drop("scenario_id", "event_id").sort(pl.all())
        for name in ("one", "other")
    )
    assert_frame_equal(one, other, check_exact=True)
    draws = [
        rows_of(
            [DRAWN],
            uncertain=uncertainty(),
            sets=[*sets, f"simulation.random_seed={seed}"],
            census=small_census,
        )[DRAWN]
        for seed in (42, 43)
    ]
    assert not set(draws[0]["log_effect"]) & set(draws[1]["log_effect"])


@pytest.mark.parametrize("mode", ["exact", "expected"])
def test_nothing_to_vary_is_as_without_the_file(small_census: Path, mode: str) -> None:
    """Deviations of zero, and sources that are switched off, leave every event as it is."""
    sets = [f"simulation.mode={mode}", "simulation.replicates=2", "simulation.end_year=2026"]
    plain = rows_of(["fct_workforce_events"], uncertain=None, sets=sets, census=small_census)
    off = rows_of(
        ["fct_workforce_events"],
        uncertain=uncertainty(year_effects=[]),
        sets=[*sets, "simulation.vary=[chance, years]"],
        census=small_census,
    )
    assert_frame_equal(plain["fct_workforce_events"], off["fct_workforce_events"], check_exact=True)
    size = len(document()["parameters"])
    zero = rows_of(
        ["fct_workforce_events"],
        uncertain=uncertainty(year_effects=[], covariance=[[0.0] * size] * size),
        sets=sets,
        census=small_census,
    )
    assert_frame_equal(plain["fct_workforce_events"], zero["fct_workforce_events"], check_exact=True)


def test_each_source_can_be_switched_off(small_census: Path) -> None:
    """Without chance and with certain assumptions replicates are equal; each source makes them differ."""
    sets = ["simulation.replicates=4", "simulation.end_year=2026", "simulation.mode=rates"]

    def spread(vary: str) -> pl.DataFrame:
        found = rows_of(
            [SUMMARY, DRAWN],
            uncertain=uncertainty(),
            sets=[*sets, f"simulation.vary={vary}"],
            census=small_census,
        )
        return (
            found[SUMMARY].group_by("simulation_year").agg(pl.col("ending_payroll").n_unique()).sort(pl.all())
        )

    assert spread("[]")["ending_payroll"].to_list() == [1, 1]
    for vary in ("[chance]", "[parameters]", "[years]"):
        assert spread(vary)["ending_payroll"].to_list() == [4, 4], vary


@pytest.mark.parametrize("mode", ["exact", "rates"])
def test_turnover_spreads_as_the_file_says(tmp_path: Path, mode: str) -> None:
    """The standard deviation of log turnover, beyond chance, is that of the effects drawn.

    In mode `exact` leavers are R(N rate exp(effect)) to the person. In mode `rates` the mean log hazard has
    the effect of the base and of the year, since no factor varies: leavers differ from their sum by chance
    alone, so that their standardised differences have variance 1, within LIMIT standard errors.
    """
    census = tmp_path / "census.csv"
    write_sample(sample_census(2000), census)
    rates = [{"rate": "termination", "cause": "voluntary"}, {"rate": "total_termination"}]
    found = rows_of(
        [SUMMARY, DRAWN],
        uncertain=uncertainty(parameters=rates, covariance=[[0.04, 0.0], [0.0, 0.04]]),
        sets=[f"simulation.mode={mode}", "simulation.replicates=60", "simulation.end_year=2025"],
        census=census,
    )
    summary = found[SUMMARY].sort("replicate")
    leavers = summary["experienced_terminations"].to_numpy()
    opening = summary["opening_headcount"].to_numpy()
    of_rate = "total_termination" if mode == "exact" else "termination"
    effects = (
        found[DRAWN]
        .filter(
            (pl.col("rate") == of_rate) | (pl.col("source") == "years") & (pl.col("name") == "termination")
        )
        .group_by("replicate")
        .agg(pl.col("log_effect").sum())
        .sort("replicate")["log_effect"]
        .to_numpy()
    )
    assert effects.std() > 0.15, "the file's effects are large"
    if mode == "exact":
        assert leavers.tolist() == np.floor(opening * 0.12 * np.exp(effects) + 0.5).tolist()
    else:
        plain = rows_of(
            [SUMMARY],
            uncertain=None,
            sets=[f"simulation.mode={mode}", "simulation.replicates=60", "simulation.end_year=2025"],
            census=census,
        )
        expected = plain[SUMMARY]["experienced_terminations"].mean() * np.exp(effects)
        standardised = (leavers - expected) / np.sqrt(expected)
        assert abs(standardised.var() - 1) < LIMIT * np.sqrt(2 / 60), "spread beyond that of the effects"
        assert leavers.std() > 1.5 * np.sqrt(leavers.mean()), "far more spread than by chance"

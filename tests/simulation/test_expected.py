"""Mode `expected` over many replicates: on target in the mean, spread as independent draws are."""

import math
from decimal import Decimal

import numpy as np
import polars as pl
import pytest
from scipy.stats import chi2, norm

from tasks.runs.resume import recorded_census
from tasks.simulation import in_memory
from tests.simulate import Finished, simulate
from tests.simulation.conftest import census
from tests.simulation.in_memory import database

REPLICATES = 400
EMPLOYEES = 150
RATE = Decimal("0.12")
FALSE_ALARM = 1e-6


pytestmark = pytest.mark.slow  # means over many replicates


@pytest.fixture(scope="module")
def ensemble(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """One year, many replicates; in `extreme` the target is beyond what uncapped hazards can reach.

    In `retiring`, some of the target are known to leave.
    """
    return simulate(
        tmp_path_factory.mktemp("ensemble"),
        census(EMPLOYEES).with_columns(termination_date=pl.lit(None, pl.Date)),
        years="2025-2025",
        close=False,
        replicates=REPLICATES,
        sets=["simulation.mode=expected"],
        scenarios={
            "plain": {},
            "extreme": {
                "workforce.total_termination_rate": "0.9",
                "workforce.termination.voluntary.factors.tenure": {"20+": 0},
            },
            "retiring": {"workforce.termination.voluntary.mandatory_age": 63},
        },
    )


def terminations(ensemble: Finished, scenario_id: str) -> np.ndarray:
    return ensemble.summary.filter(scenario_id=scenario_id)["experienced_terminations"].to_numpy()


def chances(ensemble: Finished, scenario_id: str) -> np.ndarray:
    """The chance of each to leave in the first year, which all replicates open with the same workforce."""
    wanted = ("int_termination_hazards", "int_workforce_snapshot")
    scenarios, people = ensemble.run.settings.scenarios, recorded_census(ensemble.run.directory)
    with in_memory.simulate(scenarios, people, database(), wanted=wanted) as connection:
        rows = connection.execute(
            "select if(is_known_leaver, 1, termination_hazard) from int_termination_hazards "
            "where scenario_id = ? and replicate = 1",
            [scenario_id],
        ).fetchall()
    return np.array([hazard for (hazard,) in rows])


@pytest.mark.parametrize(
    ("scenario_id", "rate"), [("plain", RATE), ("extreme", Decimal("0.9")), ("retiring", RATE)]
)
def test_hazards_are_scaled_to_the_target_and_capped(
    ensemble: Finished, scenario_id: str, rate: Decimal
) -> None:
    found = chances(ensemble, scenario_id)
    assert len(found) == EMPLOYEES
    assert found.min() >= 0
    assert found.max() <= 1
    assert math.fsum(found) == pytest.approx(float(rate * EMPLOYEES), rel=1e-12)
    assert (found == 1).any() == (scenario_id != "plain")


@pytest.mark.parametrize("scenario_id", ["plain", "extreme", "retiring"])
def test_terminations_are_on_target_in_the_mean_and_vary_as_draws_do(
    ensemble: Finished, scenario_id: str
) -> None:
    """The count is a sum of independent Bernoulli draws: its mean and variance are known."""
    counts, found = terminations(ensemble, scenario_id), chances(ensemble, scenario_id)
    variance = float((found * (1 - found)).sum())
    deviations = norm.isf(FALSE_ALARM / 2)
    assert abs(counts.mean() - found.sum()) < deviations * math.sqrt(variance / REPLICATES)
    low, high = chi2.ppf([FALSE_ALARM / 2, 1 - FALSE_ALARM / 2], REPLICATES - 1) / (REPLICATES - 1)
    assert low < counts.var(ddof=1) / variance < high


def test_hires_that_leave_vary_about_their_rate(ensemble: Finished) -> None:
    summary = ensemble.summary.filter(scenario_id="plain")
    hires, left = int(summary["hires"].sum()), int(summary["new_hire_terminations"].sum())
    deviation = math.sqrt(0.25 * 0.75 / hires)
    assert abs(left / hires - 0.25) < norm.isf(FALSE_ALARM / 2) * deviation
    assert (summary["new_hire_terminations"] / summary["hires"]).n_unique() > 5

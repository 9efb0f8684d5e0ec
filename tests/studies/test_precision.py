"""Monte Carlo error and the replicates that a precision takes."""

import math
import random
import statistics
from typing import get_args

import polars as pl
import pytest
from scipy.stats import t

from settings import InputError
from settings.models.ensemble import FigureName
from tasks.studies.figures import BY_NAME
from tasks.studies.precision import monte_carlo_errors, needs, parse_precision, replicates_for, without_spread
from tasks.warehouse.published import published
from tests.simulate import Finished


def test_the_error_is_that_of_students_t(finished: Finished) -> None:
    with published(finished.run.directory.results) as connection:
        errors = monte_carlo_errors(connection)
    found = errors.filter(
        (pl.col("scenario_id") == "baseline")
        & (pl.col("simulation_year") == 2026)
        & (pl.col("figure") == "payroll")
    ).row(0, named=True)
    summary = finished.summary.filter(
        (pl.col("scenario_id") == "baseline") & (pl.col("simulation_year") == 2026)
    )
    payrolls = [float(value) for value in summary["ending_payroll"]]
    half_width = t.ppf(0.975, 4) * statistics.stdev(payrolls) / math.sqrt(5)
    assert found["half_width"] == pytest.approx(half_width)
    assert found["relative_error"] == pytest.approx(half_width / statistics.mean(payrolls))


def test_every_figure_can_be_named_in_the_settings() -> None:
    assert get_args(FigureName) == tuple(BY_NAME)


def test_mode_exact_has_no_spread_in_counts(finished: Finished) -> None:
    with published(finished.run.directory.results) as connection:
        errors = monte_carlo_errors(connection)
    # recruiting costs an amount per hire, and nobody is laid off
    same = ["headcount", "hires", "leavers", "turnover", "fte", "recruiting", "severance"]
    assert without_spread(errors) == same
    assert needs(errors, {"headcount": 0.001})[0].replicates == 2


@pytest.mark.parametrize(("deviation", "share"), [(1.0, 0.01), (5.0, 0.02), (0.3, 0.001), (0.01, 0.5)])
def test_smallest_number_of_replicates(deviation: float, share: float) -> None:
    def half_width(count: int) -> float:
        return float(t.ppf(0.975, count - 1)) * deviation / math.sqrt(count)

    count = replicates_for(100.0, deviation, share)
    assert half_width(count) <= share * 100
    assert count == 2 or half_width(count - 1) > share * 100


def test_of_scenarios_alike_but_for_the_last_digits_the_first_is_named() -> None:
    """Threads add up in any order, so equal deviations may differ by rounding."""
    errors = pl.DataFrame(
        {
            "scenario_id": ["baseline", "freeze"],
            "simulation_year": [2025, 2025],
            "figure": ["promotions", "promotions"],
            "replicates": [20, 20],
            "mean": [100.0, 100.0],
            "deviation": [17.9, math.nextafter(17.9, 18)],
            "standard_error": [4.0, 4.0],
            "half_width": [8.4, 8.4],
            "relative_error": [0.084, 0.084],
        }
    )
    assert needs(errors, {"promotions": 0.01})[0].scenario_id == "baseline"


def test_the_stated_number_of_replicates_covers_the_mean() -> None:
    """Of 2,000 ensembles of that size 95 % are within the precision, less 4 deviations of the share."""
    draw = random.Random(7)
    count = replicates_for(100.0, 10.0, 0.03)
    near = sum(
        abs(statistics.fmean(draw.gauss(100, 10) for _ in range(count)) - 100) <= 3 for _ in range(2000)
    )
    assert near >= 2000 * 0.95 - 4 * math.sqrt(2000 * 0.95 * 0.05)


def test_parse() -> None:
    assert parse_precision(["payroll=0.1%", "hires=0.05"]) == {"payroll": 0.001, "hires": 0.05}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("pay_roll=1%", "did you mean payroll"),
        ("payroll=0", "above 0 and at most 100 %"),
        ("payroll", "above 0 and at most 100 %"),
        ("payroll=nan%", "above 0 and at most 100 %"),
    ],
)
def test_parse_refuses(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse_precision([text])

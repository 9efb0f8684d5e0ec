"""Forecasts of the past: no look-ahead, the same each time, scores as they are defined."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from settings import Settings
from tasks.evidence.backtest.baselines import baseline_quantiles
from tasks.evidence.backtest.forecast import WHOLE, forecast
from tasks.evidence.backtest.movements import Growth, movements_of
from tasks.evidence.backtest.origins import PROBABILITIES, QUANTILES, Backtest, backtest, known_at
from tasks.evidence.backtest.scores import actual_to_expected, interval_scores, newest_case, score, scorecard
from tasks.evidence.estimate.fit import Fitted
from tests.evidence.companies import Company, company

pytestmark = pytest.mark.slow

KEYS = ["origin", "horizon", "dimension", "value", "figure"]


@pytest.fixture(scope="module")
def tested(made: Company, settings: Settings) -> Backtest:
    return backtest(made.history, settings, horizon=3, by=["department"])


def test_leaving_out_the_last_two_lists_changes_no_earlier_forecast(
    made: Company, settings: Settings, tested: Backtest
) -> None:
    """Another horizon and fewer parts do not change a forecast either."""
    shorter = known_at(made.history, made.history.windows - 2)
    again = backtest(shorter, settings, horizon=2).rows
    same = again.join(tested.rows, on=KEYS, nulls_equal=True, suffix="_before")
    assert same.height == again.height == 2 * 3 + 3
    for column in ("actual", *QUANTILES):
        assert same[column].to_list() == same[f"{column}_before"].to_list()


def test_every_origin_but_the_first_two_lists_and_the_last_forecasts(made: Company, tested: Backtest) -> None:
    windows = made.history.windows
    whole = tested.rows.filter(pl.col("dimension").is_null() & (pl.col("figure") == "exits"))
    assert whole["origin"].unique().sort().to_list() == list(made.history.dates[2:windows])
    assert whole.group_by("horizon").len().sort("horizon")["len"].to_list() == [
        windows - 2,
        windows - 3,
        windows - 4,
    ]


def test_what_happened_is_counted_in_the_lists(made: Company, tested: Backtest) -> None:
    history = made.history
    for row in tested.rows.filter(pl.col("dimension").is_null()).iter_rows(named=True):
        window = history.dates.index(row["origin"]) + row["horizon"] - 1
        ending = history.people.filter(pl.col("list") == window + 1)
        expected = {
            "exits": history.leavers.filter(pl.col("window") == window).height,
            "headcount": ending.height,
            "payroll": ending["salary"].sum(),
        }[row["figure"]]
        assert row["actual"] == pytest.approx(expected)


def test_values_have_the_names_of_the_origin(made: Company, tested: Backtest) -> None:
    """IT becomes Technology with the fifth list: earlier origins speak of IT, and its people are counted."""
    renamed = made.history.dates[made.history.renamed[0].list]
    parts = tested.rows.filter((pl.col("dimension") == "department") & (pl.col("figure") == "headcount"))
    before, after = (
        set(parts.filter(is_before)["value"])
        for is_before in (pl.col("origin") < renamed, pl.col("origin") >= renamed)
    )
    assert "IT" in before
    assert "Technology" not in before
    assert "IT" not in after
    assert parts.filter(pl.col("value") == "IT")["actual"].min() > 100
    sums = parts.group_by("origin", "horizon").agg(pl.col("actual").sum())
    whole = tested.rows.filter(pl.col("dimension").is_null() & (pl.col("figure") == "headcount"))
    assert (
        sums.join(whole, on=["origin", "horizon"])
        .filter(pl.col("actual") != pl.col("actual_right"))
        .is_empty()
    )


def test_quantiles_are_in_order(tested: Backtest) -> None:
    values = tested.rows.select(QUANTILES).to_numpy()
    assert (np.diff(values, axis=1) >= 0).all()
    assert (values >= 0).all()


def test_exits_are_those_of_the_probabilities_if_nothing_is_uncertain(fitted: Fitted) -> None:
    """With no year effect the forecast is a sum of binomials: its mean and spread are known."""
    total = fitted.terminations.total
    still = replace(
        total.effect,
        sizes=np.full_like(total.effect.sizes, 1e-9),
        level_variances=np.zeros_like(total.effect.level_variances),
        level_means=np.zeros_like(total.effect.level_means),
    )
    certain = replace(fitted, terminations=replace(fitted.terminations, total=replace(total, effect=still)))
    (found,) = forecast(certain, movements_of(certain, []), [1.0], [], seed=5)
    rates = total.fitted.rates_of(fitted.newest)
    people = fitted.newest["exposed"].to_numpy()
    mean, deviation = (people * rates).sum(), np.sqrt((people * rates * (1 - rates)).sum())
    draws = found.exits[WHOLE]
    assert draws.mean() == pytest.approx(mean, rel=0.02)
    # parameters move exits among people, which hardly changes their number
    assert draws.std() == pytest.approx(deviation, rel=0.12)


def test_headcount_follows_the_growth_of_the_past(fitted: Fitted) -> None:
    movements = replace(movements_of(fitted, []), growth=Growth(0.05, 0.0, 0.0))
    found = forecast(fitted, movements, [1.0, 0.5], [], seed=1)
    opening = fitted.newest["exposed"].sum()
    assert found[0].headcount[WHOLE] == pytest.approx(opening * np.exp(0.05))
    assert found[1].headcount[WHOLE] == pytest.approx(opening * np.exp(0.075))


def test_longer_windows_have_more_exits(fitted: Fitted) -> None:
    movements = movements_of(fitted, [])
    short, long = (forecast(fitted, movements, [years], [], seed=1)[0] for years in (0.8, 1.2))
    assert np.median(long.exits[WHOLE]) / np.median(short.exits[WHOLE]) == pytest.approx(1.2 / 0.8, rel=0.05)


def test_the_interval_score_is_that_of_its_definition() -> None:
    row = {
        "actual": 10.0,
        "p05": 12.0,
        "p10": 13.0,
        "p25": 14.0,
        "p50": 16.0,
        "p75": 18.0,
        "p90": 19.0,
        "p95": 20.0,
    }
    by_hand = (
        0.5 * 6
        + 0.25 * (4 + 2 / 0.5 * 4)  # 50 %: width 4, 4 below
        + 0.10 * (6 + 2 / 0.2 * 3)  # 80 %
        + 0.05 * (8 + 2 / 0.1 * 2)  # 90 %
    ) / 3.5
    assert interval_scores(pl.DataFrame([row])) == pytest.approx([by_hand])


def test_a_perfect_point_forecast_has_score_0() -> None:
    row = dict.fromkeys(("actual", *QUANTILES), 7.0)
    assert interval_scores(pl.DataFrame([row])) == pytest.approx([0.0])


def test_the_scorecard_counts_what_lies_in_the_bands(tested: Backtest) -> None:
    cases = tested.rows.filter((pl.col("figure") == "exits") & pl.col("dimension").is_null())
    found = score(cases, "exits", None)
    inside = [row["p05"] <= row["actual"] <= row["p95"] for row in cases.iter_rows(named=True)]
    assert found.coverage[0.9].value == pytest.approx(sum(inside) / len(inside))
    assert found.coverage[0.9].low < found.coverage[0.9].value <= found.coverage[0.9].high
    assert {(each.figure, each.dimension) for each in scorecard(tested.rows)} == {
        (figure, dimension)
        for figure in ("exits", "headcount", "payroll")
        for dimension in (None, "department")
    }


def test_actual_and_expected_by_value_are_sums_over_forecasts(tested: Backtest) -> None:
    found = actual_to_expected(tested.rows)
    sales = tested.rows.filter((pl.col("value") == "Sales") & (pl.col("figure") == "exits"))
    (row,) = found.filter(pl.col("value") == "Sales").iter_rows(named=True)
    assert row["actual"] == sales["actual"].sum()
    assert row["ratio"] == pytest.approx(sales["actual"].sum() / sales["p50"].sum())


def test_the_newest_case_is_the_window_that_ended_last(made: Company, tested: Backtest) -> None:
    newest = newest_case(tested.rows)
    assert set(newest["until"]) == {made.history.dates[-1]}
    assert set(newest["horizon"]) == {1}


def test_baselines_are_plain() -> None:
    rates = [0.10, 0.20, 0.30]
    last = baseline_quantiles("last_rate", "exits", rates, 1000, [1.0], PROBABILITIES)
    mean = baseline_quantiles("three_year_mean", "exits", rates, 1000, [1.0], PROBABILITIES)
    assert last[3] == pytest.approx(300)
    assert last[6] - last[3] == pytest.approx(1.645 * np.sqrt(300), rel=0.001)
    assert mean[3] == pytest.approx(200)
    assert mean[6] - mean[3] == pytest.approx(1.645 * 100, rel=0.001)
    headcount = baseline_quantiles("last_rate", "headcount", [0.01, 0.05], 1000, [1.0, 1.0], PROBABILITIES)
    assert headcount == pytest.approx([1000 * np.exp(0.1)] * len(PROBABILITIES))


def test_without_pay_there_is_no_payroll(settings: Settings) -> None:
    made = company(3, people=400, windows=4)
    people = made.history.people.with_columns(
        salary=pl.lit(None, pl.Float64), full_time_salary=pl.lit(None, pl.Float64)
    )
    history = replace(made.history, people=people, columns=made.history.columns - {"salary"})
    assert set(backtest(history, settings, horizon=1).rows["figure"]) == {"exits", "headcount"}

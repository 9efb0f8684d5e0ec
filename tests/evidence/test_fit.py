"""Everything that a history shows, recovered from companies whose truth is known."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from settings import Settings
from tasks.evidence.backtest.origins import known_at
from tasks.evidence.estimate.exposure import exits, opening_people
from tasks.evidence.estimate.fit import Fitted, fit
from tasks.evidence.estimate.rates import ONLY_CAUSE, cause_name
from tasks.evidence.estimate.uncertainty_file import uncertainty_of
from tests.evidence.companies import DEPARTMENTS, Company, company, with_levels
from tests.studies.calibration import GOAL_HAZARD, hazard_error


@pytest.fixture(scope="module")
def levelled() -> Company:
    return with_levels(company(12, windows=5), 1)


@pytest.fixture(scope="module")
def fitted_levels(levelled: Company, settings: Settings) -> Fitted:
    return fit(levelled.history, settings)


def test_hazards_are_recovered(fitted: Fitted) -> None:
    assert hazard_error(fitted.terminations.total.fitted, fitted.newest) < GOAL_HAZARD


def test_departments_are_recovered_under_their_latest_name(fitted: Fitted) -> None:
    rate = fitted.terminations.total.fitted
    (department,) = [each for each in rate.attributes if each.name == "department"]
    assert "IT" not in department.values
    assert "Technology" in department.values
    true = np.array([DEPARTMENTS.get(name, DEPARTMENTS["IT"]) for name in department.values])
    errors = np.log(rate.factors["department"]) - np.log(true)
    errors -= errors.mean()
    offset = rate.offsets[0]["department"]
    deviations = np.sqrt(np.diag(rate.covariance))[offset : offset + len(true)]
    assert (np.abs(errors) < 3.5 * deviations).all()


def test_every_exit_is_expected_somewhere(fitted: Fitted) -> None:
    """After the fit, actual and expected agree for each value, up to the shrinking of small ones."""
    rate = fitted.terminations.total.fitted
    events = rate.exposure.events
    with_years = rate.expected * np.exp(rate.year_logs[rate.exposure.windows])
    assert with_years.sum() == pytest.approx(events.sum(), rel=0.01)
    for name in ("age", "tenure", "department"):
        actual, expected = rate.by_value(name, events), rate.by_value(name, with_years)
        many = actual > 200
        assert actual[many] == pytest.approx(expected[many], rel=0.06)


def test_exposure_is_the_opening_workforce_times_the_length_of_each_window(made: Company) -> None:
    history = made.history
    exposure = exits(history)
    counts = history.people.group_by("list").len().sort("list")["len"].to_numpy()[:-1]
    days = np.diff([day.toordinal() for day in history.dates])
    assert exposure.person_years.sum() == pytest.approx((counts * days / 365).sum())
    assert exposure.events.sum() == history.leavers.height


def test_ages_and_tenures_are_those_of_the_day_after_the_list(made: Company) -> None:
    people = opening_people(made.history).filter(pl.col("list") == 0).sample(200, seed=1)
    for row in people.iter_rows(named=True):
        born, hired = row["birth_date"], row["hire_date"]
        assert row["age"] == 2013 - born.year - ((born.month, born.day) > (1, 1))
        assert row["tenure"] == max(2013 - hired.year - ((hired.month, hired.day) > (1, 1)), 0)


def test_promotions_transfers_and_raises_are_recovered(fitted_levels: Fitted) -> None:
    promotion = fitted_levels.promotion
    assert promotion is not None
    rate = promotion.fitted.exposure.events.sum() / promotion.fitted.exposure.person_years.sum()
    years = promotion.fitted.exposure.window_years.mean()
    assert rate == pytest.approx(0.08 / years, rel=0.12)
    transfer = fitted_levels.transfer
    assert transfer is not None
    # a move to the department where somebody is already cannot be seen
    moved = transfer.fitted.exposure.events.sum() / transfer.fitted.exposure.exposed.sum()
    assert 0.015 < moved < 0.035
    assert fitted_levels.raises is not None
    total = (1 + fitted_levels.raises.cola.value) * (1 + fitted_levels.raises.merit.value) - 1
    assert total == pytest.approx(0.03, abs=0.002)
    low, high, number = fitted_levels.raises.promotion or (0, 0, 0)
    assert number > 100
    # 10 % for the level; the year's 3 %, which varies by 2 %, comes on top in the simulation as well
    assert low < 0.10 < high < 0.133


def test_a_rename_is_not_a_transfer(made: Company, settings: Settings) -> None:
    assert fit(made.history, settings).transfer is None


def test_hires_are_described(fitted_levels: Fitted, levelled: Company) -> None:
    joiners = fitted_levels.joiners
    new = levelled.history.joiners.filter(~pl.col("returns"))
    assert joiners.hires == new.height
    shares = new["level"].value_counts(normalize=True).sort("level")["proportion"].to_list()
    assert [float(joiners.level_mix[level]) for level in (1, 2, 3)] == pytest.approx(shares, abs=0.001)
    assert sum(joiners.level_mix.values()) == sum(joiners.age_weights.values()) == 1
    assert joiners.left_in_hire_year is None  # such lists do not show it
    median = new.select((pl.col("hire_date") - pl.col("birth_date")).dt.total_days().median() / 365.25).item()
    ages = sorted(joiners.age_weights)
    reached = np.cumsum([float(joiners.age_weights[age]) for age in ages])
    assert ages[int(np.searchsorted(reached, 0.5))] == pytest.approx(median, abs=1.6)


def test_reasons_become_causes(made: Company, settings: Settings) -> None:
    """Who is 59 or older retires, the others resign; a few have no reason."""
    history = made.history
    ages = opening_people(history).select(window="list", employee_id="employee_id", age="age")
    leavers = history.leavers.join(ages, on=["window", "employee_id"]).with_columns(
        reason=pl.when(pl.col("age") >= 59).then(pl.lit("Retirement")).otherwise(pl.lit("Own wish"))
    )
    leavers = leavers.with_columns(
        reason=pl.when(pl.int_range(pl.len()) % 50 == 0).then(None).otherwise("reason")
    ).drop("age")
    with_reasons = replace(history, leavers=leavers, columns=history.columns | {"reason"})
    found = fit(with_reasons, settings).terminations
    assert set(found.causes) == {"own_wish", "retirement", "other"}
    retirement = found.causes["retirement"].fitted
    old = retirement.factors["age"][np.array(found.bands["age"]) >= 59]
    young = retirement.factors["age"][np.array(found.bands["age"]) < 50]
    assert old.min() > 20 * young.max()
    total = sum(rate.fitted.exposure.events.sum() for rate in found.causes.values())
    assert total == leavers.height


def test_excluded_exits_do_not_count_but_expose(made: Company, settings: Settings) -> None:
    history = made.history
    is_closed = pl.int_range(pl.len()) % 4 == 0
    excluded = replace(history, leavers=history.leavers.with_columns(excluded=is_closed))
    one, other = exits(history), exits(excluded)
    gone = excluded.leavers["excluded"].sum()
    assert other.events.sum() == one.events.sum() - gone
    assert other.exposed.sum() == pytest.approx(one.exposed.sum() - gone / 2)


def test_a_later_list_changes_no_earlier_estimate(made: Company, settings: Settings) -> None:
    """What was known at the fourth list, from the whole history and from one without the later lists."""
    whole = fit(known_at(made.history, 3), settings)
    days = list(made.history.dates[:4])
    people = made.history.people.filter(pl.col("list") <= 3)
    shorter = replace(
        made.history,
        dates=tuple(days),
        people=people,
        leavers=made.history.leavers.filter(pl.col("window") < 3),
        joiners=made.history.joiners.filter(pl.col("window") < 3),
        renamed=(),
    )
    short = fit(shorter, settings)
    assert uncertainty_of(whole) == uncertainty_of(short)
    assert whole.total_rate == short.total_rate
    assert whole.joiners == short.joiners


def test_two_lists_of_fifty_people_give_a_plausible_rate(settings: Settings) -> None:
    for seed in range(8):
        found = fit(company(seed, people=50, windows=1, gaps=0).history, settings)
        rate = found.terminations.total
        assert 0.02 < found.total_rate.value < 0.4
        for factors in rate.fitted.factors.values():
            assert 0.3 < factors.min() <= factors.max() < 4
        assert found.total_rate.low < 0.12 < found.total_rate.high or found.total_rate.value > 0.12
        assert found.terminations.names == []  # nothing can be left out to test a department
        assert np.isfinite(np.array(uncertainty_of(found).covariance)).all()


def test_the_uncertainty_is_a_covariance_of_all_parameters(fitted_levels: Fitted) -> None:
    document = uncertainty_of(fitted_levels)
    covariance = np.array(document.covariance)
    assert covariance.shape == (len(document.parameters),) * 2
    assert np.linalg.eigvalsh(covariance).min() > -1e-9
    rates = {parameter.rate for parameter in document.parameters}
    assert rates == {"termination", "promotion", "transfer", "cola"}
    assert {effect.rate for effect in document.year_effects} == {
        "termination",
        "promotion",
        "transfer",
        "raises",
    }


def test_one_cause_keeps_its_expected_exits_under_all_deviations(fitted: Fitted) -> None:
    """The level's uncertainty is in the year effect alone: parameters move exits among people only."""
    document = uncertainty_of(fitted)
    rate = fitted.terminations.total.fitted
    names = [parameter.rate for parameter in document.parameters]
    size = names.count("termination")
    covariance = np.array(document.covariance)[:size, :size]
    weights = np.concatenate(
        [
            [1.0],
            *(rate.by_value(each.name, rate.expected) / rate.expected.sum() for each in rate.attributes),
        ]
    )
    assert weights @ covariance @ weights == pytest.approx(0, abs=1e-8)
    assert covariance[0, 0] > 0


@pytest.mark.parametrize(
    ("reason", "name"),
    [
        ("End of contract", "end_of_contract"),
        ("Résignation!", "r_signation"),
        ("2nd job", "cause_2nd_job"),
        ("…", "cause"),
        ("reduction in force", "reduction_in_force_exit"),
    ],
)
def test_a_reason_becomes_a_name_of_a_cause(reason: str, name: str) -> None:
    assert cause_name(reason) == name


def test_without_reasons_there_is_one_cause(fitted: Fitted) -> None:
    assert list(fitted.terminations.causes) == [ONLY_CAUSE]

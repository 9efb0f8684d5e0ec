"""The page of a fit: offline, complete, and with the figures of the estimates."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from settings import Settings
from tasks.evidence.backtest.origins import known_at
from tasks.evidence.estimate.challenger import CONSTANT, FIT, IN_FORCE, TREES, challenge
from tasks.evidence.estimate.estimate import poisson_interval
from tasks.evidence.estimate.exposure import exits, probability_in
from tasks.evidence.estimate.fit import Fitted, fit
from tasks.evidence.estimate.in_force import exit_rates
from tasks.evidence.estimate.selection import all_values
from tasks.evidence.report.comparisons import by_value, by_window, hazards
from tasks.evidence.report.fit_page import fit_page, write_fit_page
from tasks.history.accepted import History
from tests.evidence.companies import Company, company, with_levels
from tests.evidence.pages import Page

pytestmark = pytest.mark.slow

ALWAYS = {"history", "missing", "years", "by_tenure", "hazard_tenure", "hires", "covariance"}


def rich_history() -> History:
    """Return 1,000 people with levels, reasons and dates of exits, and part-time work."""
    history = with_levels(company(31, people=1000, windows=4, size=0.15), 3).history
    ages = history.people.select(
        pl.col("list").alias("window"),
        "employee_id",
        age=(pl.lit(history.dates[0]) - pl.col("birth_date")).dt.total_days() / 365,
    )
    starts = pl.DataFrame(
        {"window": range(history.windows), "start": history.dates[:-1]},
        schema_overrides={"window": pl.Int32},
    )
    leavers = (
        history.leavers.join(ages, on=["window", "employee_id"])
        .join(starts, on="window")
        .with_columns(
            reason=pl.when(pl.col("age") > 57).then(pl.lit("Retirement")).otherwise(pl.lit("Resigned")),
            exit_date=pl.col("start") + timedelta(days=100),
        )
        .select(history.leavers.columns)
    )
    part = pl.when(pl.col("employee_id").str.ends_with("7")).then(0.5).otherwise(1.0)
    return replace(
        history,
        people=history.people.with_columns(fte=part),
        joiners=history.joiners.with_columns(fte=part),
        leavers=leavers,
        columns=history.columns | {"reason", "fte"},
    )


@pytest.fixture(scope="module")
def rich(settings: Settings) -> Fitted:
    return fit(rich_history(), settings)


@pytest.fixture(scope="module")
def text(rich: Fitted, settings: Settings) -> str:
    return fit_page(rich, settings)


def test_the_page_needs_no_network_and_no_script(text: str) -> None:
    page = Page(text)
    assert page.addresses == []
    assert "default-src 'none'" in text
    assert not re.findall(r"url\((?!#)", text)
    assert not re.findall(r"@import", text)


def test_a_rich_history_has_all_sections(text: str) -> None:
    page = Page(text)
    expected = ALWAYS | {
        *("by_age", "by_level", "by_department", "hazard_age", "cause_resigned", "cause_retirement"),
        *("promotion", "promotion_years", "transfer", "transfer_years", "raises", "hire_pay", "challenger"),
    }
    assert set(page.sections) == expected
    assert len(page.sections["cause_retirement"]) > 2
    assert page.charts["cause_retirement"] == 2
    assert {row[0] for row in page.sections["hires"][1:]} == {"level", "age", "working time", "place"}


def test_each_mark_with_a_description_shows_it_to_the_pointer(text: str) -> None:
    described = re.findall(r'aria-label="([^"]*)" role="graphics-symbol"[^>]*><title>([^<]*)</title>', text)
    assert len(described) > 100
    assert all(label == title for label, title in described)
    assert not re.findall(r'role="graphics-symbol"[^>]*/>', text)


def test_sections_follow_what_the_history_has(settings: Settings) -> None:
    history = company(32, people=800, windows=3).history
    bare = replace(
        history,
        people=history.people.with_columns(
            pl.lit(None, pl.Date).alias("birth_date"), pl.lit(None, pl.Float64).alias("salary")
        ).drop("department"),
        joiners=history.joiners.drop("department"),
        dimensions=(),
        renamed=(),
        columns=frozenset({"hire_date"}),
    )
    page = Page(fit_page(fit(bare, settings), settings))
    assert set(page.sections) == ALWAYS | {"cause_voluntary", "challenger"}


def test_two_lists_of_fifty_people_make_a_page(settings: Settings, tmp_path: Path) -> None:
    history = known_at(company(33, people=50, windows=2).history, 1)
    path = tmp_path / "new" / "fit.html"
    write_fit_page(fit(history, settings), settings, path, missing=[("workforce.causes", "no reasons")])
    page = Page(path.read_text("utf-8"))
    assert page.sections["missing"][1:] == [["workforce.causes", "no reasons"]]
    assert "challenger" not in page.sections  # no window can be left out
    assert len(page.sections["history"]) == 2
    assert "One window cannot show" in page.texts["years"]
    assert "NaN" not in path.read_text("utf-8")


def test_figures_of_the_page_are_those_of_the_estimates(text: str, rich: Fitted) -> None:
    page = Page(text)
    total = rich.terminations.total
    assert f"±{total.effect.size:.1%}" in page.texts["years"]
    rows = page.sections["years"][1:]
    assert [float(row[2].replace(",", "")) for row in rows] == total.fitted.events_by_window.tolist()
    expected = [float(row[4].replace(",", "")) for row in rows]
    assert expected == pytest.approx(total.fitted.expected_by_window.tolist(), abs=0.051)
    for row, actual, after in zip(
        rows, total.fitted.events_by_window, total.fitted.expected_by_window, strict=True
    ):
        low, high = poisson_interval(float(actual))
        shown = [float(cell) for cell in row[6:9]]
        assert shown == pytest.approx([actual / after, low / after, high / after], abs=0.0051)
    factors = {(row[0], row[1]): float(row[4]) for row in page.sections["cause_retirement"][1:]}
    retirement = rich.terminations.causes["retirement"].fitted
    of_age = [value for (name, _), value in factors.items() if name == "age"]
    assert of_age == pytest.approx(retirement.factors["age"].tolist(), abs=0.0051)


def test_expected_sums_are_the_actual_ones_so_that_only_shape_is_compared(
    fitted: Fitted, settings: Settings
) -> None:
    fit_of_all = fitted.terminations.total.fitted
    exposure = fit_of_all.exposure
    before = exit_rates(exposure.cells, settings)
    for attribute in (*fit_of_all.attributes, all_values(exposure, "department")):
        compared = by_value(fit_of_all, attribute, before)
        for column in ("before", "after"):
            total = sum(getattr(each, column) for each in compared)
            assert total == pytest.approx(exposure.events.sum(), rel=1e-9)
        assert sum(each.exposure for each in compared) == pytest.approx(exposure.person_years.sum())
    assert sum(each.before or 0 for each in by_window(fit_of_all, ["w"] * 9, before)) == pytest.approx(
        exposure.events.sum()
    )


def test_the_fit_is_nearer_to_what_happened_than_the_settings_before(
    fitted: Fitted, settings: Settings
) -> None:
    fit_of_all = fitted.terminations.total.fitted
    before = exit_rates(fit_of_all.exposure.cells, settings)
    for attribute in fit_of_all.attributes:
        compared = [each for each in by_value(fit_of_all, attribute, before) if each.actual >= 30]
        after = [abs(np.log(each.ratio or 1)) for each in compared]
        earlier = [abs(np.log(each.ratio_before or 1)) for each in compared]
        assert np.mean(after) < np.mean(earlier) / 3


def test_hazards_of_single_years_lie_about_the_fit(fitted: Fitted) -> None:
    """Steps are base x factor, within their band; of many years, few are significantly off the fit."""
    rate = fitted.terminations.total.fitted
    found = hazards(rate, "age")
    assert [each.year for each in found] == list(range(found[0].year, found[-1].year + 1))
    bands = next(each for each in rate.attributes if each.name == "age")
    for each in found:
        factor = rate.factors["age"][np.searchsorted(np.array(bands.values), each.year, side="right") - 1]
        assert each.fitted == pytest.approx(rate.base * factor)
        assert each.fitted_low < each.fitted < each.fitted_high
    seen = [each for each in found if each.actual >= 10 and each.low is not None and each.high is not None]
    inside = [each.low <= each.fitted <= each.high for each in seen if each.low and each.high]
    assert np.mean(inside) > 0.75
    assert sum(each.actual for each in found) == rate.exposure.events.sum()


def test_rates_in_force_are_base_times_factors(settings: Settings) -> None:
    cells = pl.DataFrame({"age": [24, 30, 50], "tenure": [0, 3, 12]})
    voluntary = settings.workforce.termination["voluntary"]
    base, factors = float(voluntary.base.at(settings.simulation.start_year)), voluntary.factors
    expected = [
        base * float(factors["age"][age]) * float(factors["tenure"][tenure])
        for age, tenure in (("<25", "<2"), ("25-34", "2-4"), ("45-54", "10-19"))
    ]
    assert exit_rates(cells, settings).tolist() == pytest.approx(expected)
    assert exit_rates(cells.select("tenure"), settings)[1] == pytest.approx(
        base * float(factors["tenure"]["2-4"])
    )


def test_the_challenger_is_deterministic_and_finds_no_more_than_the_fit_where_factors_multiply(
    made: Company, settings: Settings, fitted: Fitted
) -> None:
    names = fitted.terminations.names
    found = challenge(made.history, settings, names)
    assert found == challenge(made.history, settings, names)
    saved = {gain.model: gain.saved for gain in found}
    assert list(saved) == [CONSTANT, IN_FORCE, FIT, TREES]
    assert saved[CONSTANT] == 0
    assert saved[FIT] > 0.05
    assert saved[FIT] > saved[TREES] - 0.01  # the truth is a product of steps
    assert saved[FIT] > saved[IN_FORCE]


def test_the_challenger_beats_main_effects_where_the_truth_is_an_interaction(settings: Settings) -> None:
    """Only the young with long tenure leave often: no product of an age and a tenure factor says that."""
    history = company(34, people=2000, windows=3, size=0.05).history
    generator = np.random.default_rng(5)
    cells = exits(history).cells
    is_odd = (cells["age"] < 35) != (cells["tenure"] < 4)
    rate = np.where(is_odd.to_numpy(), 0.35, 0.05)
    events = generator.binomial(cells["exposed"].to_numpy().astype(int), probability_in(rate, np.array(1.0)))
    marked = cells.with_columns(events=pl.Series(events))
    with pytest.MonkeyPatch.context() as patch:
        exposure = replace(exits(history), cells=marked)
        patch.setattr("tasks.evidence.estimate.challenger.exits", lambda _: exposure)
        saved = {gain.model: gain.saved for gain in challenge(history, settings)}
    assert saved[TREES] > saved[FIT] + 0.05


def test_without_exits_or_with_one_window_there_is_no_challenge(made: Company, settings: Settings) -> None:
    assert challenge(known_at(made.history, 1), settings) == []
    quiet = replace(made.history, leavers=made.history.leavers.clear())
    assert challenge(quiet, settings) == []

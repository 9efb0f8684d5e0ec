"""The fiscal calendar, and the settings that it follows from."""

from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from settings import SettingsError, load_settings
from settings.loading.document import settings_document
from settings.loading.loader import settings_from_document
from settings.models.calendar import ONE_DAY, FiscalCalendar

STARTS = st.builds("{:02}-{:02}".format, st.integers(1, 12), st.integers(1, 28))
DAYS = st.dates(date(1905, 1, 1), date(2195, 12, 31))


@given(STARTS, DAYS)
def test_every_day_is_in_the_one_year_that_has_it(start: str, day: date) -> None:
    calendar = FiscalCalendar.of(start, None, 2025)
    year = calendar.year_of(day)
    assert calendar.first_day(year) <= day <= calendar.last_day(year)
    assert calendar.last_day(year).year == year, "named by the calendar year in which it ends"
    assert calendar.last_day(year) + ONE_DAY == calendar.first_day(year + 1)
    assert calendar.days(year) in (365, 366)


@given(STARTS, st.integers(1905, 2195))
def test_months_follow_each_other_and_fill_the_year(start: str, year: int) -> None:
    calendar = FiscalCalendar.of(start, None, 2025)
    months = [*calendar.months(year), calendar.first_day(year + 1)]
    assert months[0] == calendar.first_day(year)
    assert all(28 <= (after - before).days <= 31 for before, after in pairwise(months))
    assert len(months) == 13


@given(STARTS, DAYS)
def test_an_opening_date_cuts_its_year_in_two(start: str, opening: date) -> None:
    calendar = FiscalCalendar.of(start, opening, 2025)
    year = calendar.first_year
    elapsed = (opening - calendar.first_day(year)).days + 1
    assert calendar.first_year_share == pytest.approx(1 - elapsed / calendar.days(year))
    assert calendar.is_stub(year) == calendar.has_stub == (elapsed > 0)
    assert calendar.simulated_from(year) == opening + ONE_DAY
    assert calendar.simulated_from(year + 1) == calendar.first_day(year + 1)


@given(STARTS, st.integers(1905, 2195), DAYS)
def test_a_date_of_month_and_day_falls_in_the_year(start: str, year: int, day: date) -> None:
    calendar = FiscalCalendar.of(start, None, 2025)
    found = calendar.date_in(year, day.month, min(day.day, 28))
    assert (found.month, found.day) == (day.month, min(day.day, 28))
    assert calendar.year_of(found) == year


def test_by_default_a_run_opens_at_the_end_of_the_year_before() -> None:
    assert load_settings(environ={}).base.simulation.calendar == FiscalCalendar(1, 1, date(2024, 12, 31))
    fiscal = load_settings(environ={}, sets=["simulation.fiscal_year_start=07-01"]).base.simulation.calendar
    assert (fiscal.opening_date, fiscal.name(2025)) == (date(2024, 6, 30), "FY2025")


@pytest.mark.parametrize(
    ("sets", "message"),
    [
        (["simulation.opening_date=2024-12-30"], "2024-12-31 to 2025-12-30"),
        (["simulation.opening_date=2025-12-31"], "set simulation.start_year: 2026"),
        (["simulation.fiscal_year_start=07-01", "simulation.opening_date=2025-06-30"], "start_year: 2026"),
        (["simulation.fiscal_year_start=02-29"], "a date MM-DD that every year has"),
        (["simulation.fiscal_year_start=01-31"], "a day from 1 to 28 is allowed"),
    ],
)
def test_dates_that_do_not_fit_are_refused(sets: list[str], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        load_settings(environ={}, sets=sets)


def test_a_scenario_cannot_open_on_another_date(tmp_path: Path) -> None:
    file = tmp_path / "later.yaml"
    file.write_text("id: later\noverrides: {simulation: {opening_date: 2025-03-31}}\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"simulation\.opening_date"):
        load_settings(environ={}, scenarios=[file])


def test_an_opening_date_survives_run_json() -> None:
    settings = load_settings(environ={}, sets=["simulation.opening_date=2025-02-28"]).base
    document = settings_document(settings)
    assert document["simulation"]["opening_date"] == "2025-02-28"
    assert settings_from_document(document, "run.json").simulation.opening_date == date(2025, 2, 28)


def test_years_that_a_run_may_have_have_calendars() -> None:
    for year in (1900, 2200):
        calendar = FiscalCalendar.of("12-28", None, year)
        assert calendar.opening_date + timedelta(days=1) == date(year - 1, 12, 28)

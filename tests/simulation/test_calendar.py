"""Fiscal years and stubs: what must hold whichever days a run simulates."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars import selectors

from settings.loading.loader import default_settings
from tests.simulate import Overrides, simulate
from tests.simulation.calendars import Calendar, calendars
from tests.simulation.in_memory import WANTED
from tests.simulation.model import CENT, Action, round_half_up
from tests.simulation.model.fiscal import period
from tests.simulation.reopened import Tables, run, sample

RAISES = ("cola", "promotion", "merit")
YEAR_END = date(2026, 12, 31)
#: Half a year: 1 January becomes 1 July of the year before.
SHIFT = 6


def raises_on(day: date) -> dict[str, Any]:
    """All raises on this day of the year."""
    return {"compensation.effective_dates": {raised: {f"{day:%m-%d}": 1} for raised in RAISES}}


def eligible_before(month: int, day: int) -> dict[str, Any]:
    """Who is hired before this day of the fiscal year gets its raises."""
    return {"compensation.eligibility_cutoff": {"month": month, "day": day, "year_offset": 0}}


def earlier(day: date, months: int) -> date:
    """The same day of the month, some months earlier."""
    years, month = divmod(day.month - 1 - months, 12)
    return day.replace(year=day.year + years, month=month + 1)


SCENARIOS: Mapping[str, Overrides] = {
    "default": {},
    "first_day": {**raises_on(date(2027, 1, 1)), **eligible_before(1, 1)},
}


@pytest.fixture(scope="module")
def employees() -> pl.DataFrame:
    """Some employees, born and hired on days that every month has."""
    every_month = {
        column: pl.date(
            pl.col(column).dt.year(), pl.col(column).dt.month(), pl.col(column).dt.day().clip(upper_bound=28)
        )
        for column in ("birth_date", "hire_date")
    }
    return sample(150, YEAR_END).with_columns(**every_month)


@pytest.fixture(scope="module")
def whole(employees: pl.DataFrame) -> Tables:
    """A calendar year, with nothing said of the calendar."""
    return run(employees, Calendar(), SCENARIOS, replicates=2)


def test_the_day_before_the_first_year_is_the_default_opening_date(
    employees: pl.DataFrame, whole: Tables
) -> None:
    """Said or not, all tables are equal, row for row."""
    said = run(employees, Calendar("01-01", YEAR_END), SCENARIOS, replicates=2)
    assert whole["fct_workforce_events"].height > 500
    for table in WANTED:
        assert said[table].equals(whole[table]), table


@pytest.mark.slow  # another year
def test_a_company_whose_dates_are_all_half_a_year_earlier_has_the_same_year(
    employees: pl.DataFrame, whole: Tables
) -> None:
    """Births, hires, fiscal year and raises; the year from July on has as many days as the calendar year.

    Everything that a day is drawn for happens as many days after the year's first.
    """
    dates = ("birth_date", "hire_date")
    shifted = employees.with_columns(
        pl.Series(name, [earlier(day, SHIFT) for day in employees[name]], pl.Date) for name in dates
    )
    first_day = {**raises_on(date(2026, 7, 1)), **eligible_before(7, 1)}
    found = run(shifted, Calendar("07-01"), {"first_day": first_day}, replicates=2)

    def events_in_days(tables: Tables, first: date) -> pl.DataFrame:
        events = tables["fct_workforce_events"].filter(scenario_id="first_day")
        return events.with_columns((pl.col("event_date") - first).dt.total_days())

    expected = events_in_days(whole, date(2027, 1, 1))
    assert events_in_days(found, date(2026, 7, 1)).equals(expected)
    costs = selectors.ends_with("_cost")  # rounded by month, and months have other days
    drawn = selectors.by_name(*dates, "termination_date", require_all=False)
    for table in ("fct_workforce_snapshot", "fct_year_summary"):
        expected = whole[table].filter(scenario_id="first_day")
        assert found[table].drop(costs | drawn).equals(expected.drop(costs | drawn)), table
    summaries = (one["fct_year_summary"].filter(scenario_id="first_day") for one in (whole, found))
    expected_cost, cost = (one["loaded_cost"].cast(pl.Float64).to_list() for one in summaries)
    assert cost == pytest.approx(expected_cost, rel=1e-6)


@pytest.mark.slow
def test_raises_of_before_the_opening_do_not_come_again(employees: pl.DataFrame) -> None:
    """Those dated on the opening date come next year, those dated the day after in the stub as well."""
    opening = date(2027, 3, 31)
    after = opening + timedelta(1)
    everyone = {**eligible_before(12, 31), "workforce.promotion.base": 1, "workforce.promotion.factors": {}}
    found = run(
        employees,
        Calendar("01-01", opening),
        {"on": {**everyone, **raises_on(opening)}, "after": {**everyone, **raises_on(after)}},
        last=2028,
    )
    events = found["fct_workforce_events"]
    assert events["event_date"].min() >= after
    raised = events.filter(pl.col("event_type").is_in(RAISES))
    days = raised.group_by("scenario_id", "event_type").agg(pl.col("event_date").unique().sort())
    assert {(scenario, kind): dates for scenario, kind, dates in days.rows()} == {
        **{("on", kind): [date(2028, 3, 31)] for kind in RAISES},
        **{("after", kind): [after, date(2028, 4, 1)] for kind in RAISES},
    }
    # in the stub everybody who is employed after the day has them
    stub = found["fct_workforce_snapshot"].filter(scenario_id="after", simulation_year=2027)
    employed = stub.filter(pl.col("hire_date") <= after, pl.col("termination_date").is_null())
    colas = raised.filter(scenario_id="after", simulation_year=2027, event_type="cola")
    assert set(employed["employee_id"]) <= set(colas["employee_id"])


@given(calendars(), st.integers(0, 800))
def test_every_day_is_in_the_year_that_has_it(calendar: Calendar, days: int) -> None:
    """The calendar of settings against the model's, which finds the year by another way."""
    fiscal = calendar.fiscal
    simulation = default_settings().simulation.model_copy(
        update={name.partition(".")[2]: value for name, value in calendar.settings.items()}
    )
    day = calendar.first_day + timedelta(days)
    year = fiscal.year_of(day)
    found = period(simulation, year)
    assert found.first <= day <= found.last
    assert (fiscal.first_day(year), fiscal.last_day(year)) == (found.first, found.last)
    assert (fiscal.days(year), fiscal.simulated_from(year)) == (found.days, found.start)
    assert fiscal.is_stub(year) == found.is_stub
    assert fiscal.date_in(year, min(day.month, 12), min(day.day, 28)) in (day, day.replace(day=28))
    first = period(simulation, calendar.start_year)
    assert fiscal.first_year == calendar.start_year
    assert fiscal.first_year_share == float(first.share)


@pytest.mark.slow
def test_a_half_of_those_hired_before_the_opening_is_rounded_up() -> None:
    """Half of a leap year is left: of seven with a risk of exactly 0.5, R(3.5) leave."""
    opening = date(2028, 7, 1)
    census = sample(50, opening).with_columns(
        hire_date=pl.when(pl.int_range(pl.len()) < 7).then(date(2028, 3, 1)).otherwise(date(2020, 3, 1))
    )
    rules = {"workforce.total_termination_rate": 0, "workforce.new_hire_termination_rate": Decimal("0.5")}
    no_growth = {"simulation.target_growth_rate": 0, "hiring.hires": 0}
    found = run(census, Calendar("01-01", opening, 2028), {"baseline": {**rules, **no_growth}})
    assert found["fct_year_summary"]["new_hire_terminations"].to_list() == [4]


@pytest.mark.slow  # other kinds of change, which are compiled again
def test_known_actions_of_before_the_opening_do_nothing(employees: pl.DataFrame) -> None:
    """Those dated on the opening date are outside the years, those of the day after happen."""
    opening = date(2027, 3, 31)
    after = opening + timedelta(1)
    first, second = employees["employee_id"][:2]
    actions = [
        Action("A1", "fte", opening, first, fte=Decimal("0.5")),
        Action("A2", "leave", opening, second),
        Action("A3", "hire", opening, "K1"),
        Action("A4", "fte", after, first, fte=Decimal("0.8")),
        Action("A5", "leave", after, second),
        Action("A6", "hire", after, "K2"),
    ]
    found = run(employees, Calendar("01-01", opening), {"baseline": {}}, actions=actions)
    outcomes = found["fct_planned_actions"].select("action_id", "outcome").rows()
    assert dict(outcomes) == {
        **dict.fromkeys(("A1", "A2", "A3"), "outside_years"),
        **dict.fromkeys(("A4", "A5", "A6"), "done"),
    }
    events = found["fct_workforce_events"].filter(pl.col("event_date") == after)
    known = events.filter(pl.col("employee_id").is_in([first, second, "K1", "K2"]))
    assert set(known.select("employee_id", "event_type").rows()) == {
        (first, "fte"),
        (second, "termination"),
        ("K2", "hire"),
    }


#: Openings that leave one day, all days but one, and those after a 29 February, of several fiscal years.
OPENINGS = {
    "one day": Calendar("01-01", date(2027, 12, 30)),
    "364 of 365 days": Calendar("01-01", date(2027, 1, 1)),
    "365 of 366 days": Calendar("01-01", date(2028, 1, 1), 2028),
    "29 February": Calendar("07-01", date(2028, 2, 29), 2028),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", OPENINGS)
def test_a_stub_of_any_length_passes_all_checks(name: str, tmp_path: Path) -> None:
    """... of a whole run, meets the quotas of its share of the year, and has events on its days alone."""
    calendar = OPENINGS[name]
    year, opening = calendar.start_year, calendar.opening
    census = sample(200, opening)
    sets = [f"{key}={value}" for key, value in calendar.settings.items() if not key.endswith("start_year")]
    finished = simulate(tmp_path, census, years=f"{year}-{year + 1}", sets=sets, close=False)
    checks = finished.query("select check_name, simulation_year, status from mon_data_quality")
    assert set(checks["status"]) == {"pass"}
    assert set(checks["simulation_year"]) == {year - 1, year, year + 1}

    settings = finished.settings("baseline")
    part = period(settings.simulation, year)
    events = finished.events.filter(simulation_year=year)
    assert events["event_date"].is_between(part.start, part.last).all()
    summary = finished.summary.row(0, named=True)
    growth = part.growth(settings.simulation.target_growth_rate.at(year))
    leaving = part.rate(settings.workforce.total_termination_rate.at(year))
    assert summary["ending_headcount"] == round_half_up(200 * (1 + growth))
    assert summary["experienced_terminations"] == round_half_up(200 * leaving)
    # nobody's pay falls, and everybody who stays is paid for all days
    stayed = finished.snapshot.filter(simulation_year=year, employment_status="active").filter(
        pl.col("hire_date") <= opening
    )
    opened = finished.snapshot.filter(simulation_year=year - 1).select("employee_id", before="salary")
    simulated, of = part.share.as_integer_ratio()
    for row in stayed.join(opened, on="employee_id").iter_rows(named=True):
        least, most = (row[pay] * simulated / of for pay in ("before", "salary"))
        assert least - CENT <= row["prorated_compensation"] <= most + CENT

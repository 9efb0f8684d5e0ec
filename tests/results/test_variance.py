"""The bridge between scenarios with every kind of event: pay and people are followed through all of them."""

import pytest

from tasks.studies.variance.pairing import Choice, variance
from tests.simulate import Finished

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("year", [2027, 2028])
def test_the_residual_is_rounding_whatever_happened(rich: Finished, year: int) -> None:
    directory = rich.run.directory
    found = variance(directory, directory, Choice(year, "rates", "exact"))
    months = rich.query(f"select count(*) from fct_month_summary where simulation_year = {year}").item()
    for breakdown in (None, *found.breakdowns):
        for step in found.by(breakdown):
            assert sum(step.effects.values()) == step.difference
            # errors of up to half a cent in each row of the months, which are of either sign
            assert abs(step.effects["residual"]) < 0.05 * months**0.5, step
    assert all(step.effects["raises"] and step.effects["timing"] for step in found.by())


@pytest.mark.parametrize("scenario", ["exact", "drawn", "rates"])
def test_people_are_those_of_the_year(rich: Finished, scenario: str) -> None:
    directory = rich.run.directory
    found = variance(directory, directory, Choice(2027, scenario, "exact")).bridges
    summary = rich.summary.filter(scenario_id=scenario, simulation_year=2027).row(0, named=True)
    leavers = ("experienced_terminations", "new_hire_terminations", "reductions")
    expected = {
        "opening": summary["opening_headcount"],
        "hires": summary["hires"],
        "leavers": sum(summary[name] for name in leavers),
        "closing": summary["ending_headcount"],
    }
    counts = found.counts("forecast")
    assert {name: counts[name] for name in expected} == pytest.approx(expected)
    of_months = rich.query(
        "select sum(employee_days) / 365 from fct_month_summary "
        f"where scenario_id = '{scenario}' and simulation_year = 2027"
    ).item()
    assert counts["person_years"] == pytest.approx(of_months)

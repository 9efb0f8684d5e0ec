"""Common random numbers: scenarios side by side have the events that each has alone."""

from collections.abc import Mapping

import polars as pl
import pytest

from tests.simulate import Overrides
from tests.simulation.conftest import census
from tests.simulation.in_memory import ALL_CHANGES, events_of

YEARS = "2025-2026"


def _segments(sales: str) -> Overrides:
    """Targets by segment, with a termination rate of its own for one."""
    return {
        "targets": {
            "by": ["department"],
            "segments": [
                {"where": {"department": "Sales"}, "headcount": 60, "termination_rate": sales},
                {"where": {"department": "Engineering"}, "growth": "0.2"},
            ],
            "others": "balance",
        }
    }


#: Scenarios with every kind of change, but for `plain`.
SCENARIOS: Mapping[str, Overrides] = {
    "plain": {},
    "low": {**ALL_CHANGES, "workforce.total_termination_rate": "0.05"},
    "high": {**ALL_CHANGES, "workforce.total_termination_rate": "0.3"},
    "low-segments": {**ALL_CHANGES, **_segments("0.1"), "workforce.total_termination_rate": "0.05"},
    "high-segments": {**ALL_CHANGES, **_segments("0.4"), "workforce.total_termination_rate": "0.3"},
}
PLANNED = tuple(name for name in SCENARIOS if name != "plain")


@pytest.fixture(scope="module")
def employees() -> pl.DataFrame:
    """The census of all runs."""
    return census(300)


@pytest.fixture(scope="module")
def together(employees: pl.DataFrame) -> Mapping[str, pl.DataFrame]:
    """The events of each scenario, of one run with all."""
    return events_of(SCENARIOS, years=YEARS, replicates=2, census=employees, planned=PLANNED)


@pytest.mark.slow
def test_segments_and_kinds_of_change_are_those_meant(together: Mapping[str, pl.DataFrame]) -> None:
    """The comparisons below are about something."""
    kinds = {name: set(events["event_type"]) for name, events in together.items()}
    assert {"transfer", "adjustment", "raise", "fte"} <= kinds["high-segments"]
    assert not {"transfer", "adjustment", "raise", "fte"} & kinds["plain"]
    assert (
        not together["high"]
        .drop("scenario_id", "event_id")
        .equals(together["high-segments"].drop("scenario_id", "event_id"))
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", ["high", "high-segments"])
def test_a_scenario_alone_has_the_same_events(
    together: Mapping[str, pl.DataFrame], employees: pl.DataFrame, name: str
) -> None:
    """... one of its replicates too, with everything in every row."""
    alone = events_of({name: SCENARIOS[name]}, years=YEARS, census=employees, planned=(name,))[name]
    assert alone.equals(together[name].filter(replicate=1))


@pytest.mark.slow  # compiles the models again
def test_kinds_of_change_that_are_not_used_change_nothing(
    together: Mapping[str, pl.DataFrame], employees: pl.DataFrame
) -> None:
    """Alone, `plain` is simulated by statements that leave out the kinds it does not use."""
    alone = events_of({"plain": SCENARIOS["plain"]}, years=YEARS, replicates=2, census=employees)["plain"]
    assert alone.equals(together["plain"])


def first_leavers(events: pl.DataFrame) -> set[tuple[object, ...]]:
    """The experienced leavers of the first year with day, cause and draw."""
    rows = events.filter(simulation_year=2025, event_reason="experienced")
    return set(rows.select("replicate", "employee_id", "event_date", "cause", "hazard", "draw").iter_rows())


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["", "-segments"])
def test_those_who_leave_at_low_rates_also_leave_at_high_rates(
    together: Mapping[str, pl.DataFrame], kind: str
) -> None:
    assert set() < first_leavers(together[f"low{kind}"]) < first_leavers(together[f"high{kind}"])

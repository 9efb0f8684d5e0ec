"""Who leaves and who is promoted: hazards by attribute, the race, and draws compared with hazards."""

import math
from collections.abc import Mapping
from datetime import date

import pytest

from tests.simulate import Finished
from tests.simulation.conftest import PathYear, Row
from tests.simulation.model import (
    Hazards,
    band,
    completed_years,
    draw,
    hazards,
    quotas,
    race_time,
    round_half_up,
    scale_to_target,
)

#: Products of a few doubles, taken in another order, differ by some units in the last place.
SAME_DOUBLE = 1e-14


def hazards_of(path_year: PathYear, finished: Finished) -> dict[str, Hazards]:
    settings = finished.settings(path_year.scenario_id)
    return {
        name: hazards(settings, path_year.year, row["birth_date"], row["hire_date"], row["level"])
        for name, row in path_year.opening.items()
    }


def draws_of(
    path_year: PathYear, finished: Finished, stream: str, names: Mapping[str, object]
) -> dict[str, float]:
    return {name: draw(finished.seed, path_year.year, path_year.replicate, stream, name) for name in names}


def in_order_of_leaving(path_year: PathYear, finished: Finished, found: Mapping[str, float]) -> list[str]:
    uniform = draws_of(path_year, finished, "termination", found)
    return sorted(found, key=lambda name: (race_time(uniform[name], found[name]), name.encode()))


def test_age_and_tenure_are_completed_years_on_1_january(
    path_years: list[PathYear], finished: Finished
) -> None:
    for path_year in path_years:
        workforce = finished.settings(path_year.scenario_id).workforce
        for name, history in path_year.histories.items():
            row, first_day = history.closing, history.closing["hire_date"].replace(path_year.year, 1, 1)
            assert row["age"] == completed_years(row["birth_date"], first_day), name
            assert row["tenure"] == completed_years(row["hire_date"], first_day), name
            assert row["age_band"] == band(row["age"], workforce.age_bands, workforce.age_band_labels)
            assert row["tenure_band"] == band(
                row["tenure"], workforce.tenure_bands, workforce.tenure_band_labels
            )
            if history.opening is None:
                assert row["tenure"] == 0


@pytest.mark.slow
def test_events_carry_the_hazard_of_age_tenure_and_level(
    path_years: list[PathYear], finished: Finished
) -> None:
    reached_cap = 0
    for path_year in path_years:
        found = hazards_of(path_year, finished)
        for name in path_year.opening:
            history = path_year.histories[name]
            if (promoted := history.event("promotion")) is not None:
                assert promoted["hazard"] == pytest.approx(found[name].promotion, rel=SAME_DOUBLE)
            if (left := history.event("termination")) is not None and path_year.scenario_id != "expected":
                assert left["hazard"] == pytest.approx(found[name].termination, rel=SAME_DOUBLE)
                reached_cap += left["hazard"] == 1
    assert reached_cap > 100  # scenario `capped`


def test_leavers_are_the_first_in_the_race(path_years: list[PathYear], finished: Finished) -> None:
    """Exactly the k smallest of -ln(1 - u) / hazard, then the reductions; a hazard of 0 comes last."""
    reductions = unexposed = 0
    for path_year in path_years:
        if path_year.scenario_id == "expected":
            continue
        settings = finished.settings(path_year.scenario_id)
        found = {name: one.termination for name, one in hazards_of(path_year, finished).items()}
        expected = quotas(
            len(found),
            settings.simulation.target_growth_rate.at(path_year.year),
            settings.workforce.total_termination_rate.at(path_year.year),
            settings.workforce.new_hire_termination_rate.at(path_year.year),
        )
        order = in_order_of_leaving(path_year, finished, found)
        experienced = order[: expected.experienced_terminations]
        reduced = order[len(experienced) : len(experienced) + expected.reductions]
        assert set(path_year.leavers("experienced")) == set(experienced)
        assert set(path_year.leavers("reduction_in_force")) == set(reduced)
        reductions += len(reduced)
        unexposed += sum(found[name] == 0 for name in experienced)
    assert reductions > 100  # scenario `shrink`
    assert unexposed > 100  # scenario `no_hazard`


def test_hires_that_leave_are_those_whom_exposure_picks(
    path_years: list[PathYear], finished: Finished
) -> None:
    """... in the order of -ln(1 - u) / days from hire to the year's end."""
    for path_year in path_years:
        if path_year.scenario_id == "expected":
            continue
        rate = finished.settings(path_year.scenario_id).workforce.new_hire_termination_rate.at(path_year.year)
        uniform = draws_of(path_year, finished, "new_hire_termination", path_year.hires)
        year_end = date(path_year.year, 12, 31)
        times = {
            name: -math.log(1 - uniform[name]) / (year_end - row["hire_date"]).days
            for name, row in path_year.hires.items()
        }
        leaving = sorted(times, key=lambda name: (times[name], name))[: round_half_up(len(times) * rate)]
        left = path_year.leavers("new_hire")
        assert set(left) == set(leaving)
        assert all(event["hazard"] == float(rate) for event in left.values())


@pytest.mark.slow
def test_promoted_are_those_whose_draw_is_below_their_hazard(
    path_years: list[PathYear], finished: Finished
) -> None:
    """... and who are still there on the day; hires of the year are not promoted."""
    for path_year in path_years:
        found = hazards_of(path_year, finished)
        uniform = draws_of(path_year, finished, "promotion", found)
        drawn = {name for name in found if uniform[name] < found[name].promotion}
        promoted = {name for name, one in path_year.histories.items() if one.event("promotion")}
        assert promoted <= drawn
        for name in drawn - promoted:
            assert path_year.histories[name].closing["termination_date"] is not None
        for name in promoted:
            event = path_year.histories[name].event("promotion")
            assert event is not None
            assert event["level_after"] == event["level_before"] + 1


def leaves_by_draw(path_year: PathYear, finished: Finished) -> tuple[dict[str, float], set[str]]:
    """Mode expected: the scaled hazards, and who has a draw below theirs."""
    rate = finished.settings(path_year.scenario_id).workforce.total_termination_rate.at(path_year.year)
    found = {name: one.termination for name, one in hazards_of(path_year, finished).items()}
    target = float(rate * len(found))
    scaled = dict(zip(found, scale_to_target(found.values(), target), strict=True))
    assert math.isclose(sum(scaled.values()), target, rel_tol=1e-9)
    uniform = draws_of(path_year, finished, "termination", found)
    return scaled, {name for name in scaled if uniform[name] < scaled[name]}


def test_mode_expected_draws_each_leaver_at_a_scaled_hazard(
    path_years: list[PathYear], finished: Finished
) -> None:
    """... and hires follow those who did leave."""
    counts = set()
    for path_year in path_years:
        if path_year.scenario_id != "expected":
            continue
        scaled, leaving = leaves_by_draw(path_year, finished)
        left: dict[str, Row] = path_year.leavers("experienced")
        assert set(left) == leaving
        for name, event in left.items():
            assert event["hazard"] == pytest.approx(scaled[name], rel=1e-9)
        settings = finished.settings("expected")
        rate = settings.workforce.new_hire_termination_rate.at(path_year.year)
        growth = settings.simulation.target_growth_rate.at(path_year.year)
        expected = quotas(len(scaled), growth, rate, rate, experienced=len(leaving))
        assert len(path_year.hires) == expected.hires
        assert len(path_year.leavers("reduction_in_force")) == expected.reductions
        uniform = draws_of(path_year, finished, "new_hire_termination", path_year.hires)
        assert set(path_year.leavers("new_hire")) == {name for name in uniform if uniform[name] < float(rate)}
        counts.add(len(leaving) / len(scaled))
    assert len(counts) > 1  # they vary, unlike quotas

"""Pay: who gets which raise and when, how much, and what a year costs, to the cent."""

from datetime import date
from decimal import Decimal
from itertools import accumulate, pairwise, permutations
from pathlib import Path

import polars as pl

from settings import Settings
from tasks.census.sample import sample_census
from tasks.runs.request import RunRequest, accept
from tasks.simulation import in_memory
from tests.simulate import Finished
from tests.simulation.conftest import History, PathYear
from tests.simulation.in_memory import database
from tests.simulation.model import CENT, draw, prorated, to_cents


def effective_date(
    settings: Settings, raised: str, finished: Finished, path_year: PathYear, employee_id: str
) -> date:
    """The date on which a raise of an employee falls: that of the share in which the draw lies."""
    shares = sorted(getattr(settings.compensation.effective_dates, raised).items())
    uniform = draw(finished.seed, path_year.year, path_year.replicate, f"{raised}_date", employee_id)
    reached = accumulate(share for _, share in shares)
    month_day = next(day for (day, _), bound in zip(shares, reached, strict=True) if uniform < bound)
    return date.fromisoformat(f"{path_year.year}-{month_day}")


def is_employed_for(history: History, day: date) -> bool:
    """Employed on a day, and not for the last time."""
    last = history.closing["termination_date"]
    return history.hire_date <= day and (last is None or day < last)


def test_cola_and_merit_go_to_all_who_are_eligible_and_to_nobody_else(
    path_years: list[PathYear], finished: Finished
) -> None:
    hires_raised = 0
    for path_year in path_years:
        settings = finished.settings(path_year.scenario_id)
        cutoff = settings.compensation.eligibility_cutoff
        hired_before = date(path_year.year + cutoff.year_offset, cutoff.month, cutoff.day)
        for name, history in path_year.histories.items():
            for raised in ("cola", "merit"):
                event = history.event(raised)
                day = effective_date(settings, raised, finished, path_year, name)
                eligible = history.hire_date < hired_before and is_employed_for(history, day)
                assert (event is not None) == eligible, (path_year.scenario_id, path_year.year, name, raised)
                if event is not None:
                    assert event["event_date"] == day
                    hires_raised += history.opening is None
    assert hires_raised > 100  # scenario `late`


def test_promotions_fall_on_their_date(path_years: list[PathYear], finished: Finished) -> None:
    for path_year in path_years:
        settings = finished.settings(path_year.scenario_id)
        for name, history in path_year.histories.items():
            if (event := history.event("promotion")) is not None:
                day = effective_date(settings, "promotion", finished, path_year, name)
                assert event["event_date"] == day
                assert is_employed_for(history, day)


def test_each_event_goes_on_where_the_one_before_it_ended(path_years: list[PathYear]) -> None:
    orders = set()
    for path_year in path_years:
        for history in path_year.histories.values():
            if history.opening is not None:
                level, salary = history.opening["level"], history.opening["salary"]
            else:
                assert history.events[0]["event_type"] == "hire"
                assert history.events[0]["level_before"] is history.events[0]["salary_before"] is None
                level, salary = history.events[0]["level_after"], history.events[0]["salary_after"]
            for event in history.events[history.opening is None :]:
                assert (event["level_before"], event["salary_before"]) == (level, salary)
                if event["event_type"] == "termination":
                    assert event["level_after"] is event["salary_after"] is None
                else:
                    level, salary = event["level_after"], event["salary_after"]
                if event["event_type"] != "promotion":
                    assert event["level_after"] in (event["level_before"], None)
            assert (history.closing["level"], history.closing["salary"]) == (level, salary)
            orders.add(tuple(event["event_type"] for event in history.events))
    for order in permutations(("cola", "promotion", "merit")):
        assert order in orders  # scenario `spread`


def test_cola_multiplies_salary_and_rounds_half_up(path_years: list[PathYear], finished: Finished) -> None:
    for path_year in path_years:
        rate = finished.settings(path_year.scenario_id).compensation.cola_rate.at(path_year.year)
        for history in path_year.histories.values():
            if (event := history.event("cola")) is not None:
                assert event["salary_after"] == to_cents(event["salary_before"] * (1 + rate))


def test_a_promotion_raises_by_the_drawn_share_and_to_the_minimum(
    path_years: list[PathYear], finished: Finished
) -> None:
    lifted = 0
    for path_year in path_years:
        workforce = finished.settings(path_year.scenario_id).workforce
        low, high = workforce.promotion_raise.min, workforce.promotion_raise.max
        for name, history in path_year.histories.items():
            if (event := history.event("promotion")) is None:
                continue
            before, after = event["salary_before"], event["salary_after"]
            minimum = workforce.levels[event["level_after"]].min_salary.at(path_year.year)
            assert after >= minimum
            uniform = draw(finished.seed, path_year.year, path_year.replicate, "promotion_raise", name)
            exact = before * (1 + low + (high - low) * Decimal(uniform))
            if after == minimum:
                lifted += 1
                assert exact <= minimum + before / 1_000_000 + CENT
            else:
                # the share counts with six decimals
                assert abs(after - exact) <= before / 1_000_000 + CENT
                assert to_cents(before * (1 + low)) <= after <= to_cents(before * (1 + high))
    assert lifted > 100


def test_merit_spends_the_budget_in_proportion_to_level_and_draw(
    path_years: list[PathYear], finished: Finished
) -> None:
    """Raises sum to the budget within a cent per employee, each as its weight says."""
    for path_year in path_years:
        settings = finished.settings(path_year.scenario_id).compensation
        events = [event for one in path_year.histories.values() if (event := one.event("merit"))]
        budget = settings.merit_budget.at(path_year.year) * sum(event["salary_before"] for event in events)
        spent = sum(event["salary_after"] - event["salary_before"] for event in events)
        assert abs(spent - budget) <= CENT * len(events)
        weights = []
        for event in events:
            uniform = draw(finished.seed, path_year.year, path_year.replicate, "merit", event["employee_id"])
            spread = 1 + settings.merit_spread * (2 * Decimal(uniform) - 1)
            weights.append(settings.merit_multipliers[event["level_before"]] * spread)
        weighted = sum(event["salary_before"] * weight for event, weight in zip(events, weights, strict=True))
        for event, weight in zip(events, weights, strict=True):
            exact = event["salary_before"] * weight * budget / weighted
            # weights count with six decimals
            assert (
                abs(event["salary_after"] - event["salary_before"] - exact)
                <= event["salary_before"] / 1_000_000 + CENT
            )


def test_prorated_compensation_is_salary_by_day(path_years: list[PathYear], finished: Finished) -> None:
    """From the events alone: each salary for its days, rounded once, in years of 365 and of 366 days."""
    for path_year in path_years:
        year = path_year.year
        total = Decimal(0)
        for name, history in path_year.histories.items():
            periods = [] if history.opening is None else [(date(year, 1, 1), history.opening["salary"])]
            periods += [
                (event["event_date"], event["salary_after"])
                for event in history.events
                if event["event_type"] != "termination"
            ]
            last = history.closing["termination_date"] or date(year, 12, 31)
            assert all(start <= following for (start, _), (following, _) in pairwise(periods))
            assert history.closing["prorated_compensation"] == prorated(periods, last), name
            total += history.closing["prorated_compensation"]
        summary = finished.summary.filter(
            scenario_id=path_year.scenario_id, replicate=path_year.replicate, simulation_year=year
        )
        assert summary["prorated_payroll"].item() == total


def test_payrolls_and_averages_of_the_summary_are_those_of_the_snapshots(
    path_years: list[PathYear], finished: Finished
) -> None:
    for path_year in path_years:
        (row,) = finished.summary.filter(
            scenario_id=path_year.scenario_id, replicate=path_year.replicate, simulation_year=path_year.year
        ).iter_rows(named=True)
        active = [
            one.closing["salary"]
            for one in path_year.histories.values()
            if one.closing["employment_status"] == "active"
        ]
        assert row["opening_payroll"] == sum(opening["salary"] for opening in path_year.opening.values())
        assert row["ending_payroll"] == sum(active)
        assert row["average_salary"] == to_cents(sum(active, Decimal(0)) / len(active))
        assert row["growth_rate"] == len(active) / len(path_year.opening) - 1


def test_average_fte_is_rounded_half_up_at_a_tie(tmp_path: Path) -> None:
    """0.666666 all year and 0.333333 for 183 of 366 days are 0.8333325, which a double lies below."""
    people = sample_census(2).with_columns(
        fte=pl.Series(["0.666666", "0.333333"]), termination_date=pl.lit(None, pl.Date)
    )
    people.write_csv(tmp_path / "census.csv")
    actions = "action_id,action,date,employee_id\na,leave,2028-07-01,E0000002\n"
    (tmp_path / "actions.csv").write_text(actions)
    sets = ("simulation.mode=rates", "workforce.termination.voluntary.base=0", "hiring.hires=0")
    accepted = accept(
        RunRequest(
            census=tmp_path / "census.csv", actions=tmp_path / "actions.csv", years="2028-2028", sets=sets
        )
    )
    scenarios, plans = accepted.settings.scenarios, accepted.plans.by_scenario
    with in_memory.simulate(scenarios, accepted.census, database(), plans) as connection:
        found = connection.execute("select average_fte from fct_year_summary").fetchall()
    assert found == [(Decimal("0.833333"),)]

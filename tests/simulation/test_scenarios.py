"""Common random numbers: the draws of a path do not depend on other scenarios or replicates."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest

from tests.simulate import Finished, simulate
from tests.simulation.conftest import SCENARIOS
from tests.simulation.test_events import EMPLOYEE_YEAR

PAY = ("salary_before", "salary_after", "event_id", "scenario_id")


def lives(finished: Finished, scenario_id: str) -> pl.DataFrame:
    """All hires, terminations and promotions of a scenario, but for pay."""
    return finished.events.filter(
        pl.col("event_type").is_in(["hire", "termination", "promotion"]), scenario_id=scenario_id
    ).drop(PAY)


def test_scenarios_that_differ_in_cola_alone_differ_in_pay_alone(finished: Finished) -> None:
    assert lives(finished, "baseline").equals(lives(finished, "cola"))
    payrolls = {
        scenario_id: finished.summary.filter(scenario_id=scenario_id)["ending_payroll"].to_list()
        for scenario_id in ("baseline", "cola")
    }
    assert all(low < high for low, high in zip(payrolls["baseline"], payrolls["cola"], strict=True))


def first_leavers(finished: Finished, scenario_id: str) -> set[tuple[object, ...]]:
    """The experienced leavers of the first year, with the day."""
    rows = finished.events.filter(
        scenario_id=scenario_id, simulation_year=finished.years.start, event_reason="experienced"
    )
    return set(rows.select("replicate", "employee_id", "event_date", "draw", "hazard").iter_rows())


def test_a_higher_termination_rate_only_adds_leavers(finished: Finished) -> None:
    assert first_leavers(finished, "baseline") < first_leavers(finished, "turnover")
    assert first_leavers(finished, "turnover") < first_leavers(finished, "all_leave")


def rows_of(finished: Finished, frame: str, years: Sequence[int], **key: object) -> pl.DataFrame:
    rows: pl.DataFrame = getattr(finished, frame)
    return rows.filter(pl.col("simulation_year").is_in(years), **key)


@pytest.fixture(scope="module")
def alone(opening_census: pl.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """One scenario of the shared run, one replicate, two of its years, without company."""
    return simulate(
        tmp_path_factory.mktemp("alone"),
        opening_census,
        years="2025-2026",
        scenarios={"spread": SCENARIOS["spread"]},
        close=False,
    )


@pytest.mark.slow
@pytest.mark.parametrize("frame", ["events", "snapshot", "summary"])
def test_a_path_is_the_same_alone_and_in_company(finished: Finished, alone: Finished, frame: str) -> None:
    """Whatever other scenarios and however many replicates run beside it, and whatever years follow."""
    together = rows_of(finished, frame, [2024, 2025, 2026], scenario_id="spread", replicate=1)
    assert together.height > 0
    assert together.equals(getattr(alone, frame))


def test_replicates_and_years_differ(finished: Finished) -> None:
    """No two replicates of an ensemble have the same leavers, and no draw is used twice."""
    leavers = finished.events.filter(event_type="termination", scenario_id="baseline")
    first, second = (set(leavers.filter(replicate=number)["employee_id"]) for number in (1, 2))
    assert first != second
    assert leavers["draw"].is_unique().all()


@pytest.mark.slow
def test_another_seed_gives_another_workforce(
    alone: Finished, opening_census: pl.DataFrame, tmp_path: Path
) -> None:
    reseeded = simulate(
        tmp_path,
        opening_census,
        years="2025-2025",
        seed=43,
        scenarios={"spread": SCENARIOS["spread"]},
        close=False,
    )
    assert reseeded.content_hashes[2025] != alone.content_hashes[2025]
    assert set(reseeded.events["draw"].drop_nulls()).isdisjoint(alone.events["draw"].drop_nulls())
    opening = [one.snapshot.filter(simulation_year=2024).sort(EMPLOYEE_YEAR) for one in (alone, reseeded)]
    assert opening[0].equals(opening[1])

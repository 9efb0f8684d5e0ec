"""An empty census: every scenario, replicate and year still has its summary row."""

from pathlib import Path

import pytest

from tests.simulate import simulate

HEADER = "employee_id,birth_date,hire_date,salary,termination_date,level,department,location\n"


@pytest.mark.slow
def test_an_empty_census_has_summary_rows(tmp_path: Path) -> None:
    census = tmp_path / "census.csv"
    census.write_text(HEADER, encoding="utf-8")
    scenarios = {"exact": {}, "expected": {"simulation.mode": "expected"}}
    finished = simulate(
        tmp_path,
        census,
        years="2025-2026",
        replicates=2,
        scenarios=scenarios,
        sets=["census.allow_empty=true"],
    )

    assert finished.summary.height == 2 * 2 * 2
    undefined = ("growth_rate", "average_salary")
    key = ("scenario_id", "replicate", "simulation_year")
    assert finished.summary.select(undefined).null_count().row(0) == (8, 8)
    assert {value for row in finished.summary.drop(*undefined, *key).rows() for value in row} == {0}
    assert finished.events.is_empty()
    assert finished.snapshot.is_empty()
    assert set(finished.content_hashes) == {2025, 2026}


@pytest.mark.slow
def test_a_company_that_opens_with_nobody_can_hire(tmp_path: Path) -> None:
    """Growth from 0 is undefined: no check compares it with limits or a target."""
    census = tmp_path / "census.csv"
    census.write_text(HEADER, encoding="utf-8")
    sets = ["census.allow_empty=true", "hiring.hires={2025: 10, 2026: 0}", "simulation.limits.min_growth=-1"]
    finished = simulate(tmp_path, census, years="2025-2026", sets=sets)
    assert finished.summary["hires"].to_list() == [10, 0]
    assert finished.summary["growth_rate"][0] is None

"""dbt's own unit tests: each model against rows made by hand."""

from tasks.warehouse.dbt import manifest
from tests.dbt.conftest import Prepared
from tests.dbt.runner import run_tests

#: Models that hold arithmetic: each has at least one unit test.
ARITHMETIC = {
    "int_baseline_workforce",
    "int_exposure",
    "int_hazard_scaling",
    "int_hires",
    "int_hires_by_combination",
    "int_hires_by_level",
    "int_year_workforce",
    "int_termination_hazards",
    "int_month_movements",
    "int_month_profiles",
    "int_month_summary",
    "int_opening_workforce",
    "int_raise_events",
    "int_raise_plan",
    "int_termination_race",
    "int_workforce_snapshot",
    "int_year_pay",
    "int_year_quotas",
}


def test_every_model_with_arithmetic_has_a_unit_test() -> None:
    assert {test.model for test in manifest().unit_tests.values()} >= ARITHMETIC


def test_unit_tests_pass(prepared: Prepared) -> None:
    results = run_tests(prepared.database, "--select=test_type:unit")
    assert len(results) == len(manifest().unit_tests)
    broken = [f"{result.node.name}: {result.message}" for result in results if result.status != "pass"]
    assert not broken, "\n\n".join(broken)

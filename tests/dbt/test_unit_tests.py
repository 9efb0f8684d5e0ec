"""dbt's own unit tests: each model against rows made by hand."""

import pytest

from tasks.warehouse.dbt import manifest, models
from tests.dbt.conftest import Prepared
from tests.dbt.runner import run_tests


def test_every_model_with_arithmetic_has_a_unit_test() -> None:
    intermediate = {node.name for node in models().values() if node.fqn[1] == "intermediate"}
    untested = intermediate - {test.model for test in manifest().unit_tests.values()}
    assert not untested, f"without a unit test: {sorted(untested)}"


@pytest.mark.slow
def test_unit_tests_pass(prepared: Prepared) -> None:
    results = run_tests(prepared.database, "--select=test_type:unit")
    assert len(results) == len(manifest().unit_tests)
    broken = [f"{result.node.name}: {result.message}" for result in results if result.status != "pass"]
    assert not broken, "\n\n".join(broken)

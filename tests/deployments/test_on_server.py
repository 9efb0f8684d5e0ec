"""Tests of deployments without a server: names, failures that count, the summary's text."""

import asyncio
from pathlib import Path
from uuid import uuid4

import pytest
import yaml
from prefect.client.schemas.objects import FlowRun
from prefect.exceptions import ParameterTypeError
from prefect.states import exception_to_crashed_state, exception_to_failed_state

from deployments.kinds.flows import PREFECT_YAML
from settings import InputError, load_settings
from tasks.census.read import CensusError
from tasks.history.errors import HistoryError
from tasks.runs.directory import RunDirectory
from tasks.runs.record import CensusRecord, RunRecord
from tasks.server.artifacts import summary_text
from tasks.server.failing import counts
from tasks.server.names import BACKTEST, DEPLOYMENTS, FIT, FORMER, REFORECAST, RUNS
from tasks.warehouse.checks import Check, CheckFailed


def test_deployments_have_descriptive_names_and_the_old_command_line_works() -> None:
    document = yaml.safe_load(PREFECT_YAML.read_text())
    assert [entry["name"] for entry in document["deployments"]] == [
        name.partition("/")[2] for name in DEPLOYMENTS
    ]
    assert RUNS == "multi-year/default"
    assert FORMER.keys() == set(DEPLOYMENTS) - {RUNS, FIT, BACKTEST, REFORECAST}
    assert not any("schedules" in entry for entry in document["deployments"])


@pytest.mark.parametrize(
    ("error", "by_hand", "scheduled"),
    [
        (InputError("--years: FIRST-LAST is expected"), False, True),
        (ParameterTypeError("years: a text is expected"), False, True),
        (CheckFailed("2026: 1 check failed"), True, True),
        (RuntimeError("exception: InputError: of somebody else"), True, True),
    ],
)
def test_wrong_input_of_a_manual_run_is_not_a_failure_of_the_deployment(
    error: Exception, by_hand: bool, scheduled: bool
) -> None:
    """The message is what Prefect puts into the state."""
    for message in ("Flow run encountered an exception:", "Validation of flow parameters failed with error:"):
        state = asyncio.run(exception_to_failed_state(error, message=message))
        for auto_scheduled, expected in ((False, by_hand), (True, scheduled)):
            run = FlowRun(flow_id=uuid4(), state=state, auto_scheduled=auto_scheduled)
            assert counts(run) is expected
    crashed = asyncio.run(exception_to_crashed_state(KeyboardInterrupt()))
    assert counts(FlowRun(flow_id=uuid4(), state=crashed))


def test_every_kind_of_wrong_input_is_known() -> None:
    try:
        load_settings(sets=["a=1"], environ={})
    except InputError as error:
        kinds = {type(error), CensusError, HistoryError, InputError}
    for kind in kinds:
        state = asyncio.run(exception_to_failed_state(kind.__new__(kind), message="an exception:"))
        assert not counts(FlowRun(flow_id=uuid4(), state=state)), kind


def test_the_summary_shows_failed_checks_and_escapes_names(tmp_path: Path) -> None:
    def check(name: str, status: str) -> Check:
        return Check(name, "warn", status, "1 of 9 | violate it", "none", None, "employee E1", None)

    means = [
        {
            "scenario_id": scenario,
            "simulation_year": 2025,
            **dict.fromkeys(
                ("opening_headcount", "hires", "terminations", "promotions", "opening_fte"), 10.5
            ),
            **dict.fromkeys(("transfers", "adjustments"), 0),
            **dict.fromkeys(("ending_headcount", "ending_fte"), 1000),
            "growth_rate": None,
            "ending_payroll": 1.5e6,
            "loaded_cost": 2.5e6,
        }
        for scenario in ("base", "<b>*x*")
    ]
    census = CensusRecord.model_construct(at_opening=1200, file="a.csv")
    text = summary_text(
        RunDirectory(tmp_path / "first_run"),
        RunRecord.model_construct(
            replicates=2,
            years=(2025, 2025),
            seed=42,
            census=census,
            settings={"simulation": {"start_year": 2025}},
        ),
        means,
        {2024: [check("one", "pass")], 2025: [check("one", "warn"), check("two", "pass")]},
    )
    assert "1,200 employees of a.csv" in text and "means over 2 replicates" in text
    assert r"| \<b\>\*x\* | 2025 | 10.5 | 10.5 | 10.5 | 10.5 | 1,000 | – | 1.5 | 2.5 |" in text
    assert "1 warn, 2 pass." in text
    assert "| one | warn | 2 |" in text and "| two | pass | 1 |" in text
    assert r"| 2025 | one | warn | 1 of 9 \| violate it | none |" in text
    assert "E1" not in text

"""Five scenarios of a small company over two years, one of them a leap year, with awkward texts."""

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from tasks.census.sample import sample_census
from tests.simulate import Finished, simulate

FORMULA = "-1+cmd|' /C calc'!A0"  # a census refuses texts that begin with =, + or @ itself
MARKUP = "<script>alert(1)</script>"

SCENARIOS: dict[str, dict[str, Any]] = {
    "base": {"compensation.effective_dates.promotion": {"04-01": 0.5, "09-15": 0.5}},
    "dear": {
        "compensation.effective_dates.promotion": {"04-01": 0.5, "09-15": 0.5},
        "cost.benefits.amount": 19000,
        "cost.bonus_rates.1": 0.5,
    },
    "drawn": {"simulation.mode": "expected", "workforce.total_termination_rate": "0.3"},
    "cut": {"simulation.target_growth_rate": "-0.1", "workforce.total_termination_rate": "0.05"},
    # what the others do not have: transfers, part-time work, targets by segment, minima, known actions
    "moved": {
        "workforce.transfer": {"base": 0.15, "by": "department"},
        "hiring.fte_mix": {"1": 0.5, "0.5": 0.5},
        "compensation.enforce_minimum": True,
        "workforce.levels.1.min_salary": 60000,
        "targets": {
            "by": ["department"],
            "segments": [
                {"where": {"department": FORMULA}, "growth": 0.25},
                {"where": {"department": MARKUP}, "headcount": 5},
            ],
        },
    },
}
ACTIONS = """action_id,action,date,employee_id,count,level,salary,fte,probability,location
leave,leave,2027-03-31,{0},,,,,,
gone,raise,2027-05-15,{0},,,90000,,,
moved,transfer,2028-03-15,{1},,,,,,Mars
less,fte,2027-02-10,{2},,,,0.5,,
raised,raise,2028-08-20,{3},,,199999.99,,,
started,hire,2027-10-04,,3,2,,,,Mars
unlikely,hire,2028-10-04,,3,2,,,0.000001,
late,leave,2031-01-31,{4},,,,,,
"""


def awkward_run(directory: Path) -> Finished:
    """Simulate it into `directory`/run."""
    departments = {"Sales": FORMULA, "Finance": MARKUP}
    census = sample_census(200, 7, date(2026, 12, 31)).with_columns(pl.col("department").replace(departments))
    here = census.filter(pl.col("termination_date").is_null())["employee_id"].sort()
    (directory / "actions.csv").write_text(ACTIONS.format(*here.gather_every(20)), encoding="utf-8")
    moved = SCENARIOS["moved"] | {
        "plan.actions": str(directory / "actions.csv"),
        "plan.allow_new_values": True,
    }
    return simulate(
        directory,
        census,
        years="2027-2028",
        replicates=2,
        scenarios={**SCENARIOS, "moved": moved},
        sets=["cost.severance.amount=123.45", "cost.recruiting.rate={2027: 0.1, 2028: 0.2}"],
    )

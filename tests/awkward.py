"""Four scenarios of a small company over two years, one of them a leap year, with awkward texts."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tasks.census.sample import sample_census
from tests.simulate import Finished, simulate

FORMULA = "-1+cmd|' /C calc'!A0"  # a census refuses texts that begin with =, + or @ itself
MARKUP = "<script>alert(1)</script>"

SCENARIOS = {
    "base": {"compensation.effective_dates.promotion": {"04-01": 0.5, "09-15": 0.5}},
    "dear": {
        "compensation.effective_dates.promotion": {"04-01": 0.5, "09-15": 0.5},
        "cost.benefits.amount": 19000,
        "cost.bonus_rates.1": 0.5,
    },
    "drawn": {"simulation.mode": "expected", "workforce.total_termination_rate": "0.3"},
    "cut": {"simulation.target_growth_rate": "-0.1", "workforce.total_termination_rate": "0.05"},
}


def draw_each_chart_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep drawn charts: run, report, PDF and dashboard show the same ones, which take seconds to draw."""
    import vl_convert  # starts a JavaScript engine

    draw, drawn = vl_convert.vegalite_to_svg, dict[str, str]()

    def draw_or_look_up(spec: dict[str, Any]) -> str:
        key = json.dumps(spec, default=str)
        if key not in drawn:
            drawn[key] = draw(spec)
        return drawn[key]

    monkeypatch.setattr(vl_convert, "vegalite_to_svg", draw_or_look_up)


def awkward_run(directory: Path) -> Finished:
    """Simulate it into `directory`/run."""
    departments = {"Sales": FORMULA, "Finance": MARKUP}
    census = sample_census(200, 7, date(2026, 12, 31)).with_columns(pl.col("department").replace(departments))
    return simulate(
        directory,
        census,
        years="2027-2028",
        replicates=2,
        scenarios=SCENARIOS,
        sets=["cost.severance.amount=123.45", "cost.recruiting.rate={2027: 0.1, 2028: 0.2}"],
    )

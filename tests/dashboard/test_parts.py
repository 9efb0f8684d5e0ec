"""The drawing of charts, without a run."""

from typing import Any

import pytest
import streamlit as st

from tasks.dashboard.parts import AXES_HEIGHT, show_chart
from tasks.results.report.chart_waterfall import Step, waterfall
from tasks.results.report.marks import EMPLOYEES

STEPS: list[Step] = [("simulation.target_growth_rate", 900.0), ("hiring.level_mix", -15.0)]


def test_a_chart_of_few_bars_is_tall_enough_for_their_names(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[dict[str, Any]] = []
    monkeypatch.setattr(st, "vega_lite_chart", lambda spec, **_: drawn.append(spec))
    spec = waterfall(STEPS, [STEPS], EMPLOYEES, ("More", "Less", "Difference"), "Employees")
    show_chart(spec, "What makes the difference")
    # legend, axis and paddings take about 105 pixels; on a small screen the legend has three rows
    assert drawn[0]["height"] >= spec["height"] + 140 > spec["height"] + AXES_HEIGHT

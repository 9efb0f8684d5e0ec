"""Charts of a backtest: forecasts beside what happened, calibration, actual / expected by value."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from tasks.evidence.backtest.scores import Score
from tasks.results.report.marks import (
    INK,
    PANEL,
    POINT_SIZE,
    WIDTH,
    Measure,
    Spec,
    by_category,
    chart,
    mark,
    panels,
    silent,
)

#: What each figure is called, and its measure.
FIGURES = {
    "exits": Measure("Exits in the window", "count", "exits"),
    "headcount": Measure("Headcount at the end", "count", "employees"),
    "payroll": Measure("Annual payroll at the end", "money"),
}
#: The bands drawn, wide to narrow, with their opacity.
BANDS = (("p05", "p95", 0.18), ("p10", "p90", 0.22), ("p25", "p75", 0.38))
FOUND = Measure("Share found inside the band", "share")
RATIO = Measure("Actual / expected", "count")
Case = Mapping[str, Any]


def forecasts(
    cases: Sequence[Case], figure: str, ahead: str, reach: Sequence[float], days: Sequence[date]
) -> Spec:
    """Return what happened as a line over the bands that were forecast for each window.

    `cases` are those of one horizon; `reach` and `days` are the values and ends of windows of all horizons,
    so that their axes agree.
    """
    return _bands_and_actual(
        [_row(case, figure) for case in cases],
        figure,
        f"Window, by its end; forecast {ahead} before",
        reach,
        days,
    )


def fan(
    cases: Sequence[Case],
    past: Sequence[tuple[date, float]],
    figure: str,
    title: str,
    reach: Sequence[float],
) -> Spec:
    """Return the forecast from one origin as a fan, with what happened before (until -> value) and after."""
    measure = FIGURES[figure]
    rows = [_row(case, figure) for case in cases]
    actual = [
        *({"until": str(day), "actual": value} for day, value in past),
        *({"until": row["until"], "actual": row["actual"]} for row in rows),
    ]
    x = _time([*(day for day, _ in past), *(case["until"] for case in cases)], title=None)
    # an axis of small counts begins at zero, where their differences are large anyway
    y = measure.along("actual", reach, from_zero=2 * min(reach) < max(reach), titled=False)
    return chart(
        rows,
        width=PANEL,
        height=150,
        title={"text": title, "fontSize": 12},
        layer=[
            *(
                silent("area", {"x": x, "y": {**y, "field": low}, "y2": {"field": high}}, opacity=opacity)
                for low, high, opacity in BANDS
            ),
            silent("line", {"x": x, "y": {**y, "field": "p50"}}, strokeDash=[4, 3]),
            {"data": {"values": actual}, **silent("line", {"x": x, "y": y}, style=INK, strokeWidth=1.5)},
            # a fan of one window is a rule
            *(
                [
                    silent(
                        "rule",
                        {"x": x, "y": {**y, "field": "p05"}, "y2": {"field": "p95"}},
                        strokeWidth=4,
                        opacity=0.4,
                    )
                ]
                if len(rows) == 1
                else []
            ),
            _point(x, y),
        ],
    )


def _bands_and_actual(
    rows: Sequence[Mapping[str, Any]],
    figure: str,
    title: str,
    reach: Sequence[float],
    days: Sequence[date],
) -> Spec:
    measure = FIGURES[figure]
    x = _time(days, title=title)
    y = measure.along("actual", reach, from_zero=False)
    wide = {"size": 18}
    return chart(
        rows,
        height=220,
        layer=[
            *(
                silent(
                    "bar", {"x": x, "y": {**y, "field": low}, "y2": {"field": high}}, opacity=opacity, **wide
                )
                for low, high, opacity in BANDS
            ),
            silent("tick", {"x": x, "y": {**y, "field": "p50"}}, thickness=2, **wide),
            silent("line", {"x": x, "y": y}, style=INK, strokeWidth=1.5),
            _point(x, y),
        ],
    )


def _point(x: Spec, y: Spec) -> Spec:
    return mark(
        "point",
        ("Origin", "Window", "Median", "Band 50", "Band 90", "Actual"),
        {"x": x, "y": y},
        style=INK,
        filled=True,
        size=POINT_SIZE,
        opacity=1,
    )


def _row(case: Case, figure: str) -> dict[str, Any]:
    measure = FIGURES[figure]
    return {
        "Origin": f"forecast of {case['origin']}",
        "Window": f"to {case['until']}",
        "Median": measure.text(case["p50"]),
        "Band 50": f"{_short(measure, case['p25'])} to {measure.text(case['p75'])}",
        "Band 90": f"{_short(measure, case['p05'])} to {measure.text(case['p95'])}",
        "Actual": measure.text(case["actual"]),
        "until": str(case["until"]),
        "actual": case["actual"],
        **{name: case[name] for low, high, _ in BANDS for name in (low, high)},
        "p50": case["p50"],
    }


def _short(measure: Measure, value: float) -> str:
    return f"{value:,.0f}" if measure.kind == "count" else measure.text(value)


def _time(days: Sequence[date], *, title: str | None) -> Spec:
    """Return an axis on which windows, which differ in length, stand where they end."""
    first, last = min(days), max(days)
    margin = max((last - first) / 40, timedelta(days=20))
    return {
        "field": "until",
        "type": "temporal",
        "title": title,
        "axis": {
            "values": [_instant(day) for day in sorted(set(days))],
            "format": "%b %Y",
            "labelFlush": False,
            "labelOverlap": True,
        },
        "scale": {"type": "utc", "domain": [_instant(first - margin), _instant(last + margin)]},
    }


def _instant(day: date) -> Spec:
    return {"year": day.year, "month": day.month, "date": day.day, "utc": True}


def calibration(scores: Sequence[Score], names: Mapping[str, str]) -> Spec:
    """Return the share found inside each band beside the share it is meant to hold, by figure."""
    scopes = list(dict.fromkeys(score.dimension for score in scores))
    return panels(
        [_calibration([each for each in scores if each.dimension == scope], names, scope) for scope in scopes]
    )


def _calibration(scores: Sequence[Score], names: Mapping[str, str], scope: str | None) -> Spec:
    figures = [names[score.figure] for score in scores]
    rows = []
    for number, score in enumerate(scores):
        for meant, found in score.coverage.items():
            rows.append(
                {
                    "Figure": names[score.figure],
                    "Meant": f"{meant:.0%}",
                    "Cases": f"{found.events:,.0f} of {found.exposure:,.0f}",
                    "Interval": f"{found.low:.0%} to {found.high:.0%}",
                    "Found": f"{found.value:.1%}",
                    # figures stand beside each other
                    "meant": meant + 0.013 * (number - (len(scores) - 1) / 2),
                    "found": found.value,
                    "low": found.low,
                    "high": found.high,
                }
            )
    x = {
        "field": "meant",
        "type": "quantitative",
        "title": "Share that the band is meant to hold",
        "axis": {"values": [0.5, 0.8, 0.9], "format": "~%"},
        "scale": {"domain": [0.4, 1.0]},
    }
    y = {**FOUND.along("found", [0.0, 1.0], from_zero=True)}
    color = by_category("Figure", figures)
    return chart(
        rows,
        width=PANEL,
        height=240,
        title={"text": "Whole company" if scope is None else f"By {scope}", "fontSize": 12},
        layer=[
            {
                "data": {"values": [{"meant": 0.4, "found": 0.4}, {"meant": 1.0, "found": 1.0}]},
                **silent("line", {"x": x, "y": y}, style=INK, strokeDash=[4, 3], strokeWidth=1, opacity=0.6),
            },
            silent(
                "rule",
                {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}, "color": color},
                strokeWidth=2,
            ),
            mark(
                "point",
                ("Figure", "Meant", "Cases", "Interval", "Found"),
                {"x": x, "y": y, "color": color},
                filled=True,
                size=POINT_SIZE,
                opacity=1,
            ),
        ],
    )


def by_value(rows: Sequence[Mapping[str, Any]], title: str) -> Spec:
    """Return bars of actual / expected exits by value, with the share of cases inside the band."""
    names = [row["value"] for row in rows]
    drawn = [
        {
            "Value": row["value"],
            "Actual": f"{row['actual']:,.0f}",
            "Expected": f"{row['expected']:,.1f}",
            "Inside": f"{row['inside']:.0%} of {row['cases']} cases in the 90 % band",
            "Ratio": f"{row['ratio']:.2f}",
            "ratio": row["ratio"],
            "one": 1.0,
            "text": f"{row['inside']:.0%}",
        }
        for row in rows
        if row["ratio"] is not None
    ]
    ratios = [row["ratio"] for row in drawn]
    y = {
        "field": "Value",
        "type": "nominal",
        "sort": names,
        "title": title,
        "axis": {"labelLimit": 220},
    }
    reach = [*ratios, 1.0]
    x = {
        **RATIO.along("ratio", reach, from_zero=False),
        "axis": {"format": ".2~f", "grid": True, "tickCount": 8},
    }
    return chart(
        drawn,
        height=22 * max(len(drawn), 2),
        width=WIDTH - 220,
        layer=[
            mark(
                "bar",
                ("Value", "Actual", "Expected", "Inside", "Ratio"),
                {"y": y, "x": {**x, "field": "one"}, "x2": {"field": "ratio"}},
                height=12,
            ),
            silent("rule", {"x": {"datum": 1}}, style=INK, opacity=0.7),
            silent(
                "text",
                {"y": y, "x": {"value": WIDTH - 220}, "text": {"field": "text"}},
                align="left",
                dx=8,
                fontSize=10,
                style=INK,
            ),
        ],
    )

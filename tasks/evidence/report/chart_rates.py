"""Charts of rates: actual / expected with intervals, hazards over single years, the year effect, gains."""

from collections.abc import Sequence

from tasks.evidence.report.comparisons import Compared, Hazard
from tasks.results.report.marks import (
    INK,
    POINT_SIZE,
    WIDTH,
    Measure,
    Spec,
    by_category,
    chart,
    mark,
    silent,
)

RATIO = Measure("Actual / expected", "count")
HAZARD = Measure("Probability per year", "share")
BEFORE, AFTER = "Before the fit", "After the fit"
#: Charts show this many values of a dimension, those with most exposure.
CHARTED_VALUES = 30
#: Ratios beyond are drawn at the edge: the interval of a value with one exit would flatten all others.
HIGHEST_RATIO = 3.0
HIGHEST_HAZARD = 1.0
#: Years without events are drawn where so many were to be expected.
FEWEST_EXPECTED = 0.5
#: The axis of hazards holds the intervals of years with so many events.
WELL_KNOWN = 10


def ratios(compared: Sequence[Compared], title: str) -> Spec:
    """Return actual / expected by value: the fit as points with intervals, the settings before as rings."""
    largest = sorted(compared, key=lambda each: -each.exposure)[:CHARTED_VALUES]
    shown = [each for each in compared if each in largest]
    names = [each.value for each in shown]
    rows = []
    for each in shown:
        for kind, ratio in ((AFTER, each.ratio), (BEFORE, each.ratio_before)):
            if ratio is None:
                continue
            low, high = each.interval or (ratio, ratio)
            is_fit = kind == AFTER
            rows.append(
                {
                    "Value": each.value,
                    "Expectation": kind,
                    "Actual": f"{each.actual:,.0f}",
                    "Expected": f"{(each.after if is_fit else each.before or 0):,.1f}",
                    "Interval": f"{low:.2f} to {high:.2f}" if is_fit else "–",
                    "Ratio": f"{ratio:.2f}",
                    "ratio": min(ratio, HIGHEST_RATIO),
                    "low": min(low, HIGHEST_RATIO) if is_fit else None,
                    "high": min(high, HIGHEST_RATIO) if is_fit else None,
                }
            )
    kinds = [kind for kind in (AFTER, BEFORE) if any(row["Expectation"] == kind for row in rows)]
    reach = [
        min(value, HIGHEST_RATIO)
        for each in shown
        for value in (each.ratio, each.ratio_before, *(each.interval or ()))
        if value is not None
    ]
    is_short = all(len(name) <= 6 for name in names) and len(names) <= 16
    x = {
        "field": "Value",
        "type": "ordinal",
        "sort": names,
        "scale": {"domain": names},
        "title": title,
        "axis": {"labelAngle": 0 if is_short else -40, "labelLimit": 120, "labelFlush": False},
    }
    y = {**RATIO.along("ratio", [*reach, 1.0], from_zero=False), "axis": {"format": ".2~f"}}
    color = by_category("Expectation", kinds)
    shape = {
        "field": "Expectation",
        "sort": kinds,
        "scale": {"domain": kinds, "range": ["circle", "diamond"]},
    }
    offset = {
        "field": "Expectation",
        "type": "nominal",
        "sort": kinds,
        "scale": {"domain": kinds, "padding": 2.5},
    }
    return chart(
        rows,
        layer=[
            silent("rule", {"y": {"datum": 1}}, style=INK, strokeDash=[4, 3], opacity=0.6),
            silent(
                "rule",
                {
                    "x": x,
                    "xOffset": offset,
                    "y": {**y, "field": "low"},
                    "y2": {"field": "high"},
                    "color": color,
                },
                strokeWidth=2,
            ),
            mark(
                "point",
                ("Value", "Expectation", "Actual", "Expected", "Interval", "Ratio"),
                {"x": x, "xOffset": offset, "y": y, "color": color, "shape": shape},
                filled=True,
                size=POINT_SIZE,
                opacity=1,
            ),
        ],
    )


def hazard_curve(found: Sequence[Hazard], attribute: str, *, height: int = 240) -> Spec:
    """Return the hazard by single year: points with intervals for what was seen, the fit as steps."""
    name = attribute.capitalize()
    top = _top(found)
    rows = [
        {
            name: str(each.year),
            "Exits": f"{each.actual:,.0f} in {each.exposure:,.0f} person-years",
            "Fitted": f"{each.fitted:.1%} ({each.fitted_low:.1%} to {each.fitted_high:.1%})",
            "Interval": f"{each.low or 0:.1%} to {each.high or 0:.1%}",
            "Seen": HAZARD.text(each.adjusted or 0.0),
            "year": each.year,
            "seen": each.adjusted if (each.adjusted or 0.0) <= top else None,  # not at the axis' edge
            "low": each.low,
            "high": each.high,
        }
        for each in found
        if each.actual > 0 or each.fitted * each.exposure >= FEWEST_EXPECTED
    ]
    # steps are drawn from the lower edge of a year to the upper edge of the last
    steps = [*found, *found[-1:]]
    edges = [
        {
            "edge": found[0].year + number - 0.5,
            "fitted": each.fitted,
            "fitted_low": each.fitted_low,
            "fitted_high": each.fitted_high,
        }
        for number, each in enumerate(steps)
    ]
    x = {
        "type": "quantitative",
        "title": f"{name} at the opening of a window (completed years)",
        "scale": {"domain": [found[0].year - 0.5, found[-1].year + 0.5], "nice": False},
        "axis": {"format": "d", "tickMinStep": 1},
    }
    y = HAZARD.along("seen", [0.0, top], from_zero=True)
    edge = {**x, "field": "edge"}
    return chart(
        rows,
        height=height,
        layer=[
            {
                "data": {"values": edges},
                **silent(
                    "area",
                    {"x": edge, "y": {**y, "field": "fitted_low"}, "y2": {"field": "fitted_high"}},
                    interpolate="step-after",
                    opacity=0.22,
                    clip=True,
                ),
            },
            {
                "data": {"values": edges},
                **silent(
                    "line",
                    {"x": edge, "y": {**y, "field": "fitted"}},
                    interpolate="step-after",
                    strokeWidth=2.5,
                    clip=True,
                ),
            },
            silent(
                "rule",
                {"x": {**x, "field": "year"}, "y": {**y, "field": "low"}, "y2": {"field": "high"}},
                style=INK,
                opacity=0.35,
                clip=True,
            ),
            mark(
                "point",
                (name, "Exits", "Fitted", "Interval", "Seen"),
                {"x": {**x, "field": "year"}, "y": y},
                style=INK,
                filled=True,
                size=34,
                opacity=0.9,
                clip=True,
            ),
        ],
    )


def _top(found: Sequence[Hazard]) -> float:
    """Return where the axis ends: a year with few people has an interval that would flatten the curve."""
    fitted = [each.fitted_high for each in found]
    well_known = [each.high for each in found if each.high is not None and each.actual >= WELL_KNOWN]
    return min(max([*fitted, *well_known]), HIGHEST_HAZARD)


def gains(saved: Sequence[tuple[str, float]]) -> Spec:
    """Return bars of the deviance that each model saves, as a share of a constant rate's."""
    measure = Measure("Deviance saved on windows left out", "share")
    rows = [{"Model": name, "Saved": f"{share:.1%}", "saved": share} for name, share in saved]
    return chart(
        rows,
        height=36 * len(rows),
        width=WIDTH - 200,
        **mark(
            "bar",
            ("Model", "Saved"),
            {
                "y": {
                    "field": "Model",
                    "type": "nominal",
                    "sort": [name for name, _ in saved],
                    "title": None,
                    "axis": {"labelLimit": 260},
                },
                "x": measure.along("saved", [share for _, share in saved], from_zero=True, tickCount=8),
            },
        ),
    )

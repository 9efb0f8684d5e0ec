"""Sections on raises and on hires."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

import numpy as np

from tasks.evidence.estimate.joiners import Joiners
from tasks.evidence.estimate.raises import Raises
from tasks.evidence.report.columns import count, share, text
from tasks.results.report.charts import svg
from tasks.results.report.html import Section
from tasks.results.report.marks import PANEL, WIDTH, Measure, Spec, chart, mark, panels
from tasks.results.report.table import Column, Table

RAISE = Measure("Average raise a year", "share")
HIRED = Measure("Share of hires", "share")
SPAN_OF_AGES = 5
#: A chart of more bars takes the whole width.
MOST_BARS = 12
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def raise_section(raises: Raises, names: Sequence[str]) -> Section:
    """Return the raises by window; `names` are those of all windows."""
    known = [number for number, value in enumerate(raises.average) if not np.isnan(value)]
    rows = [
        {
            "window": names[number],
            "stayers": int(raises.stayers[number]),
            "average": float(raises.average[number]),
            "growth": float(np.expm1(raises.growth[number])),
        }
        for number in known
    ]
    columns = (
        text("window", "Window", "By its end"),
        count("stayers", "People", "With pay on both lists and the same level"),
        share("average", "Average raise", "Of full-time pay a year, without promotions"),
        share("growth", "Growth of stayers' pay", "Of actual pay a year, promotions included"),
    )
    cola, merit = raises.cola, raises.merit
    sentences = [
        f"General increase {cola.value:.2%} ({cola.low:.2%} to {cola.high:.2%}), merit {merit.value:.2%} "
        f"({merit.low:.2%} to {merit.high:.2%}) a year.",
        "Lists do not say what a raise was for: the general increase is the raise that many have in common, "
        "or else the tenth percentile; the rest counts as merit.",
        f"The average raise moves by ±{raises.movement:.1%} from year to year.",
    ]
    if raises.promotion:
        low, high, number = raises.promotion
        sentences.append(
            f"Promotion raises pay by {low:.1%} to {high:.1%} (eight of ten of {number:,} cases)."
        )
    drawn = [
        {
            "Window": row["window"],
            "People": f"{row['stayers']:,}",
            "Raise": f"{row['average']:.2%}",
            "raise": row["average"],
        }
        for row in rows
    ]
    spec = chart(
        drawn,
        height=180,
        **mark(
            "bar",
            ("Window", "People", "Raise"),
            {
                "x": {"field": "Window", "type": "ordinal", "title": None, "axis": {"labelAngle": 0}},
                "y": RAISE.along("raise", [float(value) for value in raises.average[known]], from_zero=True),
            },
        ),
    )
    return Section(Table("raises", "Raises", " ".join(sentences), columns, tuple(rows)), (("", svg(spec)),))


def hire_sections(joiners: Joiners) -> Iterator[Section]:
    """Yield what hires are like, and their pay."""
    mixes: list[tuple[str, list[tuple[str, float]]]] = [
        ("level", [(str(level), float(value)) for level, value in joiners.level_mix.items()]),
        ("age", _ages(joiners)),
        ("working time", [(f"{fte:f}", float(value)) for fte, value in joiners.fte_mix.items()]),
        (
            "place",
            [
                (" / ".join(each or "(none)" for each in values.values()), float(value))
                for values, value in joiners.dimension_mix
            ],
        ),
        ("month, against an even year", _months(joiners.months)),
    ]
    shown = [(name, mix) for name, mix in mixes if mix]
    sentences = [f"{joiners.hires:,} people were hired in the windows, without people who came back."]
    rate = joiners.left_in_hire_year
    if rate:
        sentences.append(
            f"{rate.events:,.0f} of them left before the next list. In the year of hire leave "
            f"{rate.value:.1%} ({rate.low:.1%} to {rate.high:.1%})."
        )
    if not shown:
        sentences.append("These are too few, or the lists do not show what they are like.")
    rows = [{"attribute": name, "value": value, "share": part} for name, mix in shown for value, part in mix]
    columns = (
        text("attribute", "By", "Attribute of the hires"),
        text("value", "Value", "Its value"),
        Column("share", "Share", "share", "Share of the hires; of months: relative to a day of an even year"),
    )
    narrow = [_bars(mix, name, PANEL) for name, mix in shown if len(mix) <= MOST_BARS]
    charts = [("", svg(panels(narrow)))] if narrow else []
    charts += [("", svg(_bars(mix, name, WIDTH))) for name, mix in shown if len(mix) > MOST_BARS]
    table = Table("hires", "Hires", " ".join(sentences), columns, tuple(rows))
    yield Section(table, tuple(charts), folded=True)
    if joiners.pay:
        yield _pay(joiners)


def _ages(joiners: Joiners) -> list[tuple[str, float]]:
    """Return shares by spans of ages: the weights are quantiles, whose single ages say nothing."""
    spans: dict[int, float] = {}
    for age, weight in sorted(joiners.age_weights.items()):
        start = age // SPAN_OF_AGES * SPAN_OF_AGES
        spans[start] = spans.get(start, 0.0) + float(weight)
    return [(f"{start}-{start + SPAN_OF_AGES - 1}", part) for start, part in spans.items()]


def _months(weights: Sequence[Decimal] | None) -> list[tuple[str, float]]:
    return [(month, float(weight)) for month, weight in zip(MONTHS, weights, strict=True)] if weights else []


def _bars(mix: Sequence[tuple[str, float]], name: str, width: int) -> Spec:
    rows = [{"Value": value, "Share": f"{part:.1%}", "share": part} for value, part in mix]
    is_short = all(len(value) <= 6 for value, _ in mix)
    return chart(
        rows,
        height=150,
        width=width,
        title={"text": f"Hires by {name}", "fontSize": 12},
        **mark(
            "bar",
            ("Value", "Share"),
            {
                "x": {
                    "field": "Value",
                    "type": "ordinal",
                    "sort": [value for value, _ in mix],
                    "title": None,
                    "axis": {"labelAngle": 0 if is_short else -40, "labelLimit": 120},
                },
                "y": HIRED.along("share", [part for _, part in mix], from_zero=True),
            },
        ),
    )


def _pay(joiners: Joiners) -> Section:
    rows = [
        {"level": level, "number": number, "low": low, "high": high}
        for level, (low, high, number) in joiners.pay.items()
    ]
    columns = (
        Column("level", "Level", "text", "Level of the hires"),
        count("number", "Hires", "Hires with pay"),
        Column("low", "From", "money", "Fifth percentile of full-time pay (currency units a year)"),
        Column("high", "To", "money", "Ninety-fifth percentile of full-time pay"),
    )
    note = "Nine of ten hires have pay in this range, at the date of the newest list with the raises since."
    return Section(
        Table("hire_pay", "Pay of hires by level", note, columns, tuple(rows), short="Pay of hires")
    )

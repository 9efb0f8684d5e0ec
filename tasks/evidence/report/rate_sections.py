"""Sections on a fitted rate: actual against expected, hazards, factors, correlations."""

from collections.abc import Iterator, Mapping, Sequence

from tasks.evidence.estimate.credibility import Attribute
from tasks.evidence.estimate.exposure import Array
from tasks.evidence.estimate.factors import factors_of
from tasks.evidence.estimate.rates import Rate
from tasks.evidence.estimate.selection import all_values
from tasks.evidence.report.chart_rates import CHARTED_VALUES, HIGHEST_RATIO, hazard_curve, ratios
from tasks.evidence.report.columns import ACTUAL, EVENTS, EXPOSURE, HIGH, LOW, count, ratio, share, text
from tasks.evidence.report.comparisons import (
    Compared,
    by_value,
    by_window,
    correlations,
    hazards,
)
from tasks.results.report.charts import svg
from tasks.results.report.html import Section
from tasks.results.report.table import Column, Table

MOST_CORRELATIONS = 15
_OPENING = "on the day after the opening list"


def year_section(rate: Rate, names: Sequence[str], before: Array | None, what: str, key: str) -> Section:
    """Return actual against expected by window; `names` are those of all windows, `what` the events."""
    note = (
        f"{what.capitalize()} of each window beside what an unchanged rate would make of its people. "
        f"{year_text(rate)} Bars show the 90 % interval for chance per person."
    )
    compared = by_window(rate.fitted, names, before)
    short = "By year" if key == "years" else f"{what.capitalize()} by year"
    return _compared_section(
        compared, key, f"{what.capitalize()} by year", note, "Window, by its end", short, drops_some=False
    )


def year_text(rate: Rate) -> str:
    """Return sentences on how a rate moves from year to year, and on its present level."""
    effect = rate.effect
    low, high = effect.interval
    size = f"±{effect.size:.1%} (standard deviation of the logarithm; 90 % interval {low:.1%} to {high:.1%})"
    movement = f"Beyond chance per person, rates of everybody move together from year to year by {size}."
    if len(effect.logs) < 2:
        movement = f"One window cannot show how rates move; what is usual elsewhere is assumed: {size}."
    return (
        f"{movement} The present level is {effect.level:+.1%} against the average of all windows, give or "
        f"take {effect.level_deviation:.1%}."
    )


def value_sections(
    rate: Rate,
    names: Sequence[str],
    before: Array | None,
    what: str,
    bands: Mapping[str, Sequence[int]],
) -> Iterator[Section]:
    """Yield actual against expected by each attribute: by band, level, value of a dimension.

    `bands` are those of age and tenure to compare in where the fit found no differences.
    """
    fitted = {attribute.name: attribute for attribute in rate.fitted.attributes}
    for name in names:
        attribute = fitted.get(name) or all_values(rate.fitted.exposure, name)
        use = "has factors in the fit."
        if attribute.is_banded and len(attribute.values) == 1:
            attribute = Attribute(name, tuple(bands[name]), is_banded=True)
            use = "has no factors in the fit: the differences could be chance. Bands are those before it."
        elif name not in fitted:
            use = "has no factors in the fit: in windows left out it did not help to predict."
        note = (
            f"{what.capitalize()} by {name} {_OPENING}, beside what is expected, at the level of each "
            f"window, so that only the differences between values are compared. 1 means as expected; an "
            f"interval that does not reach 1 shows more than chance. {name.capitalize()} {use}"
        )
        compared = by_value(rate.fitted, attribute, before)
        if compared:
            title = f"{what.capitalize()} by {name}: actual against expected"
            axis = name.capitalize()
            drops_some = not attribute.is_banded
            yield _compared_section(
                compared, f"by_{name}", title, note, axis, f"By {name}", drops_some=drops_some
            )


def _compared_section(
    compared: Sequence[Compared], key: str, title: str, note: str, axis: str, short: str, *, drops_some: bool
) -> Section:
    has_before = any(each.before is not None for each in compared)
    rows = [
        {
            "value": each.value,
            "exposure": each.exposure,
            "actual": each.actual,
            "before": each.before,
            "after": each.after,
            "ratio_before": each.ratio_before,
            "ratio": each.ratio,
            "low": each.interval[0] if each.interval else None,
            "high": each.interval[1] if each.interval else None,
        }
        for each in compared
    ]
    columns: list[Column] = [
        text("value", axis.partition(",")[0], "Value of the attribute"),
        EXPOSURE,
        ACTUAL,
    ]
    if has_before:
        columns.append(count("before", "Expected before", "By the settings in force before the fit, scaled"))
    columns.append(count("after", "Expected after", "By the fit"))
    if has_before:
        columns.append(ratio("ratio_before", "A/E before", "Actual / expected before the fit"))
    columns += [ratio("ratio", "A/E after", "Actual / expected after the fit"), LOW, HIGH]
    remark = ""
    if drops_some and len(compared) > CHARTED_VALUES:
        remark = f"The chart shows the {CHARTED_VALUES} largest of {len(compared)}."
    if any(
        ratio is not None and ratio > HIGHEST_RATIO
        for each in compared
        for ratio in (each.ratio, each.ratio_before)
    ):
        remark = f"{remark} Ratios above {HIGHEST_RATIO:.0f} are drawn at {HIGHEST_RATIO:.0f}.".strip()
    table = Table(key, title, note, tuple(columns), tuple(rows), short=short)
    charts = (("", svg(ratios(compared, axis))),)
    return Section(table, charts, remark, folded=len(rows) > CHARTED_VALUES)


def hazard_sections(rate: Rate, what: str, key: str = "hazard") -> Iterator[Section]:
    """Yield the hazard by single year of age and of tenure."""
    for attribute in rate.fitted.attributes:
        if not attribute.is_banded:
            continue
        name = attribute.name
        found = hazards(rate.fitted, name)
        rows = [
            {
                "year": each.year,
                "exposure": each.exposure,
                "actual": each.actual,
                "raw": each.raw,
                "adjusted": each.adjusted,
                "low": each.low,
                "high": each.high,
                "fitted": each.fitted,
                "fitted_low": each.fitted_low,
                "fitted_high": each.fitted_high,
            }
            for each in found
        ]
        columns = (
            Column("year", name.capitalize(), "text", "Completed years at the opening of a window"),
            EXPOSURE,
            ACTUAL,
            share("raw", "Raw rate", "Actual / person-years"),
            share("adjusted", "Seen", "Rate seen at the average of the other attributes (per year)"),
            share("low", "From", "Lower end of its 90 % interval (chance per person)"),
            share("high", "To", "Upper end of its 90 % interval"),
            share("fitted", "Fitted", "Base x factor of the band (per year)"),
            share("fitted_low", "From", "Lower end of the 90 % interval of the fit"),
            share("fitted_high", "To", "Upper end of the 90 % interval of the fit"),
        )
        note = (
            f"Points: the rate of {what} seen at each {name} if the other attributes were at their average, "
            f"with the 90 % interval for chance. Line: the fit in its bands, with the 90 % band of its "
            f"parameters. Values beyond the axis, and years with hardly anybody, are in the table."
        )
        title = f"{what.capitalize()}: probability per year by {name}"
        yield Section(
            Table(f"{key}_{name}", title, note, columns, tuple(rows), short=f"Hazard by {name}"),
            (("", svg(hazard_curve(found, name))),),
            folded=True,
        )


def factor_section(rate: Rate, key: str, title: str, note: str, *, curves: bool) -> Section:
    """Return the factors of a rate; with `curves` beside the hazards by age and tenure."""
    charts = []
    if curves:
        charts = [
            (
                f"By {attribute.name}",
                svg(hazard_curve(hazards(rate.fitted, attribute.name), attribute.name, height=170)),
            )
            for attribute in rate.fitted.attributes
            if attribute.is_banded
        ]
    rows = [
        {
            "attribute": each.attribute,
            "value": each.value,
            "exposure": each.estimate.exposure,
            "events": each.estimate.events,
            "factor": each.estimate.value,
            "low": each.estimate.low,
            "high": each.estimate.high,
        }
        for each in factors_of(rate.fitted)
    ]
    columns = (
        text("attribute", "Attribute", "Age, tenure, level or a dimension"),
        text("value", "Value", "Band or value"),
        EXPOSURE,
        EVENTS,
        ratio("factor", "Factor", "Multiplier of the base; the average person has 1"),
        LOW,
        HIGH,
    )
    return Section(
        Table(key, title, note, columns, tuple(rows), short=title.partition(":")[0]), tuple(charts)
    )


def base_text(rate: Rate, what: str) -> str:
    """Return a sentence on the base of a rate and its events."""
    exposure = rate.fitted.exposure
    return (
        f"{exposure.events.sum():,.0f} {what} in {exposure.person_years.sum():,.0f} person-years. The "
        f"average over all windows is {rate.fitted.base:.2%} a year, and {rate.base_now:.2%} at the "
        f"present level."
    )


def correlation_section(rates: Sequence[tuple[str, Rate]], note: str) -> Section:
    """Return the largest correlations between the parameters of each rate."""
    pairs = [(name, *pair) for name, rate in rates for pair in correlations(rate.fitted)[:MOST_CORRELATIONS]]
    rows = [
        {"rate": name, "one": one, "other": other, "correlation": value}
        for name, one, other, value in sorted(pairs, key=lambda each: -abs(each[3]))[:MOST_CORRELATIONS]
    ]
    columns = (
        text("rate", "Rate", "The rate that both belong to"),
        text("one", "Parameter", "Base, or factor of a value"),
        text("other", "And", "Base, or factor of a value"),
        Column("correlation", "Correlation", "ratio", "Of the logarithms, from -1 to 1"),
    )
    return Section(Table("covariance", "How parameters are uncertain together", note, columns, tuple(rows)))

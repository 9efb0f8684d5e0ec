"""A fit as tables for the terminal."""

import re
from collections.abc import Iterator, Sequence

from tasks.evidence.estimate.estimate import Estimate
from tasks.evidence.estimate.fit import Fitted
from tasks.text.tables import Record, TextTable

#: Of an estimate for other programs; shares of 1, not percentages.
_FIELDS = ("what", "value", "low", "high", "events", "person_years")


def fit_tables(fitted: Fitted, missing: Sequence[tuple[str, str]]) -> Iterator[TextTable]:
    """Yield what was estimated, the factors of exits, and what keeps its value with the reason."""
    yield _summary(fitted)
    yield _factors(fitted)
    table = TextTable("Not estimated: keeps its value", name="not_estimated", fields=("what", "why"))
    table.add_column("What", "key")
    table.add_column("Why", "prose")
    for what, why in missing:
        table.add_row(what, why, values={"what": what, "why": why})
    yield table


def _summary(fitted: Fitted) -> TextTable:
    table = TextTable(
        f"Estimated from {len(fitted.history.dates)} lists until {fitted.until}",
        name="estimates",
        fields=_FIELDS,
    )
    table.add_column("What", "key")
    table.add_column("Value", "number")
    table.add_column("90 % interval", "number")
    table.add_column("From", "prose")
    total = fitted.terminations.total
    _add(table, "Experienced turnover ahead", fitted.total_rate, "exits")
    low, high = total.effect.interval
    table.add_row(
        "Year effect of exits",
        f"±{100 * total.effect.size:.1f} %",
        f"{100 * low:.1f} to {100 * high:.1f}",
        f"{fitted.history.windows} windows; one standard deviation of a year's rate"
        if fitted.history.windows > 1
        else "what is usual: one window does not show it",
        values=_record("Year effect of exits", (total.effect.size, low, high)),
    )
    if fitted.joiners.left_in_hire_year:
        leavers = fitted.joiners.left_in_hire_year
        _add(table, "Hires who leave in their hire year", leavers, "leavers", fitted.joiners.left_after_hire)
    for what, rate, events in (
        ("Promotion", fitted.promotion, "promotions"),
        (f"Transfer by {fitted.transfer_by}", fitted.transfer, "transfers"),
    ):
        if rate:
            seen = rate.fitted.exposure
            counted = seen.events.sum(), seen.person_years.sum()
            table.add_row(
                what,
                f"{100 * rate.base_now:.2f} %",
                "",
                _from(counted[0], events, counted[1]),
                values=_record(what, (rate.base_now, None, None), counted),
            )
    if fitted.raises:
        _add(table, "General increase", fitted.raises.cola, "raises")
        _add(table, "Merit", fitted.raises.merit, "raises")
    return table


def _factors(fitted: Fitted) -> TextTable:
    fit = fitted.terminations.total.fitted
    table = TextTable("Factors of exits, all causes together", name="factors")
    table.add_column("Attribute", "key")
    table.add_column("Value", "key")
    for heading in ("Person-years", "Exits", "Observed", "Factor", "Credibility"):
        table.add_column(heading, "number")
    for attribute in fit.attributes:
        name = attribute.name
        expected = fit.by_value(name, fit.expected) / fit.factors[name]
        exits = fit.by_value(name, fit.exposure.events)
        years = fit.by_value(name, fit.exposure.person_years)
        for number, value in enumerate(attribute.labels):
            ratio = exits[number] / expected[number] if expected[number] > 0 else float("nan")
            share = expected[number] / (expected[number] + fit.credibility[name])
            table.add_row(
                name if number == 0 else "",
                value,
                f"{years[number]:,.0f}",
                f"{exits[number]:,.0f}",
                "–" if ratio != ratio else f"{ratio:.2f}",
                f"{fit.factors[name][number]:.2f}",
                f"{100 * share:.0f} %",
                values={
                    "attribute": name,
                    "value": value,
                    "person_years": years[number],
                    "exits": exits[number],
                    "observed_factor": ratio,
                    "factor": fit.factors[name][number],
                    "credibility": share,
                },
            )
    return table


def _add(table: TextTable, what: str, estimate: Estimate, events: str, text: str | None = None) -> None:
    """Add an estimate, with what it rests on or a text instead."""
    table.add_row(
        what,
        f"{100 * estimate.value:.2f} %",
        f"{100 * estimate.low:.2f} to {100 * estimate.high:.2f}",
        text or _from(estimate.events, events, estimate.exposure),
        values=_record(
            what, (estimate.value, estimate.low, estimate.high), (estimate.events, estimate.exposure)
        ),
    )


def _record(
    what: str,
    value: tuple[float, float | None, float | None],
    counted: tuple[float | None, float | None] = (None, None),
) -> Record:
    """Return an estimate with its 90 % interval for other programs, and the events and exposure behind it."""
    name = re.sub(r"\W+", "_", what.lower())
    return dict(
        zip(("what", "value", "low", "high", "events", "person_years"), (name, *value, *counted), strict=True)
    )


def _from(events: float, name: str, exposure: float) -> str:
    return f"{events:,.0f} {name}, {exposure:,.0f} person-years"

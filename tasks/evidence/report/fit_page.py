"""The page of a fit: what was read, actual against expected, hazards, raises, hires, and how sure it is."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from settings import Settings
from tasks.evidence.estimate.challenger import CONSTANT, FIT, TREES, challenge
from tasks.evidence.estimate.exposure import Array, Exposure, probability_in
from tasks.evidence.estimate.fit import Fitted
from tasks.evidence.estimate.in_force import bands_in_force, exit_rates
from tasks.evidence.estimate.rates import Rate
from tasks.evidence.report.chart_rates import gains
from tasks.evidence.report.columns import count, share, text
from tasks.evidence.report.people_sections import hire_sections, raise_section
from tasks.evidence.report.rate_sections import (
    base_text,
    correlation_section,
    factor_section,
    hazard_sections,
    value_sections,
    year_section,
)
from tasks.history.accepted import History
from tasks.history.estimable import cannot_estimate
from tasks.history.windows import window_figures
from tasks.results.report.charts import svg
from tasks.results.report.html import Section, Tiles, render
from tasks.results.report.table import Column, Table
from tasks.system.files import replace_text

#: What keeps its value, and why.
Missing = Sequence[tuple[str, str]]


def write_fit_page(fitted: Fitted, settings: Settings, path: Path, *, missing: Missing | None = None) -> None:
    """Write the page of a fit, as `fit_page` returns it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_text(path, fit_page(fitted, settings, missing=missing))


def fit_page(fitted: Fitted, settings: Settings, *, missing: Missing | None = None) -> str:
    """Return the text of the page of a fit.

    `settings` are those in force before it; `missing` is what keeps its value, and why: by default what the
    history cannot show.
    """
    history = fitted.history
    rate = fitted.total_rate
    effect = fitted.terminations.total.effect
    return render(
        list(_sections(fitted, settings, cannot_estimate(history) if missing is None else missing)),
        title=f"Assumptions from history up to {fitted.until}",
        heading=f"Assumptions from history up to {fitted.until}",
        introduction=(
            f"Estimated from {len(history.dates)} lists from {history.dates[0]} to {fitted.until} "
            f"(history {history.sha256[:12]}). Intervals hold the true value with a probability of 90 %."
        ),
        tiles=[
            Tiles(
                "",
                [
                    ("People in the newest list", f"{int(fitted.newest['exposed'].sum()):,}"),
                    ("Exits in all windows", f"{rate.events:,.0f}"),
                    ("Person-years", f"{rate.exposure:,.0f}"),
                    (
                        "Experienced turnover of the coming year",
                        f"{rate.value:.1%} ({rate.low:.1%} to {rate.high:.1%})",
                    ),
                    ("Rates move by, a year", f"±{effect.size:.1%}"),
                ],
            )
        ],
        longer_tables="the files of the fit",
    )


def window_names(history: History) -> list[str]:
    """Return a name for each window: the date of its end."""
    return [day.isoformat() for day in history.dates[1:]]


def _sections(fitted: Fitted, settings: Settings, missing: Missing) -> Iterator[Section]:
    history, found = fitted.history, fitted.terminations
    names = window_names(history)
    before = exit_rates(found.total.fitted.exposure.cells, settings)
    yield _read(history)
    if missing:
        yield _missing(missing)
    year = year_section(found.total, names, before, "exits", "years")
    yield Section(year.table, year.charts, before_text(found.total.fitted.exposure, before, settings))
    attributes = found.total.fitted.exposure.attributes
    yield from value_sections(found.total, attributes, before, "exits", bands_in_force(settings))
    yield from hazard_sections(found.total, "exits")
    yield from _causes(fitted)
    yield from _moves(fitted, names)
    if fitted.raises:
        yield raise_section(fitted.raises, names)
    yield from hire_sections(fitted.joiners)
    gain = _gain(fitted, settings)
    if gain:
        yield gain
    yield correlation_section(_rates(fitted), _COVARIANCE)


_COVARIANCE = (
    "Base and factors are estimated from the same exits, so that their errors go together: where one is too "
    "high, another is too low. The table has the largest correlations of the logarithms, with factors "
    "normalised to a mean of 1. The whole covariance is in the file beside the settings whose name ends in "
    ".uncertainty.json, from which simulations draw."
)


def before_text(exposure: Exposure, before: Array, settings: Settings) -> str:
    """Return a sentence on the total that the settings in force before the fit expect."""
    year = settings.simulation.start_year
    if settings.simulation.mode == "rates":
        yearly, what = before, "their hazards"
    else:
        rate = float(settings.workforce.total_termination_rate.at(year))
        yearly, what = before * 0 + rate, f"their experienced turnover of {rate:.1%} a year"
    expected = float((exposure.exposed * probability_in(yearly, exposure.years)).sum())
    actual = float(exposure.events.sum())
    ratio = f": actual / expected {actual / expected:.2f}" if expected > 0 else ""
    return (
        f"The settings before the fit expected {expected:,.0f} exits in all windows, by {what}; "
        f"{actual:,.0f} happened{ratio}. Below they are scaled to the same total, so that "
        "their shape is compared."
    )


def _read(history: History) -> Section:
    figures = window_figures(history)
    rows = [
        {
            "opening": row["start"],
            "closing": row["end"],
            "days": row["days"],
            "people": row["opening"],
            "left": row["leavers"],
            "excluded": row["excluded"],
            "joined": row["joiners"] + row["joined_and_left"],
            "people_after": after,
        }
        for row, after in zip(
            figures.iter_rows(named=True),
            [*figures["opening"][1:], history.people.filter(pl.col("list") == history.windows).height],
            strict=True,
        )
    ]
    columns = (
        Column("opening", "From", "date", "Date of the opening list"),
        Column("closing", "To", "date", "Date of the list at the end"),
        count("days", "Days", "Length of the window"),
        count("people", "People at opening", "People employed at the end of the day of the opening list"),
        count("left", "Exits", "People of the opening list who are not in the next"),
        Column(
            "excluded", "Not counted", "count", "Left for a reason of history.exclude_reasons", optional=True
        ),
        count("joined", "Joined", "People who are not in the opening list"),
        count("people_after", "People at the end", "People of the list at the end"),
    )
    rejected = sum(file.rejected for file in history.files)
    read = sum(file.rows_read for file in history.files)
    sentences = ["A window is the time between two lists; an exit is a person missing in the next list."]
    if history.files:
        sentences.append(f"{len(history.files)} files with {read:,} rows, {rejected:,} of them rejected.")
    sentences += [
        f"Finding {finding.code}: {f'{finding.number:,} ' if finding.number else ''}{finding.text}."
        for finding in history.findings
    ]
    table = Table("history", "What was read", " ".join(sentences), columns, tuple(rows))
    return Section(table.without_empty_columns())


def _missing(missing: Missing) -> Section:
    rows = [{"what": what, "why": why} for what, why in missing]
    columns = (
        text("what", "Setting", "What keeps its value"),
        text("why", "Why", "Why it is not estimated"),
    )
    note = "These settings keep the values that they had before the fit."
    return Section(
        Table("missing", "What is not estimated", note, columns, tuple(rows), short="Not estimated")
    )


def _causes(fitted: Fitted) -> Iterator[Section]:
    causes = fitted.terminations.causes
    for cause, rate in causes.items():
        several = len(causes) > 1
        reasons = ", ".join(reason or "no reason" for reason in fitted.terminations.reasons[cause])
        words = f" Reasons in the history: {reasons}." if several else ""
        yield factor_section(
            rate,
            f"cause_{cause}",
            f"Factors of cause {cause}" if several else "Factors of the fit",
            f"{base_text(rate, 'exits')}{words} A factor with few exits is shrunk towards 1.",
            curves=several,
        )


def _moves(fitted: Fitted, names: list[str]) -> Iterator[Section]:
    for key, rate, what in (
        ("promotion", fitted.promotion, "promotions"),
        ("transfer", fitted.transfer, "transfers"),
    ):
        if rate is None:
            continue
        of = f" Transfers are changes of {fitted.transfer_by}." if key == "transfer" else ""
        year = year_section(rate, names, None, what, f"{key}_years")
        yield year
        note = f"{base_text(rate, what)}{of} Only people who stay through a window are counted."
        yield factor_section(rate, key, f"{what.capitalize()}: factors", note, curves=True)


def _rates(fitted: Fitted) -> list[tuple[str, Rate]]:
    rates = list(fitted.terminations.causes.items())
    rates += [(name, rate) for name in ("promotion", "transfer") if (rate := getattr(fitted, name))]
    return rates


def _gain(fitted: Fitted, settings: Settings) -> Section | None:
    in_force, bands = bands_in_force(settings), fitted.terminations.bands
    kept = all(list(bounds) == in_force[name] for name, bounds in bands.items())
    found = challenge(fitted.history, settings, fitted.terminations.names, keep_bands=kept)
    if not found:
        return None
    saved = {gain.model: gain.saved for gain in found}
    note = (
        "Each window is left out in turn, and predicted from the others, at its own level. The deviance "
        "measures how far the people who left were from those expected to leave: 0 % is one rate for "
        f"everybody, 100 % would be knowing who leaves. {TREES} are a challenger without bands: they may "
        f"find what the fit misses. The fit saves {saved[FIT]:.1%}, they save {saved[TREES]:.1%}."
    )
    rows = [{"model": gain.model, "deviance": gain.deviance, "saved": gain.saved} for gain in found]
    columns = (
        text("model", "Model", "How the exits of a window left out are predicted"),
        Column("deviance", "Deviance", "number", "Twice the log-likelihood lost; smaller is better"),
        share("saved", "Saved", f"Share of the deviance of: {CONSTANT}"),
    )
    chart = svg(gains([(gain.model, gain.saved) for gain in found if gain.model != CONSTANT]))
    return Section(
        Table("challenger", "Would another model do better?", note, columns, tuple(rows)), (("", chart),)
    )

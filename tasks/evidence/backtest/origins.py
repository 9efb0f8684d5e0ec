"""Forecasts from each list on, as if the later ones did not exist, and what happened afterwards."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import polars as pl

from settings import Settings
from tasks.evidence.backtest.baselines import BASELINES, baseline_quantiles
from tasks.evidence.backtest.forecast import WHOLE, Part, forecast
from tasks.evidence.backtest.movements import movements_of
from tasks.evidence.estimate.exposure import Array, window_years
from tasks.evidence.estimate.fit import Fitted, fit
from tasks.history.accepted import History

#: Lists that the first origin knows: two windows show a first year effect.
FIRST_ORIGIN = 2
PROBABILITIES = (0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95)
QUANTILES = tuple(f"p{round(100 * each):02d}" for each in PROBABILITIES)
FIGURES = ("exits", "headcount", "payroll")
ROWS = pl.Schema(
    {
        "origin": pl.Date,
        "horizon": pl.Int32,
        "until": pl.Date,  # the end of the window
        "dimension": pl.String,
        "value": pl.String,
        "figure": pl.String,
        "actual": pl.Float64,
        **dict.fromkeys(QUANTILES, pl.Float64),
        **{f"{name}_{quantile}": pl.Float64 for name in BASELINES for quantile in QUANTILES},
    }
)


@dataclass(frozen=True)
class Backtest:
    """Forecasts with what happened (`rows`, with ROWS), and the last fit, which knows all lists."""

    history: History
    rows: pl.DataFrame
    horizon: int
    by: tuple[str, ...]
    newest: Fitted


def backtest(
    history: History,
    settings: Settings,
    *,
    horizon: int,
    by: Sequence[str] = (),
    keep_bands: bool = False,
    on_origin: Callable[[date], object] = lambda _: None,
) -> Backtest:
    """Forecast from every list but the first two and the last; `on_origin` is called as each begins.

    The forecasts are the same each time, for the same history, settings and seed.
    """
    years = window_years(history)
    rows: list[dict[str, object]] = []
    for origin in range(FIRST_ORIGIN, history.windows):
        on_origin(history.dates[origin])
        # direct forecasts count exits, hires and pay: who is promoted or moves is not asked
        fitted = fit(known_at(history, origin), settings, keep_bands=keep_bands, with_moves=False)
        ahead = years[origin : origin + horizon].tolist()
        rows += _rows_of(history, fitted, origin, ahead, by, settings.simulation.random_seed)
    on_origin(history.dates[-1])
    newest = fit(history, settings, keep_bands=keep_bands)
    return Backtest(history, pl.DataFrame(rows, schema=ROWS), horizon, tuple(by), newest)


def known_at(history: History, index: int) -> History:
    """Return the history as it was known on the day of a list, by the list's index."""
    people = history.people.filter(pl.col("list") <= index)
    seen = [name for name in history.columns if name not in people.columns or people[name].count()]
    leavers = history.leavers.filter(pl.col("window") < index)
    return replace(
        history,
        dates=history.dates[: index + 1],
        people=people,
        leavers=leavers,
        joiners=history.joiners.filter(pl.col("window") < index),
        dimensions=tuple(name for name in history.dimensions if people[name].count()),
        columns=frozenset(name for name in seen if name != "reason" or leavers["reason"].count()),
        renamed=tuple(rename for rename in history.renamed if rename.list <= index),
    )


def _rows_of(
    history: History, fitted: Fitted, origin: int, ahead: Sequence[float], by: Sequence[str], seed: int
) -> list[dict[str, object]]:
    known = [name for name in by if name in fitted.history.dimensions]
    forecasts = forecast(fitted, movements_of(fitted, known), ahead, known, seed)
    past = [_figures(history, window, origin, known) for window in range(origin)]
    rows = []
    for number, found in enumerate(forecasts):
        window = origin + number
        happened = _figures(history, window, origin, known)
        for figure in FIGURES:
            draws: Mapping[Part, Array] = getattr(found, figure)
            for part in draws:
                actual = happened.of(figure, part)
                if actual is None:
                    continue
                rows.append(
                    {
                        "origin": history.dates[origin],
                        "horizon": number + 1,
                        "until": history.dates[window + 1],
                        "dimension": part[0],
                        "value": part[1],
                        "figure": figure,
                        "actual": actual,
                        **dict(zip(QUANTILES, np.quantile(draws[part], PROBABILITIES).tolist(), strict=True)),
                        **_baselines(past, figure, part, ahead[: number + 1]),
                    }
                )
    return rows


@dataclass(frozen=True)
class _Window:
    """What happened in a window, by part: counts at its opening and end, exits, payroll."""

    years: float
    opening: Mapping[Part, float]
    exits: Mapping[Part, float]
    headcount: Mapping[Part, float]
    opening_payroll: Mapping[Part, float]
    payroll: Mapping[Part, float]

    def of(self, figure: str, part: Part) -> float | None:
        """Return a figure of a part; None where it had nobody at the opening."""
        if self.opening.get(part, 0.0) <= 0:
            return None
        values: Mapping[Part, float] = getattr(self, figure)
        return values.get(part, 0.0)

    def rate(self, figure: str, part: Part) -> float | None:
        """Return exits per person and year, or log growth a year."""
        start = (self.opening_payroll if figure == "payroll" else self.opening).get(part, 0.0)
        value = self.of(figure, part)
        if value is None or start <= 0:
            return None
        if figure == "exits":
            return value / (start * self.years)
        return float(np.log(value / start) / self.years) if value > 0 else None


def _figures(history: History, window: int, origin: int, by: Sequence[str]) -> _Window:
    """Count what happened in a window, with the names that values had at the origin."""
    opening = _with_names_of(history, window, origin)
    ending = _with_names_of(history, window + 1, origin)
    counted = history.leavers.filter((pl.col("window") == window) & ~pl.col("excluded"))
    left = opening.join(counted.select("employee_id"), on="employee_id", how="semi")
    return _Window(
        float(window_years(history)[window]),
        _by_part(opening, pl.len(), by),
        _by_part(left, pl.len(), by),
        _by_part(ending, pl.len(), by),
        _by_part(opening, pl.col("salary").sum(), by),
        _by_part(ending, pl.col("salary").sum(), by),
    )


def _with_names_of(history: History, index: int, origin: int) -> pl.DataFrame:
    people = history.people.filter(pl.col("list") == index)
    later = [rename for rename in history.renamed if origin < rename.list <= index]
    for rename in sorted(later, key=lambda each: -each.list):
        people = people.with_columns(pl.col(rename.dimension).replace({rename.after: rename.before}))
    earlier = [rename for rename in history.renamed if index < rename.list <= origin]
    for rename in sorted(earlier, key=lambda each: each.list):
        people = people.with_columns(pl.col(rename.dimension).replace({rename.before: rename.after}))
    return people


def _by_part(people: pl.DataFrame, figure: pl.Expr, by: Sequence[str]) -> dict[Part, float]:
    found: dict[Part, float] = {WHOLE: float(people.select(figure).item() or 0)}
    for name in by:
        sums = people.drop_nulls(name).group_by(name).agg(figure.alias("figure"))
        found |= {(name, str(value)): float(number) for value, number in sums.iter_rows()}
    return found


def _baselines(
    past: Sequence[_Window], figure: str, part: Part, ahead: Sequence[float]
) -> dict[str, float | None]:
    """Return the quantiles of the plain baselines for the last of the windows ahead."""
    rates = [rate for window in past if (rate := window.rate(figure, part)) is not None]
    last = past[-1]
    start = (last.payroll if figure == "payroll" else last.headcount).get(part, 0.0)
    return {
        f"{name}_{quantile}": value
        for name in BASELINES
        for quantile, value in zip(
            QUANTILES, baseline_quantiles(name, figure, rates, start, ahead, PROBABILITIES), strict=True
        )
    }

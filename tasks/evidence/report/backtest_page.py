"""The page of a backtest: how well past forecasts held."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from tasks.evidence.backtest.baselines import BASELINES
from tasks.evidence.backtest.origins import Backtest
from tasks.evidence.backtest.scores import BANDS, Score, actual_to_expected, scorecard
from tasks.evidence.report.chart_backtest import FIGURES, by_value, calibration, fan, forecasts
from tasks.evidence.report.columns import ACTUAL, count, figures, ratio, share, text
from tasks.evidence.report.scorecard import FIGURE_NAMES, score_rows, words
from tasks.results.report.charts import svg
from tasks.results.report.html import Section, Tiles, render
from tasks.results.report.marks import panels
from tasks.results.report.table import Column, Kind, Table
from tasks.system.files import replace_text

#: Bars show this many values of a dimension, those with most expected exits.
CHARTED_BARS = 30
#: Small multiples show this many values of a dimension, those with most expected exits.
CHARTED_VALUES = 12
AHEAD = {1: "one window", 2: "two windows", 3: "three windows"}


def write_backtest_page(result: Backtest, path: Path) -> None:
    """Write the page of a backtest."""
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_text(path, backtest_page(result))


def backtest_page(result: Backtest) -> str:
    """Return the text of the page of a backtest."""
    history = result.history
    scores = scorecard(result.rows)
    origins = result.rows["origin"].unique().sort()
    from_to = f", from {origins[0]} to {origins[-1]}" if len(origins) else ""
    return render(
        list(_sections(result, scores)),
        title=f"Backtest of forecasts up to {history.dates[-1]}",
        heading=f"Did such forecasts hold? Lists up to {history.dates[-1]}",
        introduction=(
            f"From each of {len(origins)} lists{from_to}, the windows after it were forecast with what was "
            f"known on that day, up to {_ahead(result.horizon)} ahead, and compared with the later lists."
        ),
        tiles=[Tiles("", _tiles(scores))] if scores else [],
        longer_tables="the file of the backtest",
    )


def _tiles(scores: Sequence[Score]) -> list[tuple[str, str]]:
    whole = [score for score in scores if score.dimension is None]
    found = [
        (
            f"{FIGURE_NAMES[score.figure]}: inside the 90 % band",
            f"{score.coverage[0.9].events:,.0f} of {score.cases}",
        )
        for score in whole
    ]
    found += [(f"{FIGURE_NAMES[score.figure]}: median error", f"{score.error:.1%}") for score in whole[:2]]
    return found


def _ahead(horizon: int) -> str:
    return AHEAD.get(horizon, f"{horizon} windows")


def _sections(result: Backtest, scores: Sequence[Score]) -> Iterator[Section]:
    yield _scorecard(scores)
    if not scores:
        return
    yield _calibration(scores)
    whole = result.rows.filter(pl.col("dimension").is_null())
    for figure in FIGURES:
        cases = whole.filter(pl.col("figure") == figure)
        if cases.height:
            yield _forecasts(cases, figure)
    for dimension in result.rows["dimension"].drop_nulls().unique(maintain_order=True).to_list():
        yield _by_value(result.rows, dimension)
        yield _newest(result.rows, dimension, result.horizon)


def _scorecard(scores: Sequence[Score]) -> Section:
    rows: list[dict[str, Any]] = [
        {
            "scope": row.scope,
            "figure": row.figure,
            "cases": row.cases,
            **{f"held_{meant}": held for meant, held in row.coverage.items()},
            **row.ratios,
            "bias": row.bias,
            "error": row.error,
            "verdict": row.verdict,
        }
        for row in score_rows(scores)
    ]
    columns = (
        text("scope", "Of", "The whole company, or all values of a dimension"),
        text("figure", "Figure", "What is forecast"),
        figures("cases", "Cases", "Forecasts that can be compared with what happened"),
        *(
            figures(f"held_{meant}", f"{meant:.0%} band holds", "Share of the cases, with its 90 % interval")
            for meant in BANDS
        ),
        *(
            figures(name, f"Against {label.lower()}", "Weighted interval score as a share of the rule's")
            for name, label in BASELINES.items()
        ),
        figures("bias", "Bias", "Mean of log(median / actual)"),
        figures("error", "Median error", "Median distance between median and actual"),
        text("verdict", "90% bands are", "Whether the share found agrees with 90 %"),
    )
    return Section(Table("scorecard", "Scorecard", " ".join(words(scores)), columns, tuple(rows)))


def _calibration(scores: Sequence[Score]) -> Section:
    note = (
        "Points on the dashed line: bands hold as often as they say. Above it they are wider than they need "
        "to be, below it too narrow. A line through a point is the 90 % interval for the number of cases; a "
        "point whose line crosses the dashed one does not speak against the bands."
    )
    rows = [
        {
            "scope": "Whole company" if score.dimension is None else f"By {score.dimension}",
            "figure": FIGURE_NAMES[score.figure],
            "meant": meant,
            "found": found.value,
            "low": found.low,
            "high": found.high,
        }
        for score in scores
        for meant, found in score.coverage.items()
    ]
    columns = (
        text("scope", "Of", "The whole company, or all values of a dimension"),
        text("figure", "Figure", "What is forecast"),
        share("meant", "Meant", "Share that the band is meant to hold"),
        share("found", "Found", "Share of the cases that it held"),
        share("low", "From", "Lower end of the 90 % interval"),
        share("high", "To", "Upper end of the 90 % interval"),
    )
    table = Table("calibration", "Do bands hold what they say?", note, columns, tuple(rows))
    return Section(table, (("", svg(calibration(scores, FIGURE_NAMES))),), folded=True)


def _forecasts(cases: pl.DataFrame, figure: str) -> Section:
    horizons = cases["horizon"].unique().sort().to_list()
    reach = [
        *cases["actual"].to_list(),
        *cases["p05"].to_list(),
        *cases["p95"].to_list(),
    ]
    charts = []
    for horizon in horizons:
        of_horizon = cases.filter(pl.col("horizon") == horizon).sort("until").to_dicts()
        ahead = _ahead(horizon)
        spec = forecasts(of_horizon, figure, ahead, reach, cases["until"].to_list())
        charts.append((f"Forecast {ahead} before", svg(spec)))
    kind: Kind = "money" if figure == "payroll" else "count"
    columns = (
        Column("origin", "Forecast of", "date", "The newest list that was known"),
        Column("until", "Window to", "date", "The end of the window that is forecast"),
        Column("horizon", "Windows ahead", "text", "1: the window after the origin"),
        Column("p05", "5 %", kind, "Lower end of the 90 % band"),
        Column("p50", "Median", kind, "As likely to be exceeded as not"),
        Column("p95", "95 %", kind, "Upper end of the 90 % band"),
        Column("actual", "Actual", kind, "What happened"),
        text("inside", "In the band", "Whether the 90 % band holds what happened"),
    )
    rows = [
        {
            **{name: case[name] for name in ("origin", "until", "horizon", "p05", "p50", "p95", "actual")},
            "inside": "yes" if case["p05"] <= case["actual"] <= case["p95"] else "no",
        }
        for case in cases.sort("origin", "horizon").to_dicts()
    ]
    note = (
        "The line is what happened. The bars are what had been forecast: the dark part holds the middle half "
        "of the possible outcomes, the light one 90 %, the tick is the median."
    )
    title = f"{FIGURE_NAMES[figure]} of the whole company"
    return Section(Table(figure, title, note, columns, tuple(rows)), tuple(charts), folded=True)


def _by_value(rows: pl.DataFrame, dimension: str) -> Section:
    of_dimension = rows.filter(pl.col("dimension") == dimension)
    found = actual_to_expected(of_dimension).sort("value").to_dicts()
    columns = (
        text("value", dimension.capitalize(), "Value of the dimension"),
        ACTUAL,
        count("expected", "Expected", "Sum of the medians"),
        ratio("ratio", "Actual / expected", "Above 1: more people left than forecast"),
        share("inside", "In the 90 % band", "Share of the cases that the band held"),
        count("cases", "Cases", "Origins x windows ahead"),
    )
    note = (
        "Exits of all origins and windows ahead. The bar begins at 1, as forecast; the figure beside it is "
        "the share of the cases inside the 90 % band. The same exits count once for each forecast of them."
    )
    title = f"Exits by {dimension}: actual against expected"
    largest = sorted(found, key=lambda row: -row["expected"])[:CHARTED_BARS]
    drawn = [row for row in found if row in largest]
    charts = (("", svg(by_value(drawn, dimension.capitalize()))),) if drawn else ()
    remark = f"The chart shows the {CHARTED_BARS} largest of {len(found)}." if len(found) > len(drawn) else ""
    short = f"By {dimension}"
    table = Table(f"values_{dimension}", title, note, columns, tuple(found), short=short)
    return Section(table, charts, remark, folded=len(found) > CHARTED_BARS)


def _newest(rows: pl.DataFrame, dimension: str, horizon: int) -> Section:
    """Return the newest forecasts that have as many windows to compare with as possible, by value."""
    cases = rows.filter((pl.col("dimension") == dimension) & (pl.col("figure") == "exits"))
    longest: int = cases["horizon"].clip(upper_bound=horizon).to_numpy().max()
    origin: date = cases.filter(pl.col("horizon") == longest)["origin"].to_list()[-1]
    of_origin = cases.filter(pl.col("origin") == origin)
    # by what was forecast: those with the most actual exits would all seem to exceed their forecasts
    size = of_origin.group_by("value").agg(pl.col("p50").sum())
    size = size.sort("p50", "value", descending=[True, False])
    values = sorted(size["value"].head(CHARTED_VALUES).to_list())
    charts = []
    for value in values:
        chosen = of_origin.filter(pl.col("value") == value).sort("horizon").to_dicts()
        past = (
            cases.filter((pl.col("value") == value) & (pl.col("until") <= origin) & (pl.col("horizon") == 1))
            .sort("until")
            .select("until", "actual")
            .rows()
        )
        reach = [case[name] for case in chosen for name in ("p05", "p95", "actual")] + [
            each for _, each in past
        ]
        charts.append(fan(chosen, past, "exits", value, reach))
    columns = (
        text("value", dimension.capitalize(), "Value of the dimension"),
        Column("until", "Window to", "date", "The end of the window that is forecast"),
        count("p05", "5 %", "Lower end of the 90 % band"),
        count("p50", "Median", "As likely to be exceeded as not"),
        count("p95", "95 %", "Upper end of the 90 % band"),
        ACTUAL,
    )
    shown = of_origin.sort("value", "horizon").select([column.key for column in columns]).to_dicts()
    note = (
        f"The forecast of {origin}, the newest with {_ahead(longest)} to compare with, as bands of 50, 80 "
        f"and 90 %; the line is what happened."
    )
    remark = (
        f"Charts show the {CHARTED_VALUES} largest of {size.height}." if size.height > CHARTED_VALUES else ""
    )
    title = f"Exits by {dimension}: the newest forecast that is complete"
    short = f"Newest by {dimension}"
    table = Table(f"newest_{dimension}", title, note, columns, tuple(shown), short=short)
    return Section(table, (("", svg(panels(charts))),), remark, folded=True)

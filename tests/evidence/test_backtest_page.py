"""The page and the scorecard of a backtest: offline, complete, and with the figures of the forecasts."""

import io
import re
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from rich.console import Console

from settings import Settings
from tasks.evidence.backtest.origins import Backtest, backtest, known_at
from tasks.evidence.backtest.scores import actual_to_expected, scorecard
from tasks.evidence.estimate.estimate import share
from tasks.evidence.report.backtest_page import backtest_page, write_backtest_page
from tasks.evidence.report.chart_backtest import calibration, forecasts
from tasks.evidence.report.scorecard import FIGURE_NAMES, coverage_text, few_cases, verdict
from tasks.evidence.report.scorecard_text import scorecard_markdown, scorecard_tables
from tests.evidence.companies import company
from tests.evidence.pages import Page

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def tested(settings: Settings) -> Backtest:
    """Three origins, two windows ahead."""
    return backtest(company(41, people=600, windows=5).history, settings, horizon=2, by=["department"])


@pytest.fixture(scope="module")
def text(tested: Backtest) -> str:
    return backtest_page(tested)


def test_the_page_needs_no_network_and_no_script(text: str) -> None:
    assert Page(text).addresses == []
    assert "default-src 'none'" in text
    assert "NaN" not in text


def test_it_has_a_section_for_each_figure_and_dimension(text: str) -> None:
    page = Page(text)
    assert list(page.sections) == [
        *("scorecard", "calibration", "exits", "headcount", "payroll"),
        *("values_department", "newest_department"),
    ]
    assert page.charts["exits"] == 2  # a chart per window ahead


def test_without_pay_and_dimensions_it_has_fewer(settings: Settings) -> None:
    history = company(42, people=400, windows=4).history
    bare = replace(
        history,
        people=history.people.with_columns(
            pl.lit(None, pl.Float64).alias("salary"), pl.lit(None, pl.Float64).alias("full_time_salary")
        ),
        columns=history.columns - {"salary"},
    )
    page = Page(backtest_page(backtest(bare, settings, horizon=3)))
    assert list(page.sections) == ["scorecard", "calibration", "exits", "headcount"]


def test_too_few_lists_are_said_to_be_too_few(settings: Settings, tmp_path: Path) -> None:
    """Two lists of 50 people: nothing can be forecast and compared."""
    result = backtest(known_at(company(43, people=50, windows=2).history, 1), settings, horizon=3)
    path = tmp_path / "new" / "page.html"
    write_backtest_page(result, path)
    page = Page(path.read_text("utf-8"))
    assert list(page.sections) == ["scorecard"]
    assert "Too few lists" in page.texts["scorecard"]
    assert scorecard_tables(result) == []
    assert "Too few lists" in scorecard_markdown(result)


def test_three_lists_of_fifty_people_make_a_page(settings: Settings) -> None:
    small = backtest(company(44, people=50, windows=3).history, settings, horizon=3, by=["department"])
    page = Page(backtest_page(small))
    assert page.sections["scorecard"][1][2] == "1"
    assert "1 case is few" in page.texts["scorecard"]


def test_the_scorecard_shows_the_scores(text: str, tested: Backtest) -> None:
    rows = Page(text).sections["scorecard"][1:]
    scores = scorecard(tested.rows)
    assert len(rows) == len(scores) == 6
    for row, score in zip(rows, scores, strict=True):
        assert row[:3] == [
            f"By {score.dimension}" if score.dimension else "Whole company",
            FIGURE_NAMES[score.figure],
            f"{score.cases}",
        ]
        assert row[3:6] == [coverage_text(found) for found in score.coverage.values()]
        assert row[6:] == [
            *(f"{score.ratio_to(name):.2f}" for name in score.baselines),
            f"{score.bias:+.1%}",
            f"{score.error:.1%}",
            verdict(score),
        ]


def test_tables_show_the_forecasts_and_what_happened(text: str, tested: Backtest) -> None:
    page = Page(text)
    whole = tested.rows.filter(pl.col("dimension").is_null() & (pl.col("figure") == "headcount"))
    shown = [(row[0], row[2], float(row[6].replace(",", ""))) for row in page.sections["headcount"][1:]]
    assert shown == [
        (str(origin), str(horizon), actual)
        for origin, horizon, actual in whole.sort("origin", "horizon")
        .select("origin", "horizon", "actual")
        .iter_rows()
    ]
    inside = whole.sort("origin", "horizon").select(pl.col("actual").is_between("p05", "p95")).to_series()
    assert [row[7] == "yes" for row in page.sections["headcount"][1:]] == inside.to_list()
    expected = actual_to_expected(tested.rows).filter(pl.col("dimension") == "department").sort("value")
    rows = page.sections["values_department"][1:]
    assert [row[0] for row in rows] == expected["value"].to_list()
    assert [float(row[3]) for row in rows] == pytest.approx(expected["ratio"].to_list(), abs=0.0051)


def test_charts_draw_the_bands_and_the_outcome(tested: Backtest) -> None:
    cases = tested.rows.filter(
        pl.col("dimension").is_null() & (pl.col("figure") == "exits") & (pl.col("horizon") == 1)
    ).to_dicts()
    spec = forecasts(cases, "exits", "one window", [0.0, 100.0], [case["until"] for case in cases])
    rows = spec["data"]["values"]
    assert [(row["actual"], row["p05"], row["p95"]) for row in rows] == [
        (case["actual"], case["p05"], case["p95"]) for case in cases
    ]
    assert all(row["Actual"] in row["words"] and row["Band 90"] in row["words"] for row in rows)
    scores = scorecard(tested.rows)
    points = [row for panel in calibration(scores, FIGURE_NAMES)["concat"] for row in panel["data"]["values"]]
    assert [row["found"] for row in points] == [
        found.value for score in scores for found in score.coverage.values()
    ]


def test_the_terminal_shows_the_scorecard_in_eighty_columns(tested: Backtest) -> None:
    output = io.StringIO()
    console = Console(width=80, file=output, color_system=None)
    for table in scorecard_tables(tested):
        console.print(table)
    lines = output.getvalue().splitlines()
    assert max(map(len, lines)) <= 80
    for score in scorecard(tested.rows):
        assert any(
            FIGURE_NAMES[score.figure] in line and coverage_text(score.coverage[0.9]) in line
            for line in lines
        )


def test_markdown_has_a_row_for_each_score_and_warns_of_few_cases(tested: Backtest) -> None:
    lines = scorecard_markdown(tested).splitlines()
    rows = [line for line in lines if line.startswith("| ")]
    scores = scorecard(tested.rows)
    assert len(rows) == 2 + len(scores)  # the heading, and the row of its alignment
    assert len({line.count("|") for line in lines if line.startswith("|")}) == 1
    few = few_cases(scores)
    assert few is not None
    assert few in lines


def test_many_cases_are_not_called_few(tested: Backtest) -> None:
    many = [replace(score, cases=200) for score in scorecard(tested.rows)]
    assert few_cases(many) is None
    # of 15 cases, right 90 % bands hold 11 to 15 in at least nine of ten tries: binomial (15, 0.9)
    assert "anything from 11 to 15 of 15" in str(few_cases([replace(many[0], cases=15)]))


def test_bands_are_called_wrong_only_if_the_cases_show_it(tested: Backtest) -> None:
    some = scorecard(tested.rows)[0]

    def of(held: int, cases: int) -> str:
        return verdict(replace(some, coverage={0.9: share(held, cases)}))

    assert [of(11, 18), of(14, 18), of(18, 18), of(100, 100), of(900, 1000)] == [
        *("too narrow", "in accord", "in accord", "wider than needed", "in accord")
    ]


def test_values_are_charted_by_their_forecasts_not_by_what_happened(
    tested: Backtest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever had the most exits would be shown, and every forecast would seem too low."""
    monkeypatch.setattr("tasks.evidence.report.backtest_page.CHARTED_BARS", 2)
    monkeypatch.setattr("tasks.evidence.report.backtest_page.CHARTED_VALUES", 2)
    page = Page(backtest_page(tested))
    expected = actual_to_expected(tested.rows).filter(pl.col("dimension") == "department")
    largest = set(expected.sort("expected", descending=True)["value"].head(2).to_list())
    assert f"The chart shows the 2 largest of {expected.height}." in page.texts["values_department"]
    bars = set(re.findall(r"Value: (\w+), Actual", page.texts["values_department"]))
    assert bars == largest

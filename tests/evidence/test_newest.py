"""Whether the newest list lies within the forecast of the list before it."""

from datetime import date

import polars as pl
import pytest

from tasks.evidence.backtest.newest import newest_forecast
from tasks.evidence.report.newest_text import newest_table


def rows(*cases: tuple[str, str | None, float], horizon: int = 1) -> pl.DataFrame:
    """Rows of a backtest with the band 10 to 20 about 15: (figure, value of department, actual)."""
    origins = (date(2018, 12, 31), date(2019, 12, 31))
    return pl.DataFrame(
        [
            {
                "origin": origin,
                "horizon": horizon,
                "until": origin.replace(year=origin.year + horizon),
                "dimension": None if value is None else "department",
                "value": value,
                "figure": figure,
                "actual": 99.0 if origin == origins[0] else actual,
                "p05": 10.0,
                "p50": 15.0,
                "p95": 20.0,
            }
            for origin in origins
            for figure, value, actual in cases
        ],
        schema_overrides={"dimension": pl.String, "value": pl.String},
    )


@pytest.mark.parametrize(
    ("actual", "missed"), [(9.99, True), (10, False), (15, False), (20, False), (20.01, True), (99, True)]
)
def test_only_a_figure_beyond_the_ends_of_its_band_is_missed(actual: float, missed: bool) -> None:
    """The forecasts of an earlier origin, here all far off, do not count."""
    newest = newest_forecast(rows(("exits", None, actual), ("headcount", None, 15)))
    assert (newest.origin, newest.until) == (date(2019, 12, 31), date(2020, 12, 31))
    assert [case.figure for case in newest.missed] == (["exits"] if missed else [])


def test_parts_outside_alone_are_no_miss_and_are_counted_beside_chance() -> None:
    parts = [("exits", name, actual) for name, actual in (("IT", 30), ("Plant", 12), ("Sales", 8))]
    newest = newest_forecast(rows(("exits", None, 15), *parts, ("payroll", "IT", 11)))
    assert newest.missed == ()
    assert newest.facts == {
        "Window": "2019-12-31 to 2020-12-31",
        "Parts of the company outside": "2 of 4 figures; 0.4 are expected by chance",
        "Exits of department IT": "30; forecast 15, 90 % band 10 to 20",
        "Exits of department Sales": "8; forecast 15, 90 % band 10 to 20",
    }


def test_a_message_about_many_parts_stays_short() -> None:
    parts = [("exits", f"team {number}", 30.0) for number in range(50)]
    facts = newest_forecast(rows(("exits", None, 30), *parts)).facts
    assert facts["Parts of the company outside"] == "50 of 50 figures; 5.0 are expected by chance"
    assert sum(name.startswith("Exits of department team") for name in facts) == 8
    assert facts["Further figures outside"] == "42"


def test_rounding_does_not_hide_why_a_figure_is_outside() -> None:
    newest = newest_forecast(rows(("exits", None, 20.01)))
    assert newest.facts["Exits"] == "20.01; forecast 15.00, 90 % band 10.00 to 20.00"


def test_the_table_has_every_figure_and_says_which_lie_outside() -> None:
    newest = newest_forecast(rows(("exits", None, 30), ("exits", "IT", 12)))
    table = newest_table(newest).records
    assert [list(row.values()) for row in table] == [
        ["exits", "the company", "30", "15", "10 to 20", "no"],
        ["exits", "department IT", "12", "15", "10 to 20", "yes"],
    ]
    assert list(table[0]) == ["Figure", "Of", "Actual", "Forecast", "90 % band", "In the band"]

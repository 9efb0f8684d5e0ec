"""Payroll and cost of a year stand beside those of the same months of the budget, whatever the budget is."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from tasks.reforecast.comparison import ELAPSED, YearCompared, compare
from tasks.reforecast.request import Planned
from tasks.results.actuals import FULL_YEARS
from tasks.runs.budget import NamedBudget
from tasks.runs.directory import RunDirectory
from tasks.runs.request import RunRequest
from tests.reforecast.places import QUARTER_END, quarter_end_list, write_list, year_end_list
from tests.simulate import simulate

pytestmark = pytest.mark.slow

HALF_YEAR = date(2026, 6, 30)


@pytest.fixture(scope="module")
def lists(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lists")
    write_list(year_end_list(), folder / "2025-12-31.csv")
    for day in (QUARTER_END, HALF_YEAR):
        write_list(quarter_end_list(8), folder / f"{day}.csv")
    return folder


def opened(folder: Path, lists: Path, day: date, *sets: str, history: bool = True) -> Path:
    folder.mkdir()
    known = (f"history.path={lists}",) if history else ()
    opening = f'simulation.opening_date="{day}"'
    simulate(folder, lists / f"{day}.csv", years="2026-2026", sets=(opening, *known, *sets), report=False)
    return folder / "run"


@pytest.fixture(scope="module")
def forecast(lists: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return opened(tmp_path_factory.mktemp("forecast") / "half", lists, HALF_YEAR)


def first_year(forecast: Path, budget: Path) -> YearCompared:
    plan = Planned(RunRequest(), RunDirectory(forecast), "", "", "", True, False)
    found = compare(plan, NamedBudget(RunDirectory(budget), None), Decimal(0))
    year = found.years[0]
    assert all(sum(figure.effects.values()) == figure.difference for figure in year.figures[1:])
    return year


def full_year_payroll(run: Path) -> Decimal:
    [amount] = pl.read_parquet(run / "results" / FULL_YEARS / "**/*.parquet")["salary_cost"]
    return Decimal(str(amount))


def test_a_budget_that_opened_within_the_year_counts_with_its_actual_months(
    lists: Path, forecast: Path, tmp_path: Path
) -> None:
    budget = opened(tmp_path / "quarter", lists, QUARTER_END)
    payroll = first_year(forecast, budget).figures[1]
    assert (payroll.budget, payroll.forecast) == (full_year_payroll(budget), full_year_payroll(forecast))


@pytest.mark.parametrize(
    ("sets", "history", "why"),
    [
        ((), False, "up to 2026-03-31 is not known to run"),
        (('simulation.fiscal_year_start="10-01"',), True, "FY2026 goes from 2025-10-01 to 2026-09-30"),
    ],
)
def test_a_budget_without_all_months_of_the_year_is_compared_by_the_common_ones(
    lists: Path, forecast: Path, tmp_path: Path, sets: tuple[str, ...], history: bool, why: str
) -> None:
    budget = opened(tmp_path / "budget", lists, QUARTER_END, *sets, history=history)
    found = first_year(forecast, budget)
    assert any(why in note for note in found.notes), found.notes
    assert all(ELAPSED not in figure.effects for figure in found.figures)
    assert found.figures[1].forecast < full_year_payroll(forecast) * Decimal("0.6")

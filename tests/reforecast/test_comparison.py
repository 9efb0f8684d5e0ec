"""Which run a list asks for, and what counts as moved beyond the threshold."""

import os
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from settings import InputError, load_settings
from settings.models.calendar import FiscalCalendar
from tasks.alerts.message import message_of
from tasks.history.files import ListFile
from tasks.reforecast.alert import budget_alert
from tasks.reforecast.comparison import Comparison, Figure, YearCompared, whole_year
from tasks.reforecast.lists import Lists, first_day_needed
from tasks.reforecast.record import ReforecastRecord
from tasks.reforecast.request import ReforecastRequest, run_of
from tasks.reforecast.text import markdown_of, variance_command
from tasks.runs.budget import NamedBudget
from tasks.runs.directory import RunDirectory
from tasks.runs.record import read_record
from tasks.runs.request import accept_settings
from tasks.text.money import Money
from tests.records import write_record

DAYS = st.dates(date(2024, 1, 1), date(2026, 11, 1))
STARTS = st.sampled_from(["01-01", "02-28", "04-01", "07-01", "12-01"])


@given(DAYS, STARTS)
def test_a_run_opens_at_the_list_in_the_fiscal_year_of_the_day_after(day: date, start: str) -> None:
    request = ReforecastRequest(sets=(f'simulation.fiscal_year_start="{start}"',))
    settings = load_settings(sets=request.sets, environ={})
    lists = Lists(ListFile(Path(f"{day}.csv"), day), Path("a {b} # 'c'"), "lists")
    resolved = accept_settings(run_of(request, settings, lists)).base
    calendar = resolved.simulation.calendar
    assert calendar.opening_date == day
    first = resolved.simulation.start_year
    assert calendar.first_day(first) <= day + timedelta(days=1) <= calendar.last_day(first)
    assert resolved.simulation.end_year == max(first, settings.base.simulation.end_year)
    assert resolved.history.path == lists.folder.absolute()
    assert resolved.census.path == lists.newest.path.absolute()


@given(DAYS, STARTS)
def test_lists_are_needed_from_a_year_before_the_fiscal_year_on(day: date, start: str) -> None:
    calendar = FiscalCalendar.of(start, day, day.year)
    began = calendar.first_day(calendar.first_year)
    assert 366 <= (began - first_day_needed(day, start)).days <= 367


def comparison(budget: int, forecast: int, threshold: str) -> Comparison:
    difference = Decimal(forecast - budget)
    effects = {"headcount": difference - 7, "raises": Decimal(5), "fte": Decimal(0), "residual": Decimal(2)}
    figures = (
        Figure("headcount", Decimal(100), Decimal(100), {}),
        Figure("payroll", Decimal(budget), Decimal(forecast), effects),
        Figure("cost", Decimal(0), Decimal(0), {}),
    )
    return Comparison(
        RunDirectory(Path("runs/reforecast-2026-03-31-0")),
        "2026-03-31-0",
        "2026-03-31.csv",
        NamedBudget(RunDirectory(Path("/runs/budget")), None),
        Decimal(threshold),
        (YearCompared("FY2027", figures, ("A note.",), {"simulation_year": 2027, "fiscal_year": "FY2027"}),),
        Money("EUR"),
    )


@given(st.integers(0, 10**7), st.integers(0, 10**7), st.decimals(0, 1, places=3))
def test_a_figure_moved_if_it_differs_by_more_than_the_share_of_the_budget(
    budget: int, forecast: int, threshold: Decimal
) -> None:
    found = comparison(budget, forecast, str(threshold))
    moved = abs(forecast - budget) * 1000 > int(threshold * 1000) * budget
    assert [figure.name for _, figure in found.moved] == ["payroll"] * moved
    assert (budget_alert(found, "file:///report.html") is not None) == moved


def test_the_message_has_figures_and_largest_effects() -> None:
    alert = budget_alert(comparison(1_000_000, 1_030_000, "0.025"), "file:///report.html")
    assert alert is not None
    text = message_of(alert).text.replace("\N{NO-BREAK SPACE}", " ")
    assert "\nBudget: /runs/budget\n" in text
    assert "\nAllowed: 2.5 % of the budget (reforecast.threshold)\n" in text
    assert (
        "\nFY2027 payroll: EUR 1,030,000; budget EUR 1,000,000, EUR +30,000 (+3.0%): "
        "headcount EUR +29,993, raises EUR +5, residual EUR +2\n"
    ) in text.replace("+EUR ", "EUR +")
    assert "FY2027 headcount" not in text


def test_nothing_is_divided_by_a_budget_of_nothing() -> None:
    assert "| – | yes |" in markdown_of(comparison(0, 5, "1"))


def test_the_command_for_more_names_the_budget_compared_with() -> None:
    """A run that is only compared again has the settings of its first comparison, with another budget."""
    found = comparison(1, 2, "0.1")
    budget = NamedBudget(RunDirectory(Path("/runs/a budget")), "plan")
    command = variance_command(replace(found, budget=budget))
    assert "--budget '/runs/a budget' --budget-scenario plan --by level" in command
    assert command in markdown_of(replace(found, budget=budget))


def test_a_run_is_compared_again_if_another_one_was_compared_since(tmp_path: Path) -> None:
    budget = NamedBudget(RunDirectory(tmp_path / "budget"), None)
    settings = load_settings(environ={}).base
    record = ReforecastRecord.of("2026-03-31.csv", budget, settings)
    first, restated, of_other = (RunDirectory(tmp_path / name) for name in ("first", "restated", "other"))
    written = {first: record, of_other: record.model_copy(update={"budget": "/another"})}
    for second, (directory, content) in enumerate(written.items()):
        directory.path.mkdir()
        content.write(directory.reforecast)
        os.utime(directory.reforecast, (second, second))
    assert record.is_newest(first), "a comparison with another budget has other alerts"
    restated.path.mkdir()
    record.write(restated.reforecast)
    assert record.is_newest(restated) and not record.is_newest(first)
    restated.reforecast.write_text("{")
    assert not record.is_newest(first)


@pytest.mark.parametrize(
    ("sets", "problem"),
    [
        (("budget.run=budget",), "reforecast.path names no lists of employees"),
        (("reforecast.path=lists",), "budget.run names no run"),
        (("reforecast.path=lists", "budget.run=nobodys"), "budget.run: there is no run 'nobodys'"),
    ],
)
def test_lists_and_budget_must_be_named(tmp_path: Path, sets: tuple[str, ...], problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        ReforecastRequest(sets=sets, output=tmp_path).settings()


MONTHS, FULL_YEAR = "fct_month_summary", "fct_full_year_summary"


@pytest.mark.parametrize(
    ("opening_date", "tables", "payroll"),
    [
        (None, {MONTHS: [30, 50]}, "40.00"),
        (date(2026, 3, 31), {MONTHS: [30, 50], FULL_YEAR: [70, 90]}, "80.00"),
        (date(2026, 3, 31), {MONTHS: [30, 50], FULL_YEAR: []}, None),
        (date(2026, 3, 31), {MONTHS: [30, 50]}, None),
    ],
)
def test_a_stub_is_a_whole_year_only_with_what_happened_before(
    tmp_path: Path, opening_date: date | None, tables: dict[str, list[int]], payroll: str | None
) -> None:
    """Of a budget as of a reforecast: a stub's months alone are never taken for a year's."""
    run = RunDirectory(tmp_path / "run")
    calendar = {"start_year": 2026, "opening_date": opening_date and str(opening_date)}
    write_record(run.path, replicates=2, years=[2026, 2026], settings={"simulation": calendar})
    for table, amounts in tables.items():
        part = run.results / table / "simulation_year=2026" / "scenario_id=baseline"
        part.mkdir(parents=True)
        salary = pl.Series(amounts, dtype=pl.Decimal(18, 2))
        rows = pl.DataFrame({"salary_cost": salary, "loaded_cost": salary + 1})
        rows = rows.with_columns(scenario_id=pl.lit("baseline"), simulation_year=2026)
        rows.write_parquet(part / "part.parquet")
    found = whole_year(run, read_record(run), "baseline", 2026)
    assert (str(found["payroll"]) if found else None) == payroll

"""The employees behind a cost are those of the events, and add up to the published month."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from shutil import copytree

import duckdb
import polars as pl
import pytest

from settings.errors import InputError
from settings.models.calendar import FiscalCalendar
from tasks.results.drill import CostDiffers, Scope, employees_behind, period
from tasks.runs.calendar import recorded_calendar
from tasks.runs.record import read_record
from tasks.warehouse.published import published
from tests.awkward import FORMULA
from tests.simulate import Finished

SCOPES = [
    Scope("base", 1, 2027),
    Scope("base", 2, 2028, 2),  # 29 days
    Scope("cut", 1, 2028, 12, level=1),
    Scope("base", 1, 2028, 9, level=2, dimensions={"department": FORMULA}),
]


RICH_SCOPES = [
    Scope("exact", 1, 2028, dimensions={"department": "Sales"}),
    Scope("rates", 1, 2027, 3, dimensions={"department": "Legal"}),
    Scope("drawn", 1, 2027, level=2),
]


@pytest.mark.slow
@pytest.mark.parametrize("scope", RICH_SCOPES, ids=str)
def test_they_add_up_with_transfers(
    rich: Finished, rich_results: duckdb.DuckDBPyConnection, scope: Scope
) -> None:
    test_they_add_up(rich, rich_results, scope)


@pytest.mark.parametrize("scope", SCOPES, ids=str)
def test_they_add_up(finished: Finished, results: duckdb.DuckDBPyConnection, scope: Scope) -> None:
    found = employees_behind(results, read_record(finished.run.directory), scope)
    published_rows = finished.query(
        "select * from fct_month_summary where scenario_id = ? and replicate = ?",
        [scope.scenario, scope.replicate],
    ).filter(pl.col("month").is_in(scope.months(recorded_calendar(read_record(finished.run.directory)))))
    if scope.level:
        published_rows = published_rows.filter(level=scope.level)
    for name, value in (scope.dimensions or {}).items():
        published_rows = published_rows.filter(pl.col(name) == value)
    assert found.employees.height > 0
    assert found.employees["salary_cost"].sum() == published_rows["salary_cost"].sum() == found.salary_cost
    assert found.employees["days_employed"].sum() == published_rows["employee_days"].sum()
    # parts of loaded cost are rounded per published row, and here per employee
    roundings = 5 * published_rows.height + found.employees.height
    difference = float(found.employees["loaded_cost"].sum() - published_rows["loaded_cost"].sum())
    assert abs(difference) <= 0.005 * roundings


def test_they_are_those_employed_in_the_month(finished: Finished, results: duckdb.DuckDBPyConnection) -> None:
    found = employees_behind(results, read_record(finished.run.directory), Scope("base", 1, 2028, 6))
    employed = finished.snapshot.filter(
        pl.col("hire_date") <= date(2028, 6, 30),
        pl.col("termination_date").is_null() | (pl.col("termination_date") >= date(2028, 6, 1)),
        scenario_id="base",
        replicate=1,
        simulation_year=2028,
    )
    assert set(found.employees["employee_id"]) == set(employed["employee_id"])


def test_changed_events_are_detected(finished: Finished, tmp_path: Path) -> None:
    copytree(finished.run.directory.results, tmp_path / "results")
    part = tmp_path / "results/fct_workforce_events/simulation_year=2027/scenario_id=base/part.parquet"
    rows = pl.read_parquet(part, hive_partitioning=False)
    merit = pl.col("event_type") == "merit"
    rows.with_columns(
        salary_after=pl.when(merit).then(pl.col("salary_after") + 1).otherwise(pl.col("salary_after"))
    ).write_parquet(part)
    with published(tmp_path / "results") as connection, pytest.raises(CostDiffers, match="fct_month_summary"):
        employees_behind(connection, read_record(finished.run.directory), Scope("base", 1, 2027))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"scenario": "x"}, "--scenario: 'x' is not one of base, dear, drawn, cut"),
        ({"replicate": 3}, "--replicate: the run has 1 to 2"),
        ({"year": 2030}, "2030: the run simulates 2027 to 2028"),
        ({"level": 9}, "--level: 9 is not one of 1, 2, 3, 4, 5"),
        (
            {"dimensions": {"team": "a"}},
            "--where: 'team' is not a dimension; the run has: department, location",
        ),
        ({"dimensions": {"location": "Zork"}}, "--where: no employee has location 'Zork'; .*Allowed here: "),
    ],
)
def test_an_unknown_part_of_the_cost_is_refused(
    finished: Finished, results: duckdb.DuckDBPyConnection, change: dict[str, object], message: str
) -> None:
    scope = replace(Scope("base", 1, 2027), **change)  # type: ignore[arg-type]
    with pytest.raises(InputError, match=message):
        employees_behind(results, read_record(finished.run.directory), scope)


def test_periods() -> None:
    calendar, fiscal = (FiscalCalendar.of(start, None, 2027) for start in ("01-01", "07-01"))
    assert period("2026", calendar) == (2026, None)
    assert period("2026-03", calendar) == (2026, 3)
    assert period("2026-06", fiscal) == (2026, 6) and period("2026-07", fiscal) == (2027, 7)
    assert period("FY2027", fiscal) == period("2027", fiscal) == (2027, None)
    assert period("2026-02", FiscalCalendar.of("02-15", None, 2027)) == (2027, 2)
    for wrong in ("26", "2026-13", "2026-3", "March"):
        with pytest.raises(InputError, match="neither a year"):
            period(wrong, calendar)


def test_the_months_of_a_scope_are_those_simulated_and_a_month_before_is_refused() -> None:
    year, stub = Scope("base", 1, 2027), FiscalCalendar.of("07-01", date(2026, 9, 15), 2027)
    assert year.months(stub) == [date(2026, month, 1) for month in range(9, 13)] + [
        date(2027, month, 1) for month in range(1, 7)
    ]
    assert replace(year, month=8).months(stub) == []
    assert replace(year, month=8).name(stub) == "2026-08" and year.name(stub) == "FY2027"
    assert replace(year, month=2).name(FiscalCalendar.of("02-15", None, 2027)) == "2026-02"

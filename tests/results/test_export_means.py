"""Means over replicates in exports: exact to the cent, sorted, adding up; what has no mean is refused."""

import csv
import re
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import get_args

import duckdb
import polars as pl
import pytest

from settings.errors import InputError
from tasks.results.actuals import add_months_by_basis
from tasks.results.export import FileFormat, export_tables
from tasks.results.export_rows import SUMMED, Choice, notes
from tasks.results.means import MEANS, RATES
from tasks.results.report.figures import MONTHS
from tasks.warehouse.published import published, view_names
from tests.results.exports import exported
from tests.simulate import Finished

AMOUNTS = ["salary_cost", "benefits_cost", "loaded_cost"]
COUNTS = ["headcount", "hires", "leavers", "employee_days"]
WITH_ACTUALS = {"fct_full_year_summary"}  # published where there are actual months: test_actuals.py


@pytest.mark.parametrize("file_format", get_args(FileFormat))
def test_means_are_over_all_replicates_and_sorted(
    dented: Path, tmp_path: Path, file_format: FileFormat
) -> None:
    keys = ["scenario_id", "simulation_year", "month", "department"]
    found = exported(dented, tmp_path, SUMMED, file_format, Choice(mean=True, by=("department",)))
    assert found.columns[: len(keys)] == keys and "replicate" not in found.columns
    assert found.select(keys).rows() == sorted(found.select(keys).rows()), "by scenario, month, department"
    assert not found.select(keys).is_duplicated().any(), "one row per month and department"
    rows = pl.read_parquet(dented / SUMMED / "**" / "*.parquet", hive_partitioning=False)
    expected = rows.group_by(keys).agg(pl.col(*AMOUNTS, *COUNTS).cast(float).sum() / 2).sort(keys)
    assert found.height == expected.height
    for name in (*AMOUNTS, *COUNTS):
        for (_, _, month, department, value), (*_, wanted) in zip(
            found.select(*keys, name).rows(), expected.select(*keys, name).rows(), strict=True
        ):
            error = 0.01 if name != "loaded_cost" else 0.06  # the sum of six parts
            assert float(value) == pytest.approx(wanted, abs=error), (month, department, name)
    dented_rows = expected.filter(pl.col("department") == "Operations")
    assert (
        dented_rows["headcount"].max()
        < rows.filter(department="Operations", replicate=1)
        .group_by(  # type: ignore[operator]
            "month", "scenario_id"
        )
        .agg(pl.col("headcount").sum())["headcount"]
        .max()
    ), "who is in one replicate of two counts half"


def test_means_of_the_months_are_those_of_the_report(
    finished: Finished, results: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    found = exported(finished.run.directory.results, tmp_path, SUMMED, "parquet", Choice(mean=True))
    assert set(found.select(pl.col(*AMOUNTS)).dtypes) == {pl.Decimal(18, 2)}
    add_months_by_basis(results)
    months = {(row["scenario_id"], row["month"]): row for row in MONTHS.table(results).rows}
    sums = found.group_by("scenario_id", "month").agg(pl.col("headcount", "loaded_cost").sum())
    for row in sums.iter_rows(named=True):
        month = months[row["scenario_id"], row["month"]]
        assert row["headcount"] == pytest.approx(month["headcount"], abs=1e-4)
        assert float(row["loaded_cost"]) == pytest.approx(month["loaded_cost"], abs=1)


COST_PARTS = [
    "salary_cost",
    "bonus_cost",
    "benefits_cost",
    "payroll_tax_cost",
    "recruiting_cost",
    "severance_cost",
]
LEAVER_PARTS = ["experienced_terminations", "new_hire_terminations", "reductions"]


@pytest.mark.parametrize("replicates", [1, 3, 7])
def test_rounded_means_add_up(tmp_path: Path, replicates: int) -> None:
    """By month, by year, from parts to whole, and between exports by other groups."""
    results = tmp_path / "results"
    write_months(results, replicates)
    exact = pl.read_parquet(results / SUMMED / "**" / "*.parquet", hive_partitioning=False)
    flows = ["hires", *LEAVER_PARTS, "employee_days", *COST_PARTS]
    months = exported(results, tmp_path, SUMMED, "parquet", Choice(mean=True, by=("month",)))
    assert months.height == 24, "one row per month"
    for month in months.iter_rows(named=True):
        assert month["loaded_cost"] == sum(month[name] for name in COST_PARTS)
        assert cents(month["leavers"]) == sum(cents(month[name]) for name in LEAVER_PARTS)
    for year in (2027, 2028):
        for name in flows:
            total = exact.filter(simulation_year=year)[name].sum()
            found = sum(cents(value) for value in months.filter(simulation_year=year)[name])
            assert found == int(200 * Decimal(total) / replicates + 1) // 2, (year, name)
    for by in ((), ("level",), ("department",), ("department", "level")):
        rows = exported(results, tmp_path, SUMMED, "parquet", Choice(mean=True, by=by))
        for name in [*flows, "headcount", "fte", "leavers", "loaded_cost"]:
            for month, wanted in months.select("month", name).rows():
                found = sum(cents(value) for value in rows.filter(month=month)[name])
                assert found == cents(wanted), (by, month, name)
    if replicates == 1:
        same = exact.drop("replicate").sort(rows.columns[:5])
        rows = exported(results, tmp_path, SUMMED, "parquet", Choice(mean=True))
        for name in rows.columns[5:]:
            assert list(map(cents, rows[name])) == list(map(cents, same[name])), name


def test_the_loaded_cost_of_a_year_is_the_sum_of_its_parts_as_in_the_months(tmp_path: Path) -> None:
    """Rounded by itself, a mean over three replicates would differ by a cent."""
    results = tmp_path / "results"
    parts = ["prorated_payroll", *COST_PARTS[1:]]
    cents_of = [Decimal("0.00"), Decimal("0.00"), Decimal("0.02")]
    third = {"replicate": [1, 2, 3], "growth_rate": [0.1] * 3, **dict.fromkeys(parts, cents_of)}
    rows = pl.DataFrame(third).with_columns(loaded_cost=pl.sum_horizontal(parts).cast(pl.Decimal(18, 2)))
    for table, named in (
        ("fct_year_summary", rows),
        ("fct_full_year_summary", both_parts(rows.rename({"prorated_payroll": "salary_cost"}))),
    ):
        folder = results / table / "simulation_year=2027" / "scenario_id=base"
        folder.mkdir(parents=True)
        keys = {"scenario_id": pl.lit("base"), "simulation_year": 2027}
        named.with_columns(**keys).write_parquet(folder / "part.parquet")
        [found] = exported(results, tmp_path, table, "parquet", Choice(mean=True)).rows(named=True)
        for prefix in ("",) if table == "fct_year_summary" else ("", "actual_", "forecast_"):
            names = [f"{prefix}{name}" for name in (parts if table == "fct_year_summary" else COST_PARTS)]
            assert found[f"{prefix}loaded_cost"] == sum(found[name] for name in names) == Decimal("0.06")


def both_parts(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows with each amount also as an actual and a forecast one."""
    amounts = pl.exclude("replicate", "growth_rate")
    return rows.with_columns(amounts.name.prefix("actual_"), amounts.name.prefix("forecast_"))


def cents(value: Decimal | float) -> int:
    """Return a number in hundredths; it must have no further decimals."""
    found = round(value * 100)
    assert abs(found - float(value) * 100) < 1e-3
    return found


def write_months(results: Path, replicates: int) -> None:
    """Write months of two years, three levels and five departments with arbitrary counts and amounts."""
    parts = ", ".join(
        f"cast((hash(path, '{name}') % 9999999) / 100 as decimal(18, 2)) as {name}" for name in COST_PARTS
    )
    counts = ", ".join(
        f"cast(hash(path, '{name}') % 7 as bigint) as {name}"
        for name in ("headcount", "hires", *LEAVER_PARTS, "employee_days")
    )
    with duckdb.connect() as connection:
        connection.execute(f"""
            create table months as
            with paths as (
                select
                    'base' as scenario_id, replicate, 2027 + month // 12 as simulation_year,
                    cast(date '2027-01-01' + to_months(month) as date) as month, level,
                    'D' || department as department, row(replicate, month, level, department) as path
                from range(1, {replicates} + 1) as r(replicate), range(24) as m(month),
                    range(3) as l(level), range(5) as d(department)
                where hash(replicate, month, level, department) % 5 > 0 -- a group is not in every replicate
            )
            select * exclude (path), {counts}, {parts}, cast(hash(path) % 90 / 100 as decimal(18, 6)) as fte,
                experienced_terminations + new_hire_terminations + reductions as leavers,
                {" + ".join(COST_PARTS)} as loaded_cost
            from paths
        """)
        for table, rows in (
            (SUMMED, "months"),
            ("fct_year_summary", "(select distinct scenario_id, replicate from months)"),
        ):
            folder = results / table / "simulation_year=2027" / "scenario_id=base"
            folder.mkdir(parents=True)
            connection.execute(f"copy (from {rows}) to '{folder}/part.parquet'")


def test_amounts_have_two_decimals(finished: Finished, tmp_path: Path) -> None:
    results = finished.run.directory.results
    exported(results, tmp_path, SUMMED, "csv", Choice(mean=True, by=("department",)))
    with (tmp_path / f"{SUMMED}.csv").open(newline="") as file:
        cells = [row[name] for row in csv.DictReader(file) for name in AMOUNTS]
    assert cells and all(re.fullmatch(r"-?\d+\.\d\d", cell) for cell in cells)
    exported(results, tmp_path, SUMMED, "xlsx", Choice(mean=True, by=("department",)))
    with zipfile.ZipFile(tmp_path / "export.xlsx") as book:
        styles = book.read("xl/styles.xml").decode()
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    codes = dict(re.findall(r'<numFmt numFmtId="(\d+)" formatCode="([^"]+)"', styles))
    formats = re.findall(r'<xf numFmtId="(\d+)"', styles.partition("<cellXfs")[2])
    place = re.search(r'<c r="O2" s="(\d+)"', sheet)
    assert place and codes[formats[int(place[1])]] == "#,##0.00"


_KEYS = ("scenario_id", "simulation_year", "month", "level", "hire_year")


@pytest.mark.parametrize("table", sorted(set(MEANS) - WITH_ACTUALS))
def test_each_summary_has_means(finished: Finished, tmp_path: Path, table: str) -> None:
    rows = pl.read_parquet(
        finished.run.directory.results / table / "**" / "*.parquet", hive_partitioning=False
    )
    found = exported(finished.run.directory.results, tmp_path, table, "parquet", Choice(mean=True))
    keys = [name for name in _KEYS if name in found.columns]
    keys += [name for name in found.columns if found.schema[name] == pl.String and name not in _KEYS]
    keys = [name for name in found.columns if name in keys]
    assert found.select(keys).rows() == sorted(
        found.select(keys).rows(), key=lambda row: tuple(map(_sortable, row))
    )
    assert found.height == rows.select(keys).unique().height
    for name in set(found.columns) - set(keys):
        wanted = rows.group_by(keys).agg(
            pl.col(name).cast(float).mean() if name in RATES else pl.col(name).cast(float).sum() / 2
        )
        both = found.join(wanted, on=keys, suffix=" wanted", nulls_equal=True)
        assert both.height == found.height
        difference = (both[name].cast(float) - both[f"{name} wanted"]).abs().max()
        error = 0.01 if name != "loaded_cost" else 0.06  # the sum of six parts
        assert difference is None or difference < error, name  # type: ignore[operator]


def _sortable(value: object) -> tuple[bool, object]:
    return value is None, value


def test_every_published_table_of_replicates_has_means_or_is_of_employees(finished: Finished) -> None:
    """A new table must get means, or hold employees."""
    with published(finished.run.directory.results) as connection:
        of_replicates = {
            name for name in view_names(connection) if "replicate" in connection.view(name).columns
        }
        of_employees = {name for name in of_replicates if "employee_id" in connection.view(name).columns}
    of_assumptions = {"fct_drawn_assumptions"}  # what a replicate drew, which has no mean to speak of
    assert of_replicates - of_employees - of_assumptions == set(MEANS) - WITH_ACTUALS


@pytest.mark.parametrize(
    ("tables", "choice", "message"),
    [
        (
            ["fct_workforce_events"],
            Choice(mean=True),
            "no means over replicates; tables that have means: fct_y",
        ),
        (["growth_report"], Choice(mean=True), "no means over replicates"),
        ([SUMMED], Choice(by=("department",)), "--by: requires --mean"),
        (
            [SUMMED],
            Choice(mean=True, by=("departmnt",)),
            "has no departmnt; it has: month, level, department",
        ),
        (["fct_year_summary"], Choice(mean=True, by=("level",)), "only fct_month_summary can be summed"),
        ([SUMMED], Choice(mean=True, replicate=1), "--mean is over all replicates"),
        ([SUMMED], Choice(replicate=3), "--replicate: fct_month_summary has no 3; published are: 1, 2"),
    ],
)
def test_what_has_no_mean_is_refused(
    results: duckdb.DuckDBPyConnection, tmp_path: Path, tables: list[str], choice: Choice, message: str
) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        export_tables(results, tables, tmp_path / "out", "csv", choice)
    assert not (tmp_path / "out").exists()


def test_by_needs_no_table_and_one_replicate_is_said(results: duckdb.DuckDBPyConnection) -> None:
    published_tables = view_names(results)
    assert Choice(mean=True, by=("level",)).tables(published_tables) == [SUMMED]
    assert set(Choice(mean=True).tables(published_tables)) == set(MEANS) - WITH_ACTUALS
    assert Choice().tables(published_tables) == published_tables
    with duckdb.connect() as connection:
        connection.execute("create view fct_year_summary as select 'a' as scenario_id, 1 as replicate")
        connection.execute("create view fct_month_summary as from fct_year_summary")
        said = "The run has one replicate: its figures are the means."
        assert notes(connection, [SUMMED], Choice(mean=True)) == [said]
        assert notes(connection, [SUMMED], Choice()) == []

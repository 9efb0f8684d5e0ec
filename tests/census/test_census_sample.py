"""The sample census: valid, reproducible, and shaped like a real workforce."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from settings.errors import InputError
from settings.loading.loader import load_settings
from tasks.census.read import Census
from tasks.census.sample import DEPARTMENTS, LEAVERS_SHARE, SALARIES, sample_census, write_sample

ROOT = Path(__file__).parents[2]

#: Teacher Retirement System of Texas, actuarial valuation 2021: how many of 918,539 people are younger than
#: an age, and how many have fewer completed years of service (the table's nth year is n - 1 completed).
YOUNGER = {25: 21_846, 30: 105_649, 35: 212_928, 40: 332_229, 50: 580_550, 60: 804_903, 65: 875_418}
SHORTER = {1: 78_397, 2: 161_382, 4: 285_441, 9: 510_778, 14: 648_221, 19: 766_415, 24: 848_995, 29: 893_379}
PUBLISHED = 918_539


@pytest.fixture(scope="module")
def large() -> pl.DataFrame:
    opening = pl.lit(date(2024, 12, 31))
    return sample_census(100_000).with_columns(
        age=(opening - pl.col("birth_date")).dt.total_days() / 365.25,
        service=(opening - pl.col("hire_date")).dt.total_days() / 365.25,
    )


@pytest.mark.parametrize("employees", [0, 1, 2, 2_000])
def test_a_sample_of_any_size_is_a_census_without_a_bad_row(
    tmp_path: Path, read: Callable[..., Census], employees: int
) -> None:
    write_sample(sample_census(employees, seed=3), tmp_path / "sample.csv")
    census = read(tmp_path / "sample.csv", allow_empty=not employees)
    assert census.employees.height == employees
    assert census.dimensions == ("department", "location")


def test_the_same_seed_gives_the_same_sample_and_another_seed_another() -> None:
    assert sample_census(500).equals(sample_census(500))
    assert not sample_census(500).equals(sample_census(500, seed=43))


def test_the_bundled_sample_is_what_the_generator_writes(tmp_path: Path) -> None:
    write_sample(sample_census(2_000, seed=42), tmp_path / "census.csv")
    assert (ROOT / "examples" / "census.csv").read_bytes() == (tmp_path / "census.csv").read_bytes()


def test_the_opening_date_is_respected() -> None:
    sample = sample_census(2_000, opening_date=date(2019, 12, 31))
    assert sample["hire_date"].max() <= date(2019, 12, 31)  # type: ignore[operator]
    left = sample["termination_date"].drop_nulls()
    assert left.dt.year().unique().to_list() == [2019]


@pytest.mark.parametrize("employees", [-1, 10_000_001])
def test_a_size_out_of_bounds_is_refused(employees: int) -> None:
    with pytest.raises(InputError, match="0 to 10,000,000"):
        sample_census(employees)


def test_only_csv_and_parquet_are_written(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"\.csv or \.parquet"):
        write_sample(sample_census(1), tmp_path / "sample.txt")


def test_age_and_service_follow_the_published_table(large: pl.DataFrame) -> None:
    # 4.5 standard errors of a share (1 in 147,000 a false alarm), 0.0002 for the table's rounding to hundreds
    # and 0.001 for those whom the age of 18 at hire moves.
    def tolerance(share: float) -> float:
        return 4.5 * (share * (1 - share) / large.height) ** 0.5 + 0.0012

    for column, counts in (("age", YOUNGER), ("service", SHORTER)):
        for bound, count in counts.items():
            share = count / PUBLISHED
            assert abs((large[column] < bound).mean() - share) < tolerance(share), (column, bound)  # type: ignore[operator]


def test_nobody_was_hired_as_a_minor(large: pl.DataFrame) -> None:
    assert (large["age"] - large["service"]).min() > 17.99  # type: ignore[operator]


def test_the_pyramid_is_near_the_default_hiring_mix(large: pl.DataFrame) -> None:
    shares = large["level"].value_counts(normalize=True).sort("level")["proportion"].to_list()
    assert all(
        abs(share - mix) < 0.02 for share, mix in zip(shares, (0.4, 0.3, 0.2, 0.08, 0.02), strict=True)
    )


def test_pay_lies_in_the_default_range_of_its_level(large: pl.DataFrame) -> None:
    defaults = load_settings(environ={}).base.workforce.levels
    ranges = [(level.min_salary.at(2025), level.max_salary.at(2025)) for _, level in sorted(defaults.items())]
    assert [tuple(map(Decimal, pay)) for pay in SALARIES] == ranges
    paid = large.group_by("level").agg(low=pl.min("salary"), high=pl.max("salary")).sort("level")
    for (low, high), (least, most) in zip(paid.select("low", "high").iter_rows(), ranges, strict=True):
        assert least <= low and high <= most


def test_pay_rises_with_service_as_in_the_published_table(large: pl.DataFrame) -> None:
    # The table's average pay rises from one band of service to the next, without exception up to 35 years.
    band = pl.sum_horizontal(pl.col("service") >= bound for bound in (1, 2, 4, 9, 14, 19))
    averages = large.group_by(band.alias("band")).agg(pl.col("salary").cast(float).mean()).sort("band")
    assert averages["salary"].is_sorted()


def test_departments_differ_in_size_and_seniority(large: pl.DataFrame) -> None:
    by_department = large.group_by("department").agg(
        size=pl.len() / large.height, senior=(pl.col("level") >= 4).mean()
    )
    found = {name: (size, senior) for name, size, senior in by_department.iter_rows()}
    for name, percent, _ in DEPARTMENTS:
        assert abs(found[name][0] - percent / 100) < 0.01
    assert found["Legal"][1] > 2 * found["Customer Support"][1]


def test_a_few_left_during_the_opening_year(large: pl.DataFrame) -> None:
    left = large.filter(pl.col("termination_date").is_not_null())
    assert abs(left.height / large.height - LEAVERS_SHARE) < 0.002
    assert (left["termination_date"] >= left["hire_date"]).all()
    assert left["termination_date"].is_between(date(2024, 1, 1), date(2024, 12, 31)).all()

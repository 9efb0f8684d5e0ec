"""The macros, on values that Hypothesis invents, against the same worked out in Python."""

import datetime as dt
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from hashlib import md5
from math import floor
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import Environment

from settings import default_settings
from settings.models.workforce import band_labels
from tasks.system.project import DBT_PROJECT

# DuckDB's own speed varies with the machine; what is tested is the value.
values = settings(deadline=None)

cents = st.integers(0, 10**11)
rates = st.decimals(0, 3, places=6)
#: Up to ten million employees times a rate of twelve decimals.
products = st.decimals(-(10**7), 10**7, places=12)


@pytest.fixture(scope="module")
def database() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


def macro(file: str, name: str) -> Callable[..., str]:
    """A macro as a function from SQL expressions to SQL; these macros need nothing of dbt."""
    text = (DBT_PROJECT / "macros" / f"{file}.sql").read_text(encoding="utf-8")
    found: Callable[..., str] = getattr(Environment().from_string(text).module, name)
    return found


def value(database: duckdb.DuckDBPyConnection, sql: str, *parameters: Any) -> Any:
    """The value of an expression over the parameters p1, p2, …, each with its type."""
    columns = ", ".join(
        f"cast(? as {data_type}) as p{number}" for number, (data_type, _) in enumerate(parameters, start=1)
    )
    bound = [given for _, given in parameters]
    row = database.execute(f"select {sql} from (select {columns})", bound).fetchone()
    assert row is not None
    return row[0]


@values
@given(x=products)
def test_round_half_up_is_floor_of_x_plus_a_half(database: duckdb.DuckDBPyConnection, x: Decimal) -> None:
    sql = macro("arithmetic", "round_half_up")("p1")
    assert value(database, sql, ("decimal(31, 12)", x)) == floor(Fraction(x) + Fraction(1, 2))


@pytest.mark.parametrize(("x", "expected"), [("0.5", 1), ("2.5", 3), ("28.5", 29), ("-0.5", 0), ("-1.5", -1)])
def test_round_half_up_takes_ties_up(database: duckdb.DuckDBPyConnection, x: str, expected: int) -> None:
    assert (
        value(database, macro("arithmetic", "round_half_up")("p1"), ("decimal(31, 12)", Decimal(x)))
        == expected
    )


@values
@given(amount=cents, rate=rates)
def test_times_rate_is_exact_half_up_to_the_cent(
    database: duckdb.DuckDBPyConnection, amount: int, rate: Decimal
) -> None:
    money = Decimal(amount) / 100
    found = value(
        database,
        macro("arithmetic", "times_rate")("p1", "p2"),
        ("decimal(14, 2)", money),
        ("decimal(9, 6)", rate),
    )
    assert found == (money * rate).quantize(Decimal("0.01"), ROUND_HALF_UP)


@values
@given(salary=st.integers(0, 10**11), days=st.integers(1, 366), days_in_year=st.sampled_from([365, 366]))
def test_prorate_is_exact_half_up(
    database: duckdb.DuckDBPyConnection, salary: int, days: int, days_in_year: int
) -> None:
    found = value(
        database,
        macro("arithmetic", "prorate")("p1 * p2", "p3"),
        ("bigint", salary),
        ("bigint", days),
        ("bigint", days_in_year),
    )
    assert found == floor(Fraction(salary * days, days_in_year) + Fraction(1, 2))


@values
@given(amount=st.integers(-(10**13), 10**13))
def test_cents_and_back_is_the_same_amount(database: duckdb.DuckDBPyConnection, amount: int) -> None:
    money = Decimal(amount).scaleb(-2)
    counted = value(database, macro("arithmetic", "cents")("p1"), ("decimal(14, 2)", money))
    assert counted == amount
    assert value(database, macro("arithmetic", "from_cents")("p1"), ("bigint", counted)) == money


@values
@given(
    seed=st.integers(0, 2**62),
    year=st.integers(1900, 2200),
    replicate=st.integers(1, 10**6),
    stream=st.sampled_from(["termination", "promotion", "hire_age"]),
    employee_id=st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=40),
)
def test_draw_is_the_hash_of_its_key(
    database: duckdb.DuckDBPyConnection, seed: int, year: int, replicate: int, stream: str, employee_id: str
) -> None:
    key = f"{seed}|{year}|{replicate}|"
    found = value(
        database, macro("draw", "draw")(stream, "p1", "p2"), ("varchar", key), ("varchar", employee_id)
    )
    digest = md5(f"{key}{stream}|{employee_id}".encode()).digest()
    assert found == (int.from_bytes(digest[:8], "little") >> 11) / 2**53
    assert 0 <= found < 1


@values
@given(date=st.dates(max_value=dt.date(2200, 12, 31)), year=st.integers(1900, 2200))
def test_completed_years_are_those_on_1_january(
    database: duckdb.DuckDBPyConnection, date: dt.date, year: int
) -> None:
    found = value(database, macro("arithmetic", "completed_years")("p1", str(year)), ("date", date))
    birthday_is_that_day = (date.month, date.day) == (1, 1)
    assert found == max(0, year - date.year - (0 if birthday_is_that_day else 1))


@values
@given(age=st.integers(0, 150))
def test_every_age_is_in_the_one_band_that_holds_it(database: duckdb.DuckDBPyConnection, age: int) -> None:
    bounds = default_settings().workforce.age_bands
    rows = ", ".join(
        f"('{label}', {lower}, {'null' if upper is None else upper})"
        for label, lower, upper in zip(band_labels(bounds), bounds, [*bounds[1:], None], strict=True)
    )
    found = database.execute(
        f"select label from (values {rows}) as band (label, lower_bound, upper_bound) "
        f"where {macro('band', 'in_band')(str(age), 'band')}"
    ).fetchall()
    expected = band_labels(bounds)[max(index for index, lower in enumerate(bounds) if lower <= age)]
    assert found == [(expected,)]


@values
@given(
    weights=st.lists(st.integers(0, 10**12), min_size=1, max_size=8).filter(sum), seats=st.integers(0, 10**6)
)
def test_largest_remainder_apportions_every_seat(
    database: duckdb.DuckDBPyConnection, weights: list[int], seats: int
) -> None:
    rows = ", ".join(f"({number}, {weight})" for number, weight in enumerate(weights))
    found = database.execute(
        f"""
        with weighted as (
            select 'base' as scenario_id, 1 as replicate, {seats} as seats, number, weight::bigint as weight,
                {sum(weights)}::bigint as total_weight
            from (values {rows}) as given (number, weight)
        ),
        {macro("apportion", "largest_remainder")("weighted", "number")}
        """
    ).pl()
    apportioned = dict(found.select("number", "apportioned").rows())
    assert apportioned == _largest_remainder(weights, seats)
    assert sum(apportioned.values()) == seats


def _largest_remainder(weights: list[int], seats: int) -> dict[int, int]:
    quotas = {number: Fraction(seats * weight, sum(weights)) for number, weight in enumerate(weights)}
    whole = {number: floor(quota) for number, quota in quotas.items()}
    left = seats - sum(whole.values())
    by_remainder = sorted(quotas, key=lambda number: (whole[number] - quotas[number], number))
    return {number: whole[number] + (number in by_remainder[:left]) for number in quotas}


def test_a_draw_can_be_recomputed_as_the_guide_says(database: duckdb.DuckDBPyConnection) -> None:
    guide = (DBT_PROJECT.parent / "docs" / "models.md").read_text(encoding="utf-8")
    names: dict[str, Any] = {}
    exec(guide.split("```python")[1].split("```")[0], names)
    in_sql = value(
        database,
        macro("draw", "draw")("termination", "p1", "p2"),
        ("varchar", "42|2025|1|"),
        ("varchar", "E1"),
    )
    assert names["draw"] == in_sql
    assert f"`draw` is {in_sql}" in guide

"""Means over replicates of published tables, rounded so that they add up.

Two decimals are enough for people and cents, but means that are rounded one by one do not add up. So the
running total is rounded, and each row gets what it grows by; every row is less than one unit of its last
decimal from the exact mean.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
from duckdb import ColumnExpression, ConstantExpression, FunctionExpression
from duckdb.sqltypes import DOUBLE

from tasks.system.queries import read_query
from tasks.text.costs import LOADED, PARTS

_AMOUNT = duckdb.decimal_type(18, 2)
_PRECISION = 6  # decimals of the columns that have the most
#: Columns of the year summary that are no sums; their means are over the replicates that have them.
RATES = ("growth_rate", "average_salary")
_OF_A_DAY = ["headcount", "fte"]
_LEAVERS = ("experienced_terminations", "new_hire_terminations", "reductions")  # of the months


@dataclass(frozen=True)
class Means:
    """How to take the means of a table: a query, the keys that divide a whole into groups, and decimals."""

    query: str = "means_of_groups"
    groups: tuple[str, ...] = ()
    digits: int = 2


#: Tables that have means over replicates: counts and amounts by scenario and year.
MEANS = {
    "fct_year_summary": Means("means_of_years"),
    "fct_full_year_summary": Means("means_of_years"),
    "fct_month_summary": Means("means_of_months"),
    "fct_level_summary": Means(groups=("level", "level_name")),
    "fct_dimension_summary": Means(groups=("dimension_value",)),
    "fct_hire_cohorts": Means(groups=("hire_year",)),
    "fct_segment_summary": Means(groups=("segment",)),
    # expected terminations of few employees are far below one, and are compared by ratio
    "fct_turnover_summary": Means(groups=("value",), digits=6),
}


def means_of(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    rows: duckdb.DuckDBPyRelation,
    keys: Sequence[str],
    left_out: Sequence[str],
    replicates: int,
) -> duckdb.DuckDBPyRelation:
    """Return means over replicates, a row per combination of `keys`; the keys come first.

    Amounts are DECIMAL(18, 2), other means DOUBLE. Loaded cost is the sum of its parts, and so are the
    leavers of the months.

    Args:
        connection: A connection of `published`.
        table: One of MEANS.
        rows: The table's rows of all replicates, of the chosen scenarios and years.
        keys: Key columns of the result, in order; of the months they begin with scenario, year and month.
        left_out: Key columns of the table over which to sum.
        replicates: Number of replicates of the run; one that lacks a group counts 0 there.
    """
    chosen = MEANS[table]
    numbers = [name for name in rows.columns if name not in (*keys, *left_out, "replicate")]
    divisor = replicates * 10 ** (_PRECISION - chosen.digits)
    parameters: dict[str, dict[str, Any]] = {
        "means_of_years": {
            "numbers": [name for name in numbers if name not in RATES],
            "rates": [name for name in numbers if name in RATES],
            "divisor": divisor,
        },
        "means_of_months": {
            "keys": list(keys),
            "numbers": numbers,
            "of_a_day": _OF_A_DAY,
            "of_the_month": [name for name in numbers if name not in _OF_A_DAY],
            "divisor": divisor,
        },
        "means_of_groups": {
            "keys": list(keys),
            "numbers": numbers,
            "whole": [name for name in keys if name not in chosen.groups],
            "divisor": divisor,
            "units": 10**chosen.digits,
        },
    }
    rows.create_view("chosen_rows", replace=True)
    # a query with parameters is executed at once
    means = connection.sql(read_query(__package__, chosen.query), params=parameters[chosen.query])
    connection.execute("drop view chosen_rows")
    types = dict(zip(rows.columns, map(str, rows.types), strict=True))
    parts = {name: () if chosen.groups else parts_of(name, numbers) for name in numbers}
    return means.select(
        *map(ColumnExpression, keys),
        *(
            _sum(parts[name] or (name,), chosen.digits)
            .cast(_AMOUNT if types[name].endswith(",2)") else DOUBLE)
            .alias(name)
            for name in numbers
        ),
    )


def parts_of(name: str, columns: Collection[str]) -> tuple[str, ...]:
    """Return the columns whose sum is a column of years or months; none if it is not the sum of others.

    Loaded cost is, also that of the actual and of the forecast part of a year, and so are the leavers of a
    month. Results of earlier versions lack columns.
    """
    parts: tuple[str, ...] = _LEAVERS if name == "leavers" else ()
    if name.endswith(LOADED.column):
        prefix = name.removesuffix(LOADED.column)
        salaries = (f"{prefix}salary_cost", f"{prefix}prorated_payroll")
        salary = next((each for each in salaries if each in columns), "")
        parts = (salary, *(f"{prefix}{cost.column}" for cost in PARTS))
    return parts if set(parts) <= set(columns) else ()


def _sum(names: Sequence[str], digits: int) -> duckdb.Expression:
    """Return a column, or the sum of several rounded, as binary fractions do not add up."""
    found = ColumnExpression(names[0])
    for name in names[1:]:
        found = found + ColumnExpression(name)
    return found if len(names) == 1 else FunctionExpression("round", found, ConstantExpression(digits))

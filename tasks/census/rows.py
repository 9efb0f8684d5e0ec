"""Parse the text cells of a file with one row per employee: the steps that a census and a history share."""

from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import Literal

import polars as pl

from settings.models.census import CensusSettings
from tasks.census.amounts import parse_amounts
from tasks.census.cells import CensusTable
from tasks.census.columns import DATES
from tasks.census.currencies import CurrencySources
from tasks.census.dates import parse_dates
from tasks.census.fte import FTE, actual_pay, full_time_pay, parse_ftes
from tasks.census.parse import Where, parse_levels, stripped
from tasks.census.reading.header import CURRENCY_OF_CELL, CURRENCY_OF_ROW, Wanted, cut, plain
from tasks.census.reading.synonyms import likely


def parse_rows(
    table: CensusTable, file: str, settings: CensusSettings, level_ids: Collection[int], opening: date
) -> tuple[pl.DataFrame, dict[str, str]]:
    """Return the texts and parsed values, in the columns of CensusRow; a column that the file lacks is null.

    The second value maps each ambiguity in the file to how it was resolved. `opening` is the date that the
    file shows; `level_ids` are the levels that exist.
    """
    cells = table.cells
    where = Where(file, cells["row_number"])
    empty = pl.Series([None], dtype=pl.String).new_from_index(0, cells.height)
    texts = {
        name: stripped(cells[name]) if name in cells.columns else empty
        for name in (*DATES, "salary", "level", "fte")
    }
    decimal_comma = False if "salary" in table.numeric else settings.decimal_comma
    level, fte = parse_levels(texts["level"]), parse_ftes(texts["fte"])
    dates = parse_dates({name: texts[name] for name in DATES}, where, opening, settings.date_formats)
    amounts = parse_amounts(texts["salary"], where, decimal_comma)
    inferred = {
        **table.found,
        "Day and month": dates.order,
        "Decimal mark": "none needed: the file stores numbers"
        if "salary" in table.numeric
        else amounts.decimal_mark,
    }
    rows = pl.DataFrame(
        {
            "row_number": cells["row_number"],
            "employee_id": cells["employee_id"],
            **{f"{name}_text": text for name, text in texts.items()},
            **dates.columns,
            "salary": amounts.values,
            "fte": fte.fill_null(Decimal(1)).cast(FTE),
            "level": level,
            "level_known": level.is_in(list(level_ids)).fill_null(False),
            "fte_known": fte.is_not_null(),
        }
    ).with_columns(opening_date=pl.lit(opening))
    return _with_both_pays(rows, settings.salary_basis), inferred


def _with_both_pays(rows: pl.DataFrame, basis: Literal["actual", "full_time"]) -> pl.DataFrame:
    """Return the rows with `salary` as actual pay, and with `full_time_salary`."""
    salary, fte = pl.col("salary"), pl.col("fte")
    if basis == "full_time":
        full_time = salary.cast(pl.Decimal(22, 2))
        return rows.with_columns(salary=actual_pay(salary, fte), full_time_salary=full_time)
    return rows.with_columns(full_time_salary=full_time_pay(salary, fte))


def dropped_columns(table: CensusTable, read: Collection[str | None]) -> tuple[str, ...]:
    """Return the names of the file's columns that are not among those read."""
    names = (plain(name) for name in table.header)
    return tuple(cut(name) or "(no name)" for name in names if name not in read)


def currency_column(table: CensusTable, wanted: Wanted) -> str | None:
    """Return the file's name of the column of currencies, None if it was not read."""
    if CURRENCY_OF_ROW not in table.currencies.columns:
        return None
    return likely("currency", [n for n in map(plain, table.header) if n not in wanted.columns.values()])


def currency_sources(
    table: CensusTable, wanted: Wanted, setting: str | None, kept: pl.Series
) -> CurrencySources:
    """Return what names the currency of the salaries beside the salaries; `kept` says which rows count."""
    currencies = table.currencies.filter(kept) if table.currencies.width else table.currencies
    return CurrencySources(
        setting=setting,
        header=cut(wanted.columns["salary"]),
        column=cut(currency_column(table, wanted) or ""),
        of_rows=currencies.get_column(CURRENCY_OF_ROW, default=None),
        of_cells=currencies.get_column(CURRENCY_OF_CELL, default=None),
    )

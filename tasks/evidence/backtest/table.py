"""The CSV of a backtest."""

from pathlib import Path

import polars as pl

from tasks.evidence.backtest.origins import Backtest
from tasks.system.files import replace_text

COLUMNS = ("origin", "horizon", "dimension", "value", "figure", "actual", "p05", "p50", "p95")
#: Further quantiles, behind the columns of the contract.
MORE = ("p10", "p25", "p75", "p90", "until")


def backtest_table(result: Backtest) -> pl.DataFrame:
    """Return one row per origin, horizon, part of the company and figure; dimension null: the whole."""
    quantiles = [pl.col(name).round(2) for name in (*COLUMNS[6:], *MORE[:-1])]
    order = ["origin", "horizon", "dimension", "value", "figure"]
    return result.rows.sort(order, nulls_last=False).select(
        *COLUMNS[:5], pl.col("actual").round(2), *quantiles[:3], *quantiles[3:], "until"
    )


def write_backtest_table(result: Backtest, path: Path) -> None:
    """Write the table as CSV, atomically."""
    replace_text(path, backtest_table(result).write_csv())

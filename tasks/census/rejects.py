"""The bad rows of a census: the limit on their share, and the file that lists them."""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import polars as pl

from tasks.census.errors import REJECTS_SCHEMA, CensusError
from tasks.system.files import replace_text


def holds_rejects(path: Path) -> bool:
    """Return whether `write_rejects` wrote a file, judged by its header; False if it cannot be read.

    The rejects of several files have the column `file` in front.
    """
    header = ",".join(REJECTS_SCHEMA).encode()
    try:
        with path.open("rb") as file:
            return file.readline(len(header) + 7).strip().removeprefix(b"file,") == header
    except OSError:
        return False


def write_rejects(rejects: pl.DataFrame, path: Path) -> None:
    """Write the rejects as CSV; an apostrophe precedes cells that a spreadsheet would execute as formulas."""
    path.parent.mkdir(parents=True, exist_ok=True)
    value = pl.col("value")
    is_formula = value.str.contains(r"^\s*[=+\-@\t\r]") & ~value.str.contains(r"^[+-]?[\d.,]+$")
    shown = rejects.with_columns(pl.when(is_formula).then("'" + value).otherwise(value).alias("value"))
    replace_text(path, shown.write_csv())


def check_share(
    rejects: pl.DataFrame, rows_read: int, max_share: Decimal, file: str, advice: Sequence[str]
) -> None:
    """Raise CensusError, with the first bad rows and `advice`, if more than `max_share` of rows are bad."""
    bad = rejects["row_number"].n_unique()
    if bad <= max_share * rows_read:
        return
    raise CensusError(
        f"{file}: {bad:,} of {rows_read:,} rows are bad; allowed is a share of {max_share:f} "
        "(census.max_rejected_share).\n" + "\n".join([*first_rejects(rejects), *advice]),
        rejects,
    )


def first_rejects(rejects: pl.DataFrame, most: int = 10) -> list[str]:
    """Return a line for each of the first bad cells, and the number of the others."""
    shown, explained = [], set()
    for row, column, value, reason in rejects.head(most).iter_rows():
        # the allowed values are named once per column and reason
        cause = reason.partition("; allowed")[0] if (column, reason) in explained else reason
        explained.add((column, reason))
        shown.append(f"  row {row}{f', {column}' if column else ''}: {f'{value!r} ' if value else ''}{cause}")
    if rejects.height > len(shown):
        shown.append(f"  and {rejects.height - len(shown):,} more")
    return shown

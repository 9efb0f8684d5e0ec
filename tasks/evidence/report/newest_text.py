"""The newest forecast as a table: what was expected, what happened, and whether it lies in the band."""

from tasks.evidence.backtest.newest import Newest
from tasks.text.tables import TextTable


def newest_table(newest: Newest) -> TextTable:
    """Return a row per figure of the whole company, then per figure of its parts."""
    table = TextTable(f"The newest list: {newest.origin} to {newest.until} as forecast on {newest.origin}")
    table.add_column("Figure", "key")
    table.add_column("Of", "key")
    for heading in ("Actual", "Forecast", "90 % band"):
        table.add_column(heading, "number")
    table.add_column("In the band", "text")
    for case in newest.cases:
        actual, low, median, high = case.numbers
        table.add_row(
            case.figure,
            "the company" if case.dimension is None else f"{case.dimension} {case.value}",
            actual,
            median,
            f"{low} to {high}",
            "no" if case.is_outside else "yes",
        )
    return table

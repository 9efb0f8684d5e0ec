"""Compares scenarios: the difference of each figure from the baseline, and its standard error.

Replicate r of two scenarios uses the same draws, so differences are taken per replicate (paired), and the
standard error is that of the differences. The variance ratio is the factor by which two independent runs
would need more replicates for the same standard error.
"""

from collections.abc import Iterable
from typing import Any

import duckdb
import polars as pl

from settings.errors import InputError, nearest
from settings.loading.document import leaves
from tasks.runs.record import RunRecord
from tasks.studies.figures import SEGMENT, create_figures
from tasks.system.queries import read_query

#: Note shown when there is no standard error.
NO_ERRORS = "One replicate gives no standard errors: use --replicates 20, for example."


def compare(connection: duckdb.DuckDBPyConnection, baseline: str) -> pl.DataFrame:
    """Compare every other scenario with the baseline, over the views of `published`.

    Returns one row per scenario, breakdown (total, level, segment, a dimension), item, figure and year:
    means, the difference, its paired standard error (null with one replicate), the standard error of
    independent runs, and the ratio of the two variances.
    """
    create_figures(connection)
    return compare_figures(connection, baseline)


def compare_figures(connection: duckdb.DuckDBPyConnection, baseline: str) -> pl.DataFrame:
    """Compare as `compare` does, over a relation `figures` that is there."""
    return connection.execute(read_query(__package__, "differences"), {"baseline": baseline}).pl()


def check_breakdown(by: str, breakdowns: Iterable[str], run_id: str) -> None:
    """Raise InputError if the run has no such breakdown."""
    allowed = sorted(name for name in breakdowns if name != "total")
    if by == SEGMENT and by not in allowed:
        raise InputError(
            f"--by {by}: run {run_id} has no targets by segment (setting targets). "
            f"Other breakdowns: {', '.join(allowed)}"
        )
    if by not in allowed:
        raise InputError(f"--by: {by!r} is not a breakdown of run {run_id}; {nearest(by, allowed)}")


def choose_baseline(record: RunRecord, asked: str | None) -> str:
    """Return the scenario to compare with: the one asked for, else `baseline`, else the run's first.

    Raises InputError if the run has no such scenario, or only one.
    """
    scenarios = record.scenario_ids
    if len(scenarios) < 2:
        raise InputError(
            f"run {record.run_id} has one scenario, {scenarios[0]}; to compare, run several in one pass: "
            "--scenario FILE --scenario FILE"
        )
    if asked is None:
        return "baseline" if "baseline" in scenarios else scenarios[0]
    if asked not in scenarios:
        raise InputError(f"--baseline: run {record.run_id} has no {asked!r}; {nearest(asked, scenarios)}")
    return asked


def settings_differences(record: RunRecord, baseline: str) -> list[tuple[str, str, Any, Any]]:
    """List (scenario, key, value in the baseline, value in the scenario) of every setting that differs."""
    documents = {entry.id: leaves(entry.settings) for entry in record.scenarios}
    before = documents.pop(baseline)
    return [
        (scenario, key, before.get(key), values.get(key))
        for scenario, values in documents.items()
        for key in sorted(before.keys() | values.keys())
        if before.get(key) != values.get(key)
    ]

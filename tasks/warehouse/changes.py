"""Which kinds of change a run uses: dbt_project/macros/changes.sql leaves the others out of the statements.

A kind that no scenario uses would be null for every employee. Leaving it out does not change the results,
but makes the statements of a year shorter, which small and large runs notice.
"""

from collections.abc import Iterable

import duckdb

from settings import Scenario
from tasks.plan.columns import CHANGES
from tasks.system.queries import read_query

#: Changes that every run has.
ALWAYS = ("promotion", "cola", "merit")


def changes_in_use(scenarios: Iterable[Scenario], connection: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    """Return the names of the kinds of change that any of the scenarios uses.

    `connection` is to a database with the input tables: known transfers, raises and changes of FTE take as
    many slots (known_1, known_2, …) as an employee has of them in one year.
    """
    every = [scenario.settings for scenario in scenarios]
    [(slots, hires)] = connection.execute(
        read_query(__package__, "known_change_slots"), {"kinds": list(CHANGES)}
    ).fetchall()
    return (
        *ALWAYS,
        *(("transfer",) if any(settings.workforce.transfer for settings in every) else ()),
        *(("adjustment",) if any(settings.compensation.enforce_minimum for settings in every) else ()),
        *(f"known_{slot}" for slot in range(1, slots + 1)),
        *(("known_hire",) if hires else ()),
    )

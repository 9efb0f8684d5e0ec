"""Read the checks that dbt computed, and stop a run if one failed."""

from collections.abc import Iterable
from dataclasses import dataclass

import duckdb

from tasks.system.queries import read_query

#: Maximum number of employees at fault that a check names.
SAMPLE = 10


class CheckFailed(RuntimeError):
    """A check of severity `error` failed: the year is neither complete nor published."""


@dataclass(frozen=True)
class Check:
    """A row of mon_data_quality."""

    name: str
    severity: str
    status: str
    observed: str
    expected: str
    details: str | None
    rows_at_fault: str | None
    advice: str | None

    def __str__(self) -> str:
        at_fault = "; ".join(dict.fromkeys(text for text in (self.details, self.rows_at_fault) if text))
        return f"{self.name}: observed {self.observed}, expected {self.expected}" + (
            f" ({at_fault})" if at_fault else ""
        )


def name_rows_at_fault(connection: duckdb.DuckDBPyConnection, year: int) -> None:
    """Add the employees at fault to the rows of the year's violated checks that compare employees.

    Finding them compares every employee, so it is done only after a check was violated.
    """
    violated = connection.execute(
        "select check_name from mon_data_quality where simulation_year = ? and violations > 0", [year]
    ).fetchall()
    for (check,) in violated:
        found = connection.execute(
            read_query(__package__, "employees_at_fault"), {"check": check, "most": SAMPLE}
        ).fetchone()
        if found and found[0]:
            connection.execute(
                read_query(__package__, "name_employees_at_fault"),
                {"employees": found[0], "year": year, "check": check},
            )


def checks_of(connection: duckdb.DuckDBPyConnection, year: int) -> list[Check]:
    """Return the checks of a year."""
    rows = connection.execute(read_query(__package__, "checks_of_year"), {"year": year}).fetchall()
    return [Check(*row) for row in rows]


def stop_on_errors(checks: Iterable[Check], year: int) -> None:
    """Raise CheckFailed if a check failed; the message names every failed check with advice."""
    stopping = [check for check in checks if check.status == "fail"]
    if stopping:
        failures = [f"{check}\n    what to do: {check.advice}" for check in stopping]
        many = "1 check" if len(stopping) == 1 else f"{len(stopping)} checks"
        raise CheckFailed(f"{year}: {many} failed: " + "\n  ".join(failures))

"""The checks that dbt computed: their rows, and the error that stops a run."""

from collections.abc import Iterable
from dataclasses import dataclass

import duckdb

from tasks.system.queries import read_query

#: How many rows at fault are named.
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

    They are looked up only now, since that compares every employee.
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
    """The checks of a year."""
    rows = connection.execute(read_query(__package__, "checks_of_year"), {"year": year}).fetchall()
    return [Check(*row) for row in rows]


def stop_on_errors(checks: Iterable[Check], year: int) -> None:
    """Raise CheckFailed, naming every check that stops the run."""
    stopping = [check for check in checks if check.status == "fail"]
    if stopping:
        failures = [f"{check}\n    what to do: {check.advice}" for check in stopping]
        many = "1 check" if len(stopping) == 1 else f"{len(stopping)} checks"
        raise CheckFailed(f"{year}: {many} failed: " + "\n  ".join(failures))

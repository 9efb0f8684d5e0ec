"""The checks that dbt computed: read, worded, and those that stop the run."""

from collections.abc import Iterable
from dataclasses import dataclass

import duckdb

#: How many rows at fault are named.
SAMPLE = 10

FAULTS = """
with faults as (select * from check_faults where check_name = $check),
first_faults as (from faults order by scenario_id, replicate, employee_id limit $most)
select concat(
    (select count(*) from faults), ' employees: ',
    string_agg(
        concat('scenario ', scenario_id, ', replicate ', replicate, ', employee ', employee_id, ': ', fault),
        '; '
        order by scenario_id, replicate, employee_id
    )
)
from first_faults
having count(*) > 0
"""


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
    """Put the employees at fault into the rows of the year's violated checks that are of employees.

    Which they are is asked only now, as it takes a comparison of every employee.
    """
    violated = connection.execute(
        "select check_name from mon_data_quality where simulation_year = ? and violations > 0", [year]
    ).fetchall()
    for (check,) in violated:
        found = connection.execute(FAULTS, {"check": check, "most": SAMPLE}).fetchone()
        if found and found[0]:
            connection.execute(
                "update mon_data_quality set rows_at_fault = ? where simulation_year = ? and check_name = ?",
                [found[0], year, check],
            )


def checks_of(connection: duckdb.DuckDBPyConnection, year: int) -> list[Check]:
    """The checks of a year."""
    rows = connection.execute(
        "select check_name, severity, status, observed, expected, details, rows_at_fault, advice "
        "from mon_data_quality where simulation_year = ? order by check_name",
        [year],
    ).fetchall()
    return [Check(*row) for row in rows]


def stop_on_errors(checks: Iterable[Check], year: int) -> None:
    """Raise CheckFailed, naming every check that stops the run."""
    stopping = [check for check in checks if check.status == "fail"]
    if stopping:
        told = [f"{check}\n    what to do: {check.advice}" for check in stopping]
        many = "1 check" if len(stopping) == 1 else f"{len(stopping)} checks"
        raise CheckFailed(f"{year}: {many} failed: " + "\n  ".join(told))

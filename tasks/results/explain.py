"""One employee's timeline: each event with its hazard and draw, and why an event did not happen.

hazards.py recomputes hazards from the settings in run.json, and employee_year.py the draws. They must equal
those in the published events, and the published events must follow from them.
"""

from collections.abc import Mapping
from typing import Any

import duckdb

from settings.errors import InputError
from tasks.results.employee_year import EmployeeYear
from tasks.results.explanation import Model, Moment, outcome_of, settings_of
from tasks.results.hazards import register_settings
from tasks.results.path_year import PathYear
from tasks.runs.record import RunRecord
from tasks.system.queries import query_rows, read_query


def timeline(
    connection: duckdb.DuckDBPyConnection,
    record: RunRecord,
    employee_id: str,
    scenario_id: str,
    replicate: int = 1,
) -> list[Moment]:
    """Explain an employee's years in one scenario and replicate, oldest first.

    Raises InputError if the employee is not employed there, and RecomputedOtherwise if the events contradict
    the draws and hazards recomputed from the settings.
    """
    model, settings = Model.of(record, scenario_id), settings_of(record, scenario_id)
    path = {"scenario": scenario_id, "replicate": replicate, "employee": employee_id}
    register_settings(connection, record.of_scenarios([scenario_id]))
    states = query_rows(connection, read_query(__package__, "employee_states"), path)
    actions = query_rows(connection, read_query(__package__, "employee_actions"), path)
    for action in actions:
        action["simulation_year"] = model.calendar.year_of(action["action_date"])
    if not states:
        named = [_row_of_file(record, outcome_of(model, path, action), path) for action in actions]
        raise InputError("\n".join([_unknown(connection, record, path), *named]))
    events = query_rows(connection, read_query(__package__, "employee_events"), path)
    has_actuals = record.actuals is not None and record.actuals.validated_sha256 is not None
    moments: list[Moment] = []
    for state in states:
        year = state["simulation_year"]
        in_year = PathYear(connection, {**path, "seed": record.seed}, year, settings, has_actuals=has_actuals)
        of_year, planned = (
            [row for row in rows if row["simulation_year"] == year] for rows in (events, actions)
        )
        moments += EmployeeYear(model, path, in_year, state, of_year, planned).moments()
    years = {state["simulation_year"] for state in states}
    elsewhere = [row for row in actions if row["simulation_year"] not in years]
    moments += [outcome_of(model, path, action) for action in elsewhere]
    return sorted(moments, key=lambda moment: moment.year)


def _unknown(connection: duckdb.DuckDBPyConnection, record: RunRecord, path: Mapping[str, Any]) -> str:
    if not 1 <= path["replicate"] <= record.replicates:
        return f"--replicate: {path['replicate']} is not one of 1 to {record.replicates}"
    similar = query_rows(connection, read_query(__package__, "similar_employees"), path)
    near = ", ".join(row["employee_id"] for row in similar) or "none, as there are no employees"
    return (
        f"no employee has id {path['employee']!r} in scenario {path['scenario']}, replicate "
        f"{path['replicate']}; an id is that of the census, verbatim, or of a hire, such as H2025-0000001; "
        f"similar ids: {near}"
    )


def _row_of_file(record: RunRecord, moment: Moment, path: Mapping[str, Any]) -> str:
    """Return what became of a row of the file of actions that names nobody."""
    file = record.plan.files.get(path["scenario"])
    return f"  {file.file if file else 'plan.actions'}: {moment.what} on {moment.date} {moment.why}"
